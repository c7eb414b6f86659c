//! What the committer is handed, and how.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::answer::Answer;
use super::burden::Share;
use super::post::Post;
use super::work::Trouble;
use crate::clock;
use crate::domain::channel::Channel;
use crate::domain::kind::Lane;
use crate::store::{Settled, StoreError, Unit};

/// A committer that did not come round for so long, though something waits, is stuck: the store
/// neither writes nor says that it cannot.
const STUCK_AFTER: Duration = Duration::from_secs(10);

/// What one actor decides, each unit resting on the one before. Once one of them has failed the
/// later ones rest on what never happened, even where the stored revision fits them by chance.
#[derive(Clone, Default)]
pub struct Chain(Arc<AtomicBool>);

impl Chain {
    pub fn snap(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_broken(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A decided unit on its way to the disk, with what is to happen once it is there.
pub struct Commission {
    pub unit: Unit,
    /// What is written down with it of a message that was sent.
    pub settled: Option<Box<Settled>>,
    pub posts: Vec<Post>,
    pub answer: Answer,
    pub chain: Chain,
    /// Its part of what its actor waits for, where one does.
    pub share: Option<Share>,
    pub reply: oneshot::Sender<Result<Answer, Trouble>>,
}

/// What the committer does.
pub enum Job {
    Unit(Box<Commission>),
    Settled(Box<Settled>, oneshot::Sender<bool>),
    ClaimDue(ClaimDue),
    Barrier(oneshot::Sender<()>),
}

/// Whether something is due, by lane.
pub type Due = [bool; Lane::ALL.len()];

/// A channel's messages are to be fetched: what is due, or before a dispatcher begins.
pub struct ClaimDue {
    pub channel: Channel,
    /// The lanes of which something is due; `None`: only what is leased and unknown is due again.
    pub due: Option<Due>,
    pub claimed: oneshot::Sender<Result<usize, StoreError>>,
}

/// The committer's own words: whether it gets through, and how far it is.
#[derive(Debug)]
pub struct Vitals {
    available: AtomicBool,
    gone: CancellationToken,
    handed_in: AtomicU64,
    finished: AtomicU64,
    turns: AtomicU64,
    /// When it last came round, or had something to do again.
    moved: Mutex<Instant>,
}

impl Default for Vitals {
    fn default() -> Self {
        let zero = || AtomicU64::new(0);
        let (available, gone) = (AtomicBool::new(true), CancellationToken::new());
        let moved = Mutex::new(clock::instant());
        Self { available, gone, handed_in: zero(), finished: zero(), turns: zero(), moved }
    }
}

impl Vitals {
    /// The last transaction got through, or did not.
    pub fn set_available(&self, available: bool) {
        self.available.store(available, Ordering::Relaxed);
    }

    /// The committer goes to the store, or is back.
    pub fn turn(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
        self.moves();
    }

    /// So many jobs are done with.
    pub fn finished(&self, jobs: usize) {
        self.finished.fetch_add(jobs as u64, Ordering::Relaxed);
        self.moves();
    }

    fn handed_in(&self) {
        if self.waiting() == 0 {
            self.moves();
        }
        self.handed_in.fetch_add(1, Ordering::Relaxed);
    }

    fn waiting(&self) -> u64 {
        let finished = self.finished.load(Ordering::Relaxed);
        self.handed_in.load(Ordering::Relaxed).saturating_sub(finished)
    }

    fn moves(&self) {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner) = clock::instant();
    }

    fn is_stuck(&self) -> bool {
        let moved = *self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting() > 0 && clock::since(moved) >= STUCK_AFTER
    }

    /// Nothing is written any more.
    pub fn gone(&self) {
        self.set_available(false);
        self.gone.cancel();
    }
}

/// How far the committer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pulse {
    /// Jobs that wait, those that it is at among them.
    pub waiting: u64,
    /// How often it went to the store or came back.
    pub turns: u64,
}

/// Nothing is written any more: the daemon is about to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone;

/// Hands work to the committer. What is handed in holds a permit of the intake or a dispatch
/// slot, which is what bounds the channel.
#[derive(Clone)]
pub struct CommitterHandle {
    jobs: mpsc::UnboundedSender<Job>,
    vitals: Arc<Vitals>,
}

impl CommitterHandle {
    /// The handle, and what it hands in; the `vitals` are the committer's to tell.
    pub fn new(vitals: Arc<Vitals>) -> (Self, mpsc::UnboundedReceiver<Job>) {
        let (jobs, inbox) = mpsc::unbounded_channel();
        (Self { jobs, vitals }, inbox)
    }

    /// Commits a unit; its reply is sent when it is durable.
    pub fn commission(&self, commission: Commission) {
        // If the committer is gone the reply is dropped, which its receiver notices.
        self.hand_in(Job::Unit(Box::new(commission)));
    }

    /// Writes what became of a message; says whether the lease still held.
    ///
    /// # Errors
    /// [`Gone`]: it is not written.
    pub async fn settle(&self, settled: Settled) -> Result<bool, Gone> {
        let (done, written) = oneshot::channel();
        self.hand_in(Job::Settled(Box::new(settled), done));
        written.await.map_err(|_| Gone)
    }

    /// Leases a channel's messages that are due and hands them to its dispatcher, as far as there
    /// is room for them; returns how many.
    ///
    /// It is the committer who does it, because between a claim and the queue nothing may be
    /// decided that the queue is to hear of: that a message was replaced, or its reader erased.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing was leased.
    pub async fn claim(&self, channel: Channel, due: Due) -> Result<usize, StoreError> {
        self.claim_or_give_back(channel, Some(due)).await
    }

    /// Makes a channel's messages ready again that are leased, and that its desk does not know. By
    /// then every message is handed over for which there was room before.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing has changed.
    pub async fn give_back(&self, channel: Channel) -> Result<(), StoreError> {
        self.claim_or_give_back(channel, None).await.map(|_| ())
    }

    async fn claim_or_give_back(
        &self,
        channel: Channel,
        due: Option<Due>,
    ) -> Result<usize, StoreError> {
        let (claimed, done) = oneshot::channel();
        self.hand_in(Job::ClaimDue(ClaimDue { channel, due, claimed }));
        done.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Waits until everything handed in so far is written or has failed.
    ///
    /// # Errors
    /// [`Gone`]: nobody knows what was.
    pub async fn barrier(&self) -> Result<(), Gone> {
        let (done, passed) = oneshot::channel();
        self.hand_in(Job::Barrier(done));
        passed.await.map_err(|_| Gone)
    }

    /// Whether the last transaction got through.
    pub fn is_available(&self) -> bool {
        self.vitals.available.load(Ordering::Relaxed)
    }

    /// Whether something waits to be written, and the store has not answered for long.
    pub fn is_stuck(&self) -> bool {
        self.vitals.is_stuck()
    }

    /// Whether nothing is written any more.
    pub fn is_gone(&self) -> bool {
        self.vitals.gone.is_cancelled()
    }

    /// How far the committer is.
    pub fn pulse(&self) -> Pulse {
        Pulse { waiting: self.vitals.waiting(), turns: self.vitals.turns.load(Ordering::Relaxed) }
    }

    fn hand_in(&self, job: Job) {
        self.vitals.handed_in();
        let _ = self.jobs.send(job);
    }
}

/// What is said of the store where it is only the committer that is gone.
pub fn gone() -> StoreError {
    StoreError::Unavailable("nothing is written any more".to_owned())
}
