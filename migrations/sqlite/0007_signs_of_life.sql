-- The daemon's last sign of life: what the wall clock showed, and a clock that nobody sets, which
-- counts from the machine's start. One row.
CREATE TABLE signs_of_life (
    one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    wall_ms INTEGER NOT NULL,
    boot    TEXT    NOT NULL,
    boot_ms INTEGER NOT NULL
);
INSERT INTO signs_of_life (one, wall_ms, boot, boot_ms)
    SELECT 1, seq, '', 0 FROM cursors WHERE name = 'beat';
DELETE FROM cursors WHERE name = 'beat';
