//! What SQLite is asked in its own words: lists are JSON
//! (<https://www.sqlite.org/json1.html#jeach>), and what each row that comes back from its thread
//! may cost is a wake-up, so that pages come in one.

use crate::store::both::backend::Dialect;

/// A tenant's settings as JSON, or nothing where they are none.
macro_rules! settings {
    ($rest:literal) => {
        concat!(
            "SELECT tenant, body->>'$.sms.keywords' FROM (SELECT tenant, \
             iif(json_valid(body), body, '{}') AS body FROM records WHERE kind = 'settings') ",
            $rest
        )
    };
}

/// That nothing goes to a client on some channel. The condition is that of the index, word by word.
macro_rules! suppressed {
    () => {
        "kind = 'client' AND iif(json_valid(body), \
         coalesce(body->>'$.suppressed', '[]'), '[]') NOT IN ('[]', 0) "
    };
}

pub const DIALECT: Dialect = Dialect {
    among: [" IN (SELECT value FROM json_each(", "))"],
    among_pairs: [" IN (SELECT value->>0, value->>1 FROM json_each(", "))"],
    unless_held: "",
    pinned_join: "CROSS JOIN",
    past_index: "+",
    lock_partitions: None,
    rival: None,
    lock_message: None,
    lookup: "SELECT tenant, command, body_hash, rejection, detail FROM inbox \
        WHERE (tenant, command) IN (SELECT value->>0, value->>1 FROM json_each($1))",
    records: "SELECT r.tenant, r.kind, r.shape, r.body FROM json_each($1) AS key \
        CROSS JOIN records AS r ON r.tenant = key.value->>0 AND r.kind = key.value->>1 \
        AND r.id = key.value->>2",
    lease: "UPDATE messages SET status = 'sending', lease = $1 \
        WHERE message IN (SELECT value FROM json_each($2))",
    before: "SELECT DISTINCT older.message FROM json_each($1) AS chosen \
        CROSS JOIN messages AS newer ON newer.message = chosen.value \
        CROSS JOIN messages AS older ON older.tenant = newer.tenant \
            AND older.client = newer.client AND older.channel = newer.channel \
        WHERE older.status = 'ready' AND older.message < newer.message \
        AND older.due_ms <= newer.due_ms \
        AND (older.topic = newer.topic OR older.booking = newer.booking) \
        AND older.message NOT IN (SELECT value FROM json_each($1)) LIMIT $2",
    first_of_tenants: "SELECT (SELECT json_group_array(message) FROM ( \
            SELECT message FROM messages WHERE status = 'ready' AND channel = $1 AND lane = $2 \
                AND tenant = wanted.value AND due_ms <= $4 ORDER BY due_ms LIMIT $5)) \
        FROM json_each($3) AS wanted ORDER BY wanted.key",
    free_orphans: "UPDATE messages SET status = 'ready', lease = NULL, doubts = v.value->>1, \
        crashes = v.value->>2, due_ms = v.value->>3 FROM json_each($1) AS v \
        WHERE messages.message = v.value->>0",
    telling_of_message: "SELECT t.at_ms, t.cause, t.kind, t.client, t.booking, t.channels \
        FROM messages m JOIN tellings t \
        ON t.tenant = m.tenant AND t.client = m.client AND t.cause = m.cause \
        WHERE m.tenant = $1 AND m.message = $2 AND EXISTS (\
        SELECT 1 FROM json_each(iif(json_valid(t.channels), t.channels, '[]')) AS verdict \
        WHERE verdict.value->>'message' = m.message)",
    #[cfg(test)]
    messages_of_client: [
        "SELECT ",
        " FROM messages WHERE tenant = $1 AND client = $2 AND message IN (\
         SELECT verdict.value->>'message' FROM tellings t, \
         json_each(iif(json_valid(t.channels), t.channels, '[]')) AS verdict \
         WHERE t.tenant = $1 AND t.client = $2) ORDER BY message DESC LIMIT $3",
    ],
    tenants_of_number: settings!(
        "WHERE ltrim(body->>'$.sender.sms', '+0') = $2 ORDER BY tenant LIMIT $1"
    ),
    only_tenants: settings!("LIMIT 2"),
    tenants_of_keywords: settings!(
        "WHERE body->>'$.sender.sms' IS NULL AND body->>'$.sms.keywords' IS NOT NULL \
         ORDER BY tenant LIMIT $1"
    ),
    tenants: concat!(
        "SELECT page.tenant, \
         (SELECT iif(json_valid(body), body->>'$.name', NULL) FROM records \
          WHERE tenant = page.tenant AND kind = 'settings' AND id = ''), \
         (SELECT json_array(count(*), min(due_ms)) FROM (SELECT due_ms FROM messages \
          WHERE tenant = page.tenant AND status IN ('ready', 'sending') LIMIT $3)), \
         (SELECT count(*) FROM (SELECT 1 FROM messages WHERE tenant = page.tenant \
          AND status IN ('dead', 'unknown', 'unreadable') LIMIT $3)), \
         (SELECT count(*) FROM (SELECT 1 FROM records INDEXED BY records_suppressed \
          WHERE tenant = page.tenant AND ",
        suppressed!(),
        "LIMIT $3)) \
         FROM (SELECT tenant FROM tenants WHERE tenant > $1 ORDER BY tenant LIMIT $2) AS page \
         ORDER BY page.tenant"
    ),
    suppressed: concat!(
        "SELECT kind, shape, body FROM records INDEXED BY records_suppressed \
         WHERE tenant = $1 AND id > $2 AND ",
        suppressed!(),
        "ORDER BY id LIMIT $3"
    ),
    timers_due: "SELECT json_group_array(json_array(due_ms, tenant, key, traceparent)) FROM (\
        SELECT due_ms, tenant, key, traceparent FROM timers \
        WHERE unreadable = 0 AND due_ms <= $1 AND (due_ms, tenant, key) > ($2, $3, $4) \
        ORDER BY due_ms, tenant, key LIMIT $5)",
    timers_of: "SELECT json_group_array(json_array(due_ms, tenant, key, traceparent)) FROM (\
        SELECT due_ms, tenant, key, traceparent FROM timers WHERE tenant = $1 AND key > $2 \
        ORDER BY key LIMIT $3)",
    take_receipts: "INSERT INTO receipts \
        (provider, message, reference, report, said, at_ms, due_ms) \
        SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>5 \
        FROM jsonb_each($1) WHERE true ON CONFLICT DO NOTHING",
    put_receipts_off: "UPDATE receipts SET due_ms = v.value->>1, tries = tries + 1 \
        FROM jsonb_each($1) AS v WHERE seq = v.value->>0",
    set_timers_aside: "UPDATE timers SET unreadable = 1 WHERE (due_ms, tenant, key) IN (\
        SELECT value->>0, value->>1, value->>2 FROM json_each($1))",
};
