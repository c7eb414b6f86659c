-- How often the daemon died while it had the message in hand, and nothing of it had left.
ALTER TABLE messages ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
