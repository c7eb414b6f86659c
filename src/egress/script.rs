//! A mail provider that does as a test tells it.
#![cfg(test)]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::domain::message::MessageId;
use crate::domain::outcome::Outcome;
use crate::store::tamper::Gate;

use super::mail::Mail;
use super::said::Said;
use super::tried::{self, Wanted};

/// What the provider says.
const WORDS: &str = "as the script says";

/// What becomes of a mail.
#[derive(Debug, Clone)]
pub enum Act {
    /// The provider says this.
    Says(Outcome),
    /// The same, once the gate is open. Whether the mail is still wanted is asked in front of it.
    SaysBehind(Gate, Outcome),
    /// The same, and whether it is still wanted is asked behind the gate: it waits for a
    /// connection.
    ConnectsBehind(Gate, Outcome),
    /// The provider takes it, and nobody hears of it before the gate is open.
    TakesAndSaysNothing(Gate),
    /// Sending panics.
    Panics,
}

/// A mail that reached the provider.
#[derive(Debug, Clone)]
pub struct Reached {
    pub id: MessageId,
    /// In whose name.
    pub from: String,
    pub to: String,
    /// The first line of its subject.
    pub subject: String,
    /// When the provider answered.
    pub at: Timestamp,
    /// What the provider said.
    pub outcome: Outcome,
}

/// What the provider is to do, and what it was given. It takes mail for which nothing is said.
#[derive(Debug, Default)]
pub struct Script {
    acts: Mutex<VecDeque<Act>>,
    always: Mutex<Option<Outcome>>,
    down: AtomicBool,
    refused: AtomicUsize,
    tried: Mutex<Vec<Reached>>,
    cut: Mutex<CancellationToken>,
}

impl Script {
    /// What becomes of the next mail, behind what becomes of others before.
    pub fn next(&self, act: Act) {
        lock(&self.acts).push_back(act);
    }

    /// What the provider says where nothing else is said.
    pub fn always(&self, outcome: Option<Outcome>) {
        *lock(&self.always) = outcome;
    }

    /// Nobody is reached here, or again.
    pub fn is_down(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
    }

    /// How often somebody tried to reach it in vain.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// The next mail is held at the provider, which then says this.
    pub fn holds(&self, outcome: Outcome) -> Gate {
        let gate = Gate::default();
        self.next(Act::SaysBehind(gate.clone(), outcome));
        gate
    }

    /// Every mail that reached the provider and was answered, in order.
    pub fn tried(&self) -> Vec<Reached> {
        lock(&self.tried).clone()
    }

    /// The subjects of the mails that may have arrived, in order.
    pub fn arrived(&self) -> Vec<String> {
        let tried = lock(&self.tried);
        let arrived = tried
            .iter()
            .filter(|tried| matches!(tried.outcome, Outcome::Accepted | Outcome::InDoubt));
        arrived.map(|tried| tried.subject.clone()).collect()
    }

    pub(super) async fn send(&self, mail: &Mail, wanted: Wanted<'_>) -> Option<tried::Tried> {
        if self.down.load(Ordering::Relaxed) {
            self.refused.fetch_add(1, Ordering::Relaxed);
            let said = Said::by_us("connection refused");
            return Some(tried::Tried {
                outcome: Outcome::Transient,
                said,
                of_provider: true,
                of_device: false,
                reference: None,
                parts: Vec::new(),
                item: None,
                gone: Vec::new(),
                devices: Vec::new(),
            });
        }
        let act = lock(&self.acts).pop_front();
        if let Some(Act::ConnectsBehind(gate, _)) = &act {
            gate.pass().await;
        }
        if let Err(why) = wanted.leaves().await {
            return Some(tried::Tried::kept_back(why));
        }
        let outcome = match act {
            None => lock(&self.always).clone().unwrap_or(Outcome::Accepted),
            Some(Act::Says(outcome) | Act::ConnectsBehind(_, outcome)) => outcome,
            Some(Act::SaysBehind(gate, outcome)) => {
                let cut = lock(&self.cut).clone();
                tokio::select! {
                    () = gate.pass() => outcome,
                    () = cut.cancelled() => Outcome::InDoubt,
                }
            }
            Some(Act::TakesAndSaysNothing(gate)) => {
                self.note(mail, Outcome::Accepted);
                gate.pass().await;
                return Some(tried::Tried::message(Outcome::Accepted, Said::by_us(WORDS)));
            }
            Some(Act::Panics) => panic!("sending: injected by a test"),
        };
        self.note(mail, outcome.clone());
        Some(tried::Tried::message(outcome, Said::by_us(WORDS)))
    }

    fn note(&self, mail: &Mail, outcome: Outcome) {
        lock(&self.tried).push(Reached {
            id: mail.id,
            from: mail.from.as_str().to_owned(),
            to: mail.to.as_str().to_owned(),
            subject: subject(mail),
            at: clock::now(),
            outcome,
        });
    }

    /// Ends what is under way, in doubt.
    pub(super) fn cut(&self) {
        std::mem::take(&mut *lock(&self.cut)).cancel();
    }
}

fn subject(mail: &Mail) -> String {
    let text = String::from_utf8_lossy(&mail.raw);
    let line = text.lines().find_map(|line| line.strip_prefix("Subject: "));
    line.unwrap_or_default().to_owned()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
