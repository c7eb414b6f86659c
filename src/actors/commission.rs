//! What the committer is handed, and how.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{mpsc, oneshot};

use super::answer::Answer;
use super::burden::Share;
use super::post::Post;
use super::work::Trouble;
use crate::store::{Settled, StoreError, Unit};

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
    Claim(Claim),
    Barrier(oneshot::Sender<()>),
}

/// Due messages are to be fetched, for which room was taken.
pub struct Claim {
    pub room: usize,
    pub claimed: oneshot::Sender<Result<usize, StoreError>>,
}

/// Hands work to the committer. What is handed in holds a permit of the intake or a dispatch
/// slot, which is what bounds the channel.
#[derive(Clone)]
pub struct CommitterHandle {
    jobs: mpsc::UnboundedSender<Job>,
    available: Arc<AtomicBool>,
}

impl CommitterHandle {
    /// The handle, and what it hands in; `available` is the committer's to set.
    pub fn new(available: Arc<AtomicBool>) -> (Self, mpsc::UnboundedReceiver<Job>) {
        let (jobs, inbox) = mpsc::unbounded_channel();
        (Self { jobs, available }, inbox)
    }

    /// Commits a unit; its reply is sent when it is durable.
    pub fn commission(&self, commission: Commission) {
        // If the committer is gone the reply is dropped, which its receiver notices.
        let _ = self.jobs.send(Job::Unit(Box::new(commission)));
    }

    /// Writes what became of a message; says whether the lease still held.
    pub async fn settle(&self, settled: Settled) -> bool {
        let (done, written) = oneshot::channel();
        let _ = self.jobs.send(Job::Settled(Box::new(settled), done));
        written.await.unwrap_or(false)
    }

    /// Leases due messages and queues them up; returns how many. The room that is left over is
    /// given back.
    ///
    /// It is the committer who does it, because between a claim and the queue nothing may be
    /// decided that the queue is to hear of: that a message was replaced, or its reader erased.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing was leased.
    pub async fn claim(&self, room: usize) -> Result<usize, StoreError> {
        let (claimed, done) = oneshot::channel();
        let _ = self.jobs.send(Job::Claim(Claim { room, claimed }));
        done.await.unwrap_or(Ok(0))
    }

    /// Waits until everything handed in so far is written or has failed.
    pub async fn barrier(&self) {
        let (done, passed) = oneshot::channel();
        let _ = self.jobs.send(Job::Barrier(done));
        let _ = passed.await;
    }

    /// Whether the last transaction got through.
    pub fn is_available(&self) -> bool {
        self.available.load(Ordering::Relaxed)
    }
}
