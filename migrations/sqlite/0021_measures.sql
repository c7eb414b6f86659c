-- What operators impose on tenants: nothing is taken of one that is parked, and one that is limited
-- sends at that rate on that channel until then.
CREATE TABLE parked (
    tenant TEXT    NOT NULL PRIMARY KEY,
    at_ms  INTEGER NOT NULL,
    who    TEXT    NOT NULL,
    why    TEXT    NOT NULL
) WITHOUT ROWID;
CREATE TABLE tenant_limits (
    tenant   TEXT    NOT NULL,
    channel  TEXT    NOT NULL,
    rate     REAL    NOT NULL,
    until_ms INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    who      TEXT    NOT NULL,
    why      TEXT    NOT NULL,
    PRIMARY KEY (tenant, channel)
) WITHOUT ROWID;

-- Whatever was decided of a tenant's clients is read the latest first.
CREATE INDEX tellings_of_tenants ON tellings (tenant);
