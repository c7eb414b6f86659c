//! Outboxes within their bounds, and without whoever was erased.
//!
//! A file goes when it is too old, when there are too many bytes of them, oldest first, and when
//! its message was one to a client who was erased since. Nothing remembers which files there are:
//! the folder is looked through at the start, as often as its age limit asks for, soon after
//! something was written into it, and soon after a client was erased. So it does not matter where
//! the daemon died.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use tokio::task::spawn_blocking;

use super::sheet::{Sheet, remove, sheets, surplus};
use crate::clock;
use crate::config::{Config, EmailTransport, GatewayTransport, OutboxFolder};
use crate::store::{Store, StoreError};
use crate::telemetry::io_words;
use crate::telemetry::spell::Told;

/// Whether there is anything to do is looked at so often.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A folder into which something was written is looked through after this.
const SWEEP_WRITTEN_AFTER: Duration = Duration::from_secs(60);
/// The longest that a file stays beyond its time; where that is short, half of it.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
/// Messages asked for at once.
const PAGE: usize = 1000;
/// The mode of a folder into which others may look.
const OTHERS: u32 = 0o077;

/// Looks after all outboxes of a configuration.
pub struct Keeper {
    store: Store,
    folders: Vec<Kept>,
}

/// One folder.
struct Kept {
    of: OutboxFolder,
    /// Who writes there, for the log.
    providers: String,
    swept: Option<Swept>,
    trouble: Told,
}

/// When a folder was last looked through.
#[derive(Debug, Clone, Copy)]
struct Swept {
    at: Instant,
    /// How many clients were erased before.
    erasures: u64,
    /// When its entries last changed, before.
    changed: Option<SystemTime>,
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{}", io_words(.0))]
    File(#[from] io::Error),
}

impl Keeper {
    /// For the outboxes of this configuration, if there are any.
    pub fn new(config: &Config, store: Store) -> Self {
        let mails = config.email.providers.iter().filter_map(|of| match &of.transport {
            EmailTransport::Outbox(folder) => Some((&*of.name, folder)),
            EmailTransport::Smtp(_) => None,
        });
        let gateways = [&config.sms, &config.push, &config.inbox];
        let notes = gateways.into_iter().flat_map(|of| &of.providers).filter_map(|of| {
            match &of.transport {
                GatewayTransport::Outbox(folder) => Some((&*of.name, folder)),
                GatewayTransport::Http(_)
                | GatewayTransport::Smpp(_)
                | GatewayTransport::Store {} => None,
            }
        });
        let folders = tightest(mails.chain(notes)).into_iter().map(|(of, providers)| Kept {
            of,
            providers,
            swept: None,
            trouble: Told::new(
                "an outbox cannot be looked through",
                "an outbox can be looked through again",
            ),
        });
        Self { store, folders: folders.collect() }
    }

    /// Keeps them until dropped. `erasures` counts the clients that were erased so far.
    pub async fn run(mut self, erasures: impl Fn() -> u64) {
        self.folders.iter().for_each(Kept::warn_if_open);
        while !self.folders.is_empty() {
            let erasures = erasures();
            for kept in &mut self.folders {
                kept.look(&self.store, erasures).await;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

impl Kept {
    /// A folder that was there before is left as it is: others may use it, too.
    fn warn_if_open(&self) {
        let mode = fs::metadata(&self.of.folder).map_or(0, |about| about.permissions().mode());
        if mode & OTHERS != 0 {
            tracing::warn!(
                provider = self.providers,
                folder = %self.of.folder.display(),
                mode = format!("{:o}", mode & 0o777),
                "others may list an outbox's folder; its files are private"
            );
        }
    }

    async fn look(&mut self, store: &Store, erasures: u64) {
        let now = clock::instant();
        let changed = fs::metadata(&self.of.folder).and_then(|about| about.modified()).ok();
        if !is_due(self.swept, self.of.keep_for, Swept { at: now, erasures, changed }) {
            return;
        }
        match self.sweep(store).await {
            Ok(()) => {
                self.swept = Some(Swept { at: now, erasures, changed });
                self.trouble.worked(now);
            }
            Err(error) => {
                let folder = self.of.folder.display();
                self.trouble.failed(now, &format!("{}: {folder}: {error}", self.providers));
            }
        }
    }

    async fn sweep(&self, store: &Store) -> Result<(), Trouble> {
        let folder = self.of.folder.clone();
        let mut sheets =
            spawn_blocking(move || sheets(&folder)).await.map_err(io::Error::other)??;
        let mut gone = surplus(&mut sheets, clock::now(), &self.of);
        let expired = gone.len();
        gone.extend(of_the_erased(store, sheets).await?);
        if gone.is_empty() {
            return Ok(());
        }
        let (files, of_erased) = (gone.len(), gone.len() - expired);
        spawn_blocking(move || remove(&gone)).await.map_err(io::Error::other)??;
        let folder = self.of.folder.display();
        tracing::info!(%folder, files, of_erased, "files of an outbox were removed");
        Ok(())
    }
}

/// Whether a folder is to be looked through, as things are `now`.
fn is_due(swept: Option<Swept>, keep_for: Duration, now: Swept) -> bool {
    let Some(swept) = swept else { return true };
    let since = now.at.saturating_duration_since(swept.at);
    let written = swept.changed != now.changed && since >= SWEEP_WRITTEN_AFTER;
    swept.erasures != now.erasures || written || since >= SWEEP_EVERY.min(keep_for / 2)
}

async fn of_the_erased(store: &Store, sheets: Vec<Sheet>) -> Result<Vec<Sheet>, StoreError> {
    let mut forgotten = HashSet::new();
    for page in sheets.chunks(PAGE) {
        let ids: Vec<&str> = page.iter().map(|sheet| &*sheet.message).collect();
        forgotten.extend(store.forgotten(&ids).await?);
    }
    Ok(sheets.into_iter().filter(|sheet| forgotten.contains(&sheet.message)).collect())
}

/// Each folder once, with the tightest of what is said of it, and who writes there.
fn tightest<'a>(
    all: impl Iterator<Item = (&'a str, &'a OutboxFolder)>,
) -> Vec<(OutboxFolder, String)> {
    let mut folders: BTreeMap<&Path, (OutboxFolder, Vec<&str>)> = BTreeMap::new();
    for (name, of) in all {
        let (kept, names) = folders.entry(&of.folder).or_insert_with(|| (of.clone(), Vec::new()));
        kept.keep_for = kept.keep_for.min(of.keep_for);
        kept.keep_bytes = kept.keep_bytes.min(of.keep_bytes);
        names.push(name);
    }
    folders.into_values().map(|(of, names)| (of, names.join(", "))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(days: u64, bytes: u64) -> OutboxFolder {
        let keep_for = Duration::from_secs(days * 24 * 3600);
        OutboxFolder { folder: "var/outbox".into(), keep_for, keep_bytes: bytes }
    }

    #[test]
    fn of_one_folder_the_tightest_limits_hold() {
        let other = OutboxFolder { folder: "elsewhere".into(), ..folder(1, 1) };
        let all = [("a", folder(3, 10)), ("b", folder(2, 20)), ("c", other.clone())];
        let kept = tightest(all.iter().map(|(name, of)| (*name, of)));
        assert_eq!(kept, [(other, "c".to_owned()), (folder(2, 10), "a, b".to_owned())]);
    }

    #[test]
    fn a_folder_is_looked_through_when_there_may_be_something_to_do() {
        let start = clock::instant();
        let swept = Swept { at: start, erasures: 1, changed: Some(SystemTime::UNIX_EPOCH) };
        let after = |seconds| Swept { at: start + Duration::from_secs(seconds), ..swept };
        let written = |seconds| Swept { changed: None, ..after(seconds) };
        let (short, long) = (Duration::from_secs(60), Duration::from_secs(24 * 3600));
        for (keep_for, now, expected) in [
            (short, after(29), false),
            (short, after(30), true),
            (long, after(3599), false),
            (long, after(3600), true),
            (long, written(59), false),
            (long, written(60), true),
            (long, Swept { erasures: 2, ..after(1) }, true),
        ] {
            assert_eq!(is_due(Some(swept), keep_for, now), expected, "{keep_for:?} {now:?}");
        }
        assert!(is_due(None, long, swept));
    }
}
