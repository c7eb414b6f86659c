-- The last transaction of each run of the daemon, by the number that the run gives it: whoever did
-- not hear whether one was written asks for it again under its number.
CREATE TABLE commits (
    lease  TEXT    NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL
) WITHOUT ROWID;
