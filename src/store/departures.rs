//! What leaves, noted where others find it.
//!
//! What a slot has in hand stands in a file on this machine ([`super::slots`]). Whoever takes over
//! on another machine cannot read that. So where several may come, what leaves is noted with the
//! server, too, before it does: as many as are waiting in one go. The server says on that occasion
//! which of them were withdrawn: where the answer to the commit that withdrew a message got lost,
//! nobody here knows of it yet.

use std::collections::{HashMap, HashSet};
use std::io;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::error::StoreError;
use super::unit::Incarnation;
use crate::domain::message::MessageId;

/// How long a message waits at most until it is noted that it leaves; then it does not.
const NOTED_WITHIN: Duration = Duration::from_secs(3);
/// So many are noted in one go.
const NOTED_AT_ONCE: usize = 1024;

/// What each run that is over let go and did not hear of: of these nothing else had left.
pub type Departed = HashMap<Incarnation, HashSet<MessageId>>;

/// A line for the list: which slot, with which message, and who waits for it to stand there.
struct Note {
    slot: u32,
    message: Option<MessageId>,
    noted: Option<oneshot::Sender<Leaves>>,
}

/// What is said of a message that is noted to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    May,
    /// Something newer replaced it, or its reader was erased.
    MayNot,
}

/// What the server says of the notes that were written.
#[derive(Debug, Default)]
pub struct Noted {
    /// Whether all that was noted before is still there.
    pub is_whole: bool,
    /// Of their messages these may not leave any more, though whoever noted them does not know.
    pub withdrawn: HashSet<MessageId>,
}

/// Where slots note what leaves.
#[derive(Debug, Clone)]
pub struct Departures(mpsc::UnboundedSender<Note>);

/// Where the notes go: what each of these slots has by now.
pub trait Board: Send + Sync + 'static {
    /// Writes them, and nothing else.
    fn write(
        &self,
        slots: &[(u32, Option<MessageId>)],
    ) -> impl Future<Output = Result<Noted, StoreError>> + Send;

    /// Writes all there are: what was noted before is gone.
    fn write_all(
        &self,
        slots: &[(u32, Option<MessageId>)],
    ) -> impl Future<Output = Result<Noted, StoreError>> + Send;
}

impl Departures {
    /// Begins to note on a board. It ends with the last slot.
    pub fn on(board: impl Board) -> Self {
        let (notes, inbox) = mpsc::unbounded_channel();
        tokio::spawn(keep(board, inbox));
        Self(notes)
    }

    /// A slot's message leaves: returns when that stands where others read it, and says whether it
    /// still may.
    ///
    /// # Errors
    /// It may not stand there.
    pub async fn leaves(&self, slot: u32, message: MessageId) -> io::Result<Leaves> {
        let (noted, is_noted) = oneshot::channel();
        let note = Note { slot, message: Some(message), noted: Some(noted) };
        let gone = || io::Error::other("nobody notes what leaves");
        self.0.send(note).map_err(|_| gone())?;
        match timeout(NOTED_WITHIN, is_noted).await {
            Ok(noted) => noted.map_err(|_| gone()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// It was heard of. That is noted with whatever leaves next.
    pub fn frees(&self, slot: u32) {
        let _ = self.0.send(Note { slot, message: None, noted: None });
    }
}

/// Notes what comes, until nobody is left who could send anything. A note that cannot be written is
/// dropped, with whoever waits for it.
async fn keep(board: impl Board, mut inbox: mpsc::UnboundedReceiver<Note>) {
    let mut there: HashMap<u32, Option<MessageId>> = HashMap::new();
    let mut is_whole = true;
    let mut notes = Vec::new();
    let mut fresh: HashMap<u32, Option<MessageId>> = HashMap::new();
    while inbox.recv_many(&mut notes, NOTED_AT_ONCE).await > 0 {
        fresh.extend(notes.iter().map(|note| (note.slot, note.message)));
        // What is free need not be known to be so.
        if notes.iter().all(|note| note.noted.is_none()) {
            notes.clear();
            continue;
        }
        there.extend(&fresh);
        let written = write(&board, std::mem::take(&mut fresh), &there, is_whole).await;
        is_whole = written.is_ok();
        for note in notes.drain(..) {
            if let (Ok(written), Some(noted)) = (&written, note.noted) {
                let is_withdrawn = note.message.is_some_and(|it| written.withdrawn.contains(&it));
                let _ = noted.send(if is_withdrawn { Leaves::MayNot } else { Leaves::May });
            }
        }
    }
}

async fn write(
    board: &impl Board,
    fresh: HashMap<u32, Option<MessageId>>,
    there: &HashMap<u32, Option<MessageId>>,
    is_whole: bool,
) -> Result<Noted, StoreError> {
    let fresh: Vec<_> = fresh.into_iter().collect();
    if is_whole {
        let noted = board.write(&fresh).await?;
        if noted.is_whole {
            return Ok(noted);
        }
    }
    let all: Vec<_> = there.iter().map(|(slot, message)| (*slot, *message)).collect();
    board.write_all(&all).await
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use uuid::Uuid;

    use super::*;

    /// Where a test notes, which may fail and lose what it had.
    #[derive(Debug, Default)]
    struct Slate {
        lines: HashMap<u32, Option<MessageId>>,
        fails: bool,
        was_emptied: bool,
        withdrawn: HashSet<MessageId>,
    }

    #[derive(Debug, Clone, Default)]
    struct Slates(Arc<Mutex<Slate>>);

    impl Board for Slates {
        async fn write(&self, slots: &[(u32, Option<MessageId>)]) -> Result<Noted, StoreError> {
            let mut slate = self.0.lock().unwrap();
            if slate.fails {
                return Err(StoreError::Unavailable("it fails".to_owned()));
            }
            slate.lines.extend(slots.iter().copied());
            Ok(Noted { is_whole: !slate.was_emptied, withdrawn: slate.withdrawn.clone() })
        }

        async fn write_all(&self, slots: &[(u32, Option<MessageId>)]) -> Result<Noted, StoreError> {
            self.0.lock().unwrap().was_emptied = false;
            self.write(slots).await
        }
    }

    impl Slates {
        fn line(&self, slot: u32) -> Option<MessageId> {
            self.0.lock().unwrap().lines.get(&slot).copied().flatten()
        }

        fn becomes(&self, slate: Slate) {
            *self.0.lock().unwrap() = slate;
        }
    }

    fn id(number: u128) -> MessageId {
        MessageId(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn what_leaves_is_noted_before_it_does_and_freed_after() {
        let slate = Slates::default();
        let departures = Departures::on(slate.clone());
        let (one, two) = tokio::join!(departures.leaves(0, id(1)), departures.leaves(1, id(2)));
        assert!(one.is_ok() && two.is_ok());
        assert_eq!((slate.line(0), slate.line(1)), (Some(id(1)), Some(id(2))));
        departures.frees(0);
        departures.leaves(1, id(3)).await.unwrap();
        assert_eq!((slate.line(0), slate.line(1)), (None, Some(id(3))));
    }

    #[tokio::test]
    async fn what_was_withdrawn_is_said_of_each() {
        let slate = Slates::default();
        let departures = Departures::on(slate.clone());
        slate.becomes(Slate { withdrawn: HashSet::from([id(2)]), ..Slate::default() });
        let (one, two) = tokio::join!(departures.leaves(0, id(1)), departures.leaves(1, id(2)));
        assert_eq!((one.unwrap(), two.unwrap()), (Leaves::May, Leaves::MayNot));
        slate.becomes(Slate {
            withdrawn: HashSet::from([id(1)]),
            was_emptied: true,
            ..Slate::default()
        });
        assert_eq!(departures.leaves(0, id(1)).await.unwrap(), Leaves::MayNot);
    }

    #[tokio::test]
    async fn what_cannot_be_noted_does_not_leave_and_all_is_noted_again_after() {
        let slate = Slates::default();
        let departures = Departures::on(slate.clone());
        departures.leaves(0, id(1)).await.unwrap();
        slate.becomes(Slate { fails: true, ..Slate::default() });
        assert!(departures.leaves(1, id(2)).await.is_err());
        slate.becomes(Slate::default());
        departures.leaves(2, id(3)).await.unwrap();
        assert_eq!(slate.line(0), Some(id(1)), "the server may have lost it meanwhile");
        slate.becomes(Slate { was_emptied: true, ..Slate::default() });
        departures.leaves(2, id(4)).await.unwrap();
        assert_eq!((slate.line(0), slate.line(2)), (Some(id(1)), Some(id(4))), "it was emptied");
    }
}
