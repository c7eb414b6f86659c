-- What this version cannot read waits for one that can: it was perhaps written by a newer one. Each
-- start of the daemon tries again.
CREATE INDEX messages_unreadable ON messages (status) WHERE status = 'unreadable';

ALTER TABLE timers ADD COLUMN unreadable INTEGER NOT NULL DEFAULT 0;
DROP INDEX timers_due;
CREATE INDEX timers_due ON timers (due_ms) WHERE unreadable = 0;
CREATE INDEX timers_unreadable ON timers (tenant, due_ms) WHERE unreadable = 1;
