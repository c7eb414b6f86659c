//! One try: what lets a message go, and what came of it.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::domain::outcome::Outcome;

use super::said::Said;
use crate::store::NewItem;

/// What is said of a message that was not sent because it was not to leave any more.
pub const UNWANTED: &str = "not to be sent any more";

/// Says whether a message may leave, and is told when it does.
pub trait Permission: Send + Sync {
    /// Asked behind every wait: is it still to leave?
    fn is_wanted(&self) -> bool;

    /// Awaited right before anything goes out by which the message may arrive; says why it must
    /// not. It may have to wait for the disk.
    fn leaves(&self) -> BoxFuture<'_, Result<(), &'static str>>;

    /// Gives the place at the provider to others for so long, and says whether it has one again.
    fn rests(&self, pause: Duration) -> BoxFuture<'_, bool> {
        async move {
            tokio::time::sleep(pause).await;
            true
        }
        .boxed()
    }
}

/// A message of whose leaving nobody wants to know.
impl<F: Fn() -> bool + Send + Sync> Permission for F {
    fn is_wanted(&self) -> bool {
        self()
    }

    fn leaves(&self) -> BoxFuture<'_, Result<(), &'static str>> {
        std::future::ready(if self() { Ok(()) } else { Err(UNWANTED) }).boxed()
    }
}

/// See [`Permission`].
pub type Wanted<'a> = &'a dyn Permission;

/// What one try came to.
#[derive(Debug)]
pub struct Tried {
    /// How it ended.
    pub outcome: Outcome,
    pub said: Said,
    /// Whether it failed before the message was mentioned, so that any other would have.
    pub of_provider: bool,
    /// Whether it is of a device's own server, or nobody's: nothing follows for the provider.
    pub of_device: bool,
    /// What the provider calls the message, if it says so.
    pub reference: Option<String>,
    /// What it calls each part, of a text that it took in several.
    pub parts: Vec<Option<String>>,
    /// What it puts into a mailbox of the store, with its outcome.
    pub item: Option<Box<NewItem>>,
    /// The tokens of devices that are no more.
    pub gone: Vec<String>,
    /// What came of it on each device, where it went to devices: what stands for the device, how it
    /// ended by class, and what was said.
    pub devices: Vec<(String, &'static str, Said)>,
}

impl Tried {
    /// What was said of the message itself.
    pub fn message(outcome: Outcome, said: Said) -> Self {
        Self {
            outcome,
            said,
            of_provider: false,
            of_device: false,
            reference: None,
            parts: Vec::new(),
            item: None,
            gone: Vec::new(),
            devices: Vec::new(),
        }
    }

    /// The message was not to leave.
    pub fn kept_back(why: &str) -> Self {
        Self::message(Outcome::NotTried { after: None }, Said::by_us(why))
    }
}
