//! Messages that are given up in the middle of a history, and what takes their places.

use std::collections::{HashMap, HashSet};

use super::witness::Witness;
use super::*;
use crate::domain::decide::Input;
use crate::domain::decision::{Change, Record, Verdict};
use crate::domain::fallen::Fallen;
use crate::domain::message::{Message, MessageId};

/// What was said together, whatever became of it.
#[derive(Default)]
pub(super) struct Spoken {
    telling_of: HashMap<MessageId, usize>,
    on: Vec<Channels>,
    replaced: HashSet<MessageId>,
}

impl Spoken {
    pub(super) fn hears(&mut self, decision: &Decision) {
        for telling in &decision.tellings {
            let before = telling.fallback_of.and_then(|old| self.telling_of.get(&old).copied());
            let place = before.unwrap_or(self.on.len());
            if before.is_none() {
                self.on.push(Channels::NONE);
            }
            for (channel, verdict) in &telling.channels {
                let Verdict::Goes(id) = verdict else { continue };
                let again = self.on[place].contains(*channel);
                assert!(!again, "twice on one channel: {telling:?}");
                self.on[place] = self.on[place].with(*channel, true);
                self.telling_of.insert(*id, place);
            }
        }
        for old in decision.messages.iter().filter_map(|message| message.fallback_of) {
            assert!(self.replaced.insert(old), "a second one takes its place");
        }
    }

    fn beside(&self, message: &Message) -> Channels {
        self.on[self.telling_of[&message.id]].with(message.channel, false)
    }
}

impl Witness {
    /// One of those that wait is given up.
    pub(super) fn gives_up(&mut self, which: usize, bounced: bool) {
        let mortal = self.waiting.iter().filter(|message| !message.kind.is_alert());
        let mortal: Vec<&Message> = mortal.collect();
        let Some(message) = mortal.get(which % mortal.len().max(1)).copied().cloned() else {
            return;
        };
        self.waiting.retain(|waiting| waiting.id != message.id);
        let Some(client) = self.rehearsal.state().client(&message.client).cloned() else { return };
        let (unspent, said_on) = (message.segments, self.spoken.beside(&message));
        self.counted.remove(&message.id);
        self.texted.remove(&message.id);
        let fallen = Fallen { message, client, bounced, unspent, said_on };
        let ways = self.rehearsal.state().settings().unwrap().fallback.clone();
        let cause = self.next_cause();
        let decision = self.takes(&cause, Input::Fallen(&fallen)).unwrap();
        only_another_word_is_said(&decision, &fallen, ways.get(&fallen.message.channel));
        self.rehearsal.gives_up(&fallen.message);
        self.unsent.retain(|(_, unsent)| unsent.id != fallen.message.id);
    }
}

/// No booking, seat, place or plan is another for it.
fn only_another_word_is_said(decision: &Decision, fallen: &Fallen, way: Option<&Channel>) {
    let Decision { changes, messages, tellings, superseded, timers, letters, .. } = decision;
    for change in changes {
        let is_harmless = matches!(change, Change::Put(Record::Client(_) | Record::SmsUsage(_)));
        assert!(is_harmless, "{change:?}");
    }
    assert!(superseded.is_empty() && timers.is_empty() && letters.is_empty(), "{decision:?}");
    assert!(tellings.len() <= 1, "{tellings:?}");
    for message in messages {
        let Message { fallback_of, kind, channel, .. } = message;
        assert_eq!(*fallback_of, Some(fallen.message.id));
        assert_eq!((*kind, Some(channel)), (fallen.message.kind, way));
        assert_eq!(
            (&message.facts, message.deadline),
            (&fallen.message.facts, fallen.message.deadline)
        );
        assert_eq!(fallen.message.fallback_of, None, "no further");
    }
}
