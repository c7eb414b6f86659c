-- Keys of the daemon's own: what it signs and is the only one to read. `hooks` is for the addresses
-- that providers are given to report to.
CREATE TABLE own_keys (
    name TEXT NOT NULL PRIMARY KEY,
    key  BLOB NOT NULL
);
INSERT INTO own_keys (name, key) VALUES ('hooks', randomblob(32));
