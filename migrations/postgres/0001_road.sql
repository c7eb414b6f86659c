-- Everything durable. Instants are milliseconds since 1970 UTC. Names and ids are compared byte by
-- byte (COLLATE "C"), as the daemon does.
--
-- Rows of `messages`, `tenants` and `partitions` change often: they have room on their pages, and
-- what changes is in no index but the narrow ones of what waits.

-- A tenant's revision rises with every unit of its that commits: the fence against two writers.
-- What it told is a chain, the latest first, that begins at `last_told`.
CREATE TABLE tenants (
    tenant    text COLLATE "C" PRIMARY KEY,
    revision  bigint NOT NULL,
    last_told bigint
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- Every command ever taken: the same id again changes nothing.
CREATE TABLE inbox (
    tenant    text COLLATE "C" NOT NULL,
    command   text COLLATE "C" NOT NULL,
    body_hash bytea  NOT NULL,
    rejection text,
    detail    text,
    at_ms     bigint NOT NULL,
    PRIMARY KEY (tenant, command)
);

-- A tenant's state: settings, clients, bookings. `shape` is the version of the JSON. What is looked
-- for in it is in columns of its own, so that a row that changes elsewhere need not be indexed anew.
CREATE TABLE records (
    tenant     text COLLATE "C" NOT NULL,
    kind       text COLLATE "C" NOT NULL,
    id         text COLLATE "C" NOT NULL,
    shape      integer NOT NULL,
    -- Not jsonb, which knows no U+0000.
    body       json    NOT NULL,
    -- The digits of the number under which a tenant's text messages go out.
    digits     text COLLATE "C" GENERATED ALWAYS AS (
        CASE WHEN kind = 'settings' THEN ltrim(body->'sender'->>'sms', '+0') END) STORED,
    -- Whether nothing goes to a client on some channel.
    suppressed boolean NOT NULL GENERATED ALWAYS AS (
        kind = 'client' AND coalesce(body->>'suppressed', '[]') NOT IN ('[]', '0')) STORED,
    PRIMARY KEY (tenant, kind, id)
) WITH (fillfactor = 80);
CREATE INDEX records_digits ON records (digits, tenant) WHERE kind = 'settings';
CREATE INDEX records_suppressed ON records (tenant, id) WHERE suppressed;

-- What was decided of each thing to tell: per channel a message id or the reason for none. `prev` is
-- what its tenant told before.
CREATE SEQUENCE tellings_seq;
CREATE TABLE tellings (
    seq      bigint PRIMARY KEY,
    tenant   text COLLATE "C" NOT NULL,
    cause    text COLLATE "C" NOT NULL,
    kind     text   NOT NULL,
    client   text COLLATE "C" NOT NULL,
    booking  text COLLATE "C",
    channels jsonb  NOT NULL,
    at_ms    bigint NOT NULL,
    prev     bigint
);
CREATE INDEX tellings_client ON tellings (tenant, client, seq);
CREATE INDEX tellings_booking ON tellings (tenant, booking, seq) WHERE booking IS NOT NULL;

-- Message ids rise with time. `topic` is what an unsent message is withdrawn with (JSON); `told_from`
-- and `told_to` are the places between which events tell of it, -1 once that is forgotten. `condemned`
-- is why nothing more was to go to the address, as the latest report said.
CREATE TABLE messages (
    message      uuid PRIMARY KEY,
    tenant       text COLLATE "C" NOT NULL,
    kind         text    NOT NULL,
    channel      text COLLATE "C" NOT NULL,
    lane         text COLLATE "C" NOT NULL DEFAULT 'transactional',
    client       text COLLATE "C" NOT NULL,
    booking      text COLLATE "C",
    topic        text COLLATE "C",
    cause        text COLLATE "C" NOT NULL,
    status       text COLLATE "C" NOT NULL,
    lease        uuid,
    due_ms       bigint  NOT NULL,
    first_due_ms bigint,
    deadline_ms  bigint,
    settled_ms   bigint,
    arrived_ms   bigint,
    told_from    bigint,
    told_to      bigint,
    fallback_of  uuid,
    shape        integer NOT NULL,
    segments     integer NOT NULL DEFAULT 0,
    attempts     integer NOT NULL DEFAULT 0,
    doubts       integer NOT NULL DEFAULT 0,
    crashes      integer NOT NULL DEFAULT 0,
    superseded   boolean NOT NULL DEFAULT false,
    secret       boolean NOT NULL DEFAULT false,
    facts        text    NOT NULL,
    provider     text,
    reply        text,
    reason       text,
    sent_to      text,
    arrival      text,
    condemned    text,
    link_code    text COLLATE "C"
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
-- What waits, by channel and by how urgent it is; the same by whose it is, so that a claim is a fair
-- part of each; and by whom it is to, for what one client is told of one thing leaves in its order.
CREATE INDEX messages_due ON messages (channel, lane, due_ms) WHERE status = 'ready';
CREATE INDEX messages_of_tenants ON messages (channel, lane, tenant, due_ms)
    WHERE status = 'ready';
CREATE INDEX messages_of_clients ON messages (tenant, client, channel) WHERE status = 'ready';
CREATE INDEX messages_open ON messages (tenant) WHERE status IN ('ready', 'sending');
CREATE INDEX messages_doubtful ON messages (message) WHERE status = 'ready' AND doubts > 0;
-- What was given up, to be looked through.
CREATE INDEX messages_letters ON messages (message)
    WHERE status IN ('dead', 'unknown', 'unreadable');
CREATE INDEX messages_letters_of_tenants ON messages (tenant, message)
    WHERE status IN ('dead', 'unknown', 'unreadable');
-- No message has two that take its place.
CREATE UNIQUE INDEX messages_fallback ON messages (fallback_of) WHERE fallback_of IS NOT NULL;
CREATE INDEX messages_link_code ON messages (link_code) WHERE link_code IS NOT NULL;

-- What each provider that was asked to carry a message made of it, in order. Of a message the first
-- and the latest are kept. `devices` is what came of it on each, where it went to devices (JSON).
CREATE TABLE attempts (
    message   uuid    NOT NULL,
    n         integer NOT NULL,
    at_ms     bigint  NOT NULL,
    provider  text COLLATE "C" NOT NULL,
    outcome   text    NOT NULL,
    reply     text    NOT NULL,
    reference text COLLATE "C",
    devices   text,
    PRIMARY KEY (message, n)
);
CREATE INDEX attempts_references ON attempts (reference, provider) WHERE reference IS NOT NULL;

-- What providers call the parts of texts that go in several, and which of them have arrived. Also
-- of a text in one part, where its provider named it after nobody waited for that any more.
CREATE TABLE parts (
    message   uuid    NOT NULL,
    part      integer NOT NULL,
    parts     integer NOT NULL,
    provider  text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    arrived   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (message, part)
) WITH (fillfactor = 80);
CREATE INDEX parts_references ON parts (reference, provider);

-- What is left of a message's facts when its secret is forgotten. A payment is still asked for when
-- the link to it is; of what cannot be read nobody knows where the secret is: it is all of it.
CREATE FUNCTION without_secret(kind text, shape integer, facts text, purged text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF kind <> 'payment.requested' OR shape <> 1 THEN
        RETURN purged;
    END IF;
    RETURN (SELECT CAST(json_object_agg(key, value) AS text) FROM json_each(CAST(facts AS json))
        WHERE key <> 'url');
EXCEPTION WHEN invalid_text_representation THEN
    RETURN purged;
END
$$;

-- What is to be looked at again, and when. The key is the timer itself (JSON). Another version wrote
-- what is `unreadable`; each start of the daemon tries again.
CREATE TABLE timers (
    tenant     text COLLATE "C" NOT NULL,
    key        text COLLATE "C" NOT NULL,
    due_ms     bigint   NOT NULL,
    unreadable smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, key)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX timers_due ON timers (due_ms, tenant, key) WHERE unreadable = 0;
CREATE INDEX timers_unreadable ON timers (tenant, due_ms) WHERE unreadable = 1;

-- Tenants are spread over partitions, as their commands are over the broker's queues. Each has an
-- order of events of its own and an owner, who alone writes what its tenants do. Whoever takes it
-- over raises the epoch. Each transaction that writes for its tenants holds its row until it has
-- committed: so the numbers of its events have no gap, and none is seen before a smaller one.
CREATE TABLE partitions (
    part     integer PRIMARY KEY,
    owner    text   NOT NULL,
    epoch    bigint NOT NULL,
    last_seq bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO partitions (part, owner, epoch, last_seq) VALUES (0, '', 0, 0);

-- How many partitions there were, oldest first. `ended` is the last event of each by then, a JSON
-- array; NULL where it is so now.
CREATE TABLE layouts (
    layout     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partitions integer NOT NULL,
    ended      text
);
INSERT INTO layouts (partitions) VALUES (1);

-- What upstream is told, what one transaction says of one partition in one row: a JSON array of
-- `[id, tenant, type, event]`, the last as it is published. An event's place is its partition and,
-- in the lower 48 bits, its number there; the last one's is `last_place`, those before it have the
-- places before it.
CREATE TABLE event_pages (
    last_place bigint PRIMARY KEY,
    at_ms      bigint NOT NULL,
    events     text   NOT NULL
);

-- One event a row, for people.
CREATE VIEW events AS
    SELECT page.last_place >> 48 AS part,
        (page.last_place & 281474976710655) - json_array_length(page.events::json) + each.n AS seq,
        each.value->>1 AS tenant, each.value->>0 AS id, each.value->>2 AS type,
        each.value->3->>'causationid' AS cause, each.value->3->'data' AS data,
        each.value->3->>'time' AS time
    FROM event_pages AS page,
        json_array_elements(page.events::json) WITH ORDINALITY AS each(value, n);

-- How far who reads events has come, in each partition.
CREATE TABLE cursors (
    name text COLLATE "C" NOT NULL,
    part integer NOT NULL,
    seq  bigint  NOT NULL,
    PRIMARY KEY (name, part)
) WITH (fillfactor = 50);

-- Numbers that outlive the daemon.
CREATE TABLE notes (
    name   text COLLATE "C" PRIMARY KEY,
    number bigint NOT NULL
);

-- The last transaction of each run of the daemon, by the number that the run gives it: whoever did
-- not hear whether one was written asks for it again under its number.
CREATE TABLE commits (
    lease  uuid PRIMARY KEY,
    number bigint NOT NULL
) WITH (fillfactor = 10);

-- The daemon's last sign of life: what the wall clock showed, and a clock that nobody sets.
CREATE TABLE signs_of_life (
    one     integer PRIMARY KEY CHECK (one = 1),
    wall_ms bigint NOT NULL,
    boot    text   NOT NULL,
    boot_ms bigint NOT NULL
);

-- The daemons on this database, by run: one has the partitions, the others stand by. Each gives a
-- sign of life every second, by the clock of this server.
CREATE TABLE instances (
    run     uuid PRIMARY KEY,
    name    text NOT NULL,
    address text NOT NULL,
    version text NOT NULL,
    since   timestamptz NOT NULL DEFAULT now(),
    seen    timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 10);

-- What each slot of a run has let go and not heard of, so that whoever takes over need not doubt all
-- that was leased. Slot -1 says that the others are all there: a crash of this server empties the
-- table.
CREATE UNLOGGED TABLE departures (
    run     uuid    NOT NULL,
    slot    integer NOT NULL,
    message uuid,
    PRIMARY KEY (run, slot)
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- When the daemon did not run, the latest few.
CREATE TABLE outages (
    from_ms bigint PRIMARY KEY,
    to_ms   bigint NOT NULL
);

-- Keys of the daemon's own. `hooks` is for the addresses that providers are given to report to.
CREATE TABLE own_keys (
    name text COLLATE "C" PRIMARY KEY,
    key  bytea NOT NULL
);
INSERT INTO own_keys (name, key)
    VALUES ('hooks', uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- Dead letters that an operator wants to be tried again: a job, and a row for each of its letters,
-- whose outcome is written in the transaction that makes it so.
CREATE TABLE jobs (
    job     uuid PRIMARY KEY,
    state   text   NOT NULL,
    rate    double precision NOT NULL,
    filter  text   NOT NULL,
    who     text   NOT NULL,
    why     text   NOT NULL,
    at_ms   bigint NOT NULL,
    matched bigint NOT NULL
);
CREATE TABLE job_letters (
    job     uuid NOT NULL,
    message uuid NOT NULL,
    outcome text,
    reason  text,
    PRIMARY KEY (job, message)
);
CREATE INDEX job_letters_left ON job_letters (job, message) WHERE outcome IS NULL;

-- What operators did: who, when, what, why, and to how many messages.
CREATE TABLE audit (
    seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ms    bigint NOT NULL,
    who      text   NOT NULL,
    what     text   NOT NULL,
    why      text   NOT NULL,
    subject  text   NOT NULL,
    messages bigint NOT NULL
);

-- What operators impose on tenants: nothing is taken of one that is parked, and one that is limited
-- sends at that rate on that channel until then.
CREATE TABLE parked (
    tenant text COLLATE "C" PRIMARY KEY,
    at_ms  bigint NOT NULL,
    who    text   NOT NULL,
    why    text   NOT NULL
);
CREATE TABLE tenant_limits (
    tenant   text COLLATE "C" NOT NULL,
    channel  text COLLATE "C" NOT NULL,
    rate     double precision NOT NULL,
    until_ms bigint NOT NULL,
    at_ms    bigint NOT NULL,
    who      text   NOT NULL,
    why      text   NOT NULL,
    PRIMARY KEY (tenant, channel)
);

-- Commands that were laid aside: what is known of each, and nothing that it said. The latest are
-- kept.
CREATE TABLE laid_aside (
    command uuid PRIMARY KEY,
    at_ms   bigint NOT NULL,
    tenant  text COLLATE "C",
    reason  text   NOT NULL,
    detail  text   NOT NULL,
    bytes   bigint NOT NULL
);

-- What providers report of messages after they took them, until their tenants have heard: taken as
-- it came, because it may come before the answer to the request itself.
CREATE TABLE receipts (
    seq       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider  text COLLATE "C" NOT NULL,
    message   uuid,
    reference text COLLATE "C",
    report    text    NOT NULL,
    said      text    NOT NULL,
    at_ms     bigint  NOT NULL,
    due_ms    bigint  NOT NULL,
    tries     integer NOT NULL DEFAULT 0
);
-- The same report, any number of times, waits once.
CREATE UNIQUE INDEX receipts_once ON receipts (provider, message, reference, report)
    NULLS NOT DISTINCT;
CREATE INDEX receipts_due ON receipts (due_ms, seq);

-- What stands in the app: in the mailbox of a client, or ('') on the tenant's board. A post on the
-- board goes to many, and stands there once.
CREATE TABLE mailbox_items (
    seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant  text COLLATE "C" NOT NULL,
    mailbox text COLLATE "C" NOT NULL,
    post    text COLLATE "C" NOT NULL,
    message uuid   NOT NULL,
    title   text   NOT NULL,
    body    text   NOT NULL,
    at_ms   bigint NOT NULL,
    read_ms bigint,
    UNIQUE (tenant, mailbox, post)
);
CREATE INDEX mailbox_items_latest ON mailbox_items (tenant, mailbox, seq);

-- SMS segments that were counted on a day of UTC (days since 1970-01-01), without those that came
-- back.
CREATE TABLE sms_days (
    day      bigint PRIMARY KEY,
    segments bigint NOT NULL
);
