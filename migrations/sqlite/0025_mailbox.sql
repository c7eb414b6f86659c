-- What stands in the app: in the mailbox of a client, or ('') on the tenant's board. A post on the
-- board goes to many, and stands there once.
CREATE TABLE mailbox_items (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant  TEXT    NOT NULL,
    mailbox TEXT    NOT NULL,
    post    TEXT    NOT NULL,
    message TEXT    NOT NULL,
    title   TEXT    NOT NULL,
    body    TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    read_ms INTEGER
);
CREATE UNIQUE INDEX mailbox_items_once ON mailbox_items (tenant, mailbox, post);
CREATE INDEX mailbox_items_latest ON mailbox_items (tenant, mailbox);
