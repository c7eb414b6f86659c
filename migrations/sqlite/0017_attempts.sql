-- What each provider that was asked to carry a message made of it, in order. Of a message the first
-- and the latest are kept.
CREATE TABLE attempts (
    message   TEXT    NOT NULL,
    n         INTEGER NOT NULL,
    at_ms     INTEGER NOT NULL,
    provider  TEXT    NOT NULL,
    outcome   TEXT    NOT NULL,
    reply     TEXT    NOT NULL,
    reference TEXT,
    PRIMARY KEY (message, n)
) WITHOUT ROWID;

-- Why a message was given up, by name: what the last provider made of it, or the rule that forbids
-- it. Of older ones it is not known.
ALTER TABLE messages ADD COLUMN reason TEXT;
