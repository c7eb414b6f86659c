//! The configured providers, and which of them a mail goes to.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::ClientConfig;

use crate::config::{Email, EmailProvider as Settings, EmailTransport};
use crate::domain::outcome::{Attempt, Outcome};

use super::error::EgressError;
use super::mail::Mail;
use super::outbox::Outbox;
use super::redact::redact;
use super::smtp::{SmtpClient, tls_client_config};
use super::turns::{NoTurn, Turns};

/// One provider: how mail leaves, how much of it at once and how often.
pub struct EmailProvider {
    name: Arc<str>,
    slots: usize,
    turns: Turns,
    transport: Transport,
}

enum Transport {
    Smtp(Box<SmtpClient>),
    Outbox(Outbox),
}

impl EmailProvider {
    pub(super) fn new(settings: &Settings, tls: &Arc<ClientConfig>) -> Self {
        let transport = match &settings.transport {
            EmailTransport::Smtp(smtp) => {
                let client = SmtpClient::new(&settings.name, smtp, Arc::clone(tls));
                Transport::Smtp(Box::new(client))
            }
            EmailTransport::Outbox { folder } => Transport::Outbox(Outbox::new(folder)),
        };
        Self {
            name: Arc::clone(&settings.name),
            slots: settings.connections,
            turns: Turns::new(settings.connections, settings.rate),
            transport,
        }
    }

    /// The name in the configuration; labels metrics and events.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Sends `mail`, once it is its turn; waits for that no longer than
    /// [`TURN_WAIT_MAX`](super::TURN_WAIT_MAX). `None` if the provider was closed before: nothing
    /// was tried. Dropping the future gives the attempt up; whether the mail then left is unknown.
    pub async fn send(&self, mail: &Mail) -> Option<Attempt> {
        let (outcome, words) = match self.turns.take().await {
            Err(NoTurn::Busy(after)) => (Outcome::Throttled { after }, "no turn in time".into()),
            Err(NoTurn::Closed) => return None,
            Ok(_turn) => match &self.transport {
                Transport::Smtp(client) => client.send(mail).await,
                Transport::Outbox(outbox) => outbox.send(mail).await,
            },
        };
        let provider = self.name.as_ref().to_owned();
        Some(Attempt { outcome, provider, reply: redact(&words) })
    }

    /// Takes no more mail and takes leave of the server. What is under way goes on, its
    /// connections close behind it; what waits for its turn is turned away.
    pub async fn close(&self) {
        self.turns.close();
        if let Transport::Smtp(client) = &self.transport {
            client.close().await;
        }
    }
}

/// All providers for email, by their weights.
pub struct EmailProviders {
    providers: Vec<EmailProvider>,
    rotation: Mutex<Rotation>,
}

impl EmailProviders {
    /// Sets up what is configured. Connects to nothing yet.
    ///
    /// # Errors
    /// [`EgressError::NoTls`].
    pub fn new(email: &Email) -> Result<Self, EgressError> {
        let tls = tls_client_config()?;
        let weights = email.providers.iter().map(|settings| settings.weight);
        Ok(Self {
            rotation: Mutex::new(Rotation::new(weights)),
            providers: email.providers.iter().map(|s| EmailProvider::new(s, &tls)).collect(),
        })
    }

    /// Sends `mail` by the provider whose turn it is; `None` if that was closed before.
    pub async fn send(&self, mail: &Mail) -> Option<Attempt> {
        match self.next() {
            Some(provider) => provider.send(mail).await,
            None => Some(Attempt {
                outcome: Outcome::Transient,
                provider: String::new(),
                reply: "no provider is configured".to_owned(),
            }),
        }
    }

    /// The providers, in the order of the configuration.
    pub fn iter(&self) -> impl Iterator<Item = &EmailProvider> {
        self.providers.iter()
    }

    /// How many mails can be under way at once over all providers.
    pub fn slots(&self) -> usize {
        self.providers.iter().map(|provider| provider.slots).sum()
    }

    /// Closes every provider.
    pub async fn close(&self) {
        for provider in &self.providers {
            provider.close().await;
        }
    }

    fn next(&self) -> Option<&EmailProvider> {
        if let [only] = self.providers.as_slice() {
            return Some(only);
        }
        let mut rotation = self.rotation.lock().unwrap_or_else(PoisonError::into_inner);
        self.providers.get(rotation.next()?)
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
