-- What providers call the parts of texts that go in several, and which of them have arrived. Also
-- of a text in one part, where its provider named it after nobody waited for that any more.
CREATE TABLE parts (
    message   TEXT    NOT NULL,
    part      INTEGER NOT NULL,
    parts     INTEGER NOT NULL,
    provider  TEXT    NOT NULL,
    reference TEXT    NOT NULL,
    arrived   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (message, part)
) WITHOUT ROWID;
CREATE INDEX parts_references ON parts (reference, provider);
