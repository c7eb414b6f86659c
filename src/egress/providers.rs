//! The providers of one channel.

use std::sync::Arc;

use crate::domain::outcome::{Attempt, DEVICE_REPLY_MAX_CHARS, OnDevice};
use crate::store::NewItem;

use super::bound::Bound;
use super::health::Health;
use super::personal::Personal;
use super::quoted::mask_quoted;
use super::redact::redact;
use super::tried::{Tried, UNWANTED, Wanted};

/// How messages of one channel leave.
pub trait Transport: Send + Sync {
    /// A message as it leaves.
    type Load: Sync;

    /// Tries once. Asks `wanted` once more where it had to wait, and tells it before the message
    /// leaves. `None` if it was cut off before anything of it could be taken.
    fn send(
        &self,
        load: &Self::Load,
        wanted: Wanted<'_>,
    ) -> impl Future<Output = Option<Tried>> + Send;

    /// How its sessions stand, where they stay with a provider.
    fn bound(&self) -> Option<Arc<Bound>> {
        None
    }

    /// Takes leave of the other side.
    fn close(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Ends what is under way.
    fn cut(&self) {}
}

/// One provider: how messages leave, and on what terms.
pub struct Provider<T> {
    terms: Terms,
    health: Health,
    transport: T,
}

/// What every provider has, however its messages leave.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The name in the configuration; labels metrics and events.
    pub name: Arc<str>,
    /// How it is spoken to.
    pub kind: &'static str,
    /// Where its messages go: `host:port`, or a folder.
    pub endpoint: String,
    /// How many messages may be under way.
    pub at_once: usize,
    /// Messages a second.
    pub rate: Option<f64>,
    /// Its share among the others; none, and it takes over only when no other can.
    pub weight: u32,
    /// The beginnings of the numbers that it may carry (E.164); empty: all.
    pub countries: Vec<String>,
    /// How its sessions stand, where they stay.
    pub bound: Option<Arc<Bound>>,
}

/// What one try at a provider came to.
#[derive(Debug, Clone)]
pub struct Made {
    /// How it ended, and what was said.
    pub attempt: Attempt,
    /// Whether it failed before the message was mentioned, so that any other would have.
    pub of_provider: bool,
    /// Whether it is of a device's own server, or nobody's: nothing follows for the provider.
    pub of_device: bool,
    /// What it puts into a mailbox of the store, with its outcome.
    pub item: Option<Box<NewItem>>,
    /// The tokens of devices that are no more.
    pub gone: Vec<String>,
}

impl<T: Transport> Provider<T> {
    fn new(terms: Terms, transport: T) -> Self {
        let terms = Terms { bound: transport.bound(), ..terms };
        Self { health: Health::new(terms.endpoint.clone()), terms, transport }
    }

    /// On what terms it takes messages.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Sends `load` if it is still `wanted`; whether it is this message's turn is for the caller to
    /// know, as is how many are `waiting` for theirs. `None` if it was cut off before anything
    /// could arrive: as if nothing had been tried. Dropping the future gives the attempt up;
    /// whether the message then left is unknown. What is `personal` in it is kept out of the
    /// provider's words.
    pub async fn send(
        &self,
        load: &T::Load,
        personal: &Personal,
        wanted: Wanted<'_>,
        waiting: usize,
    ) -> Option<Made> {
        let tried = match wanted.is_wanted() {
            true => self.transport.send(load, wanted).await?,
            false => Tried::kept_back(UNWANTED),
        };
        let Tried { outcome, said, of_provider, of_device, .. } = tried;
        let Tried { reference, parts, item, gone, devices, .. } = tried;
        let (provider, reply) = (self.terms.name.as_ref().to_owned(), redact(&said, personal));
        if !of_device {
            self.health.note(&provider, &outcome, of_provider, &reply, waiting);
        }
        let devices = devices.into_iter().map(|(device, outcome, said)| {
            let reply = redact(&said, personal).chars().take(DEVICE_REPLY_MAX_CHARS).collect();
            OnDevice { device, outcome, reply }
        });
        let devices = devices.collect();
        let sayable = |id: Option<String>| id.filter(|id| mask_quoted(id, personal) == *id);
        let (reference, parts) = (sayable(reference), parts.into_iter().map(sayable).collect());
        Some(Made {
            attempt: Attempt { outcome, provider, reply, reference, devices, parts },
            of_provider,
            of_device,
            item,
            gone,
        })
    }
}

/// All providers of one channel, in the order of the configuration.
pub struct Providers<T>(Vec<Provider<T>>);

impl<T: Transport> Providers<T> {
    pub(super) fn of(providers: impl Iterator<Item = (Terms, T)>) -> Self {
        Self(providers.map(|(terms, transport)| Provider::new(terms, transport)).collect())
    }

    /// The one at this place.
    pub fn get(&self, place: usize) -> Option<&Provider<T>> {
        self.0.get(place)
    }

    pub fn terms(&self) -> Vec<Terms> {
        self.0.iter().map(|provider| provider.terms.clone()).collect()
    }

    /// How messages leave, by each.
    pub(super) fn transports(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|provider| &provider.transport)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes leave of every server. What is under way goes on, its connections close behind it.
    pub async fn close(&self) {
        for provider in &self.0 {
            provider.transport.close().await;
        }
    }

    /// Ends what is under way at any of them: what cannot have arrived counts as not tried, the
    /// rest as in doubt.
    pub fn cut(&self) {
        self.0.iter().for_each(|provider| provider.transport.cut());
    }
}
