-- When a message was first to leave. `due_ms` moves on with each retry, so that it cannot tell how
-- long somebody has been waiting.
ALTER TABLE messages ADD COLUMN first_due_ms INTEGER;
UPDATE messages SET first_due_ms = due_ms WHERE status IN ('ready', 'sending');
