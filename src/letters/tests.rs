//! Which letters have which links, and in whose name they are.

use std::sync::Arc;

use jiff::Timestamp;

use super::*;
use crate::domain::id::{BookingId, ClientId, EntryId, SessionId};
use crate::domain::kind::{Kind, Profile};
use crate::domain::message::{BookingFacts, Facts, MessageId, Occasion, QueueFacts};
use crate::domain::sender::SenderDomains;
use crate::domain::texts::Texts;

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn booking() -> BookingFacts {
    BookingFacts::bare("b1", "2026-12-03T10:00:00Z".parse().unwrap())
}

fn offer(entry: &str) -> Facts {
    Facts::Queue(QueueFacts {
        entry: EntryId::parse(entry).unwrap(),
        session: SessionId::parse("s1").unwrap(),
        activity: "Yoga".to_owned(),
        starts_at: "2026-12-03T10:00:00Z".parse().unwrap(),
        ends_at: "2026-12-03T11:00:00Z".parse().unwrap(),
        location: None,
        until: "2026-12-03T09:00:00Z".parse().ok(),
        shared: false,
        passed_on: false,
        cancelled: false,
        reason: None,
    })
}

fn salon() -> (TenantId, Settings, Client) {
    let settings = Settings::of_profile("Salone Uno", Profile::Appointments);
    let client = Client::named(ClientId::parse("anna").unwrap(), "Anna");
    (TenantId::parse("salon-uno").unwrap(), settings, client)
}

fn message(kind: Kind, channel: Channel, facts: Facts) -> Message {
    Message {
        id: MessageId(uuid::Uuid::nil()),
        kind,
        channel,
        client: ClientId::parse("anna").unwrap(),
        due: Timestamp::UNIX_EPOCH,
        deadline: None,
        facts,
        segments: 0,
        fallback_of: None,
        link_code: None,
    }
}

/// The calendar file of a confirmation by a salon whose own address is this.
fn file(stationery: &Stationery<'_>, own: &EmailAddress) -> String {
    let (tenant, mut settings, client) = salon();
    settings.sender.email = Some(own.clone());
    let message = message(Kind::BookingConfirmed, Channel::Email, Facts::Booking(booking()));
    let written = stationery.write(&tenant, &message, &settings, &client, None).unwrap();
    let Rendered::Email(mail) = written.rendered else { unreachable!() };
    mail.calendar.unwrap().body
}

#[test]
fn what_can_be_acted_on_has_a_link() {
    let links = Links::new("https://a.example", b"a secret").unwrap();
    let (tenant, mut settings, client) = salon();
    let with_others = BookingFacts {
        others: vec![Occasion {
            booking: BookingId::parse("b2").unwrap(),
            starts_at: Timestamp::UNIX_EPOCH,
            ends_at: None,
            service: None,
            location: None,
            sequence: 0,
        }],
        ..booking()
    };
    let has_link = |settings: &Settings, kind, facts: &Facts| {
        let due = Timestamp::UNIX_EPOCH;
        let custom = None;
        let said = Said { tenant: &tenant, settings, client: &client, kind, facts, custom, due };
        act(&links, &said, Channel::Email).is_some()
    };
    let facts = Facts::Booking(booking());
    assert!(has_link(&settings, Kind::QueueOffered, &offer("w1")));
    assert!(has_link(&settings, Kind::AttendanceCheck, &facts));
    assert!(!has_link(&settings, Kind::QueueExpired, &offer("w1")));
    assert!(!has_link(&settings, Kind::BookingReminder, &facts), "only where it is wanted");
    settings.client_links = true;
    for kind in [
        Kind::BookingPending,
        Kind::BookingConfirmed,
        Kind::BookingRescheduled,
        Kind::BookingReminder,
    ] {
        assert!(has_link(&settings, kind, &facts), "{kind:?}");
        let several = Facts::Booking(with_others.clone());
        assert!(!has_link(&settings, kind, &several), "{kind:?} of several");
    }
    assert!(!has_link(&settings, Kind::BookingCancelled, &facts));
}

/// The quota counts what goes.
#[test]
fn a_text_is_counted_with_its_link() {
    let catalogue = Arc::new(Catalogue::built_in().unwrap());
    let links = Links::new("https://links.salon-uno.example", b"a secret").unwrap();
    let (plans, from) = (Plans::default(), address("post@bellhop.example"));
    let (tenant, settings, client) = salon();
    // However long the ids are: a short link is no longer for it.
    for entry in ["w1", &"w".repeat(128), &"é".repeat(128)] {
        for links in [None, Some(&links)] {
            let mut message = message(Kind::QueueOffered, Channel::Sms, offer(entry));
            let hand = Stationery { catalogue: &catalogue, plans: &plans, from: &from, links };
            let facts = message.facts.clone();
            let said = Said {
                tenant: &tenant,
                settings: &settings,
                client: &client,
                kind: Kind::QueueOffered,
                facts: &facts,
                custom: None,
                due: message.due,
            };
            let pen = Pen { catalogue: catalogue.clone(), links: links.cloned() };
            message.link_code = pen.link_code(&said, message.id);
            let written = hand.write(&tenant, &message, &settings, &client, None).unwrap();
            let Rendered::Sms(sms) = written.rendered else { unreachable!() };
            assert_eq!((pen.sms_segments(&said), sms.segments), (1, 1), "{}", sms.text);
            let linked = sms.text.contains("https://links.salon-uno.example/s/");
            assert_eq!(linked, links.is_some(), "{}", sms.text);
            assert_eq!(written.link.is_some(), linked);
        }
    }
}

#[test]
fn a_text_that_was_decided_without_a_code_has_the_long_link_where_it_fits() {
    let catalogue = Catalogue::built_in().unwrap();
    let links = Links::new("https://links.salon-uno.example", b"a secret").unwrap();
    let (plans, from) = (Plans::default(), address("post@bellhop.example"));
    let (tenant, settings, client) = salon();
    let hand =
        Stationery { catalogue: &catalogue, plans: &plans, from: &from, links: Some(&links) };
    for (entry, fits) in [("w1", true), (&*"w".repeat(128), true), (&*"é".repeat(128), false)] {
        let message = message(Kind::QueueOffered, Channel::Sms, offer(entry));
        let link = hand.link(&tenant, &message, &settings, &client);
        assert_eq!(link.is_some_and(|link| link.contains("/r/")), fits, "{entry}");
    }
}

#[test]
fn the_organizer_is_who_the_mail_is_from() {
    let (own, from) = (address("ciao@salone.example"), address("post@bellhop.example"));
    let catalogue = Catalogue::built_in().unwrap();
    for (domains, organizer) in [
        (SenderDomains::of(&own), "mailto:ciao@salone.example"),
        // The operator took it off the list.
        (SenderDomains::default(), "mailto:post@bellhop.example"),
    ] {
        let plans = Plans::new(Default::default(), domains);
        let stationery =
            Stationery { catalogue: &catalogue, plans: &plans, from: &from, links: None };
        let file = file(&stationery, &own);
        assert!(file.contains(&format!("ORGANIZER;CN=\"Salone Uno\":{organizer}\r\n")), "{file}");
    }
}

#[test]
fn a_text_of_the_tenants_own_is_used_where_its_plan_has_any() {
    let (catalogue, plans) = (Catalogue::built_in().unwrap(), Plans::default());
    let from = address("post@bellhop.example");
    let hand = Stationery { catalogue: &catalogue, plans: &plans, from: &from, links: None };
    let (tenant, mut settings, client) = salon();
    let own = CustomText { subject: None, body: "In our own words.".to_owned() };
    for (plan, is_used) in [("pro", true), ("free", false), ("gone", false)] {
        plan.clone_into(&mut settings.plan);
        let message = message(Kind::BookingConfirmed, Channel::Email, Facts::Booking(booking()));
        let written = hand.write(&tenant, &message, &settings, &client, Some(&own)).unwrap();
        let Rendered::Email(mail) = written.rendered else { unreachable!() };
        assert_eq!(mail.text.contains("In our own words."), is_used, "{plan}: {}", mail.text);
    }
}
