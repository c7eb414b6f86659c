-- What a tenant was told is a chain, the latest first: an index upon the tenant alone is one more
-- page that each transaction writes for each tenant in it. The row of `tenants` is written anyhow.
ALTER TABLE tenants ADD COLUMN last_told INTEGER;
ALTER TABLE tellings ADD COLUMN prev INTEGER;
UPDATE tellings SET prev = chain.prev
    FROM (SELECT seq, lag(seq) OVER (PARTITION BY tenant ORDER BY seq) AS prev FROM tellings)
        AS chain
    WHERE chain.seq = tellings.seq;
UPDATE tenants SET last_told = (
    SELECT max(seq) FROM tellings WHERE tellings.tenant = tenants.tenant);
DROP INDEX tellings_of_tenants;
