//! A message's stay in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::strand::Strand;
use crate::actors::post::Post;
use crate::domain::kind::Lane;
use crate::domain::outcome::{Attempt, Tried};
use crate::traffic::Set;

/// So many attempts of one stay are written down.
const TRIED_MAX: usize = 64;

/// A message may come again before its last stay is quite over.
pub type Stay = u64;

/// A message in memory, from the hand-over until its outcome is durable.
#[derive(Debug)]
pub struct Turn {
    /// The message.
    pub post: Post,
    /// Which stay of the message it is.
    pub stay: Stay,
    /// What leaves before it and behind it, in order.
    pub strand: Option<Strand>,
    /// Set where another of its strand is in doubt: not yet, but then.
    pub not_before: Option<Timestamp>,
    /// The providers that cannot carry it, or have refused it just now.
    pub barred: Set,
    /// What the last of them said.
    pub refused: Option<Attempt>,
    tried: Vec<Tried>,
    gone: Vec<String>,
    withdrawn: Arc<AtomicBool>,
    shifted: Shifted,
}

impl Turn {
    /// A message comes in; who may withdraw it sets the mark.
    pub fn new(post: Post, stay: Stay, withdrawn: Arc<AtomicBool>, shifted: Shifted) -> Self {
        let strand = Strand::of(&post.stored);
        let (not_before, barred, refused) = (None, Set::NONE, None);
        let (tried, gone) = (Vec::new(), Vec::new());
        Self { post, stay, strand, not_before, barred, refused, tried, gone, withdrawn, shifted }
    }

    /// How soon it must go.
    pub fn lane(&self) -> Lane {
        self.post.stored.message.kind.lane()
    }

    /// When the message was first due, by the wall clock as it is set now.
    pub fn first_due(&self) -> Timestamp {
        let first_due = self.post.stored.first_due;
        first_due.checked_add(self.shifted.since()).unwrap_or(first_due)
    }

    /// A provider was asked. One that refuses is barred, so that they are no more than there are
    /// providers.
    pub fn was_tried(&mut self, tried: Tried) {
        if self.tried.len() < TRIED_MAX {
            self.tried.push(tried);
        }
    }

    /// The providers that were asked since it is here, to be written down.
    pub fn tried(&self) -> Vec<Tried> {
        self.tried.clone()
    }

    /// These devices are no more.
    pub fn lacks(&mut self, devices: &[String]) {
        for device in devices {
            if !self.gone.contains(device) {
                self.gone.push(device.clone());
            }
        }
    }

    /// The tokens of the devices that are no more.
    pub fn gone(&self) -> &[String] {
        &self.gone
    }

    /// The store says that something newer replaced it, before whoever withdrew it does.
    pub fn withdraw(&self) {
        self.withdrawn.store(true, Ordering::Release);
    }

    /// Whether something newer replaced it, or its reader was erased: it must not leave.
    pub fn is_withdrawn(&self) -> bool {
        self.withdrawn.load(Ordering::Acquire)
    }
}

/// By how much the wall clock was set since a message is here.
#[derive(Debug)]
pub struct Shifted {
    total_ms: Arc<AtomicI64>,
    at_first_ms: i64,
}

impl Shifted {
    /// From now on; `total_ms` is by how much the clock was set in all.
    pub fn by(total_ms: &Arc<AtomicI64>) -> Self {
        Self { total_ms: total_ms.clone(), at_first_ms: total_ms.load(Ordering::Acquire) }
    }

    fn since(&self) -> SignedDuration {
        let total = self.total_ms.load(Ordering::Acquire);
        SignedDuration::from_millis(total.saturating_sub(self.at_first_ms))
    }
}
