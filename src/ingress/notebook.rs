//! What was laid aside, noted in the store for those who look through dead letters.
//!
//! The commands themselves lie in the dead queue, and each is counted. So whoever lays aside never
//! waits for the store: of more than it takes, some are not noted.

use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::sleep;
use uuid::Uuid;

use crate::broker::Delivered;
use crate::clock;
use crate::store::{LaidAside, Store};
use crate::telemetry::spell::Told;

use super::gate::route;

/// So many wait to be noted, at most.
const WAITING_MAX: usize = 1000;
/// So many are noted in one transaction, at most.
const PAGE: usize = 500;
/// The pause behind each: a flood must not keep decisions from being written.
const PAUSE: Duration = Duration::from_millis(100);
/// The pause behind one that failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// What is wrong is noted up to here, in bytes.
const DETAIL_MAX_BYTES: usize = 500;

/// Where whoever lays something aside notes it.
#[derive(Debug, Clone)]
pub struct Notebook(Sender<LaidAside>);

/// What is noted, on its way to the store.
#[derive(Debug)]
pub struct Notes(Receiver<LaidAside>);

/// Whoever lays aside has the one, and somebody writes the other.
pub fn notebook() -> (Notebook, Notes) {
    let (to, from) = channel(WAITING_MAX);
    (Notebook(to), Notes(from))
}

impl Notebook {
    /// This was laid aside.
    pub fn notes(&self, delivered: &Delivered, reason: &'static str, detail: &str) {
        let noted = LaidAside {
            id: Uuid::now_v7(),
            tenant: route(delivered),
            reason,
            detail: detail[..detail.floor_char_boundary(DETAIL_MAX_BYTES)].to_owned(),
            bytes: delivered.body.len(),
            at: clock::now(),
        };
        // There is no room in a flood: the dead queue has it all.
        let _ = self.0.try_send(noted);
    }
}

impl Notes {
    /// Writes until nobody is left who notes anything.
    pub async fn write(mut self, store: Store) {
        let trouble = Told::new(
            "commands that were laid aside cannot be noted",
            "commands that were laid aside are noted again",
        );
        let mut page = Vec::new();
        while !page.is_empty() || self.0.recv_many(&mut page, PAGE).await > 0 {
            match store.note_laid_aside(&page).await {
                Ok(()) => {
                    trouble.worked(clock::instant());
                    page.clear();
                    sleep(PAUSE).await;
                }
                Err(error) => {
                    trouble.failed(clock::instant(), &error);
                    sleep(STORE_PAUSE).await;
                }
            }
        }
    }
}
