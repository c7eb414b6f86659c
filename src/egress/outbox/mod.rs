//! Messages into a folder: one file each, for development and for looking at. [`keeper`] removes
//! them.

mod keeper;
mod sheet;

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::spawn_blocking;

use crate::domain::message::MessageId;
use crate::domain::outcome::Outcome;
use crate::telemetry::io_words;

pub use keeper::Keeper;

use super::said::Said;
use super::tried::Tried;

/// It holds personal data.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Writes `<unix-ms>-<message-id>.<extension>`, the time being that in the message's id: the same
/// message again replaces its file, and the names sort by time.
///
/// A file appears whole or not at all. It outlives the daemon, but is not forced to the disk.
pub struct Outbox {
    folder: PathBuf,
    /// Keeps two writers of the same message out of each other's temporary file.
    writers: AtomicU64,
}

impl Outbox {
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), writers: AtomicU64::new(0) }
    }

    /// Writes a message: what came of it, with the file's name.
    pub async fn write(&self, id: MessageId, extension: &str, raw: Vec<u8>) -> Tried {
        let name = file_name(id, extension);
        let writer = self.writers.fetch_add(1, Ordering::Relaxed);
        let target = self.folder.join(&name);
        let hidden = self.folder.join(format!(".{name}.{}-{writer}", std::process::id()));
        let folder = self.folder.clone();
        let written = spawn_blocking(move || write(&folder, &hidden, &target, &raw)).await;
        match written.unwrap_or_else(|gone| Err(io::Error::other(gone))) {
            Ok(()) => Tried::message(Outcome::Accepted, Said::by_us(name)),
            Err(error) => {
                let folder = self.folder.display();
                let said = Said::by_us(format!("outbox {folder}: {}", io_words(&error)));
                Tried { of_provider: true, ..Tried::message(Outcome::Transient, said) }
            }
        }
    }
}

fn file_name(id: MessageId, extension: &str) -> String {
    let (seconds, nanos) = id.0.get_timestamp().map_or((0, 0), |time| time.to_unix());
    format!("{}{:03}-{id}.{extension}", seconds, nanos / 1_000_000)
}

fn write(folder: &Path, hidden: &Path, target: &Path, raw: &[u8]) -> io::Result<()> {
    let write = || {
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(hidden)?;
        file.write_all(raw)?;
        fs::rename(hidden, target)
    };
    let mut written = write();
    if written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)?;
        written = write();
    }
    if written.is_err() {
        // Half a file is of no use; the error that matters is the one at hand.
        let _ = fs::remove_file(hidden);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn folder(test: &str) -> PathBuf {
        std::env::temp_dir().join(format!("bellhop-outbox-{test}-{}", std::process::id()))
    }

    fn id() -> MessageId {
        MessageId("0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap())
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn a_mail_becomes_one_private_file_however_often_it_is_sent() {
        let top = folder("once");
        let outbox = Outbox::new(&top.join("deep/outbox"));
        let name = "1718360049300-0190163d-8694-739b-aea5-966c26f8ad91.eml";
        for text in ["first", "second"] {
            let written = outbox.write(id(), "eml", text.into()).await;
            assert_eq!((written.outcome, written.said.ours.as_str()), (Outcome::Accepted, name));
        }
        let file = outbox.folder.join(name);
        assert_eq!(fs::read_to_string(&file).unwrap(), "second");
        assert_eq!(fs::read_dir(&outbox.folder).unwrap().count(), 1);
        assert_eq!((mode(&outbox.folder), mode(&file)), (0o700, 0o600));
        fs::remove_dir_all(&top).unwrap();
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_is_a_failure_that_may_pass() {
        let file = folder("file");
        fs::write(&file, "in the way").unwrap();
        let tried = Outbox::new(&file).write(id(), "eml", vec![0]).await;
        assert_eq!((tried.outcome, tried.of_provider), (Outcome::Transient, true));
        assert_eq!(tried.said.ours, format!("outbox {}: not a directory", file.display()));
        fs::remove_file(&file).unwrap();
    }
}
