//! The files of an outbox.

use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;
use uuid::Uuid;

use crate::config::OutboxFolder;

/// A file that an outbox wrote, or was writing when its daemon died.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sheet {
    pub at_ms: i64,
    pub message: String,
    pub path: PathBuf,
    pub bytes: u64,
}

/// Takes out what is too old or too much.
pub(super) fn surplus(sheets: &mut Vec<Sheet>, now: Timestamp, of: &OutboxFolder) -> Vec<Sheet> {
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

pub(super) fn sheets(folder: &Path) -> io::Result<Vec<Sheet>> {
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

/// Whatever is gone already is no failure.
pub(super) fn remove(sheets: &[Sheet]) -> io::Result<()> {
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
    use std::time::Duration;

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
}
