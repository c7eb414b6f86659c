//! The migrations, embedded in the binary in their order.

use std::borrow::Cow;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Stands among the migrations that were applied while a copy of another store is being written:
/// no version starts on that, this one or another.
pub const HALF_COPIED: i64 = i64::MAX;

/// SQLite's migrations.
pub fn sqlite() -> Migrator {
    let road = include_str!("../../migrations/sqlite/0001_road.sql");
    let domain = include_str!("../../migrations/sqlite/0002_domain.sql");
    let event_pages = include_str!("../../migrations/sqlite/0003_event_pages.sql");
    let first_due = include_str!("../../migrations/sqlite/0004_first_due.sql");
    let doubtful = include_str!("../../migrations/sqlite/0005_doubtful.sql");
    let segments = include_str!("../../migrations/sqlite/0006_segments.sql");
    let signs_of_life = include_str!("../../migrations/sqlite/0007_signs_of_life.sql");
    let languages = include_str!("../../migrations/sqlite/0008_languages.sql");
    let commits = include_str!("../../migrations/sqlite/0009_commits.sql");
    let told = include_str!("../../migrations/sqlite/0010_told.sql");
    let unreadable = include_str!("../../migrations/sqlite/0011_unreadable.sql");
    let crashes = include_str!("../../migrations/sqlite/0012_crashes.sql");
    let told_exactly = include_str!("../../migrations/sqlite/0013_told_exactly.sql");
    let partitions = include_str!("../../migrations/sqlite/0014_partitions.sql");
    let lanes = include_str!("../../migrations/sqlite/0015_lanes.sql");
    let own_keys = include_str!("../../migrations/sqlite/0016_own_keys.sql");
    let attempts = include_str!("../../migrations/sqlite/0017_attempts.sql");
    let dead_letters = include_str!("../../migrations/sqlite/0018_dead_letters.sql");
    let looking_ahead = include_str!("../../migrations/sqlite/0020_looking_ahead.sql");
    let measures = include_str!("../../migrations/sqlite/0021_measures.sql");
    let laid_aside = include_str!("../../migrations/sqlite/0022_laid_aside.sql");
    let fallback = include_str!("../../migrations/sqlite/0023_fallback.sql");
    let receipts = include_str!("../../migrations/sqlite/0024_receipts.sql");
    let mailbox = include_str!("../../migrations/sqlite/0025_mailbox.sql");
    let chains = include_str!("../../migrations/sqlite/0026_chains.sql");
    let sms_days = include_str!("../../migrations/sqlite/0027_sms_days.sql");
    let suppressed = include_str!("../../migrations/sqlite/0028_suppressed.sql");
    let short_links = include_str!("../../migrations/sqlite/0029_short_links.sql");
    let parts = include_str!("../../migrations/sqlite/0031_parts.sql");
    let condemned = include_str!("../../migrations/sqlite/0032_condemned.sql");
    let devices = include_str!("../../migrations/sqlite/0033_devices.sql");
    let retire = include_str!("../../migrations/sqlite/0034_retire.sql");
    let traces = include_str!("../../migrations/sqlite/0035_traces.sql");
    Migrator::with_migrations(vec![
        migration(1, "road", road),
        migration(2, "domain", domain),
        migration(3, "event pages", event_pages),
        migration(4, "first due", first_due),
        migration(5, "doubtful", doubtful),
        migration(6, "segments", segments),
        migration(7, "signs of life", signs_of_life),
        migration(8, "languages", languages),
        migration(9, "commits", commits),
        migration(10, "told", told),
        migration(11, "unreadable", unreadable),
        migration(12, "crashes", crashes),
        migration(13, "told exactly", told_exactly),
        migration(14, "partitions", partitions),
        migration(15, "lanes", lanes),
        migration(16, "own keys", own_keys),
        migration(17, "attempts", attempts),
        migration(18, "dead letters", dead_letters),
        migration(20, "looking ahead", looking_ahead),
        migration(21, "measures", measures),
        migration(22, "laid aside", laid_aside),
        migration(23, "fallback", fallback),
        migration(24, "receipts", receipts),
        migration(25, "mailbox", mailbox),
        migration(26, "chains", chains),
        migration(27, "sms days", sms_days),
        migration(28, "suppressed", suppressed),
        migration(29, "short links", short_links),
        migration(31, "parts", parts),
        migration(32, "condemned", condemned),
        migration(33, "devices", devices),
        migration(34, "retire", retire),
        migration(35, "traces", traces),
    ])
}

/// PostgreSQL's migrations. None changes what a version before needs, which may be running.
pub fn postgres() -> Migrator {
    let road = include_str!("../../migrations/postgres/0001_road.sql");
    let traces = include_str!("../../migrations/postgres/0002_traces.sql");
    Migrator::with_migrations(vec![migration(1, "road", road), migration(2, "traces", traces)])
}

fn migration(version: i64, description: &'static str, sql: &'static str) -> Migration {
    Migration::new(
        version,
        Cow::Borrowed(description),
        MigrationType::Simple,
        sql.into_sql_str(),
        false,
    )
}
