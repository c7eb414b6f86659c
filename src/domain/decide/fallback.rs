//! A message was given up, or did not arrive though a provider took it: the tenant may have said by
//! which channel it goes then.
//!
//! ```text
//!   given up ─▶ a way out? ── no ──▶ what was counted comes back, a dead address is noted
//!   astray ──────▶  │ yes
//!                   ▼
//!   the ladder without its first rule ─▶ another message, or the rule that forbids it
//! ```
//!
//! What takes another's place falls back no further, and is told of like anything else.

use jiff::Timestamp;

use super::client;
use super::draft::Draft;
use super::still::{counted_apart_from, loud, objection};
use super::tell::Say;
use crate::domain::channel::{Channel, Channels};
use crate::domain::client::Client;
use crate::domain::decision::Verdict;
use crate::domain::fallen::Fallen;
use crate::domain::kind::Kind;
use crate::domain::message::Message;
use crate::domain::policy::{self, Question, SkipReason};
use crate::domain::receipt::Astray;

/// What follows from a message's having been given up.
pub fn given_up(draft: &mut Draft<'_>, fallen: &Fallen) {
    let Fallen { message, client, bounced, unspent, .. } = fallen;
    if *bounced {
        client::bounced(draft, client, message.channel);
    }
    if message.channel == Channel::Sms {
        draft.give_back(message.id, &message.client, *unspent);
    }
    if is_same_person(draft, client)
        && is_wanted(draft, message)
        && let Some(channel) = way_out(draft, message, fallen.said_on)
    {
        goes_by(draft, message, channel, None);
    }
}

/// What follows from a message's not having arrived though a provider took it, for a client who is
/// still the same. Whether something newer was said is asked of what it tells: what has left is
/// none of those that wait.
pub fn astray(draft: &mut Draft<'_>, Astray { message, said_on, .. }: &Astray) {
    if let Some(channel) = way_out(draft, message, *said_on) {
        // A secret was forgotten when it left. A payment is still asked for, in the app.
        let veto = message.facts.is_secret().then_some(SkipReason::Expired);
        goes_by(draft, message, channel, veto);
    }
}

/// By which channel it may go, unless a rule forbids it.
fn way_out(draft: &Draft<'_>, message: &Message, said_on: Channels) -> Option<Channel> {
    let channel = *draft.settings.fallback.get(&message.channel)?;
    let is_late = message.deadline.is_some_and(|deadline| deadline <= draft.ctx.now);
    let is_last = message.fallback_of.is_some() || !may_be_said_elsewhere(message.kind);
    (!is_late && !is_last && !said_on.contains(channel)).then_some(channel)
}

/// A link that proves an address proves nothing where it is sent anywhere else; and staff have only
/// the one address that they are written to by.
fn may_be_said_elsewhere(kind: Kind) -> bool {
    !kind.is_alert() && kind != Kind::AccountVerifyEmail
}

/// Whoever has the id of a client who was erased is somebody else.
fn is_same_person(draft: &Draft<'_>, written_to: &Client) -> bool {
    let known = draft.client(&written_to.id);
    known.is_ok_and(|known| known.known_since == written_to.known_since)
}

/// Whether nothing newer took its place meanwhile.
fn is_wanted(draft: &Draft<'_>, message: &Message) -> bool {
    let topic = message.facts.topic();
    topic.is_none_or(|topic| draft.state.unsent(&topic).iter().any(|one| one.id == message.id))
}

fn goes_by(draft: &mut Draft<'_>, message: &Message, channel: Channel, veto: Option<SkipReason>) {
    let Ok(client) = draft.client(&message.client) else { return };
    let say = Say {
        deadline: message.deadline,
        veto,
        instead_of: Some(message.id),
        ..Say::new(message.kind, &client, message.facts.clone())
    };
    let verdict = match may_go(draft, &say, message, channel) {
        Ok((due, segments)) => Verdict::Goes(draft.message(&say, channel, segments, due)),
        Err(reason) => Verdict::Skipped(reason),
    };
    draft.record(&say, vec![(channel, verdict)]);
}

/// When it may go there, and the SMS segments that it takes; else the first rule that forbids it.
fn may_go(
    draft: &Draft<'_>,
    say: &Say<'_>,
    message: &Message,
    channel: Channel,
) -> Result<(Timestamp, u32), SkipReason> {
    let counts = channel == Channel::Sms && draft.counts_segments();
    let segments = if counts { draft.sms_segments(say) } else { 0 };
    let counted = counted_apart_from(say.client, message);
    let forbidden = policy::forbids_though_on(&Question {
        settings: draft.settings,
        plans: draft.ctx.plans,
        provided: draft.ctx.provided,
        kind: message.kind,
        channel,
        client: &counted,
        now: draft.ctx.now,
        unpaid: &|| draft.unpaid(&counted, segments),
        veto: say.veto.or_else(|| objection(draft, message)),
    });
    let due = loud(draft, say.client, channel, message.kind);
    let is_late = message.deadline.is_some_and(|deadline| deadline <= due);
    forbidden.or(is_late.then_some(SkipReason::Expired)).map_or(Ok((due, segments)), Err)
}
