-- Why nothing more was to go to the address, as the latest report of a message said: the same report
-- once more changes nothing, though somebody lifted it since.
ALTER TABLE messages ADD COLUMN condemned TEXT;
