//! Messages, the mails that they became, and what was said of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::evidence::{Evidence, Message};
use crate::model::{Booking, phone};
use crate::support::scripted_sink::Accepted;

/// Between reading a clock and the last byte of a mail.
const MOMENT: Duration = Duration::from_millis(1500);

/// The message that a mail is of.
pub fn id(mail: &Accepted) -> &str {
    mail.message_id.trim_start_matches('<').split('@').next().unwrap_or_default()
}

/// Commands of a tenant are numbered in their order.
fn number_of(cause: &str) -> usize {
    cause.trim_start_matches('m').parse().unwrap_or_else(|_| panic!("{cause} is no command"))
}

impl Evidence {
    /// Numbers of events have no gap, and whoever listens heard them in order.
    pub(super) fn assert_events(&self) {
        let mut last = BTreeMap::<i64, i64>::new();
        for event in &self.events {
            let last = last.entry(event.part).or_default();
            *last += 1;
            assert_eq!(event.seq, *last, "partition {} has a gap", event.part);
        }
        let mut heard = BTreeMap::<i64, Vec<i64>>::new();
        for (part, seq) in &self.heard {
            heard.entry(*part).or_default().push(*seq);
        }
        for (part, heard) in heard {
            let whole: Vec<i64> = (1..=last.get(&part).copied().unwrap_or_default()).collect();
            let odd = heard.iter().zip(&whole).find(|(heard, kept)| heard != kept);
            assert_eq!(odd, None, "partition {part} was heard out of order");
            assert_eq!(heard.len(), whole.len(), "partition {part} was not heard in full");
        }
    }

    /// Each message has ended, for one reason, told once; and no two were decided for one thing.
    pub(super) fn assert_messages(&self) {
        let mut ends = BTreeMap::<String, Vec<&str>>::new();
        for event in &self.events {
            let end = event.kind.strip_prefix("message.");
            let Some(end) = end.filter(|end| !["skipped", "retrying"].contains(end)) else {
                continue;
            };
            let data: Value = serde_json::from_str(&event.data).unwrap();
            let of = data["message"].as_str().unwrap_or_default().to_owned();
            ends.entry(of).or_default().push(end);
        }
        let mut decided = BTreeSet::new();
        for (id, message) in &self.messages {
            let Message { tenant, cause, kind, client, booking, channel, .. } = message;
            let status = message.status.as_str();
            // What was in doubt when its time was over is not tried again.
            let known = ["sent", "expired"].contains(&status)
                || (status == "withdrawn" && message.superseded)
                || (status == "unknown" && message.doubts > 0);
            assert!(known, "{message:?}");
            let ended = ends.remove(id).unwrap_or_default();
            assert_eq!(ended, [status], "{message:?}");
            let once = decided.insert((tenant, cause, kind, client, booking, channel));
            assert!(once, "decided twice: {message:?}");
        }
        assert!(ends.is_empty(), "something became of messages that never were: {ends:?}");
    }

    /// What was sent came, to whom it was to, under one name.
    pub(super) fn assert_mails(&self) {
        let mut came = BTreeMap::<&str, BTreeSet<&str>>::new();
        for mail in &self.mails {
            let message = self.messages.get(id(mail));
            let message = message.unwrap_or_else(|| panic!("of no message: {}", mail.message_id));
            let to = match message.channel.as_str() {
                "sms" => phone(&message.tenant, &message.client),
                _ => format!("{}@{}.", message.client, message.tenant),
            };
            assert!(mail.recipient.starts_with(&to), "{message:?} went to {}", mail.recipient);
            let may_leave = message.status == "sent" || message.doubts > 0;
            assert!(may_leave, "it came, and nobody knows: {message:?}");
            came.entry(&message.id).or_default().insert(&mail.message_id);
        }
        for message in
            self.messages.values().filter(|it| ["email", "sms"].contains(&it.channel.as_str()))
        {
            let names = came.get(message.id.as_str()).map_or(0, BTreeSet::len);
            let wanted = if message.status == "sent" { 1..=1 } else { 0..=1 };
            assert!(wanted.contains(&names), "{names} names: {message:?}");
        }
    }

    /// Nothing came of what had begun, or had been called off; and what came of one booking came in
    /// the order of the decisions.
    pub(super) fn assert_nothing_is_late(&self) {
        let (now, instant) = (jiff::Timestamp::now(), Instant::now());
        let mut latest = BTreeMap::<(&str, &str, &str, &str), usize>::new();
        let mut mails: Vec<&Accepted> = self.mails.iter().collect();
        mails.sort_by_key(|mail| mail.at);
        let mut seen = BTreeSet::new();
        for mail in mails {
            let Some(message) = self.messages.get(id(mail)) else { continue };
            let ago = jiff::SignedDuration::try_from(instant.duration_since(mail.at)).unwrap();
            self.assert_in_time(message, now - ago);
            // Channels do not wait for each other.
            let of = (&*message.tenant, &*message.booking, &*message.client, &*message.channel);
            if message.booking.is_empty() || !seen.insert(id(mail)) {
                continue;
            }
            let cause = number_of(&message.cause);
            let before = latest.insert(of, cause);
            assert!(before < Some(cause), "{message:?} came after that of m{before:?}");
        }
    }

    fn assert_in_time(&self, message: &Message, at: jiff::Timestamp) {
        let model = &self.accounts[&message.tenant].model;
        let Some(booking) = model.bookings.get(&message.booking) else { return };
        let Booking { starts_at, state, .. } = booking;
        let start: jiff::Timestamp = starts_at.parse().unwrap();
        assert!(at < start + MOMENT + self.on_its_way, "it came at {at}: {message:?}");
        if *state != "cancelled" {
            return;
        }
        let Some((called_off, _)) = self.call_off(message) else { return };
        let told = message.kind.ends_with("cancelled");
        let limit = called_off + MOMENT + self.on_its_way;
        assert!(told || at < limit, "called off at {called_off}, came at {at}: {message:?}");
    }

    /// When a booking was called off for the last time, and by which command.
    fn call_off(&self, message: &Message) -> Option<(jiff::Timestamp, &str)> {
        let is_it = |data: &Value| {
            data["booking"] == message.booking.as_str() && data["state"] == "cancelled"
        };
        let mut events = self
            .events
            .iter()
            .rev()
            .filter(|event| event.kind == "booking.changed" && event.tenant == message.tenant);
        let event = events.find(|event| {
            serde_json::from_str::<Value>(&event.data).is_ok_and(|data| is_it(&data))
        })?;
        let (at, _) = self.inbox.get(&(event.tenant.clone(), event.cause.clone()))?;
        Some((jiff::Timestamp::from_millisecond(*at).ok()?, &event.cause))
    }
}
