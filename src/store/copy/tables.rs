//! What is carried over, column by column.
//!
//! A test holds this list to the schemas of both databases: a column that a migration adds is named
//! here, or there as one that stays behind.

/// What a column holds, and so how each database has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// A UUID: text in SQLite.
    Id,
    /// A whole number of any width.
    Int,
    Real,
    /// 0 or 1 in SQLite.
    Flag,
    Bytes,
    /// JSON that PostgreSQL keeps as `jsonb`, with its members in another order.
    Json,
    /// JSON that is text in both, letter by letter.
    JsonText,
}

/// How rows get their numbers where they have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbered {
    /// They have none of their own.
    No,
    /// The database counts on from what it gave last, row by row.
    Identity,
    /// The statement that writes counts, by this sequence.
    Sequence(&'static str),
}

/// A column that is carried over.
#[derive(Debug)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
}

/// A table, by whose key pages of rows follow on each other.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    /// How many columns, from the first on, are the key.
    pub key: usize,
    pub columns: &'static [Column],
    pub numbered: Numbered,
    /// Rows on a page.
    pub page: usize,
}

/// Rows that are read and written at once.
const PAGE_ROWS: usize = 1_000;
/// The same of event pages, of which one may be as long as what a whole batch said.
const EVENT_PAGES: usize = 32;

const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text }
}

const fn id(name: &'static str) -> Column {
    Column { name, kind: Kind::Id }
}

const fn int(name: &'static str) -> Column {
    Column { name, kind: Kind::Int }
}

const fn real(name: &'static str) -> Column {
    Column { name, kind: Kind::Real }
}

const fn flag(name: &'static str) -> Column {
    Column { name, kind: Kind::Flag }
}

const fn bytes(name: &'static str) -> Column {
    Column { name, kind: Kind::Bytes }
}

const fn json(name: &'static str) -> Column {
    Column { name, kind: Kind::Json }
}

const fn json_text(name: &'static str) -> Column {
    Column { name, kind: Kind::JsonText }
}

const fn table(name: &'static str, key: usize, columns: &'static [Column]) -> Table {
    Table { name, key, columns, numbered: Numbered::No, page: PAGE_ROWS }
}

const fn numbered(name: &'static str, columns: &'static [Column], by: Numbered) -> Table {
    Table { name, key: 1, columns, numbered: by, page: PAGE_ROWS }
}

/// All of them, in the order in which they are carried over. The partitions come last: without them
/// no daemon can take the store over.
///
/// Not among them: `commits` and the column `lease` of `messages`, which mean a run that is over.
pub const TABLES: &[Table] = &[
    table("own_keys", 1, &[text("name"), bytes("key")]),
    table("notes", 1, &[text("name"), int("number")]),
    table("outages", 1, &[int("from_ms"), int("to_ms")]),
    table("sms_days", 1, &[int("day"), int("segments")]),
    table("tenants", 1, &[text("tenant"), int("revision"), int("last_told")]),
    table("inbox", 2, INBOX),
    table("records", 3, RECORDS),
    numbered("tellings", TELLINGS, Numbered::Sequence("tellings_seq")),
    table("messages", 1, MESSAGES),
    table("attempts", 2, ATTEMPTS),
    table("parts", 2, PARTS),
    numbered("mailbox_items", MAILBOX_ITEMS, Numbered::Identity),
    numbered("receipts", RECEIPTS, Numbered::Identity),
    table("timers", 2, TIMERS),
    Table {
        name: "event_pages",
        key: 1,
        columns: &[int("last_place"), int("at_ms"), json_text("events")],
        numbered: Numbered::No,
        page: EVENT_PAGES,
    },
    table("cursors", 2, &[text("name"), int("part"), int("seq")]),
    table("jobs", 1, JOBS),
    table("job_letters", 2, &[id("job"), id("message"), text("outcome"), text("reason")]),
    numbered("audit", AUDIT, Numbered::Identity),
    table("parked", 1, &[text("tenant"), int("at_ms"), text("who"), text("why")]),
    table("tenant_limits", 2, TENANT_LIMITS),
    table("laid_aside", 1, LAID_ASIDE),
    numbered(
        "layouts",
        &[int("layout"), int("partitions"), json_text("ended")],
        Numbered::Identity,
    ),
    table("partitions", 1, &[int("part"), text("owner"), int("epoch"), int("last_seq")]),
];

const INBOX: &[Column] = &[
    text("tenant"),
    text("command"),
    bytes("body_hash"),
    text("rejection"),
    text("detail"),
    int("at_ms"),
];

const RECORDS: &[Column] = &[text("tenant"), text("kind"), text("id"), int("shape"), json("body")];

const TELLINGS: &[Column] = &[
    int("seq"),
    text("tenant"),
    text("cause"),
    text("kind"),
    text("client"),
    text("booking"),
    json("channels"),
    int("at_ms"),
    int("prev"),
];

const MESSAGES: &[Column] = &[
    id("message"),
    text("tenant"),
    text("kind"),
    text("channel"),
    text("lane"),
    text("client"),
    text("booking"),
    json_text("topic"),
    text("cause"),
    text("status"),
    int("due_ms"),
    int("first_due_ms"),
    int("deadline_ms"),
    int("settled_ms"),
    int("arrived_ms"),
    int("told_from"),
    int("told_to"),
    id("fallback_of"),
    int("shape"),
    int("segments"),
    int("attempts"),
    int("doubts"),
    int("crashes"),
    flag("superseded"),
    flag("secret"),
    json_text("facts"),
    text("provider"),
    text("reply"),
    text("reason"),
    text("sent_to"),
    text("arrival"),
    text("condemned"),
    text("link_code"),
    text("traceparent"),
];

const TIMERS: &[Column] =
    &[text("tenant"), text("key"), int("due_ms"), int("unreadable"), text("traceparent")];

const ATTEMPTS: &[Column] = &[
    id("message"),
    int("n"),
    int("at_ms"),
    text("provider"),
    text("outcome"),
    text("reply"),
    text("reference"),
    json_text("devices"),
];

const PARTS: &[Column] = &[
    id("message"),
    int("part"),
    int("parts"),
    text("provider"),
    text("reference"),
    flag("arrived"),
];

const MAILBOX_ITEMS: &[Column] = &[
    int("seq"),
    text("tenant"),
    text("mailbox"),
    text("post"),
    id("message"),
    text("title"),
    text("body"),
    int("at_ms"),
    int("read_ms"),
];

const RECEIPTS: &[Column] = &[
    int("seq"),
    text("provider"),
    id("message"),
    text("reference"),
    text("report"),
    text("said"),
    int("at_ms"),
    int("due_ms"),
    int("tries"),
];

const JOBS: &[Column] = &[
    id("job"),
    text("state"),
    real("rate"),
    json_text("filter"),
    text("who"),
    text("why"),
    int("at_ms"),
    int("matched"),
];

const AUDIT: &[Column] = &[
    int("seq"),
    int("at_ms"),
    text("who"),
    text("what"),
    text("why"),
    text("subject"),
    int("messages"),
];

const TENANT_LIMITS: &[Column] = &[
    text("tenant"),
    text("channel"),
    real("rate"),
    int("until_ms"),
    int("at_ms"),
    text("who"),
    text("why"),
];

const LAID_ASIDE: &[Column] =
    &[id("command"), int("at_ms"), text("tenant"), text("reason"), text("detail"), int("bytes")];
