//! What PostgreSQL is asked in its own words: lists are arrays, or JSON where each has several
//! columns.

use crate::store::both::backend::Dialect;

/// Tenants with their keywords.
macro_rules! settings {
    ($rest:literal) => {
        concat!(
            "SELECT tenant, CAST(body->'sms'->'keywords' AS text) FROM records \
             WHERE kind = 'settings' ",
            $rest
        )
    };
}

/// A living daemon that has the partitions, other than the one called `$1`. `now()` stands still
/// while a transaction waits for the rows.
pub const RIVAL: &str = "SELECT name, address FROM partitions JOIN instances ON CAST(run AS text) = owner \
     WHERE part = 0 AND name <> $1 AND seen > clock_timestamp() - interval '5 seconds'";

pub const DIALECT: Dialect = Dialect {
    among: [" = ANY(", ")"],
    among_pairs: [" IN (SELECT v->>0, v->>1 FROM jsonb_array_elements(CAST(", " AS jsonb)) AS v)"],
    unless_held: " FOR UPDATE SKIP LOCKED",
    pinned_join: "JOIN",
    past_index: "",
    lock_partitions: Some("SELECT part FROM partitions ORDER BY part FOR UPDATE"),
    rival: Some(RIVAL),
    lock_message: Some("SELECT 1 FROM messages WHERE message = $1 FOR NO KEY UPDATE"),
    lookup: "SELECT i.tenant, i.command, i.body_hash, i.rejection, i.detail \
        FROM jsonb_array_elements(CAST($1 AS jsonb)) AS v \
        JOIN inbox AS i ON i.tenant = v->>0 AND i.command = v->>1",
    records: "SELECT r.tenant, r.kind, r.shape, CAST(r.body AS text) \
        FROM jsonb_array_elements(CAST($1 AS jsonb)) AS v \
        JOIN records AS r ON r.tenant = v->>0 AND r.kind = v->>1 AND r.id = v->>2",
    // Another that leases at the same time has what is locked.
    lease: "WITH free AS MATERIALIZED (SELECT message AS id FROM messages \
            WHERE message = ANY($2) AND status = 'ready' \
            ORDER BY message FOR NO KEY UPDATE SKIP LOCKED) \
        UPDATE messages SET status = 'sending', lease = $1 FROM free WHERE message = free.id",
    before: "SELECT DISTINCT older.message FROM messages AS newer \
        JOIN messages AS older ON older.tenant = newer.tenant \
            AND older.client = newer.client AND older.channel = newer.channel \
        WHERE newer.message = ANY($1) AND older.status = 'ready' \
        AND older.message < newer.message AND older.due_ms <= newer.due_ms \
        AND (older.topic = newer.topic OR older.booking = newer.booking) \
        AND NOT (older.message = ANY($1)) LIMIT $2",
    first_of_tenants: "SELECT (SELECT CAST(coalesce(json_agg(due.message), '[]') AS text) FROM ( \
            SELECT message FROM messages WHERE status = 'ready' AND channel = $1 AND lane = $2 \
                AND tenant = wanted.tenant AND due_ms <= $4 ORDER BY due_ms LIMIT $5) AS due) \
        FROM unnest($3) WITH ORDINALITY AS wanted(tenant, n) ORDER BY wanted.n",
    free_orphans: "UPDATE messages SET status = 'ready', lease = NULL, \
        doubts = CAST(v->>1 AS integer), crashes = CAST(v->>2 AS integer), \
        due_ms = CAST(v->>3 AS bigint) FROM jsonb_array_elements(CAST($1 AS jsonb)) AS v \
        WHERE messages.message = CAST(v->>0 AS uuid)",
    telling_of_message: "SELECT t.at_ms, t.cause, t.kind, t.client, t.booking, \
            CAST(t.channels AS text) \
        FROM messages AS m JOIN tellings AS t \
        ON t.tenant = m.tenant AND t.client = m.client AND t.cause = m.cause \
        WHERE m.tenant = $1 AND m.message = $2 AND EXISTS (\
        SELECT 1 FROM jsonb_array_elements(t.channels) AS verdict \
        WHERE verdict->>'message' = CAST(m.message AS text))",
    #[cfg(test)]
    messages_of_client: [
        "SELECT ",
        " FROM messages WHERE tenant = $1 AND client = $2 AND CAST(message AS text) IN ( \
            SELECT verdict->>'message' \
            FROM tellings AS t, jsonb_array_elements(t.channels) AS verdict \
            WHERE t.tenant = $1 AND t.client = $2) ORDER BY message DESC LIMIT $3",
    ],
    tenants_of_number: settings!("AND digits = $2 ORDER BY tenant LIMIT $1"),
    only_tenants: settings!("LIMIT 2"),
    tenants_of_keywords: settings!(
        "AND digits IS NULL AND body->'sms'->>'keywords' IS NOT NULL ORDER BY tenant LIMIT $1"
    ),
    tenants: "SELECT page.tenant, \
         (SELECT body->>'name' FROM records \
          WHERE tenant = page.tenant AND kind = 'settings' AND id = ''), \
         (SELECT CAST(json_build_array(count(*), min(due_ms)) AS text) FROM ( \
          SELECT due_ms FROM messages WHERE tenant = page.tenant \
          AND status IN ('ready', 'sending') LIMIT $3) AS waiting), \
         (SELECT count(*) FROM (SELECT 1 FROM messages WHERE tenant = page.tenant \
          AND status IN ('dead', 'unknown', 'unreadable') LIMIT $3) AS dead), \
         (SELECT count(*) FROM (SELECT 1 FROM records \
          WHERE tenant = page.tenant AND suppressed LIMIT $3) AS suppressed) \
         FROM (SELECT tenant FROM tenants WHERE tenant > $1 ORDER BY tenant LIMIT $2) AS page \
         ORDER BY page.tenant",
    suppressed: "SELECT kind, shape, CAST(body AS text) FROM records \
         WHERE tenant = $1 AND id > $2 AND suppressed ORDER BY id LIMIT $3",
    timers_due: "SELECT CAST(coalesce(json_agg(json_build_array(due_ms, tenant, key, traceparent) \
            ORDER BY due_ms, tenant, key), '[]') AS text) FROM ( \
        SELECT due_ms, tenant, key, traceparent FROM timers \
        WHERE unreadable = 0 AND due_ms <= $1 AND (due_ms, tenant, key) > ($2, $3, $4) \
        ORDER BY due_ms, tenant, key LIMIT $5) AS due",
    timers_of: "SELECT CAST(coalesce(json_agg(json_build_array(due_ms, tenant, key, traceparent) \
            ORDER BY key), '[]') AS text) FROM ( \
        SELECT due_ms, tenant, key, traceparent FROM timers WHERE tenant = $1 AND key > $2 \
        ORDER BY key LIMIT $3) AS page",
    take_receipts: "INSERT INTO receipts \
        (provider, message, reference, report, said, at_ms, due_ms) \
        SELECT v->>0, CAST(v->>1 AS uuid), v->>2, v->>3, v->>4, CAST(v->>5 AS bigint), \
            CAST(v->>5 AS bigint) \
        FROM jsonb_array_elements(CAST($1 AS jsonb)) AS v ON CONFLICT DO NOTHING",
    put_receipts_off: "UPDATE receipts SET due_ms = CAST(v->>1 AS bigint), tries = tries + 1 \
        FROM jsonb_array_elements(CAST($1 AS jsonb)) AS v WHERE seq = CAST(v->>0 AS bigint)",
    set_timers_aside: "UPDATE timers SET unreadable = 1 \
        FROM jsonb_array_elements(CAST($1 AS jsonb)) AS v \
        WHERE due_ms = CAST(v->>0 AS bigint) AND tenant = v->>1 AND key = v->>2",
};
