-- Which message one takes the place of, on another channel: no message has two that do.
ALTER TABLE messages ADD COLUMN fallback_of TEXT DEFAULT NULL;
CREATE UNIQUE INDEX messages_fallback ON messages (fallback_of) WHERE fallback_of IS NOT NULL;
