//! The providers of one channel, and which of them a message goes to.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::outcome::{Attempt, Outcome, Scope};

use super::health::Health;
use super::personal::Personal;
use super::quoted::mask_quoted;
use super::redact::redact;
use super::said::Said;
use super::tried::{Tried, UNWANTED, Wanted};
use super::turns::{NoTurn, Turns};

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

    /// Takes leave of the other side.
    fn close(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Ends what is under way.
    fn cut(&self) {}
}

/// One provider: how messages leave, how many at once and how often.
pub struct Provider<T> {
    name: Arc<str>,
    health: Health,
    turns: Turns,
    transport: T,
}

/// What every provider has, however its messages leave.
pub(super) struct Terms<'a> {
    pub name: &'a Arc<str>,
    /// Where its messages go: `host:port`, or a folder.
    pub endpoint: String,
    /// How many messages may be under way.
    pub at_once: usize,
    pub rate: Option<f64>,
    pub weight: u32,
}

impl<T: Transport> Provider<T> {
    fn new(terms: Terms<'_>, transport: T) -> Self {
        Self {
            name: Arc::clone(terms.name),
            health: Health::new(terms.endpoint),
            turns: Turns::new(terms.at_once, terms.rate),
            transport,
        }
    }

    /// Sends `load`, once it is its turn and if it is then still `wanted`; waits for that no longer
    /// than [`TURN_WAIT_MAX`](super::TURN_WAIT_MAX). `None` if the provider was closed before, or
    /// cut off before anything could arrive: as if nothing had been tried. Dropping the future
    /// gives the attempt up; whether the message then left is unknown. What is `personal` in it
    /// is kept out of the provider's words.
    pub async fn send(
        &self,
        load: &T::Load,
        personal: &Personal,
        wanted: Wanted<'_>,
    ) -> Option<Attempt> {
        let Tried { outcome, said, of_provider, reference } = match self.turns.take().await {
            Err(NoTurn::Busy(after)) => {
                Tried::message(Outcome::NotTried { after }, Said::by_us("no turn in time"))
            }
            Err(NoTurn::Closed) => return None,
            Ok(_turn) if !wanted.is_wanted() => Tried::kept_back(UNWANTED),
            Ok(_turn) => self.transport.send(load, wanted).await?,
        };
        let (provider, reply) = (self.name.as_ref().to_owned(), redact(&said, personal));
        self.health.note(&self.name, &outcome, of_provider, &reply, self.turns.waiting());
        let reference = reference.filter(|id| mask_quoted(id, personal) == *id);
        Some(Attempt { outcome, provider, reply, reference })
    }

    /// Takes no more messages and takes leave of the server. What is under way goes on, its
    /// connections close behind it; what waits for its turn is turned away.
    pub async fn close(&self) {
        self.turns.close();
        self.transport.close().await;
    }

    /// Ends what is under way: what cannot have arrived counts as not tried, the rest as in doubt.
    pub fn cut(&self) {
        self.transport.cut();
    }
}

/// All providers of one channel, by their weights.
pub struct Providers<T> {
    providers: Vec<Provider<T>>,
    rotation: Mutex<Rotation>,
}

impl<T: Transport> Providers<T> {
    pub(super) fn of<'a>(providers: impl Iterator<Item = (Terms<'a>, T)>) -> Self {
        let mut weights = Vec::new();
        let providers = providers.map(|(terms, transport)| {
            weights.push(terms.weight);
            Provider::new(terms, transport)
        });
        let providers = providers.collect();
        Self { providers, rotation: Mutex::new(Rotation::new(weights.into_iter())) }
    }

    /// Sends `load` by the provider whose turn it is, if it is still `wanted` then, and by the
    /// others if that cannot carry such a message at all; `None` if it was not tried.
    pub async fn send(
        &self,
        load: &T::Load,
        personal: &Personal,
        wanted: Wanted<'_>,
    ) -> Option<Attempt> {
        let Some(turn) = self.next() else {
            return Some(Attempt {
                outcome: Outcome::Transient,
                provider: String::new(),
                reply: "no provider is configured".to_owned(),
                reference: None,
            });
        };
        let unable = self.providers.get(turn)?.send(load, personal, wanted).await?;
        if unable.outcome != Outcome::Permanent(Scope::Provider) {
            return Some(unable);
        }
        for (_, other) in self.providers.iter().enumerate().filter(|(index, _)| *index != turn) {
            let attempt = other.send(load, personal, wanted).await?;
            if attempt.outcome != Outcome::Permanent(Scope::Provider) {
                return Some(attempt);
            }
        }
        Some(unable)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.providers.is_empty()
    }

    /// Closes every provider.
    pub async fn close(&self) {
        for provider in &self.providers {
            provider.close().await;
        }
    }

    /// Cuts off what is under way at any of them.
    pub fn cut(&self) {
        self.providers.iter().for_each(Provider::cut);
    }

    /// Whose turn it is.
    fn next(&self) -> Option<usize> {
        if self.providers.len() == 1 {
            return Some(0);
        }
        self.rotation.lock().unwrap_or_else(PoisonError::into_inner).next()
    }
}

/// Smooth weighted round robin: of weights 5, 1, 1 it makes a a b a c a a, not a a a a a b c
/// (<https://github.com/nginx/nginx/commit/52327e0627f49dbda1e8db695e63a4b0af4448b1>).
struct Rotation {
    standing: Vec<(i64, i64)>,
}

impl Rotation {
    fn new(weights: impl Iterator<Item = u32>) -> Self {
        Self { standing: weights.map(|weight| (i64::from(weight), 0)).collect() }
    }

    /// The index whose turn it is.
    fn next(&mut self) -> Option<usize> {
        let mut total = 0;
        for (weight, credit) in &mut self.standing {
            *credit += *weight;
            total += *weight;
        }
        // The first of equals, so that the order of the configuration counts.
        let (index, (_, credit)) =
            self.standing.iter_mut().enumerate().rev().max_by_key(|(_, (_, credit))| *credit)?;
        *credit -= total;
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_shared_out_smoothly() {
        let mut rotation = Rotation::new([5, 1, 1].into_iter());
        let turns: Vec<_> = (0..7).filter_map(|_| rotation.next()).collect();
        assert_eq!(turns, [0, 0, 1, 0, 2, 0, 0]);
        assert_eq!(Rotation::new([].into_iter()).next(), None);
    }
}
