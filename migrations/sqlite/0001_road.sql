-- One command's way to a delivered message. Instants are milliseconds since 1970 UTC.

-- A tenant's revision rises with every unit of its that commits: the fence against two writers.
CREATE TABLE tenants (
    tenant   TEXT    NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL
) WITHOUT ROWID;

-- Every command ever taken: the same id again changes nothing.
CREATE TABLE inbox (
    tenant    TEXT    NOT NULL,
    command   TEXT    NOT NULL,
    body_hash BLOB    NOT NULL,
    rejection TEXT,
    detail    TEXT,
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (tenant, command)
) WITHOUT ROWID;

-- A tenant's state: settings, clients, bookings. `shape` is the version of the JSON.
CREATE TABLE records (
    tenant TEXT    NOT NULL,
    kind   TEXT    NOT NULL,
    id     TEXT    NOT NULL,
    shape  INTEGER NOT NULL,
    body   TEXT    NOT NULL,
    PRIMARY KEY (tenant, kind, id)
) WITHOUT ROWID;

-- What was decided of each thing to tell: per channel a message id or the reason for none.
CREATE TABLE tellings (
    seq      INTEGER PRIMARY KEY,
    tenant   TEXT    NOT NULL,
    cause    TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    client   TEXT    NOT NULL,
    booking  TEXT,
    channels TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL
);
CREATE INDEX tellings_booking ON tellings (tenant, booking) WHERE booking IS NOT NULL;

-- Message ids rise with time, so that new messages and those being sent share few pages.
CREATE TABLE messages (
    message     TEXT    NOT NULL PRIMARY KEY,
    tenant      TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    client      TEXT    NOT NULL,
    booking     TEXT,
    cause       TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    shape       INTEGER NOT NULL,
    facts       TEXT    NOT NULL,
    due_ms      INTEGER NOT NULL,
    deadline_ms INTEGER,
    superseded  INTEGER NOT NULL DEFAULT 0,
    lease       TEXT,
    attempts    INTEGER NOT NULL DEFAULT 0,
    doubts      INTEGER NOT NULL DEFAULT 0,
    provider    TEXT,
    reply       TEXT,
    settled_ms  INTEGER
) WITHOUT ROWID;
CREATE INDEX messages_due  ON messages (due_ms) WHERE status = 'ready';
CREATE INDEX messages_given_up ON messages (status) WHERE status IN ('dead', 'unknown');
CREATE INDEX messages_open ON messages (tenant) WHERE status IN ('ready', 'sending');

-- What upstream is told, in order; published to the broker where there is one.
CREATE TABLE events (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT    NOT NULL,
    id     TEXT    NOT NULL,
    type   TEXT    NOT NULL,
    cause  TEXT    NOT NULL,
    data   TEXT    NOT NULL,
    at_ms  INTEGER NOT NULL
);

-- How far the events have been published.
CREATE TABLE cursors (
    name TEXT    NOT NULL PRIMARY KEY,
    seq  INTEGER NOT NULL
) WITHOUT ROWID;
