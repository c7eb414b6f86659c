//! Everything there is to tell of a subject.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use uuid::Uuid;

use super::fate::{fates, switched_off};
use super::queue::{Queues, sentences};
use super::subject::Subject;
use super::{planned, unreadable};
use crate::cli::paint::{Ink, Paint};
use crate::cli::table::printable;
use crate::cli::times::{long_day, moment, second};
use crate::domain::TenantState;
use crate::domain::booking::Booking;
use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::foresight::Foreseen;
use crate::domain::id::{BookingId, TenantId};
use crate::domain::policy::SkipReason;
use crate::domain::refused::Mark;
use crate::ops::story::ChannelStory;
use crate::store::{MessageView, UnreadableTimer};

/// What the store has of a subject.
pub struct Account {
    pub tenant: TenantId,
    /// What is to be explained.
    pub subject: Subject,
    pub state: TenantState,
    /// What was decided, oldest first.
    pub lines: Vec<ChannelStory>,
    /// What was decided until then is perhaps no longer among them.
    pub not_kept_until: Option<Timestamp>,
    /// Where those stand that have not ended.
    pub queues: Queues,
    /// What will still be told, in order.
    pub planned: Vec<Foreseen>,
    /// What this version cannot read of what is planned for the tenant, whomever it is about.
    pub unreadable: Vec<UnreadableTimer>,
}

impl Account {
    fn zone(&self) -> TimeZone {
        let settings = self.state.settings();
        settings.map_or(TimeZone::UTC, |settings| settings.timezone.rules().clone())
    }

    fn booking(&self) -> Option<&Booking> {
        match &self.subject {
            Subject::Booking(id) => self.state.booking(id),
            _ => None,
        }
    }

    fn client(&self) -> Option<&Client> {
        match &self.subject {
            Subject::Client(id) => self.state.client(id).map(AsRef::as_ref),
            _ => None,
        }
    }

    /// Whether it is not kept any more, though something was told of it once.
    fn is_gone(&self) -> bool {
        match self.subject {
            Subject::Booking(_) => self.booking().is_none(),
            Subject::Client(_) => self.client().is_none(),
            Subject::Message(_) => false,
        }
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let mut account = json!({
            "tenant": self.tenant,
            self.subject.noun(): self.subject.id(),
            "timezone": self.zone().iana_name().unwrap_or("UTC"),
            "told": self.told(),
            "kept": !self.is_gone(),
            "planned": planned::json(&self.planned),
            "unreadable": unreadable::json(&self.unreadable),
        });
        if let Some(until) = self.not_kept_until {
            account["not_kept_until"] = json!(until);
        }
        if let Subject::Booking(_) = self.subject {
            let booking = self.booking();
            account["state"] = json!(booking.map(|booking| booking.state.as_str()));
            account["client"] = json!(booking.map(|booking| &booking.client));
            account["starts_at"] = json!(booking.map(|booking| booking.starts_at));
            account["ends_at"] = json!(booking.and_then(|booking| booking.ends_at));
        }
        if let Some(client) = self.client() {
            account["enrolled"] = json!(client.enrolled);
            account["deleted"] = json!(client.deleted);
            account["suppressed"] = json!(names(client));
            account["suppressions"] = suppressions(client);
        }
        account
    }

    /// For people.
    pub fn story(&self, paint: Paint) -> String {
        let zone = self.zone();
        let mut text = self.heading(&zone, paint);
        let mut day = String::new();
        for told in self.lines.chunk_by(is_one_telling) {
            let Some(first) = told.first() else { continue };
            let today = long_day(first.at, &zone);
            if today != day {
                text.push_str(&format!("\n{}\n", paint.ink(Ink::Strong, &today)));
                day = today;
            }
            text.push_str(&self.telling(told, first, &zone, paint));
        }
        if !self.planned.is_empty() {
            let heading = "Still to come, if nothing changes until then";
            text.push_str(&format!("\n{}\n", paint.ink(Ink::Strong, heading)));
        }
        for foreseen in &self.planned {
            let booking = foreseen.telling.booking().map(BookingId::as_str);
            let about = self.about(booking);
            text.push_str(&planned::story(foreseen, &about, &self.state, &zone, paint));
        }
        if let Some(why) = self.queues.silence() {
            let silence = format!("where what waits stands is not known: {}", printable(why));
            text.push_str(&format!("\n{}\n", paint.ink(Ink::Faint, &silence)));
        }
        text.push_str(&unreadable::story(&self.unreadable, &zone, paint));
        text
    }

    fn telling(
        &self,
        told: &[ChannelStory],
        first: &ChannelStory,
        zone: &TimeZone,
        paint: Paint,
    ) -> String {
        let (cause, instead) = (cause(&first.cause), self.instead(first));
        let cause = format!("({cause}{instead}{})", trace(told));
        let cause = paint.ink(Ink::Faint, &cause);
        let (at, client) = (second(first.at, zone), printable(&first.client));
        let about = self.about(first.booking.as_deref());
        let mut text = format!("  {at}  {} for {client}{about}  {cause}\n", first.kind);
        for line in told.iter().filter(|line| !is_off(line)) {
            text.push_str(&format!("      {:<6} {}\n", line.channel, fates(line, zone, paint)));
            for sentence in sentences(self.queue(line), zone, paint) {
                text.push_str(&format!("             {sentence}\n"));
            }
        }
        let off: Vec<&str> =
            told.iter().filter(|line| is_off(line)).map(|line| line.channel.as_str()).collect();
        if let Some(off) = switched_off(&off) {
            text.push_str(&format!("      {}\n", paint.ink(Ink::Faint, &off)));
        }
        text
    }

    /// What it was said in place of, if it was.
    fn instead(&self, line: &ChannelStory) -> String {
        let Some(of) = &line.fallback_of else { return String::new() };
        let is_that = |message: &MessageView| message.message == *of;
        let known = self.lines.iter().find(|line| line.message.as_ref().is_some_and(is_that));
        match known {
            Some(known) if is_astray(known) => {
                format!(", in place of the {} that did not arrive", known.channel)
            }
            Some(known) => format!(", in place of the {} that was given up", known.channel),
            None => format!(", in place of message {}, which was given up", printable(of)),
        }
    }

    /// Where a message stands; null where nothing is known of that.
    fn queue(&self, line: &ChannelStory) -> &Value {
        let message = line.message.as_ref();
        message.map_or(&Value::Null, |message| self.queues.json(&message.message))
    }

    /// What was told, for programs.
    fn told(&self) -> Vec<Value> {
        let told = self.lines.iter().map(|line| {
            let mut told = json!(line);
            let queue = self.queue(line);
            if !queue.is_null() {
                told["queue"] = queue.clone();
            }
            told
        });
        told.collect()
    }

    /// Which booking it is about, where that is not what was asked about.
    fn about(&self, booking: Option<&str>) -> String {
        match (&self.subject, booking) {
            (Subject::Booking(_), _) | (_, None) => String::new(),
            (_, Some(booking)) => format!(" about booking {}", printable(booking)),
        }
    }

    fn heading(&self, zone: &TimeZone, paint: Paint) -> String {
        let noun = match self.subject {
            Subject::Booking(_) => "Booking",
            Subject::Client(_) => "Client",
            Subject::Message(_) => "Message",
        };
        let (tenant, id) = (&self.tenant, printable(&self.subject.id()));
        let title = match self.state.settings() {
            Some(settings) => format!("{noun} {id} at {} ({tenant})", printable(&settings.name)),
            None => format!("{noun} {id} ({tenant})"),
        };
        let mut text = format!("{}\n", paint.ink(Ink::Strong, &title));
        if let Some(booking) = self.booking() {
            text.push_str(&self.of_booking(booking, zone));
        }
        if let Some(client) = self.client() {
            text.push_str(&of_client(client, zone));
        }
        if self.is_gone() {
            text.push_str("no longer kept: this is what was told of it\n");
        }
        if let Some(until) = self.not_kept_until {
            let until = moment(until, zone);
            text.push_str(&format!("what was decided until {until} may no longer be kept\n"));
        }
        let zone = format!("times in {}", zone.iana_name().unwrap_or("UTC"));
        text.push_str(&format!("{}\n", paint.ink(Ink::Faint, &zone)));
        text
    }

    fn of_booking(&self, booking: &Booking, zone: &TimeZone) -> String {
        let (state, start) = (booking.state.as_str(), moment(booking.starts_at, zone));
        let mut text = format!("{state}, {start}, client {}", printable(booking.client.as_str()));
        if let Some(client) = self.state.client(&booking.client) {
            text.push_str(&format!(" ({})", printable(&client.name)));
        }
        text.push('\n');
        text
    }
}

fn of_client(client: &Client, zone: &TimeZone) -> String {
    let mut text = printable(&client.name);
    let facts = [(client.deleted, "deleted"), (!client.enrolled, "not enrolled")];
    for (_, what) in facts.into_iter().filter(|(is_so, _)| *is_so) {
        text.push_str(&format!(", {what}"));
    }
    for channel in client.suppressed.iter() {
        text.push_str(&format!(", {} suppressed", channel.as_str()));
        if let Some(Mark { at, why }) = client.suppressed_since.get(&channel) {
            let since = format!(" since {} ({})", moment(*at, zone), why.as_str());
            text.push_str(&since);
        }
    }
    text.push('\n');
    text
}

/// The channels on which the client's address bounced.
fn names(client: &Client) -> Vec<&'static str> {
    client.suppressed.iter().map(Channel::as_str).collect()
}

/// The same with when it was and why, as far as that is known.
fn suppressions(client: &Client) -> Value {
    let line = |channel: Channel| {
        let mark = client.suppressed_since.get(&channel);
        json!({
            "channel": channel,
            "reason": mark.map(|mark| mark.why.as_str()),
            "since": mark.map(|mark| mark.at),
        })
    };
    client.suppressed.iter().map(line).collect()
}

fn is_one_telling(one: &ChannelStory, next: &ChannelStory) -> bool {
    (one.at, &one.cause, &one.kind, &one.client, &one.booking, &one.fallback_of)
        == (next.at, &next.cause, &next.kind, &next.client, &next.booking, &next.fallback_of)
}

/// Who asked: an upstream app, the clock, or a provider who refused an address.
fn cause(id: &str) -> String {
    let stands_for =
        |what: &str| id.strip_prefix(what).is_some_and(|rest| Uuid::try_parse(rest).is_ok());
    if stands_for("timer-") {
        "its time had come".to_owned()
    } else if stands_for("bounce-") {
        "an address bounced".to_owned()
    } else {
        format!("command {}", printable(id))
    }
}

/// The trace that it belongs to, if a message of it has one.
fn trace(told: &[ChannelStory]) -> String {
    let mut traces = told.iter().filter_map(|line| line.message.as_ref()?.trace_id.as_deref());
    traces.next().map(|trace| format!(", trace {}", printable(trace))).unwrap_or_default()
}

/// Whether a provider took it, and said that it did not arrive.
fn is_astray(line: &ChannelStory) -> bool {
    let arrival = line.message.as_ref().and_then(|message| message.arrival.as_deref());
    arrival == Some("undelivered")
}

fn is_off(line: &ChannelStory) -> bool {
    line.reason.as_deref() == Some(SkipReason::KindOff.as_str())
}
