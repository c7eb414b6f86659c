-- SMS segments that were counted for a message: what never leaves gives them back.
ALTER TABLE messages ADD COLUMN segments INTEGER NOT NULL DEFAULT 0;
