-- Commands that were laid aside: what is known of each, and nothing that it said. The latest are
-- kept.
CREATE TABLE laid_aside (
    command TEXT    NOT NULL PRIMARY KEY,
    at_ms   INTEGER NOT NULL,
    tenant  TEXT,
    reason  TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    bytes   INTEGER NOT NULL
) WITHOUT ROWID;
