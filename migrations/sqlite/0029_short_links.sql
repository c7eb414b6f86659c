-- The code of the short link in a text message, by which the message is found again.
ALTER TABLE messages ADD COLUMN link_code TEXT;
CREATE INDEX messages_link_code ON messages (link_code) WHERE link_code IS NOT NULL;
