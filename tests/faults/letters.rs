//! Messages, the mails that they became, and what was said of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::Value;

use crate::evidence::{Evidence, Message};
use crate::model::{Booking, phone};
use crate::support::scripted_sink::Accepted;

/// Between reading a clock and the last byte of a mail.
const MOMENT: Duration = Duration::from_millis(1500);

/// When bookings were called off for the last time, by tenant.
type CalledOff = BTreeMap<(String, String), Timestamp>;

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
        let called_off = self.called_off();
        let mut latest = BTreeMap::<(&str, &str, &str, &str), usize>::new();
        let mut mails: Vec<&Accepted> = self.mails.iter().collect();
        mails.sort_by_key(|mail| mail.at);
        let mut seen = BTreeSet::new();
        for mail in mails {
            let Some(message) = self.messages.get(id(mail)) else { continue };
            self.assert_in_time(message, mail.time, &called_off);
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

    fn assert_in_time(&self, message: &Message, at: Timestamp, called_off: &CalledOff) {
        let model = &self.accounts[&message.tenant].model;
        let Some(booking) = model.bookings.get(&message.booking) else { return };
        let Booking { starts_at, state, .. } = booking;
        let start: Timestamp = starts_at.parse().unwrap();
        assert!(at < start + MOMENT + self.on_its_way, "it came at {at}: {message:?}");
        if *state != "cancelled" {
            return;
        }
        let booking = (message.tenant.clone(), message.booking.clone());
        let Some(called_off) = called_off.get(&booking).copied() else { return };
        let told = message.kind.ends_with("cancelled");
        let limit = called_off + MOMENT + self.on_its_way;
        assert!(told || at < limit, "called off at {called_off}, came at {at}: {message:?}");
    }

    /// When each booking was called off for the last time: not before that was decided, nor before
    /// it was durable. That takes its time where much is to be written, and was not done while
    /// mails came of which it was written before.
    fn called_off(&self) -> CalledOff {
        let mut came = BTreeMap::new();
        for mail in &self.mails {
            came.entry(id(mail)).or_insert(mail.time);
        }
        let (mut called_off, mut durable) = (CalledOff::new(), BTreeMap::new());
        for event in &self.events {
            let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
            let durable = durable.entry(event.part).or_insert(Timestamp::MIN);
            let at = data["message"].as_str().and_then(|message| came.get(message));
            if event.kind == "message.sent" {
                *durable = at.copied().unwrap_or(*durable).max(*durable);
            }
            if event.kind == "booking.changed" && data["state"] == "cancelled" {
                let command = (event.tenant.clone(), event.cause.clone());
                let decided = self
                    .inbox
                    .get(&command)
                    .and_then(|(at, _)| Timestamp::from_millisecond(*at).ok());
                let booking = data["booking"].as_str().unwrap_or_default().to_owned();
                let at = decided.map(|decided| decided.max(*durable));
                called_off.extend(at.map(|at| ((event.tenant.clone(), booking), at)));
            }
        }
        called_off
    }
}
