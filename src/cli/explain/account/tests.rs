//! What is told, as people and programs read it.

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
        fallback_of: None,
        message: None,
        queue: None,
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
        arrival: None,
        arrived_at: None,
        reason: None,
        history: Vec::new(),
        fallback_of: None,
        trace_id: None,
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
        attendance_asked: false,
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
    let reminder = DueTimer { due: instant("2026-12-02T09:00:00Z"), timer, trace: None };
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
    let (queues, unreadable) = (Queues::default(), Vec::new());
    let not_kept_until = None;
    Account { tenant, subject, state, lines, not_kept_until, queues, planned, unreadable }
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
fn what_took_the_place_of_another_says_of_which() {
    let told = |of: &str| {
        let (at, fallback_of) = (instant("2026-12-02T23:00:01Z"), Some(of.to_owned()));
        let spare =
            ChannelStory { at, fallback_of, ..line("inbox", "skipped", Some("no_address")) };
        let lines = vec![sent("dead", 1), spare];
        account(lines, true).story(Paint::none())
    };
    for (of, expected) in [
        ("m1", "(command k1, in place of the email that was given up)\n      inbox  not sent"),
        ("m0", "(command k1, in place of message m0, which was given up)\n      inbox  not sent"),
    ] {
        let story = told(of);
        assert!(story.contains(expected), "{story}");
    }
}

#[test]
fn what_took_the_place_of_one_that_did_not_arrive_says_so() {
    let mut lost = sent("sent", 1);
    lost.message.as_mut().unwrap().arrival = Some("undelivered".to_owned());
    let (at, fallback_of) = (instant("2026-12-02T23:00:01Z"), Some("m1".to_owned()));
    let spare = ChannelStory { at, fallback_of, ..line("inbox", "skipped", Some("no_address")) };
    let story = account(vec![lost, spare], true).story(Paint::none());
    assert!(story.contains("(command k1, in place of the email that did not arrive)"), "{story}");
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
    assert!(story.contains("Booking b1 (salon-uno)\n"), "{story}");
    assert!(story.contains("\ntimes in UTC\n"), "{story}");
    assert!(story.contains("  22:59:58  booking.confirmed for c1"), "{story}");
}

/// What is no longer kept is not said never to have been.
#[test]
fn what_is_no_longer_kept_is_said_to_be_so() {
    let account = account(vec![sent("sent", 1)], false);
    let story = account.story(Paint::none());
    assert!(story.contains("\nno longer kept: this is what was told of it\n"), "{story}");
    let json = account.json();
    assert_eq!((&json["state"], &json["kept"]), (&Value::Null, &false.into()));
    assert_eq!(json["told"][0]["message"]["status"], "sent");
}

#[test]
fn json_holds_the_same_and_more() {
    let json = account(vec![sent("sent", 1)], true).json();
    assert_eq!((&json["state"], &json["kept"]), (&"confirmed".into(), &true.into()));
    assert_eq!(json["timezone"], "Europe/Rome");
    assert_eq!(json["told"][0]["message"]["reply"], "250 2.0.0 Ok");
}

#[test]
fn what_is_no_longer_kept_is_said() {
    let mut account = account(vec![line("email", "not_kept", None)], true);
    let before = account.story(Paint::none());
    assert!(!before.contains("may no longer be kept"), "{before}");
    assert!(before.contains("email  whether it was sent is no longer kept"), "{before}");
    account.not_kept_until = Some(instant("2026-06-01T09:00:00Z"));
    let after = account.story(Paint::none());
    assert!(after.contains("what was decided until Mon 1 Jun 2026"), "{after}");
    assert_eq!(account.json()["not_kept_until"], "2026-06-01T09:00:00Z");
}
