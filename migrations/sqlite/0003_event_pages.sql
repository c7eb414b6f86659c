-- Events are written a page at a time: what one transaction says is one row. They are only ever
-- read in order, and a row for each would be most of the rows that a command costs.

-- `events` is a JSON array of `[id, tenant, type, event]`, the last as it is published; the last
-- one's place is `last_seq`, those before it have the places before it.
CREATE TABLE event_pages (
    last_seq INTEGER NOT NULL PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    events   TEXT    NOT NULL
);

INSERT INTO event_pages (last_seq, at_ms, events)
    SELECT seq, at_ms, json_array(json_array(id, tenant, type, json_object(
        'specversion', '1.0', 'id', id, 'source', '/bellhop', 'type', type,
        'time', strftime('%Y-%m-%dT%H:%M:%S', at_ms / 1000, 'unixepoch')
            || printf('.%03dZ', at_ms % 1000),
        'tenant', tenant, 'causationid', cause, 'sequence', printf('%020d', seq),
        'datacontenttype', 'application/json', 'data', json(data))))
    FROM events;
DROP TABLE events;

-- One event a row, for people.
CREATE VIEW events AS
    SELECT page.last_seq - json_array_length(page.events) + 1 + each.key AS seq,
        each.value->>1 AS tenant, each.value->>0 AS id, each.value->>2 AS type,
        each.value->>'$[3].causationid' AS cause, each.value->'$[3].data' AS data,
        each.value->>'$[3].time' AS time
    FROM event_pages AS page, json_each(page.events) AS each;
