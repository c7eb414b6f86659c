-- Sessions, queues, payments, broadcasts and own texts are rows of `records`; what is new here is
-- what happens later, what must be forgotten, and when the daemon did not run.

-- What an unsent message is withdrawn with (JSON). `booking` stays, for explaining.
ALTER TABLE messages ADD COLUMN topic TEXT;
-- Whether the facts are forgotten with the last attempt.
ALTER TABLE messages ADD COLUMN secret INTEGER NOT NULL DEFAULT 0;
UPDATE messages SET topic = json_object('booking', booking)
    WHERE booking IS NOT NULL AND status IN ('ready', 'sending');

-- A client's messages are found by what was decided of them: one index serves both.
CREATE INDEX tellings_client ON tellings (tenant, client);

-- What is to be looked at again, and when. The key is the timer itself (JSON). With rowids, so
-- that the index by time is small: a batch of timers touches few of its pages.
CREATE TABLE timers (
    tenant TEXT    NOT NULL,
    key    TEXT    NOT NULL,
    due_ms INTEGER NOT NULL,
    UNIQUE (tenant, key)
);
CREATE INDEX timers_due ON timers (due_ms);

-- When the daemon did not run, the latest few.
CREATE TABLE outages (
    from_ms INTEGER NOT NULL PRIMARY KEY,
    to_ms   INTEGER NOT NULL
);
