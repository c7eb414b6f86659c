//! What a tenant's line carries.

use std::sync::Arc;

use crate::domain::Input;
use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::fallen::Fallen;
use crate::domain::id::{CauseId, ClientId, TenantId};
use crate::domain::letter::{JobId, Letter};
use crate::domain::message::MessageId;
use crate::domain::named;
use crate::domain::receipt::Reported;
use crate::domain::timer::DueTimer;
use crate::domain::trace::TraceContext;
use crate::store::Settled;
use crate::wire::Received;

/// One input for a tenant. All of them share one order, one window and one fate.
#[derive(Debug, Clone)]
pub enum Work {
    /// An upstream app asks for something.
    Command(Box<Received>),
    Timer(DueTimer),
    /// A provider refused a client's address for good. In the same transaction the message is
    /// settled, if it has no more consequences than this one.
    Bounce(Bounce, Option<Box<Settled>>),
    /// Devices of a client are no more; the message is settled likewise.
    DevicesGone(DevicesGone, Option<Box<Settled>>),
    /// A text message that was counted is given up, and settled likewise.
    Unspent(Unspent, Option<Box<Settled>>),
    /// A provider says what became of a message that it took.
    Reported(Box<Reported>),
    /// A message is given up that may go another way, and settled likewise.
    GivenUp(Box<GivenUp>),
    /// A dead letter is to be tried again, on behalf of a job.
    Replay(Box<Letter>, JobId),
}

/// A message that is given up, and what is written down of it.
#[derive(Debug, Clone)]
pub struct GivenUp {
    pub fallen: Fallen,
    pub settled: Settled,
}

/// What a text message was counted for, and nobody took.
#[derive(Debug, Clone)]
pub struct Unspent {
    pub message: MessageId,
    /// Who was to read it.
    pub client: ClientId,
    pub segments: u32,
    pub trace: Option<TraceContext>,
}

/// An address to which nothing more is to go.
#[derive(Debug, Clone)]
pub struct Bounce {
    /// The message that found out.
    pub message: MessageId,
    /// Whose address, as they were known when it was written to.
    pub client: Arc<Client>,
    pub channel: Channel,
    pub trace: Option<TraceContext>,
}

/// Devices on which nothing more is to be shown.
#[derive(Debug, Clone)]
pub struct DevicesGone {
    /// The message that found out.
    pub message: MessageId,
    pub client: ClientId,
    pub tokens: Vec<String>,
    pub trace: Option<TraceContext>,
}

impl Work {
    /// What message and event ids derive from: the command's own id, or one that is the same for
    /// the same timer at the same instant, or for the same message.
    pub fn cause(&self, tenant: &TenantId) -> CauseId {
        match self {
            Work::Command(received) => received.id.clone().into(),
            Work::Timer(timer) => named("timer", tenant, &firing(timer)),
            Work::Bounce(bounce, _) => named("bounce", tenant, &bounce.message.to_string()),
            Work::DevicesGone(gone, _) => {
                // A message may find out about one device after the other.
                let which = format!("{} {}", gone.message, gone.tokens.join(" "));
                named("devices", tenant, &which)
            }
            Work::Unspent(unspent, _) => named("unspent", tenant, &unspent.message.to_string()),
            // Whatever takes its place follows from what it followed from.
            Work::Reported(reported) => match &reported.astray {
                Some(astray) => astray.cause.clone(),
                None => {
                    let which = format!("{} {}", reported.message, reported.receipt.0);
                    named("receipt", tenant, &which)
                }
            },
            Work::GivenUp(given_up) => given_up.settled.cause.clone(),
            Work::Replay(letter, job) => {
                named("replay", tenant, &format!("{job} {}", letter.message.id))
            }
        }
    }

    /// The trace that it belongs to, and the span of deciding it.
    pub fn trace(&self, tenant: &TenantId, cause: &CauseId) -> Option<TraceContext> {
        let before = match self {
            Work::Command(received) => received.trace,
            Work::Timer(timer) => timer.trace,
            Work::Bounce(bounce, _) => bounce.trace,
            Work::DevicesGone(gone, _) => gone.trace,
            Work::Unspent(unspent, _) => unspent.trace,
            Work::Reported(reported) => reported.trace,
            Work::GivenUp(given_up) => given_up.settled.trace,
            Work::Replay(letter, _) => letter.trace,
        };
        before.map(|before| before.deciding(tenant, cause.as_str()))
    }

    /// What is to be decided.
    pub fn input(&self) -> Input<'_> {
        match self {
            Work::Command(received) => Input::Command(&received.command),
            Work::Timer(timer) => Input::Timer(timer),
            Work::Bounce(bounce, _) => {
                Input::Bounced { client: &bounce.client, channel: bounce.channel }
            }
            Work::DevicesGone(DevicesGone { client, tokens, .. }, _) => {
                Input::DevicesGone { client, tokens }
            }
            Work::Unspent(Unspent { message, client, segments, .. }, _) => {
                Input::Unspent { message: *message, client, segments: *segments }
            }
            Work::Reported(reported) => Input::Reported(reported),
            Work::GivenUp(given_up) => Input::Fallen(&given_up.fallen),
            Work::Replay(letter, job) => Input::Replay { letter, job: Some(*job) },
        }
    }

    /// What is written down with it of the message that it came of.
    pub fn settled(&self) -> Option<Box<Settled>> {
        match self {
            Work::Bounce(_, settled)
            | Work::DevicesGone(_, settled)
            | Work::Unspent(_, settled) => settled.clone(),
            Work::GivenUp(given_up) => Some(Box::new(given_up.settled.clone())),
            Work::Command(_) | Work::Timer(_) | Work::Reported(_) | Work::Replay(..) => None,
        }
    }

    /// What it is, for the log.
    pub fn noun(&self) -> &'static str {
        match self {
            Work::Command(_) => "command",
            Work::Timer(_) => "timer",
            Work::Bounce(..) => "bounce",
            Work::DevicesGone(..) => "devices that are gone",
            Work::Unspent(..) => "text message given up",
            Work::Reported(_) => "receipt",
            Work::GivenUp(_) => "message given up",
            Work::Replay(..) => "replay",
        }
    }
}

/// Why an actor has no answer. The command is run again, or set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Deciding it panicked.
    Panicked,
    /// It was decided on a state that was no longer the stored one.
    Stale,
    /// The store refuses what was decided.
    Refused,
}

/// An id for what has none of its own, behind what it is.
fn named(what: &'static str, tenant: &TenantId, which: &str) -> CauseId {
    CauseId::standing_for(what, named::uuid(&[what, tenant.as_str(), which]))
}

fn firing(DueTimer { due, timer, .. }: &DueTimer) -> String {
    // Every timer can be written as JSON: it is stored so.
    let timer = serde_json::to_string(timer).unwrap_or_default();
    format!("{due} {timer}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::BookingId;
    use crate::domain::timer::Timer;

    fn cause(tenant: &str, booking: &str, due: &str) -> CauseId {
        let timer = Timer::Review { booking: BookingId::parse(booking).unwrap() };
        let work = Work::Timer(DueTimer { due: due.parse().unwrap(), timer, trace: None });
        work.cause(&TenantId::parse(tenant).unwrap())
    }

    #[test]
    fn a_firing_has_one_id_and_another_firing_another() {
        let (monday, tuesday) = ("2026-12-07T09:00:00Z", "2026-12-08T09:00:00Z");
        let one = cause("salon-uno", "b1", monday);
        assert_eq!(one, cause("salon-uno", "b1", monday));
        assert_eq!(one.as_str(), "timer-c7e842f6-120c-8fb0-b499-83f0222a4dab", "for ever the same");
        assert!(CauseId::parse(one.as_str()).is_ok());
        for other in [
            cause("salon-uno", "b1", tuesday),
            cause("salon-uno", "b2", monday),
            cause("salon-due", "b1", monday),
        ] {
            assert_ne!(one, other);
        }
    }
}
