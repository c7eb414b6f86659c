-- Whoever looks ahead reads what waits, and how long it may, from an index alone; the status is in
-- it because a condition upon it would otherwise need the row. Both have it: one that answers alone
-- is chosen before one that fits better and does not.
DROP INDEX messages_due;
CREATE INDEX messages_due ON messages (channel, lane, due_ms, tenant, deadline_ms, status)
    WHERE status = 'ready';
DROP INDEX messages_of_tenants;
CREATE INDEX messages_of_tenants ON messages (channel, lane, tenant, due_ms, status)
    WHERE status = 'ready';
-- What one client is told of one thing leaves in its order: a message that is claimed takes along
-- what was decided before it.
CREATE INDEX messages_of_clients ON messages (tenant, client, channel) WHERE status = 'ready';
