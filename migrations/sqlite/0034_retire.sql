-- Tenants with rows that will once be over: looked through one after the other, within a day. From
-- now on that is planned with the first such row.
INSERT INTO timers (tenant, key, due_ms)
    SELECT DISTINCT tenant, '{"timer":"retire","shelf":{"of":"bookings","after":null}}',
        unixepoch() * 1000 + abs(random() % 86400000)
    FROM records WHERE kind IN ('booking', 'session')
    ON CONFLICT DO NOTHING;
