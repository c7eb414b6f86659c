//! What each dispatch slot has in hand, in a small file beside the database.
//!
//! A row says that a run had leased a message, not whether anything of it had left when the run
//! died. To write that into the database would be a third transaction for each message; here it
//! is a few bytes at a fixed place, which the kernel has as soon as they are written. They are
//! there after the process was killed, and not for certain after the machine lost its power: for
//! what may leave only once they are flushed before it does.
//!
//! ```text
//!  header, 512 bytes │ slot 0: message, stage │ slot 1 │ …     32 bytes each
//! ```

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::departures::{Departures, Leaves};
use super::hold::Hold;
use super::unit::Incarnation;
use crate::domain::channel::Channel;
use crate::domain::message::MessageId;

/// Only the daemon's user may look.
const FILE_MODE: u32 = 0o600;
const HEADER_BYTES: usize = 512;
const SLOT_BYTES: usize = 32;
const ID_BYTES: usize = 16;
/// The most slots that are believed to be in a file.
const SLOTS_MAX: usize = 100_000;

/// How far a slot has come with its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// In hand; nothing of it has left.
    InHand = 1,
    /// It may have left.
    Left = 2,
}

/// A run of the daemon, as far as the next one must know it.
#[derive(Debug, Clone)]
pub struct Run {
    /// What its leases name.
    pub lease: Incarnation,
    /// Names the machine's start; empty where nothing does.
    pub boot: String,
    /// How many messages may be in hand at once.
    pub slots: usize,
    /// The pauses before a message is sent again that may have arrived, by channel; none: it is
    /// not.
    pub doubts: Vec<(Channel, Vec<Duration>)>,
}

impl Run {
    /// What may leave only once is flushed to the disk before it does.
    fn flushed(&self) -> Vec<Channel> {
        let once = self.doubts.iter().filter(|(_, pauses)| pauses.is_empty());
        once.map(|(channel, _)| *channel).collect()
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    lease: Incarnation,
    boot: String,
    flushed: Vec<Channel>,
}

/// One slot's place in the file, and with whom it notes what leaves besides.
#[derive(Debug)]
pub struct Slot {
    file: Arc<File>,
    number: u32,
    others: Option<Others>,
}

/// Others may take over: what leaves is noted where they find it, and as long as they do not.
#[derive(Debug, Clone)]
pub struct Others {
    pub departures: Departures,
    pub hold: Hold,
}

impl Slot {
    /// Notes how far the slot has come with a message. A write of a few bytes into memory.
    ///
    /// # Errors
    /// What stood there may stand there still.
    pub fn note(&self, message: MessageId, stage: Stage) -> io::Result<()> {
        let mut bytes = [0; ID_BYTES + 1];
        bytes[..ID_BYTES].copy_from_slice(message.0.as_bytes());
        bytes[ID_BYTES] = stage as u8;
        if let (Some(others), Stage::InHand) = (&self.others, stage) {
            others.departures.frees(self.number);
        }
        self.file.write_all_at(&bytes, self.at())
    }

    /// Whether nobody else can have taken over, whose it would be to send by now.
    pub fn may_leave(&self) -> bool {
        self.others.as_ref().is_none_or(|others| others.hold.is_certain())
    }

    /// Whether others are told of what leaves; then nothing does that they are not told of.
    pub fn tells_others(&self) -> bool {
        self.others.is_some()
    }

    /// Tells them, if there are any, that the message leaves; says whether it still may.
    ///
    /// # Errors
    /// They may not know.
    pub async fn tell(&self, message: MessageId) -> io::Result<Leaves> {
        match &self.others {
            Some(others) => others.departures.leaves(self.number, message).await,
            None => Ok(Leaves::May),
        }
    }

    /// What it had is done with.
    ///
    /// # Errors
    /// As [`Slot::note`].
    pub fn free(&self) -> io::Result<()> {
        if let Some(others) = &self.others {
            others.departures.frees(self.number);
        }
        self.file.write_all_at(&[0; ID_BYTES + 1], self.at())
    }

    fn at(&self) -> u64 {
        HEADER_BYTES as u64 + u64::from(self.number) * SLOT_BYTES as u64
    }

    /// Waits until what was noted is on the disk.
    ///
    /// # Errors
    /// It may not be.
    pub async fn flush(&self) -> io::Result<()> {
        let file = self.file.clone();
        let flushed = tokio::task::spawn_blocking(move || file.sync_data()).await;
        flushed.unwrap_or_else(|gone| Err(io::Error::other(gone)))
    }
}

/// Begins the file of a run; whatever was there is gone.
///
/// # Errors
/// If the file cannot be written.
pub fn begin(path: &Path, run: &Run, others: Option<&Others>) -> io::Result<Vec<Slot>> {
    let header = Header { lease: run.lease, boot: run.boot.clone(), flushed: run.flushed() };
    let mut bytes = serde_json::to_vec(&header)?;
    bytes.push(b'\n');
    bytes.resize(HEADER_BYTES + run.slots * SLOT_BYTES, 0);
    // Another file, so that it is this run's or the one before's and never half of each.
    let fresh = path.with_added_extension("new");
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true).mode(FILE_MODE);
    let file = options.open(&fresh)?;
    file.write_all_at(&bytes, 0)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    let file = Arc::new(file);
    let slot = |number| Slot { file: file.clone(), number, others: others.cloned() };
    Ok((0..).take(run.slots).map(slot).collect())
}

/// What the run before had in hand when it died.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    lease: Incarnation,
    /// The channels of which every departure is noted here; all of them, unless the machine was
    /// started anew since.
    certain: Vec<Channel>,
    slots: Vec<(MessageId, Stage)>,
}

impl Past {
    /// What stands in the file. `None` where there is none that can be read, and nothing is known.
    pub fn read(path: &Path, boot: &str) -> Option<Self> {
        let bytes = fs::read(path).ok()?;
        let header = bytes.get(..HEADER_BYTES)?.split(|byte| *byte == b'\n').next()?;
        let Header { lease, boot: of, flushed } = serde_json::from_slice(header).ok()?;
        let same_start = !boot.is_empty() && of == boot;
        let certain = if same_start { Channel::ALL.to_vec() } else { flushed };
        let slots = bytes.get(HEADER_BYTES..)?.chunks(SLOT_BYTES).take(SLOTS_MAX);
        Some(Self { lease, certain, slots: slots.filter_map(slot).collect() })
    }

    /// Whether it is certain what the run with this lease had let go on a channel.
    pub fn knows(&self, lease: &str, channel: &str) -> bool {
        self.lease.to_string() == lease
            && self.certain.iter().any(|certain| certain.as_str() == channel)
    }

    /// How far that run had come with a message; `None` if it only waited in memory.
    pub fn stage(&self, message: &str) -> Option<Stage> {
        let id = MessageId(message.parse().ok()?);
        self.slots.iter().find(|(held, _)| *held == id).map(|(_, stage)| *stage)
    }
}

fn slot(bytes: &[u8]) -> Option<(MessageId, Stage)> {
    let stage = match bytes.get(ID_BYTES)? {
        1 => Stage::InHand,
        2 => Stage::Left,
        _ => return None,
    };
    Some((MessageId(Uuid::from_slice(bytes.get(..ID_BYTES)?).ok()?), stage))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(boot: &str) -> Run {
        let pauses = vec![Duration::from_secs(60)];
        let doubts = vec![(Channel::Email, pauses), (Channel::Sms, Vec::new())];
        Run { lease: Uuid::from_u128(1), boot: boot.to_owned(), slots: 3, doubts }
    }

    fn id(number: u128) -> MessageId {
        MessageId(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn what_a_run_had_in_hand_is_known_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bellhop.db-slots");
        assert_eq!(Past::read(&path, "a"), None);
        let slots = begin(&path, &run("a"), None).unwrap();
        slots[0].note(id(7), Stage::InHand).unwrap();
        slots[1].note(id(8), Stage::Left).unwrap();
        slots[2].note(id(9), Stage::Left).unwrap();
        slots[2].free().unwrap();
        slots[1].flush().await.unwrap();
        // For ever: another version may read it.
        let mut row = [0; SLOT_BYTES];
        (row[ID_BYTES - 1], row[ID_BYTES]) = (8, 2);
        assert_eq!(fs::read(&path).unwrap()[512 + 32..512 + 64], row);
        let stage = |past: &Past, lease: u128, channel, message| {
            let lease = Uuid::from_u128(lease).to_string();
            match past.knows(&lease, channel) {
                true => past.stage(&id(message).to_string()),
                false => Some(Stage::Left),
            }
        };
        let past = Past::read(&path, "a").unwrap();
        for (message, expected) in
            [(7, Some(Stage::InHand)), (8, Some(Stage::Left)), (9, None), (10, None)]
        {
            assert_eq!(stage(&past, 1, "email", message), expected, "{message}");
        }
        assert_eq!(stage(&past, 2, "email", 10), Some(Stage::Left), "another run's");
        // The machine was started anew: only what was flushed is known.
        for past in ["b", ""].map(|boot| Past::read(&path, boot).unwrap()) {
            assert_eq!(stage(&past, 1, "email", 10), Some(Stage::Left));
            assert_eq!([8, 10].map(|of| stage(&past, 1, "sms", of)), [Some(Stage::Left), None]);
        }
        let nameless = begin(&path, &run(""), None).unwrap();
        assert_eq!(nameless.len(), 3);
        let past = Past::read(&path, "").unwrap();
        assert_eq!(stage(&past, 1, "email", 10), Some(Stage::Left), "which start is not known");
        fs::write(&path, "something else").unwrap();
        assert_eq!(Past::read(&path, "a"), None);
    }
}
