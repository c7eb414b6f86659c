//! Outboxes within their bounds, and without whoever was erased.
//!
//! A file goes when it is too old, when there are too many bytes of them, oldest first, and when
//! its message was one to a client who was erased since. Nothing remembers which files there are:
//! the folder is looked through at the start, every hour, and soon after a client was erased. So
//! it does not matter where the daemon died.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use jiff::Timestamp;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::clock;
use crate::config::{Config, EmailTransport, GatewayTransport, OutboxFolder};
use crate::store::{Store, StoreError};

/// Whether a client was erased is looked at so often…
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// …and everything else so often.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
/// Messages asked for at once.
const PAGE: usize = 1000;

/// Looks after all outboxes of a configuration.
pub struct Keeper {
    store: Store,
    folders: Vec<OutboxFolder>,
}

/// A file that an outbox wrote, or was writing when its daemon died.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Sheet {
    at_ms: i64,
    message: String,
    path: PathBuf,
    bytes: u64,
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a folder or file: {0}")]
    File(#[from] io::Error),
}

impl Keeper {
    /// For the outboxes of this configuration, if there are any.
    pub fn new(config: &Config, store: Store) -> Self {
        let mails = config.email.providers.iter().filter_map(|of| match &of.transport {
            EmailTransport::Outbox(folder) => Some(folder),
            EmailTransport::Smtp(_) => None,
        });
        let gateways = [&config.sms, &config.push, &config.inbox];
        let notes =
            gateways.into_iter().flat_map(|of| &of.providers).map(|of| match &of.transport {
                GatewayTransport::Outbox(folder) => folder,
            });
        Self { store, folders: tightest(mails.chain(notes)) }
    }

    /// Keeps them until dropped. `erasures` counts the clients that were erased so far.
    pub async fn run(self, erasures: impl Fn() -> u64) {
        let (mut heeded, mut swept) = (None, clock::instant());
        while !self.folders.is_empty() {
            let erased = Some(erasures());
            if heeded != erased || clock::since(swept) >= SWEEP_EVERY {
                match self.sweep(clock::now()).await {
                    Ok(()) => heeded = erased,
                    Err(error) => tracing::warn!(%error, "an outbox cannot be looked through"),
                }
                swept = clock::instant();
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn sweep(&self, now: Timestamp) -> Result<(), Trouble> {
        for of in &self.folders {
            let folder = of.folder.clone();
            let mut sheets =
                spawn_blocking(move || sheets(&folder)).await.map_err(io::Error::other)??;
            let mut gone = surplus(&mut sheets, now, of);
            let expired = gone.len();
            gone.extend(self.of_the_erased(sheets).await?);
            if gone.is_empty() {
                continue;
            }
            let (files, of_erased) = (gone.len(), gone.len() - expired);
            spawn_blocking(move || remove(&gone)).await.map_err(io::Error::other)??;
            let folder = of.folder.display();
            tracing::info!(%folder, files, of_erased, "files of an outbox were removed");
        }
        Ok(())
    }

    async fn of_the_erased(&self, sheets: Vec<Sheet>) -> Result<Vec<Sheet>, StoreError> {
        let mut forgotten = HashSet::new();
        for page in sheets.chunks(PAGE) {
            let ids: Vec<&str> = page.iter().map(|sheet| &*sheet.message).collect();
            forgotten.extend(self.store.forgotten(&ids).await?);
        }
        Ok(sheets.into_iter().filter(|sheet| forgotten.contains(&sheet.message)).collect())
    }
}

/// Each folder once, with the tightest of what is said of it.
fn tightest<'a>(all: impl Iterator<Item = &'a OutboxFolder>) -> Vec<OutboxFolder> {
    let mut folders: BTreeMap<&Path, OutboxFolder> = BTreeMap::new();
    for of in all {
        let kept = folders.entry(&of.folder).or_insert_with(|| of.clone());
        kept.keep_for = kept.keep_for.min(of.keep_for);
        kept.keep_bytes = kept.keep_bytes.min(of.keep_bytes);
    }
    folders.into_values().collect()
}

/// Takes out what is too old or too much.
fn surplus(sheets: &mut Vec<Sheet>, now: Timestamp, of: &OutboxFolder) -> Vec<Sheet> {
    sheets.sort();
    let keep_ms = i64::try_from(of.keep_for.as_millis()).unwrap_or(i64::MAX);
    let oldest_ms = now.as_millisecond().saturating_sub(keep_ms);
    let mut bytes: u64 = sheets.iter().map(|sheet| sheet.bytes).sum();
    let excess = sheets.iter().take_while(|sheet| {
        let goes = sheet.at_ms < oldest_ms || bytes > of.keep_bytes;
        bytes -= if goes { sheet.bytes } else { 0 };
        goes
    });
    let excess = excess.count();
    sheets.drain(..excess).collect()
}

fn sheets(folder: &Path) -> io::Result<Vec<Sheet>> {
    let entries = match fs::read_dir(folder) {
        // Nothing was written yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut sheets = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Some((at_ms, message)) = entry.file_name().to_str().and_then(read_name) else {
            continue;
        };
        // It may have been renamed or removed meanwhile.
        let Ok(about) = entry.metadata() else { continue };
        sheets.push(Sheet { at_ms, message, path: entry.path(), bytes: about.len() });
    }
    Ok(sheets)
}

/// `[.]<unix-ms>-<message-id>.<extension>[…]`; other files are none of ours.
fn read_name(name: &str) -> Option<(i64, String)> {
    let (at, rest) = name.strip_prefix('.').unwrap_or(name).split_once('-')?;
    let (message, extension) = rest.split_once('.')?;
    let is_ours = ["eml", "json"].iter().any(|known| extension.starts_with(known));
    let message = Uuid::parse_str(message).ok().filter(|_| is_ours)?;
    Some((at.parse().ok()?, message.to_string()))
}

fn remove(sheets: &[Sheet]) -> io::Result<()> {
    for sheet in sheets {
        match fs::remove_file(&sheet.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0190163d-8694-739b-aea5-966c26f8ad91";

    fn folder(days: u64, bytes: u64) -> OutboxFolder {
        let keep_for = Duration::from_secs(days * 24 * 3600);
        OutboxFolder { folder: "var/outbox".into(), keep_for, keep_bytes: bytes }
    }

    fn sheet(at_ms: i64) -> Sheet {
        Sheet { at_ms, message: at_ms.to_string(), path: PathBuf::new(), bytes: 10 }
    }

    #[test]
    fn only_files_of_an_outbox_are_looked_at() {
        for ours in ["eml", "json", "eml.77-3"] {
            let read = read_name(&format!("1718360049300-{ID}.{ours}"));
            assert_eq!(read, Some((1_718_360_049_300, ID.to_owned())), "{ours}");
        }
        assert!(read_name(&format!(".1718360049300-{ID}.json.77-3")).is_some());
        for other in ["bellhop.db", "notes.txt", "1718360049300-x.eml", &format!("{ID}.eml")] {
            assert_eq!(read_name(other), None, "{other}");
        }
        assert_eq!(read_name(&format!("1718360049300-{ID}.txt")), None);
    }

    #[test]
    fn the_oldest_go_where_they_are_too_old_or_too_much() {
        const DAY_MS: i64 = 24 * 3600 * 1000;
        let now = Timestamp::from_millisecond(100 * DAY_MS).unwrap();
        let left = |of: &OutboxFolder| {
            let mut sheets: Vec<_> = [99, 10, 80, 95].map(|day| sheet(day * DAY_MS)).into();
            let gone = surplus(&mut sheets, now, of);
            assert_eq!(gone.len() + sheets.len(), 4);
            sheets.into_iter().map(|sheet| sheet.at_ms / DAY_MS).collect::<Vec<_>>()
        };
        assert_eq!(left(&folder(100, 40)), [10, 80, 95, 99]);
        assert_eq!(left(&folder(30, 40)), [80, 95, 99]);
        assert_eq!(left(&folder(100, 39)), [80, 95, 99]);
        assert_eq!(left(&folder(30, 15)), [99]);
        assert_eq!(left(&folder(100, 0)), [0; 0]);
    }

    #[test]
    fn of_one_folder_the_tightest_limits_hold() {
        let other = OutboxFolder { folder: "elsewhere".into(), ..folder(1, 1) };
        let all = [folder(3, 10), folder(2, 20), other.clone()];
        assert_eq!(tightest(all.iter()), [other, folder(2, 10)]);
    }
}
