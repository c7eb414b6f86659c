-- What was given up, to be looked through.
CREATE INDEX messages_letters ON messages (message)
    WHERE status IN ('dead', 'unknown', 'unreadable');
CREATE INDEX messages_letters_of_tenants ON messages (tenant, message)
    WHERE status IN ('dead', 'unknown', 'unreadable');

-- Dead letters that an operator wants to be tried again: a job, and a row for each of its letters,
-- whose outcome is written in the transaction that makes it so.
CREATE TABLE jobs (
    job     TEXT    NOT NULL PRIMARY KEY,
    state   TEXT    NOT NULL,
    rate    REAL    NOT NULL,
    filter  TEXT    NOT NULL,
    who     TEXT    NOT NULL,
    why     TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    matched INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE job_letters (
    job     TEXT NOT NULL,
    message TEXT NOT NULL,
    outcome TEXT,
    reason  TEXT,
    PRIMARY KEY (job, message)
) WITHOUT ROWID;
CREATE INDEX job_letters_left ON job_letters (job, message) WHERE outcome IS NULL;

-- What operators did: who, when, what, why, and to how many messages.
CREATE TABLE audit (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms    INTEGER NOT NULL,
    who      TEXT    NOT NULL,
    what     TEXT    NOT NULL,
    why      TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    messages INTEGER NOT NULL
);
