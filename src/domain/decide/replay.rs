//! A dead letter is to be tried again: the ladder is asked as if it were decided now, and whether
//! what it tells is still so.

use jiff::Timestamp;

use super::draft::Draft;
use super::still::{counted_apart_from, loud, objection};
use crate::domain::channel::Channel;
use crate::domain::event::Event;
use crate::domain::letter::{JobId, Letter, LetterChange, LetterFate};
use crate::domain::message::{Message, MessageStatus, Unsent};
use crate::domain::policy::{self, Question, SkipReason};

/// When the letter may go; else the first rule that forbids it.
pub fn may_go(draft: &Draft<'_>, letter: &Letter) -> Result<Timestamp, SkipReason> {
    let (message, now) = (&letter.message, draft.ctx.now);
    let objection = letter_objects(letter).or_else(|| objection(draft, message));
    if message.kind.is_alert() {
        // No toggle, plan or wish of a client's bears on it.
        return objection.map_or(Ok(now), Err);
    }
    let known = draft.client(&message.client).ok().filter(|_| !letter.forgotten);
    let client = known.ok_or(SkipReason::ClientDeleted)?;
    let counted = counted_apart_from(&client, message);
    let needed = segments(draft, letter);
    let question = Question {
        settings: draft.settings,
        plans: draft.ctx.plans,
        provided: draft.ctx.provided,
        kind: message.kind,
        channel: message.channel,
        client: &counted,
        now,
        unpaid: &|| draft.unpaid(&counted, needed),
        veto: objection,
    };
    // No toggle keeps back what takes the place of another.
    let forbids =
        if message.fallback_of.is_some() { policy::forbids_though_on } else { policy::forbids };
    if let Some(reason) = forbids(&question) {
        return Err(reason);
    }
    let due = loud(draft, &client, message.channel, message.kind);
    match message.deadline {
        Some(deadline) if deadline <= due => Err(SkipReason::Expired),
        _ => Ok(due),
    }
}

/// Makes a letter a message again, or ends it, and says why.
pub fn replay(draft: &mut Draft<'_>, letter: &Letter, job: Option<JobId>) {
    let message = &letter.message;
    let fate = match may_go(draft, letter) {
        Ok(due) => {
            draft.usage = draft.usage.month_of(draft.ctx.now, &draft.settings.timezone);
            let needed = segments(draft, letter);
            let of_month = if draft.settings.sms_quota.is_some() { needed } else { 0 };
            draft.usage.count_again(message.id, of_month);
            draft.decision.spent.counts(needed);
            if message.channel == Channel::Sms && !letter.in_doubt {
                draft.remember_text(&message.client);
            }
            again(message, due)
        }
        Err(reason) => {
            let (kind, channel, client) = (message.kind, message.channel, message.client.clone());
            let about = message.facts.about();
            let fallback_of = message.fallback_of;
            let skipped =
                Event::MessageSkipped { kind, channel, client, about, reason, fallback_of };
            draft.event(skipped);
            let is_late = matches!(reason, SkipReason::Expired | SkipReason::TooLate);
            let status = if is_late { MessageStatus::Expired } else { MessageStatus::Withdrawn };
            LetterFate::Ends { status, reason: Some(reason) }
        }
    };
    draft.decision.letters.push(LetterChange { message: message.id, job, fate });
}

fn again(message: &Message, due: Timestamp) -> LetterFate {
    let Message { id, kind, channel, segments, .. } = *message;
    let unsent = Unsent { id, kind, channel, client: message.client.clone(), segments };
    LetterFate::Again { due, topic: message.facts.topic(), unsent }
}

/// The segments that are to be counted again: those of what may have arrived still are.
fn segments(draft: &Draft<'_>, letter: &Letter) -> u32 {
    let counts = letter.message.channel == Channel::Sms && draft.counts_segments();
    if counts && !letter.in_doubt { letter.message.segments } else { 0 }
}

/// What speaks against trying it again, whatever it tells.
fn letter_objects(letter: &Letter) -> Option<SkipReason> {
    // A secret is forgotten with the last attempt.
    let is_forgotten = letter.message.facts.is_secret().then_some(SkipReason::Expired);
    is_forgotten.or(letter.replaced.then_some(SkipReason::Superseded))
}
