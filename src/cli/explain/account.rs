//! Everything there is to tell of a subject.

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use uuid::Uuid;

use super::fate::{fate, switched_off};
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
use crate::ops::story::ChannelStory;
use crate::store::UnreadableTimer;

/// What the store has of a subject.
pub struct Account {
    pub tenant: TenantId,
    /// What is to be explained.
    pub subject: Subject,
    pub state: TenantState,
    /// What was decided, oldest first.
    pub lines: Vec<ChannelStory>,
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

    /// For programs.
    pub fn json(&self) -> Value {
        let mut account = json!({
            "tenant": self.tenant,
            self.subject.noun(): self.subject.id(),
            "timezone": self.zone().iana_name().unwrap_or("UTC"),
            "told": self.lines,
            "planned": planned::json(&self.planned),
            "unreadable": unreadable::json(&self.unreadable),
        });
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
        let cause = paint.ink(Ink::Faint, &format!("({})", cause(&first.cause)));
        let (at, client) = (second(first.at, zone), printable(&first.client));
        let about = self.about(first.booking.as_deref());
        let mut text = format!("  {at}  {} for {client}{about}  {cause}\n", first.kind);
        for line in told.iter().filter(|line| !is_off(line)) {
            text.push_str(&format!("      {:<6} {}\n", line.channel, fate(line, zone, paint)));
        }
        let off: Vec<&str> =
            told.iter().filter(|line| is_off(line)).map(|line| line.channel.as_str()).collect();
        if let Some(off) = switched_off(&off) {
            text.push_str(&format!("      {}\n", paint.ink(Ink::Faint, &off)));
        }
        text
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
            text.push_str(&of_client(client));
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

fn of_client(client: &Client) -> String {
    let mut text = printable(&client.name);
    let facts = [(client.deleted, "deleted"), (!client.enrolled, "not enrolled")];
    for (_, what) in facts.into_iter().filter(|(is_so, _)| *is_so) {
        text.push_str(&format!(", {what}"));
    }
    for channel in names(client) {
        text.push_str(&format!(", {channel} suppressed"));
    }
    text.push('\n');
    text
}

/// The channels on which the client's address bounced.
fn names(client: &Client) -> Vec<&'static str> {
    let suppressed = Channel::ALL.into_iter().filter(|it| client.suppressed.contains(*it));
    suppressed.map(Channel::as_str).collect()
}

fn is_one_telling(one: &ChannelStory, next: &ChannelStory) -> bool {
    (one.at, &one.cause, &one.kind, &one.client, &one.booking)
        == (next.at, &next.cause, &next.kind, &next.client, &next.booking)
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

fn is_off(line: &ChannelStory) -> bool {
    line.reason.as_deref() == Some(SkipReason::KindOff.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Catalogue;
    use crate::domain::address::EmailAddress;
    use crate::domain::booking::BookingState;
    use crate::domain::channel::Channels;
    use crate::domain::client::Contact;
    use crate::domain::decision::Record;
    use crate::domain::foresight::foresee;
    use crate::domain::id::ClientId;
    use crate::domain::kind::Profile;
    use crate::domain::lead::LeadRule;
    use crate::domain::plan::Plans;
    use crate::domain::rehearsal::{Rehearsal, Stage};
    use crate::domain::session::PAGE_PEOPLE;
    use crate::domain::settings::Settings;
    use crate::domain::timer::{DueTimer, Timer};
    use crate::domain::zone::Zone;
    use crate::store::MessageView;
    use jiff::Timestamp;
    use std::sync::Arc;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn line(channel: &str, outcome: &str, reason: Option<&str>) -> ChannelStory {
        ChannelStory {
            at: instant("2026-12-02T22:59:58Z"),
            cause: "k1".to_owned(),
            kind: "booking.confirmed".to_owned(),
            client: "c1".to_owned(),
            booking: Some("b1".to_owned()),
            channel: channel.to_owned(),
            outcome: outcome.to_owned(),
            reason: reason.map(str::to_owned),
            message: None,
        }
    }

    fn sent(status: &str, attempts: u32) -> ChannelStory {
        let message = MessageView {
            message: "m1".to_owned(),
            kind: "booking.confirmed".to_owned(),
            channel: "email".to_owned(),
            client: "c1".to_owned(),
            booking: Some("b1".to_owned()),
            status: status.to_owned(),
            due: instant("2026-12-03T00:30:00Z"),
            attempts,
            doubts: 0,
            crashes: 0,
            provider: Some("relay".to_owned()),
            reply: Some("250 2.0.0 Ok".to_owned()),
            settled_at: (status != "ready").then(|| instant("2026-12-02T22:59:59Z")),
        };
        ChannelStory { message: Some(message), ..line("email", status, None) }
    }

    fn account(lines: Vec<ChannelStory>, known: bool) -> Account {
        let mut settings = Settings::of_profile("Salone Uno", Profile::Appointments);
        settings.timezone = Zone::parse("Europe/Rome").unwrap();
        settings.plan = "pro".to_owned();
        let client = ClientId::parse("c1").unwrap();
        let mut anna = Client::named(client.clone(), "Anna Conti");
        anna.email = Contact::Known(EmailAddress::parse("anna@example.com").unwrap());
        let booking = Booking {
            id: BookingId::parse("b1").unwrap(),
            client: client.clone(),
            state: BookingState::Confirmed,
            starts_at: instant("2026-12-03T09:00:00Z"),
            ends_at: None,
            service: None,
            session: None,
            series: None,
            notes: None,
            sequence: 0,
            attendance_confirmed: false,
            guest: false,
            together: None,
            erased: false,
            early: None,
            waited: false,
        };
        let records = [
            Record::Settings(Arc::new(settings)),
            Record::Client(Arc::new(anna)),
            Record::Booking(booking),
        ];
        let state = if known { TenantState::restore(records, []) } else { TenantState::default() };
        let tenant = TenantId::parse("salon-uno").unwrap();
        let subject = Subject::Booking(BookingId::parse("b1").unwrap());
        let (booking, rule) = (BookingId::parse("b1").unwrap(), LeadRule::Days(1));
        let timer = Timer::Reminder { booking, rule };
        let reminder = DueTimer { due: instant("2026-12-02T09:00:00Z"), timer };
        let stage = Stage {
            tenant: &tenant,
            plans: &Plans::default(),
            provided: Channels::ALL,
            texts: &Catalogue::built_in().unwrap(),
            outages: &[],
            page: PAGE_PEOPLE,
        };
        let rehearsal = Rehearsal::going_on(state.clone(), [reminder]);
        let planned =
            foresee(&stage, rehearsal, Timestamp::UNIX_EPOCH, |telling| subject.is_of(telling));
        Account { tenant, subject, state, lines, planned, unreadable: Vec::new() }
    }

    #[test]
    fn reads_like_a_story_in_the_tenants_zone() {
        let later = ChannelStory { at: instant("2026-12-02T23:00:01Z"), ..sent("ready", 2) };
        let lines = vec![
            sent("sent", 1),
            line("sms", "skipped", Some("no_address")),
            line("push", "skipped", Some("kind_off")),
            line("inbox", "skipped", Some("kind_off")),
            later,
        ];
        insta::assert_snapshot!(account(lines, true).story(Paint::none()), @r"
        Booking b1 at Salone Uno (salon-uno)
        confirmed, Thu 3 Dec 2026, 10:00, client c1 (Anna Conti)
        times in Europe/Rome

        Wednesday 2 December 2026
          23:59:58  booking.confirmed for c1  (command k1)
              email  sent at 23:59:59, relay said: 250 2.0.0 Ok
              sms    not sent, no_address: no phone number is known
              push and inbox are off for this kind (kind_off)

        Thursday 3 December 2026
          00:00:01  booking.confirmed for c1  (command k1)
              email  waiting until Thu 3 Dec 2026, 01:30, tried 2 times, relay said: 250 2.0.0 Ok

        Still to come, if nothing changes until then
          Wed 2 Dec 2026, 10:00  booking.reminder for c1  (1 day before it)
              email  will be sent
              sms    not sent, no_address: no phone number is known
              push and inbox are off for this kind (kind_off)
        ");
    }

    #[test]
    fn of_a_client_each_line_says_which_booking_and_who_asked() {
        let reminder = ChannelStory {
            cause: "timer-01a2031d-f1c8-783c-88cd-7b03b2310ecb".to_owned(),
            ..line("sms", "skipped", Some("opted_out"))
        };
        let subject = Subject::Client(ClientId::parse("c1").unwrap());
        let account = Account { subject, ..account(vec![reminder], true) };
        insta::assert_snapshot!(account.story(Paint::none()), @r"
        Client c1 at Salone Uno (salon-uno)
        Anna Conti
        times in Europe/Rome

        Wednesday 2 December 2026
          23:59:58  booking.confirmed for c1 about booking b1  (its time had come)
              sms    not sent, opted_out: the client does not want it

        Still to come, if nothing changes until then
          Wed 2 Dec 2026, 10:00  booking.reminder for c1 about booking b1  (1 day before it)
              email  will be sent
              sms    not sent, no_address: no phone number is known
              push and inbox are off for this kind (kind_off)
        ");
        assert_eq!(account.json()["planned"][0]["timer"]["timer"], "reminder");
    }

    #[test]
    fn without_settings_times_are_utc() {
        let story = account(vec![sent("sent", 1)], false).story(Paint::none());
        assert!(story.contains("Booking b1 (salon-uno)\ntimes in UTC\n"), "{story}");
        assert!(story.contains("  22:59:58  booking.confirmed for c1"), "{story}");
    }

    #[test]
    fn json_holds_the_same_and_more() {
        let json = account(vec![sent("sent", 1)], true).json();
        assert_eq!(json["state"], "confirmed");
        assert_eq!(json["timezone"], "Europe/Rome");
        assert_eq!(json["told"][0]["message"]["reply"], "250 2.0.0 Ok");
    }
}
