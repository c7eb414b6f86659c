-- What providers report of messages after they took them, until their tenants have heard: taken as
-- it came, because it may come before the answer to the request itself.
CREATE TABLE receipts (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    provider  TEXT    NOT NULL,
    message   TEXT,
    reference TEXT,
    report    TEXT    NOT NULL,
    said      TEXT    NOT NULL,
    at_ms     INTEGER NOT NULL,
    due_ms    INTEGER NOT NULL,
    tries     INTEGER NOT NULL DEFAULT 0
);
-- The same report, any number of times, waits once.
CREATE UNIQUE INDEX receipts_once
    ON receipts (provider, coalesce(message, ''), coalesce(reference, ''), report);
CREATE INDEX receipts_due ON receipts (due_ms);
-- A report that names a message as its provider does.
CREATE INDEX attempts_references ON attempts (reference, provider) WHERE reference IS NOT NULL;

-- Whose text messages go out under a number, for what is written back to it. A row that is no JSON
-- may be here as well: another version wrote it.
CREATE INDEX records_numbers
    ON records (iif(json_valid(body), ltrim(body->>'$.sender.sms', '+0'), NULL), tenant)
    WHERE kind = 'settings';

-- How far a message has come by what was reported, when that was, and a digest of where it went.
ALTER TABLE messages ADD COLUMN arrival TEXT;
ALTER TABLE messages ADD COLUMN arrived_ms INTEGER;
ALTER TABLE messages ADD COLUMN sent_to TEXT;
