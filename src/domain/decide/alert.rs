//! Telling staff what a client did. Nothing that bears on what clients get bears on this, nor the
//! other way round.

use super::ctx::Ctx;
use super::draft::Draft;
use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::decision::{Telling, Verdict};
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, Message, MessageId, StaffFacts};
use crate::domain::policy::SkipReason;

/// Writes to each of the staff's addresses, if they want to hear of this.
pub fn alert(draft: &mut Draft<'_>, kind: Kind, client: &Client, facts: &Facts) {
    let Some(staff) = &draft.settings.staff else { return };
    if !staff.kinds.contains(&kind) {
        return;
    }
    for (place, to) in staff.emails.iter().enumerate() {
        let provided = draft.ctx.provided.contains(Channel::Email);
        let verdict = if provided {
            let facts = Facts::Staff(StaffFacts { to: to.clone(), of: Box::new(facts.clone()) });
            Verdict::Goes(message(draft, kind, client, facts, place))
        } else {
            Verdict::Skipped(SkipReason::NoProvider)
        };
        draft.decision.tellings.push(Telling {
            kind,
            client: client.id.clone(),
            about: facts.about(),
            channels: vec![(Channel::Email, verdict)],
            fallback_of: None,
        });
    }
}

/// The place among the addresses is part of what the message is.
fn message(
    draft: &mut Draft<'_>,
    kind: Kind,
    client: &Client,
    facts: Facts,
    place: usize,
) -> MessageId {
    let Ctx { now, tenant, cause, .. } = *draft.ctx;
    let (channel, cause) = (Channel::Email, format!("{cause}/{place}"));
    let id = MessageId::derive(now, tenant, &cause, kind, channel, &client.id, None);
    let client = client.id.clone();
    let due = now;
    let message = Message {
        id,
        kind,
        channel,
        client,
        due,
        deadline: None,
        facts,
        segments: 0,
        fallback_of: None,
        link_code: None,
    };
    draft.decision.messages.push(message);
    id
}
