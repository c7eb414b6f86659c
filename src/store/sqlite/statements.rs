//! The two texts of a transaction: what is asked and taken first, and what is written then.

/// `$1` revisions, `$2` inbox, `$3` timers that fired, `$4` settled, `$5` lease, `$6` number of the
/// batch, if it has one, `$7` partitions, `$8` their owner. Answers with seven lists: the lease
/// where the batch was written before, partitions that are the owner's with their last event, the
/// last thing told of all, tenants whose stored revision is another, tenants whose command was
/// taken before, tenants whose timer does not stand any more, and messages whose lease holds, with
/// whether their client was erased.
///
/// Lists, because each row that comes back from SQLite's thread may cost a wake-up.
pub const TAKE: &str = "
    BEGIN IMMEDIATE;
    SELECT json_group_array(lease) FROM commits WHERE lease = $5 AND number >= $6;
    SELECT json_group_array(json_array(partitions.part, last_seq))
        FROM partitions, jsonb_each($7) AS held
        WHERE partitions.part = held.value->>0 AND epoch = held.value->>1 AND owner = $8;
    SELECT json_array(coalesce(max(seq), 0)) FROM tellings;
    INSERT INTO commits (lease, number) SELECT $5, $6 WHERE $6 IS NOT NULL
        ON CONFLICT (lease) DO UPDATE SET number = excluded.number;
    INSERT INTO tenants (tenant, revision)
        SELECT value->>0, 0 FROM jsonb_each($1) WHERE value->>1 = 0 ON CONFLICT DO NOTHING;
    SELECT json_group_array(value->>0) FROM jsonb_each($1) AS step WHERE NOT EXISTS (
        SELECT 1 FROM tenants
        WHERE tenant = step.value->>0 AND revision = step.value->>1);
    SELECT json_group_array(value->>0) FROM jsonb_each($2) AS entry WHERE EXISTS (
        SELECT 1 FROM inbox
        WHERE tenant = entry.value->>0 AND command = entry.value->>1);
    SELECT json_group_array(value->>0) FROM jsonb_each($3) AS fired WHERE NOT EXISTS (
        SELECT 1 FROM timers
        WHERE tenant = fired.value->>0 AND key = fired.value->>1 AND due_ms = fired.value->>2);
    SELECT json_group_array(json_array(message, told_from IS -1))
        FROM messages, jsonb_each($4) AS v
        WHERE messages.message = v.value->>1 AND messages.tenant = v.value->>0
        AND messages.status = 'sending' AND messages.lease = v.value->>2;
    UPDATE tenants SET revision = step.value->>2 FROM jsonb_each($1) AS step
        WHERE tenants.tenant = step.value->>0 AND tenants.revision = step.value->>1;
    INSERT INTO inbox (tenant, command, body_hash, rejection, detail, at_ms)
        SELECT value->>0, value->>1, unhex(value->>2), value->>3, value->>4, value->>5
        FROM jsonb_each($2) WHERE true ON CONFLICT DO NOTHING;
";

/// The messages that are to be forgotten: `tenant`, `client`, `at_ms` and `message`. What was told
/// of a booking that is forgotten later is not among them, unless it has not left yet. The `+`
/// keeps to the index by booking: of one client there may be thousands.
macro_rules! gone {
    () => {
        "WITH told AS (
            SELECT party.value->>0 AS tenant, party.value->>1 AS client,
                party.value->>2 AS at_ms, tellings.channels AS channels
            FROM jsonb_each($3) AS party
            CROSS JOIN tellings ON tellings.tenant = party.value->>0
                AND tellings.client = party.value->>1
            WHERE tellings.booking IS NULL OR (tellings.tenant, tellings.booking) NOT IN (
                SELECT value->>0, value->>1 FROM jsonb_each($15))
            UNION ALL
            SELECT party.value->>0, party.value->>1, party.value->>2, tellings.channels
            FROM jsonb_each($16) AS party
            CROSS JOIN tellings ON tellings.tenant = party.value->>0
                AND tellings.booking = party.value->>3
            WHERE +tellings.client = party.value->>1
        ), gone AS (
            SELECT tenant, client, at_ms, verdict.value->>'message' AS message
            FROM told
            CROSS JOIN json_each(iif(json_valid(channels), channels, '[]')) AS verdict
            UNION ALL
            SELECT messages.tenant, messages.client, party.value->>2, messages.message
            FROM jsonb_each(iif($15 = '[]', '[]', $3)) AS party
            CROSS JOIN messages ON messages.tenant = party.value->>0
                AND messages.status IN ('ready', 'sending')
            WHERE messages.client = party.value->>1
        )"
    };
}

/// What tenants are now.
macro_rules! states {
    () => {
        "
    INSERT INTO records (tenant, kind, id, shape, body)
        SELECT value->>0, value->>1, value->>2, value->>3, value->>4 FROM jsonb_each($1)
        WHERE true ON CONFLICT (tenant, kind, id) DO UPDATE
        SET shape = excluded.shape, body = excluded.body;
    DELETE FROM records WHERE (tenant, kind, id) IN (
        SELECT value->>0, value->>1, value->>2 FROM jsonb_each($2));
    "
    };
}

/// What is forgotten of clients who are erased. What providers said of them goes from the events:
/// from the pages on which their messages were told of.
macro_rules! forgets {
    () => {
        concat!(
            gone!(),
            "UPDATE event_pages SET events = (
            SELECT json_group_array(iif(event.value->>'$[3].data.reply' IS NOT NULL
                    AND event.value->>'$[3].data.message' IN (SELECT message FROM gone),
                json_remove(json_set(event.value, '$[3].data.reply', ''),
                    '$[3].data.reference'), json(event.value)))
            FROM json_each(event_pages.events) AS event)
        WHERE last_place IN (SELECT page.last_place FROM gone
            CROSS JOIN messages ON messages.message = gone.message
            CROSS JOIN event_pages AS page
                ON page.last_place BETWEEN messages.told_from AND messages.told_to);
    ",
            gone!(),
            "UPDATE messages SET facts = $4, reply = NULL, sent_to = NULL, told_from = -1, told_to = NULL,
            superseded = iif(status IN ('ready', 'sending', 'unreadable'), 1, superseded),
            due_ms = iif(status IN ('ready', 'sending'), min(due_ms, gone.at_ms), due_ms)
        FROM gone
        WHERE messages.message = gone.message AND messages.tenant = gone.tenant
        AND messages.client = gone.client;
    ",
            gone!(),
            "DELETE FROM parts WHERE message IN (SELECT message FROM gone);
    ",
            gone!(),
            "UPDATE attempts SET reply = '', reference = NULL, devices = NULL WHERE message IN (
        SELECT messages.message FROM gone CROSS JOIN messages
            ON messages.message = gone.message AND messages.tenant = gone.tenant
            AND messages.client = gone.client);
    ",
            "
    DELETE FROM mailbox_items WHERE (tenant, mailbox) IN (
        SELECT value->>0, value->>1 FROM jsonb_each($3));
    "
        )
    };
}

/// What is told, and when it is looked at again.
macro_rules! tells {
    () => {
        "
    INSERT INTO tellings (seq, tenant, cause, kind, client, booking, channels, at_ms, prev)
        SELECT $23 + 1 + key, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5,
            value->>6, coalesce($23 + 1 + (value->>7), (
                SELECT last_told FROM tenants WHERE tenants.tenant = told.value->>0))
        FROM jsonb_each($5) AS told;
    UPDATE tenants SET last_told = $23 + 1 + (last.value->>1) FROM jsonb_each($24) AS last
        WHERE tenants.tenant = last.value->>0;
    INSERT INTO messages (tenant, message, kind, channel, client, booking, cause, status,
            shape, facts, due_ms, deadline_ms, lease, topic, secret, superseded, segments,
            first_due_ms, told_from, lane, fallback_of, link_code, traceparent)
        SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6,
            value->>7, value->>8, value->>9, value->>10, value->>11, value->>12,
            value->>13, value->>'$[14][0]', value->>'$[14][1]', value->>'$[14][2]', value->>10,
            iif(value->>'$[14][1]', -1, NULL), value->>'$[14][3]', value->>'$[14][4]',
            value->>'$[14][5]', value->>'$[14][6]'
        FROM jsonb_each($6);
    UPDATE messages SET superseded = 1, due_ms = min(due_ms, old.value->>2)
        FROM jsonb_each($7) AS old
        WHERE messages.message = old.value->>1 AND messages.tenant = old.value->>0
        AND messages.status IN ('ready', 'sending');
    DELETE FROM timers WHERE (tenant, key) IN (
        SELECT value->>0, value->>1 FROM jsonb_each($8) WHERE value->>2 IS NULL);
    INSERT INTO timers (tenant, key, due_ms, traceparent)
        SELECT value->>0, value->>1, value->>2, value->>3 FROM jsonb_each($8)
        WHERE value->>2 IS NOT NULL ON CONFLICT (tenant, key) DO UPDATE
        SET due_ms = excluded.due_ms, traceparent = excluded.traceparent WHERE timers.due_ms <> excluded.due_ms;
    INSERT INTO event_pages (last_place, at_ms, events) SELECT $9, $10, $11 WHERE $9 IS NOT NULL;
    UPDATE partitions SET last_seq = span.value->>1 FROM jsonb_each($14) AS span
        WHERE partitions.part = span.value->>0;
    "
    };
}

/// What is left of facts that held a secret. A payment is still asked for when the link to it is
/// forgotten; of facts of another shape nobody knows where theirs is.
macro_rules! forgotten {
    () => {
        "CASE WHEN kind <> 'payment.requested' OR shape <> 1 OR NOT json_valid(facts) THEN $13
            ELSE json_remove(facts, '$.url') END"
    };
}

/// What becomes of dead letters.
macro_rules! works_letters {
    () => {
        concat!(
            "
    UPDATE job_letters SET outcome = v.value->>8, reason = v.value->>6
        FROM jsonb_each($19) AS v CROSS JOIN messages
        WHERE job_letters.job = v.value->>2 AND job_letters.message = v.value->>1
        AND job_letters.outcome IS NULL AND messages.message = v.value->>1
        AND messages.tenant = v.value->>0
        AND messages.status IN ('dead', 'unknown', 'unreadable');
    UPDATE messages SET status = v.value->>3, reason = v.value->>6,
            due_ms = coalesce(v.value->>4, due_ms), lane = coalesce(v.value->>5, lane),
            first_due_ms = coalesce(v.value->>4, first_due_ms),
            attempts = iif(v.value->>4 IS NULL, attempts, 0),
            doubts = iif(v.value->>4 IS NULL, doubts, 0),
            crashes = iif(v.value->>4 IS NULL, crashes, 0),
            superseded = iif(v.value->>4 IS NULL, superseded, 0),
            settled_ms = iif(v.value->>4 IS NULL, v.value->>7, NULL),
            facts = iif(secret = 1, ",
            forgotten!(),
            ", facts)
        FROM jsonb_each($19) AS v
        WHERE messages.message = v.value->>1 AND messages.tenant = v.value->>0
        AND messages.status IN ('dead', 'unknown', 'unreadable');
    "
        )
    };
}

/// What providers made of messages.
macro_rules! tries {
    () => {
        "
    INSERT INTO attempts (message, n, at_ms, provider, outcome, reply, reference, devices)
        SELECT value->>0, value->>1 + coalesce(
                (SELECT max(n) FROM attempts WHERE attempts.message = v.value->>0), 0),
            value->>2, value->>3, value->>4, value->>5, value->>6,
            value->>7
        FROM jsonb_each($17) AS v;
    "
    };
}

/// Of the attempts that were made before the latest, the first is kept.
macro_rules! trims {
    () => {
        "
    DELETE FROM attempts WHERE (message, n) IN (
        SELECT late.message, late.n FROM jsonb_each($17) AS v CROSS JOIN attempts AS late
            ON late.message = v.value->>0 AND late.n > 1 AND late.n <= (
                SELECT max(n) FROM attempts WHERE attempts.message = v.value->>0) - $18);
    "
    };
}

/// How providers name the parts of texts. A new attempt's names are the ones that count.
macro_rules! names_parts {
    () => {
        "
    INSERT INTO parts (message, part, parts, provider, reference)
        SELECT value->>0, value->>1, value->>2, value->>3, value->>4
        FROM jsonb_each($27) WHERE true
        ON CONFLICT (message, part) DO UPDATE SET parts = excluded.parts,
            provider = excluded.provider, reference = excluded.reference, arrived = 0;
    "
    };
}

/// What is put into mailboxes.
macro_rules! posts {
    () => {
        "
    INSERT INTO mailbox_items (tenant, mailbox, post, message, title, body, at_ms)
        SELECT value->>0, value->>2, value->>3, value->>1, value->>4, value->>5, value->>6
        FROM jsonb_each($21) WHERE true ON CONFLICT DO NOTHING;
    DELETE FROM mailbox_items WHERE seq IN (
        SELECT old.seq FROM (
                SELECT DISTINCT value->>0 AS tenant, value->>2 AS mailbox FROM jsonb_each($21)
            ) AS box
            CROSS JOIN mailbox_items AS old ON old.tenant = box.tenant
                AND old.mailbox = box.mailbox AND old.seq <= (
                    SELECT late.seq FROM mailbox_items AS late
                    WHERE late.tenant = box.tenant AND late.mailbox = box.mailbox
                    ORDER BY late.seq DESC LIMIT 1 OFFSET $22));
    "
    };
}

/// What became of messages.
macro_rules! settles {
    () => {
        concat!(
            "
    UPDATE messages SET status = v.value->>3, lease = NULL, attempts = v.value->>5,
            doubts = v.value->>6, provider = v.value->>7,
            reply = iif(told_from IS -1, NULL, v.value->>8),
            told_from = iif(v.value->>10, coalesce(told_from, span.value->>2), told_from),
            told_to = iif(v.value->>10, span.value->>3, told_to),
            reason = v.value->>12,
            sent_to = iif(told_from IS -1, NULL, coalesce(v.value->>13, sent_to)),
            due_ms = iif(superseded = 1, min(v.value->>4, v.value->>9), v.value->>4),
            settled_ms = iif(v.value->>3 = 'ready', NULL, v.value->>9),
            facts = iif(secret = 1 AND v.value->>3 <> 'ready', ",
            forgotten!(),
            ", facts)
        FROM jsonb_each($12) AS v
            LEFT JOIN jsonb_each($14) AS span ON span.value->>0 = v.value->>11
        WHERE messages.message = v.value->>1 AND messages.tenant = v.value->>0
        AND messages.status = 'sending' AND messages.lease = v.value->>2;
    "
        )
    };
}

/// What was reported of messages, counted of texts, and read by clients.
macro_rules! hears {
    () => {
        concat!(
            "
    UPDATE messages SET arrival = v.value->>3, arrived_ms = v.value->>4,
            told_from = coalesce(told_from, span.value->>2),
            told_to = iif(told_from IS -1, told_to, span.value->>3),
            facts = iif(secret = 1 AND status <> 'sending', ",
            forgotten!(),
            ", facts),
            reason = iif(status IN ('ready', 'dead', 'expired', 'unknown'), NULL, reason),
            settled_ms = iif(status IN ('ready', 'dead', 'expired', 'unknown'), v.value->>4,
                settled_ms),
            status = iif(status IN ('ready', 'dead', 'expired', 'unknown'), 'sent', status)
        FROM jsonb_each($20) AS v
            LEFT JOIN jsonb_each($14) AS span ON span.value->>0 = v.value->>5
        WHERE messages.message = v.value->>1 AND messages.tenant = v.value->>0
        AND v.value->>3 IS NOT NULL;
    UPDATE messages SET condemned = v.value->>6 FROM jsonb_each($20) AS v
        WHERE messages.message = v.value->>1 AND messages.tenant = v.value->>0
        AND v.value->>6 IS NOT NULL;
    DELETE FROM receipts WHERE seq IN (SELECT value->>2 FROM jsonb_each($20));
    INSERT INTO sms_days (day, segments)
        SELECT value->>0, value->>1 FROM jsonb_each($25) WHERE true
        ON CONFLICT (day) DO UPDATE SET segments = sms_days.segments + excluded.segments;
    UPDATE mailbox_items SET read_ms = coalesce(read_ms, v.value->>3)
        FROM jsonb_each($26) AS v
        WHERE tenant = v.value->>0 AND mailbox = v.value->>1 AND post = v.value->>2;
    "
        )
    };
}

/// `$1` records, `$2` records to remove, `$3` erased clients, `$4` what is left of their facts,
/// `$5` tellings, `$6` messages, `$7` superseded, `$8` timers, `$9` to `$11` a page of events,
/// `$12` settled, `$13` what is left of a secret that is all, `$14` which events are written of
/// each partition, `$15` and `$16` bookings of which it is forgotten later, and now, `$17`
/// attempts, `$18` how many are kept beside the first, `$19` letters, `$20` receipts, `$21` items
/// of mailboxes, `$22` how many of them are kept, `$23` the last thing told before, `$24` the last
/// of each tenant's, `$25` by how much each day's SMS segments change, `$26` items that clients
/// have read, `$27` parts of texts that providers named.
///
/// A client is erased before the batch's messages are written, perhaps somebody new's of that id.
pub const WRITE: &str = concat!(
    states!(),
    forgets!(),
    tells!(),
    works_letters!(),
    tries!(),
    trims!(),
    names_parts!(),
    posts!(),
    settles!(),
    hears!(),
    "COMMIT;"
);

/// The same where `$3`, `$16`, `$19`, `$20`, `$21` and `$25` to `$27` are empty and no message of
/// `$17` is to be tried again, as it mostly is: each statement costs something, though it finds
/// nothing to do.
pub const WRITE_LITTLE: &str = concat!(states!(), tells!(), tries!(), settles!(), "COMMIT;");

/// A page of events that need not wait for the rest.
pub const WRITE_PAGE: &str =
    "INSERT INTO event_pages (last_place, at_ms, events) VALUES ($1, $2, $3)";
