-- Clients to whom nothing goes on some channel: few of many.
CREATE INDEX records_suppressed ON records (tenant, id)
    WHERE kind = 'client' AND iif(json_valid(body),
        coalesce(body->>'$.suppressed', '[]'), '[]') NOT IN ('[]', 0);
