-- Between which events, by their places, a message's own are: what providers said of it is in them,
-- and to be forgotten with the client. -1 where that was done.
ALTER TABLE messages ADD COLUMN told_from INTEGER;
ALTER TABLE messages ADD COLUMN told_to INTEGER;
-- Of older messages it is not known.
UPDATE messages SET told_from = 1, told_to = (SELECT max(last_seq) FROM event_pages)
    WHERE reply IS NOT NULL;
