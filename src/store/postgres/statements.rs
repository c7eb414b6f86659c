//! The statements of a batch. Each is one round trip; lists come as JSON arrays of rows, event
//! pages as two arrays.
//!
//! The parts of one statement all see what was there before it, so that what must see another's
//! writing is a statement of its own.

/// What is asked and taken first, behind the lock of the partitions: a statement sees what was
/// committed when it began, and whoever had the lock before may just have committed this batch.
///
/// `$1` revisions, `$2` inbox, `$3` timers that fired, `$4` settled, `$5` lease, `$6` number of the
/// batch, if it has one, `$7` partitions, `$8` their owner. Answers whether the batch was written
/// before, and with three lists: partitions that are the owner's with their last event; tenants
/// whose revision is another, whose command was taken, or whose timer does not stand; and messages
/// whose lease holds, with whether their client was erased.
pub const TAKE: &str = "
    WITH step AS MATERIALIZED (
        SELECT v->>0 AS tenant, CAST(v->>1 AS bigint) AS old, CAST(v->>2 AS bigint) AS new
        FROM jsonb_array_elements(CAST($1 AS jsonb)) AS v
    ), numbered AS (
        INSERT INTO commits (lease, number) SELECT $5, $6 WHERE $6 IS NOT NULL
        ON CONFLICT (lease) DO UPDATE SET number = excluded.number
        WHERE commits.number < excluded.number RETURNING lease
    ), mine AS MATERIALIZED (
        SELECT partitions.part, last_seq
        FROM jsonb_array_elements(CAST($7 AS jsonb)) AS v
        JOIN partitions ON partitions.part = CAST(v->>0 AS integer)
        WHERE epoch = CAST(v->>1 AS bigint) AND owner = $8
    ), fresh AS (
        INSERT INTO tenants (tenant, revision)
        SELECT tenant, new FROM step WHERE old = 0 ORDER BY tenant
        ON CONFLICT DO NOTHING RETURNING tenant
    ), known AS MATERIALIZED (
        SELECT tenants.tenant AS name, step.new FROM step
        JOIN tenants ON tenants.tenant = step.tenant AND tenants.revision = step.old
        WHERE step.old > 0 ORDER BY tenants.tenant FOR NO KEY UPDATE OF tenants
    ), raised AS (
        UPDATE tenants SET revision = known.new FROM known
        WHERE tenants.tenant = known.name RETURNING tenants.tenant
    ), taken AS (
        INSERT INTO inbox (tenant, command, body_hash, rejection, detail, at_ms)
        SELECT v->>0, v->>1, decode(v->>2, 'hex'), v->>3, v->>4, CAST(v->>5 AS bigint)
        FROM jsonb_array_elements(CAST($2 AS jsonb)) AS v
        ON CONFLICT DO NOTHING RETURNING tenant, command
    ), leased AS MATERIALIZED (
        SELECT m.message, coalesce(m.told_from = -1, false) AS erased
        FROM jsonb_array_elements(CAST($4 AS jsonb)) AS v
        JOIN messages AS m ON m.message = CAST(v->>1 AS uuid) AND m.tenant = v->>0
        WHERE m.status = 'sending' AND m.lease = CAST(v->>2 AS uuid)
        ORDER BY m.message FOR NO KEY UPDATE OF m
    ), stale AS (
        SELECT tenant FROM step WHERE tenant NOT IN (SELECT tenant FROM fresh)
            AND tenant NOT IN (SELECT tenant FROM raised)
        UNION SELECT v->>0 FROM jsonb_array_elements(CAST($2 AS jsonb)) AS v
            WHERE (v->>0, v->>1) NOT IN (SELECT tenant, command FROM taken)
        UNION SELECT v->>0 FROM jsonb_array_elements(CAST($3 AS jsonb)) AS v
            WHERE NOT EXISTS (SELECT 1 FROM timers WHERE tenant = v->>0 AND key = v->>1
                AND due_ms = CAST(v->>2 AS bigint))
    )
    SELECT $6 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM numbered),
        (SELECT CAST(coalesce(json_agg(json_build_array(part, last_seq)), '[]') AS text)
            FROM mine),
        (SELECT CAST(coalesce(json_agg(tenant), '[]') AS text) FROM stale),
        (SELECT CAST(coalesce(json_agg(json_build_array(message, erased)), '[]') AS text)
            FROM leased)";

/// What is forgotten of clients who are erased, before anything is written, perhaps of somebody
/// new's of that id. What was told of a booking that is forgotten later is not among it, unless it
/// has not left yet. What providers said goes from the events: from the pages on which the messages
/// were told of.
///
/// `$1` erased clients, `$2` what is left of their facts, `$3` and `$4` bookings of which it is
/// forgotten later, and now. As text, so that all else on a page stays as it was, letter by letter.
pub const FORGET: &str = r#"
    WITH told AS (
        SELECT p->>0 AS tenant, p->>1 AS client, CAST(p->>2 AS bigint) AS at_ms, t.channels
        FROM jsonb_array_elements(CAST($1 AS jsonb)) AS p
        JOIN tellings AS t ON t.tenant = p->>0 AND t.client = p->>1
        WHERE t.booking IS NULL OR (t.tenant, t.booking) NOT IN (
            SELECT b->>0, b->>1 FROM jsonb_array_elements(CAST($3 AS jsonb)) AS b)
        UNION ALL
        SELECT p->>0, p->>1, CAST(p->>2 AS bigint), t.channels
        FROM jsonb_array_elements(CAST($4 AS jsonb)) AS p
        JOIN tellings AS t ON t.tenant = p->>0 AND t.booking = p->>3
        WHERE t.client = p->>1
    ), named AS (
        SELECT tenant, client, at_ms, CASE
            WHEN verdict->>'message' ~ '^[0-9a-fA-F-]{36}$'
            THEN CAST(verdict->>'message' AS uuid) END AS message
        FROM told CROSS JOIN LATERAL jsonb_array_elements(told.channels) AS verdict
        UNION ALL
        SELECT m.tenant, m.client, CAST(p->>2 AS bigint), m.message
        FROM jsonb_array_elements(
            CAST(CASE WHEN $3 = '[]' THEN '[]' ELSE $1 END AS jsonb)) AS p
        JOIN messages AS m ON m.tenant = p->>0 AND m.status IN ('ready', 'sending')
        WHERE m.client = p->>1
    ), gone AS MATERIALIZED (
        SELECT m.message AS id, min(named.at_ms) AS at_ms FROM named
        JOIN messages AS m ON m.message = named.message AND m.tenant = named.tenant
            AND m.client = named.client
        GROUP BY m.message
    ), held AS MATERIALIZED (
        SELECT message AS id, told_from, told_to FROM messages
        WHERE message IN (SELECT id FROM gone) ORDER BY message FOR NO KEY UPDATE
    ), pages AS (
        UPDATE event_pages SET events = (
            SELECT '[' || string_agg(CASE
                WHEN e.value->3->'data'->>'reply' IS NOT NULL AND
                    e.value->3->'data'->>'message' IN (SELECT CAST(id AS text) FROM held)
                THEN '[' || CAST(e.value->0 AS text) || ',' || CAST(e.value->1 AS text) || ','
                    || CAST(e.value->2 AS text) || ',{' || (
                    SELECT string_agg(CAST(to_json(k.key) AS text) || ':' || CASE
                        WHEN k.key = 'data' THEN '{' || (
                            SELECT string_agg(CAST(to_json(d.key) AS text) || ':' || CASE
                                WHEN d.key = 'reply' THEN '""'
                                ELSE CAST(d.value AS text) END, ',' ORDER BY d.n)
                            FROM json_each(k.value) WITH ORDINALITY AS d(key, value, n)
                            WHERE d.key <> 'reference') || '}'
                        ELSE CAST(k.value AS text) END, ',' ORDER BY k.n)
                    FROM json_each(e.value->3) WITH ORDINALITY AS k(key, value, n)) || '}]'
                ELSE CAST(e.value AS text) END, ',' ORDER BY e.n) || ']'
            FROM json_array_elements(CAST(events AS json)) WITH ORDINALITY AS e(value, n))
        WHERE last_place IN (SELECT page.last_place FROM held JOIN event_pages AS page
            ON page.last_place BETWEEN held.told_from AND held.told_to)
    ), spoken AS (
        UPDATE attempts SET reply = '', reference = NULL, devices = NULL
        FROM held WHERE message = held.id
    ), parted AS (
        DELETE FROM parts USING held WHERE message = held.id
    ), posted AS (
        DELETE FROM mailbox_items USING jsonb_array_elements(CAST($1 AS jsonb)) AS p
        WHERE tenant = p->>0 AND mailbox = p->>1
    )
    UPDATE messages SET facts = $2, reply = NULL, sent_to = NULL, told_from = -1, told_to = NULL,
        superseded = superseded OR status IN ('ready', 'sending', 'unreadable'),
        due_ms = CASE WHEN status IN ('ready', 'sending') THEN least(due_ms, gone.at_ms)
            ELSE due_ms END
    FROM held JOIN gone USING (id) WHERE message = held.id"#;

/// What tenants are now, what is told, and when it is looked at again.
///
/// `$1` records, `$2` records to remove, `$3` tellings, `$4` the last of each tenant's, `$5`
/// messages, `$6` timers, `$7` and `$8` pages of events, `$9` when, `$10` which events are written
/// of each partition.
pub const WRITE: &str = "
    WITH written AS (
        INSERT INTO records (tenant, kind, id, shape, body)
        SELECT v->>0, v->>1, v->>2, CAST(v->>3 AS integer), CAST(v->>4 AS json)
        FROM jsonb_array_elements(CAST($1 AS jsonb)) AS v
        ON CONFLICT (tenant, kind, id) DO UPDATE SET shape = excluded.shape, body = excluded.body
    ), removed AS (
        DELETE FROM records USING jsonb_array_elements(CAST($2 AS jsonb)) AS v
        WHERE tenant = v->>0 AND kind = v->>1 AND id = v->>2
    ), told AS MATERIALIZED (
        SELECT nextval('tellings_seq') AS seq, n, line
        FROM jsonb_array_elements(CAST($3 AS jsonb)) WITH ORDINALITY AS t(line, n)
    ), telling AS (
        INSERT INTO tellings (seq, tenant, cause, kind, client, booking, channels, at_ms, prev)
        SELECT told.seq, told.line->>0, told.line->>1, told.line->>2, told.line->>3, told.line->>4,
            CAST(told.line->>5 AS jsonb), CAST(told.line->>6 AS bigint),
            coalesce(before.seq, tenants.last_told)
        FROM told LEFT JOIN told AS before ON before.n = CAST(told.line->>7 AS bigint) + 1
            LEFT JOIN tenants ON tenants.tenant = told.line->>0
    ), last AS (
        UPDATE tenants SET last_told = told.seq
        FROM jsonb_array_elements(CAST($4 AS jsonb)) AS v
            JOIN told ON told.n = CAST(v->>1 AS bigint) + 1
        WHERE tenants.tenant = v->>0
    ), message AS (
        INSERT INTO messages (tenant, message, kind, channel, client, booking, cause, status,
            shape, facts, due_ms, deadline_ms, lease, topic, secret, superseded, segments,
            first_due_ms, told_from, lane, fallback_of, link_code, traceparent)
        SELECT v->>0, CAST(v->>1 AS uuid), v->>2, v->>3, v->>4, v->>5, v->>6, v->>7,
            CAST(v->>8 AS integer), v->>9, CAST(v->>10 AS bigint), CAST(v->>11 AS bigint),
            CAST(v->>12 AS uuid), v->>13, v->14->>0 = '1', v->14->>1 = '1',
            CAST(v->14->>2 AS integer), CAST(v->>10 AS bigint),
            CASE WHEN v->14->>1 = '1' THEN -1 END, v->14->>3, CAST(v->14->>4 AS uuid), v->14->>5,
            v->14->>6
        FROM jsonb_array_elements(CAST($5 AS jsonb)) AS v
    ), done AS (
        DELETE FROM timers USING jsonb_array_elements(CAST($6 AS jsonb)) AS v
        WHERE tenant = v->>0 AND key = v->>1 AND v->>2 IS NULL
    ), timer AS (
        INSERT INTO timers (tenant, key, due_ms, traceparent)
        SELECT v->>0, v->>1, CAST(v->>2 AS bigint), v->>3
        FROM jsonb_array_elements(CAST($6 AS jsonb)) AS v WHERE v->>2 IS NOT NULL
        ON CONFLICT (tenant, key) DO UPDATE SET due_ms = excluded.due_ms,
            traceparent = excluded.traceparent
        WHERE timers.due_ms <> excluded.due_ms
    ), page AS (
        INSERT INTO event_pages (last_place, at_ms, events)
        SELECT place, $9, events FROM unnest($7, $8) AS p(place, events)
    )
    UPDATE partitions SET last_seq = CAST(v->>1 AS bigint)
        FROM jsonb_array_elements(CAST($10 AS jsonb)) AS v WHERE part = CAST(v->>0 AS integer)";

/// Messages `$1` must not leave any more, perhaps those that were just written.
pub const SUPERSEDE: &str = "
    WITH old AS MATERIALIZED (
        SELECT m.message AS id, CAST(v->>2 AS bigint) AS at_ms
        FROM jsonb_array_elements(CAST($1 AS jsonb)) AS v
        JOIN messages AS m ON m.message = CAST(v->>1 AS uuid) AND m.tenant = v->>0
        WHERE m.status IN ('ready', 'sending') ORDER BY m.message FOR NO KEY UPDATE OF m
    )
    UPDATE messages SET superseded = true, due_ms = least(due_ms, old.at_ms)
        FROM old WHERE message = old.id";

/// What becomes of dead letters: `$1` letters, `$2` what is left of a secret.
pub const WORK_LETTERS: &str = "
    WITH letter AS MATERIALIZED (
        SELECT m.message AS id, CAST(v->>2 AS uuid) AS job, v->>3 AS status,
            CAST(v->>4 AS bigint) AS due_ms, v->>5 AS lane, v->>6 AS reason,
            CAST(v->>7 AS bigint) AS at_ms, v->>8 AS outcome
        FROM jsonb_array_elements(CAST($1 AS jsonb)) AS v
        JOIN messages AS m ON m.message = CAST(v->>1 AS uuid) AND m.tenant = v->>0
        WHERE m.status IN ('dead', 'unknown', 'unreadable')
        ORDER BY m.message FOR NO KEY UPDATE OF m
    ), worked AS (
        UPDATE job_letters SET outcome = letter.outcome, reason = letter.reason FROM letter
        WHERE job_letters.job = letter.job AND message = letter.id
        AND job_letters.outcome IS NULL
    )
    UPDATE messages SET status = letter.status, reason = letter.reason,
        due_ms = coalesce(letter.due_ms, messages.due_ms),
        lane = coalesce(letter.lane, messages.lane),
        first_due_ms = coalesce(letter.due_ms, first_due_ms),
        attempts = CASE WHEN letter.due_ms IS NULL THEN attempts ELSE 0 END,
        doubts = CASE WHEN letter.due_ms IS NULL THEN doubts ELSE 0 END,
        crashes = CASE WHEN letter.due_ms IS NULL THEN crashes ELSE 0 END,
        superseded = letter.due_ms IS NULL AND superseded,
        settled_ms = CASE WHEN letter.due_ms IS NULL THEN letter.at_ms END,
        facts = CASE WHEN secret THEN without_secret(kind, shape, facts, $2) ELSE facts END
    FROM letter WHERE message = letter.id";

/// What became of messages, what providers made of them, and what is put into mailboxes.
///
/// `$1` settled, `$2` attempts, `$3` items, `$4` which events are written of each partition, `$5`
/// what is left of a secret that is all, `$6` parts of texts that providers named. Answers with the
/// highest number of an attempt.
pub const SETTLE: &str = "
    WITH settled AS MATERIALIZED (
        SELECT m.message AS id, coalesce(m.told_from = -1, false) AS erased, v,
            CAST(span->>2 AS bigint) AS first, CAST(span->>3 AS bigint) AS last
        FROM jsonb_array_elements(CAST($1 AS jsonb)) AS v
        JOIN messages AS m ON m.message = CAST(v->>1 AS uuid) AND m.tenant = v->>0
        LEFT JOIN jsonb_array_elements(CAST($4 AS jsonb)) AS span ON span->>0 = v->>11
        WHERE m.status = 'sending' AND m.lease = CAST(v->>2 AS uuid)
    ), tried AS (
        INSERT INTO attempts (message, n, at_ms, provider, outcome, reply, reference, devices)
        SELECT CAST(a->>0 AS uuid), CAST(a->>1 AS integer) + coalesce(
                (SELECT max(n) FROM attempts WHERE message = CAST(a->>0 AS uuid)), 0),
            CAST(a->>2 AS bigint), a->>3, a->>4, a->>5, a->>6, a->>7
        FROM jsonb_array_elements(CAST($2 AS jsonb)) AS a
        RETURNING n
    ), named AS (
        INSERT INTO parts (message, part, parts, provider, reference)
        SELECT CAST(p->>0 AS uuid), CAST(p->>1 AS integer), CAST(p->>2 AS integer), p->>3, p->>4
        FROM jsonb_array_elements(CAST($6 AS jsonb)) AS p
        ON CONFLICT (message, part) DO UPDATE SET parts = excluded.parts,
            provider = excluded.provider, reference = excluded.reference, arrived = false
    ), posted AS (
        INSERT INTO mailbox_items (tenant, mailbox, post, message, title, body, at_ms)
        SELECT i->>0, i->>2, i->>3, CAST(i->>1 AS uuid), i->>4, i->>5, CAST(i->>6 AS bigint)
        FROM jsonb_array_elements(CAST($3 AS jsonb)) AS i
        ON CONFLICT DO NOTHING
    ), done AS (
        UPDATE messages SET status = v->>3, lease = NULL, attempts = CAST(v->>5 AS integer),
            doubts = CAST(v->>6 AS integer), provider = v->>7,
            reply = CASE WHEN erased THEN NULL ELSE v->>8 END,
            told_from = CASE WHEN v->>10 = '1' THEN coalesce(told_from, first) ELSE told_from END,
            told_to = CASE WHEN v->>10 = '1' THEN last ELSE told_to END,
            reason = v->>12,
            sent_to = CASE WHEN erased THEN NULL ELSE coalesce(v->>13, sent_to) END,
            due_ms = CASE WHEN superseded
                THEN least(CAST(v->>4 AS bigint), CAST(v->>9 AS bigint))
                ELSE CAST(v->>4 AS bigint) END,
            settled_ms = CASE WHEN v->>3 <> 'ready' THEN CAST(v->>9 AS bigint) END,
            facts = CASE WHEN secret AND v->>3 <> 'ready'
                THEN without_secret(kind, shape, facts, $5) ELSE facts END
        FROM settled WHERE message = settled.id
    )
    SELECT coalesce(max(n), 0) FROM tried";

/// Of the attempts upon each message of `$1` only the first and the latest `$2` are kept.
pub const TRIM_ATTEMPTS: &str = "
    DELETE FROM attempts USING (
        SELECT message AS id, max(n) AS latest FROM attempts
        WHERE message IN (
            SELECT CAST(a->>0 AS uuid) FROM jsonb_array_elements(CAST($1 AS jsonb)) AS a)
        GROUP BY message) AS tried
    WHERE message = tried.id AND n > 1 AND n <= tried.latest - $2";

/// Of each mailbox of `$1` only the latest `$2` items are kept.
pub const TRIM_MAILBOXES: &str = "
    DELETE FROM mailbox_items AS old USING (
        SELECT box.tenant, box.mailbox, (SELECT late.seq FROM mailbox_items AS late
            WHERE late.tenant = box.tenant AND late.mailbox = box.mailbox
            ORDER BY late.seq DESC LIMIT 1 OFFSET $2) AS seq
        FROM (SELECT DISTINCT i->>0 AS tenant, i->>2 AS mailbox
            FROM jsonb_array_elements(CAST($1 AS jsonb)) AS i) AS box) AS full_box
    WHERE old.tenant = full_box.tenant AND old.mailbox = full_box.mailbox
        AND old.seq <= full_box.seq";

/// What was reported of messages, counted of texts, and read by clients.
///
/// `$1` receipts, `$2` which events are written of each partition, `$3` what is left of a secret,
/// `$4` by how much each day's SMS segments change, `$5` items that clients have read.
pub const HEAR: &str = "
    WITH said AS (
        SELECT v->>0 AS tenant, CAST(v->>1 AS uuid) AS message, min(v->>5) AS part,
            (array_agg(v->>3 ORDER BY n DESC) FILTER (WHERE v->>3 IS NOT NULL))[1] AS arrival,
            (array_agg(CAST(v->>4 AS bigint) ORDER BY n DESC)
                FILTER (WHERE v->>3 IS NOT NULL))[1] AS at_ms,
            (array_agg(v->>6 ORDER BY n DESC) FILTER (WHERE v->>6 IS NOT NULL))[1] AS condemned
        FROM jsonb_array_elements(CAST($1 AS jsonb)) WITH ORDINALITY AS t(v, n) GROUP BY 1, 2
    ), heard AS MATERIALIZED (
        SELECT m.message AS id, said.arrival, said.at_ms, said.condemned,
            CAST(span->>2 AS bigint) AS first, CAST(span->>3 AS bigint) AS last,
            said.arrival IS NOT NULL AS arrives, said.arrival IS NOT NULL
                AND m.status IN ('ready', 'dead', 'expired', 'unknown') AS revives
        FROM said JOIN messages AS m ON m.message = said.message AND m.tenant = said.tenant
        LEFT JOIN jsonb_array_elements(CAST($2 AS jsonb)) AS span ON span->>0 = said.part
        WHERE said.arrival IS NOT NULL OR said.condemned IS NOT NULL
        ORDER BY m.message FOR NO KEY UPDATE OF m
    ), arrived AS (
        UPDATE messages SET arrival = coalesce(heard.arrival, messages.arrival),
            arrived_ms = coalesce(heard.at_ms, arrived_ms),
            condemned = coalesce(heard.condemned, messages.condemned),
            told_from = CASE WHEN arrives THEN coalesce(told_from, heard.first)
                ELSE told_from END,
            told_to = CASE WHEN told_from = -1 OR NOT arrives THEN told_to ELSE heard.last END,
            facts = CASE WHEN secret AND arrives AND status <> 'sending'
                THEN without_secret(kind, shape, facts, $3) ELSE facts END,
            reason = CASE WHEN heard.revives THEN NULL ELSE reason END,
            settled_ms = CASE WHEN heard.revives THEN heard.at_ms ELSE settled_ms END,
            status = CASE WHEN heard.revives THEN 'sent' ELSE status END
        FROM heard WHERE message = heard.id
    ), told AS (
        DELETE FROM receipts USING jsonb_array_elements(CAST($1 AS jsonb)) AS v
        WHERE seq = CAST(v->>2 AS bigint)
    ), counted AS (
        INSERT INTO sms_days (day, segments)
        SELECT CAST(v->>0 AS bigint), CAST(v->>1 AS bigint)
        FROM jsonb_array_elements(CAST($4 AS jsonb)) AS v ORDER BY 1
        ON CONFLICT (day) DO UPDATE SET segments = sms_days.segments + excluded.segments
    )
    UPDATE mailbox_items SET read_ms = coalesce(read_ms, CAST(v->>3 AS bigint))
        FROM jsonb_array_elements(CAST($5 AS jsonb)) AS v
        WHERE tenant = v->>0 AND mailbox = v->>1 AND post = v->>2";
