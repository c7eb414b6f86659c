//! Every kind of row comes back as it was decided.

use std::sync::Arc;

use super::*;
use crate::domain::broadcast::{Audience, Broadcast, BroadcastContent, BroadcastId};
use crate::domain::decision::{Change, Record, RecordKey, Superseded, Telling, Verdict};
use crate::domain::erasure::Erasure;
use crate::domain::id::{EntryId, NoticeId, PaymentId, SessionId};
use crate::domain::locale::Locale;
use crate::domain::message::{MessageId, PaymentFacts, QueueFacts};
use crate::domain::money::Money;
use crate::domain::payment::{Payment, PaymentState};
use crate::domain::session::{Entry, EntryState, MinAttendance, Session};
use crate::domain::usage::SmsUsage;

on_every_backend! {
    every_kind_of_record_comes_back
    the_last_version_of_a_record_counts
    a_text_that_was_reset_is_gone
    what_is_not_kept_any_more_is_gone
    unsent_messages_come_back_by_their_topic
}

fn session(id: &str) -> Session {
    Session {
        id: SessionId::parse(id).unwrap(),
        activity: "Yoga".to_owned(),
        starts_at: at("2026-12-03T10:00:00.123456789Z"),
        ends_at: at("2026-12-03T11:00:00Z"),
        capacity: 10,
        free_cancel_until: Some(at("2026-12-03T08:00:00Z")),
        min_attendance: Some(MinAttendance { count: 3, decide_at: at("2026-12-03T07:00:00Z") }),
        location: Some("Room 2".to_owned()),
        cancelled: false,
        rest: None,
        pages: 0,
        joined: 2,
    }
}

fn queued(id: &str, place: u64, state: EntryState) -> Entry {
    Entry {
        id: EntryId::parse(id).unwrap(),
        session: SessionId::parse("s1").unwrap(),
        client: ClientId::parse("anna").unwrap(),
        place,
        state,
        booking: None,
    }
}

fn payment(state: PaymentState) -> Payment {
    Payment {
        id: PaymentId::parse("p1").unwrap(),
        client: ClientId::parse("anna").unwrap(),
        amount: Money::parse("12.50", "EUR").unwrap(),
        reason: "Ten lessons".to_owned(),
        direct: false,
        state,
        erased: false,
    }
}

fn notice(id: BroadcastId) -> Record {
    let content = BroadcastContent::Notice {
        title: "Closed".to_owned(),
        body: "on Monday".to_owned(),
        channels: Channels::of(&[Channel::Email, Channel::Push]),
        audience: Audience {
            clients: Some([ClientId::parse("anna").unwrap()].into()),
            enrolled: Some(true),
            ..Audience::default()
        },
    };
    Record::Broadcast(Arc::new(Broadcast::new(id, content, at("2026-12-01T12:00:00Z"))))
}

fn key(locale: &str) -> TemplateKey {
    let locale = Locale::parse(locale).unwrap();
    TemplateKey { kind: Kind::BookingConfirmed, channel: Channel::Email, locale }
}

fn text(body: &str) -> Arc<CustomText> {
    Arc::new(CustomText { subject: None, body: body.to_owned() })
}

fn rows(records: Vec<Record>) -> Decision {
    changes(records.into_iter().map(Change::Put).collect())
}

fn changes(changes: Vec<Change>) -> Decision {
    Decision { changes, ..Decision::default() }
}

async fn assert_comes_back(bench: &Bench, shop: &Shop) {
    let loaded = bench.store.load_tenant(&shop.tenant).await.unwrap();
    assert_eq!((loaded.revision, &loaded.state), (shop.revision, &shop.state));
}

/// How many rows there are of a tenant's state.
async fn rows_of(bench: &Bench, shop: &Shop) -> usize {
    let rows = format!("SELECT count(*) FROM records WHERE tenant = '{}'", shop.tenant);
    let count = bench.store.count(rows.leak()).await;
    usize::try_from(count).unwrap()
}

async fn every_kind_of_record_comes_back(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let (from, until) = (at("2026-12-01T12:00:00.000000001Z"), at("2026-12-01T12:30:00Z"));
    let notice_id = BroadcastId::Notice(NoticeId::parse("same").unwrap());
    let board_id = BroadcastId::Board(CauseId::parse("same").unwrap());
    let unit = shop.decides(rows(vec![
        Record::Session(session("s1")),
        Record::Session(session("s/2 'é'")),
        Record::Entry(queued("e1", 1, EntryState::Offered { from, until, shared: true })),
        Record::Entry(queued("e2", 2, EntryState::Waiting)),
        Record::Entry(queued("e3", 0, EntryState::Left)),
        Record::Payment(payment(PaymentState::Requested)),
        notice(notice_id.clone()),
        notice(board_id.clone()),
        Record::Template(key("it"), text("Ciao")),
        Record::Template(key("fr-CH"), text("Salut")),
        Record::SmsUsage(SmsUsage { segments: 41, ..december() }),
    ]));
    bench.write(&[&unit]).await.unwrap();
    assert_comes_back(&bench, &shop).await;
    let state = bench.store.load_tenant(&shop.tenant).await.unwrap().state;
    assert_eq!(state.usage().segments, 41);
    assert!(state.broadcast(&notice_id).is_some() && state.broadcast(&board_id).is_some());
    assert_eq!(state.template_count(), 2);
    assert_eq!(state.tally(&SessionId::parse("s1").unwrap()).places(), 2);
}

async fn the_last_version_of_a_record_counts(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let usage = |segments| Record::SmsUsage(SmsUsage { segments, ..december() });
    let units = [
        shop.decides(rows(vec![
            Record::Payment(payment(PaymentState::Requested)),
            usage(1),
            Record::Entry(queued("e1", 1, EntryState::Waiting)),
            Record::Session(session("s1")),
        ])),
        shop.decides(rows(vec![
            Record::Payment(payment(PaymentState::Paid)),
            usage(2),
            usage(3),
            Record::Entry(queued("e1", 1, EntryState::Closed)),
            Record::Session(Session { cancelled: true, ..session("s1") }),
        ])),
    ];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    assert_comes_back(&bench, &shop).await;
}

async fn a_text_that_was_reset_is_gone(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let set = |locale: &str| Change::Put(Record::Template(key(locale), text("own")));
    let reset = |locale: &str| Change::Drop(RecordKey::Template(key(locale)));
    let mut write = async |rows: Vec<Change>| {
        let unit = shop.decides(changes(rows));
        bench.write(&[&unit]).await.unwrap();
        assert_comes_back(&bench, &shop).await;
        shop.state.template_count()
    };
    assert_eq!(write(vec![set("it"), set("en"), set("fr")]).await, 3);
    assert_eq!(write(vec![reset("it"), reset("da")]).await, 2);
    assert_eq!(write(vec![reset("en"), set("en"), set("it"), reset("it")]).await, 2);
}

/// Whatever is known of a tenant can go, in the units that put it there and in later ones.
async fn what_is_not_kept_any_more_is_gone(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    bench.write(&[&shop.book("b1"), &shop.book("b2")]).await.unwrap();
    let entry = || Record::Entry(queued("e1", 1, EntryState::Waiting));
    let notice = || notice(BroadcastId::Notice(NoticeId::parse("same").unwrap()));
    let erasure = || {
        let erasure = Erasure {
            client: ClientId::parse("ben").unwrap(),
            open: Vec::new(),
            over: vec![BookingId::parse("b9").unwrap()],
            payments: Vec::new(),
        };
        Record::Erasure(CauseId::parse("command 9").unwrap(), Arc::new(erasure))
    };
    let all = || {
        vec![
            Record::Session(session("s1")),
            entry(),
            Record::Payment(payment(PaymentState::Paid)),
            notice(),
            Record::Template(key("it"), text("Ciao")),
            erasure(),
            Record::SmsUsage(SmsUsage { segments: 41, ..december() }),
        ]
    };
    let keys: Vec<RecordKey> = all().iter().map(Record::key).collect();
    bench.write(&[&shop.decides(rows(all()))]).await.unwrap();
    assert_comes_back(&bench, &shop).await;
    let booked = ["b1", "b2"].map(|id| RecordKey::Booking(BookingId::parse(id).unwrap()));
    let client = RecordKey::Client(ClientId::parse("anna").unwrap());
    let there = keys.iter().chain(&booked).chain([&client, &RecordKey::Settings]);
    for key in there.cloned().collect::<Vec<_>>() {
        let before = rows_of(&bench, &shop).await;
        bench.write(&[&shop.decides(changes(vec![Change::Drop(key.clone())]))]).await.unwrap();
        assert_comes_back(&bench, &shop).await;
        assert_eq!(rows_of(&bench, &shop).await, before - 1, "{key:?}");
    }
    assert_eq!(rows_of(&bench, &shop).await, 0);
    // The last change counts, also within one transaction.
    let [booking, _] = booked;
    let put = shop.decides(rows(vec![entry(), notice()]));
    let drop = shop.decides(changes(vec![
        Change::Drop(entry().key()),
        Change::Put(notice()),
        Change::Drop(notice().key()),
        Change::Drop(booking),
    ]));
    let again = shop.decides(changes(vec![Change::Put(entry())]));
    bench.write(&[&put, &drop, &again]).await.unwrap();
    assert_comes_back(&bench, &shop).await;
    assert_eq!(rows_of(&bench, &shop).await, 1);
}

async fn unsent_messages_come_back_by_their_topic(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let Session { activity, starts_at, ends_at, location, .. } = session("s1");
    let entry = queued("e1", 1, EntryState::Waiting);
    let queue = Facts::Queue(QueueFacts {
        entry: entry.id.clone(),
        session: entry.session,
        activity,
        starts_at,
        ends_at,
        location,
        until: None,
        shared: false,
        passed_on: false,
        cancelled: false,
        reason: None,
    });
    let Payment { id, amount, reason, direct, .. } = payment(PaymentState::Requested);
    let paid =
        Facts::Payment(PaymentFacts { payment: id.clone(), amount, reason, direct, url: None });
    let topics = [Topic::Entry(entry.id), Topic::Payment(id)];
    let now = shop.now;
    let units = [queue, paid].map(|facts| shop.decides(telling(facts, now)));
    let booked = shop.book("b1");
    bench.write(&[&units[0], &units[1], &booked]).await.unwrap();
    assert_comes_back(&bench, &shop).await;
    for (topic, unit) in topics.iter().zip(&units) {
        assert_eq!(shop.state.unsent(topic)[0].id, message(unit).id);
    }
    let decision = Decision {
        superseded: vec![Superseded {
            message: message(&units[0]).id,
            topic: topics[0].clone(),
            channel: Channel::Email,
        }],
        ..Decision::default()
    };
    bench.write(&[&shop.decides(decision)]).await.unwrap();
    assert_comes_back(&bench, &shop).await;
    assert_eq!(shop.state.unsent(&topics[0]), []);
}

/// One email to Anna.
pub fn telling(facts: Facts, due: Timestamp) -> Decision {
    let (kind, channel) = (Kind::AccountMagicLink, Channel::Email);
    let client = ClientId::parse("anna").unwrap();
    let id = MessageId(Uuid::now_v7());
    let channels = vec![(channel, Verdict::Goes(id))];
    let telling =
        Telling { kind, client: client.clone(), about: None, channels, fallback_of: None };
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
    Decision { messages: vec![message], tellings: vec![telling], ..Decision::default() }
}

fn december() -> SmsUsage {
    SmsUsage { year: 2026, month: 12, ..SmsUsage::default() }
}
