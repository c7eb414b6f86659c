//! A receipt: what a provider says of a message after it took it.

use super::draft::Draft;
use super::{client, fallback};
use crate::domain::event::{Event, Fate, MessageEvent};
use crate::domain::receipt::{Arrival, ReceiptChange, Report, Reported};

/// Notes how far the message has come, and tells of it once, with what follows for the address.
pub fn reported(draft: &mut Draft<'_>, of: &Reported) {
    let (news, condemned) = (of.news(), of.condemns());
    draft.decision.receipts.push(ReceiptChange {
        receipt: of.receipt,
        message: of.message,
        topic: of.topic.clone(),
        arrival: news,
        condemned,
        at: of.at,
    });
    // Nobody is left of whom to tell.
    if of.forgotten || draft.client(&of.client).is_err() {
        return;
    }
    if news.is_some() {
        draft.event(told(of));
    }
    if let Some(why) = condemned {
        client::refused(draft, &of.client, of.channel, of.sent_to.as_deref(), why);
    }
    if let Some(astray) = &of.astray
        && news == Some(Arrival::Undelivered)
    {
        fallback::astray(draft, astray);
    }
}

fn told(of: &Reported) -> Event {
    Event::Message(MessageEvent {
        message: of.message,
        kind: of.kind,
        channel: of.channel,
        client: of.client.clone(),
        attempt: of.attempts,
        provider: of.provider.clone(),
        reply: of.said.clone(),
        reference: of.reference.clone(),
        fallback_of: of.fallback_of,
        fate: match of.report {
            Report::Undelivered(failure) => Fate::Undelivered(failure),
            Report::Delivered => Fate::Delivered,
            Report::Complained => Fate::Complained,
        },
    })
}
