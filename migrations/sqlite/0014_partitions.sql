-- Tenants are spread over partitions, as their commands are over the broker's queues. Each has an
-- order of events of its own and an owner, who alone writes what its tenants do. Whoever takes it
-- over raises the epoch, so that what an earlier owner still tries to write is refused.
CREATE TABLE partitions (
    part     INTEGER NOT NULL PRIMARY KEY,
    owner    TEXT    NOT NULL,
    epoch    INTEGER NOT NULL,
    last_seq INTEGER NOT NULL
);
-- What there was so far is one partition.
INSERT INTO partitions (part, owner, epoch, last_seq)
    SELECT 0, '', 0, coalesce(max(last_seq), 0) FROM event_pages;

-- How many partitions there were, oldest first. With another number tenants change their
-- partitions: what was said before is read before. `ended` is the last event of each partition by
-- then, a JSON array; NULL where it is so now.
CREATE TABLE layouts (
    layout     INTEGER NOT NULL PRIMARY KEY,
    partitions INTEGER NOT NULL,
    ended      TEXT
);
INSERT INTO layouts (partitions) VALUES (1);

-- An event's place is its partition and, in the lower 48 bits, its number there: of partition 0
-- they are the same as before. So are the places between which a message was told of.
DROP VIEW events;
ALTER TABLE event_pages RENAME COLUMN last_seq TO last_place;

-- One event a row, for people.
CREATE VIEW events AS
    SELECT page.last_place >> 48 AS part,
        (page.last_place & 281474976710655) - json_array_length(page.events) + 1 + each.key AS seq,
        each.value->>1 AS tenant, each.value->>0 AS id, each.value->>2 AS type,
        each.value->>'$[3].causationid' AS cause, each.value->'$[3].data' AS data,
        each.value->>'$[3].time' AS time
    FROM event_pages AS page, json_each(page.events) AS each;

-- How far who reads events has come, in each partition.
CREATE TABLE readers (
    name TEXT    NOT NULL,
    part INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    PRIMARY KEY (name, part)
) WITHOUT ROWID;
INSERT INTO readers (name, part, seq)
    SELECT name, 0, seq FROM cursors WHERE name <> 'amqp.apart';

-- Numbers that outlive the daemon.
CREATE TABLE notes (
    name   TEXT    NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO notes (name, number) SELECT name, seq FROM cursors WHERE name = 'amqp.apart';
DROP TABLE cursors;
ALTER TABLE readers RENAME TO cursors;
