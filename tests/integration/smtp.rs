//! What the mail server says, and what becomes of the mail.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;

use crate::support::{
    Behaviour, Options, World, eventually, http, salon,
    smtp_sink::{Mode, SmtpSink},
    store, tamper,
};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";

/// `[retry]` with so many equal pauses, also where a mail may have arrived.
/// Each mail is tried, though all before it failed.
const NO_CIRCUIT: &str = "[dispatch.circuit]\nin_a_row = 1000\nattempts = 1000\n";

fn pauses(pause: &str, count: usize) -> String {
    let pauses = vec![pause; count];
    let in_doubt = &pauses[..count.min(20)];
    format!("[retry]\nemail = {pauses:?}\n[retry.in_doubt]\nemail = {in_doubt:?}\n")
}

fn refusing(sink: Behaviour) -> Options {
    Options { sink, extra_config: pauses("PT0.05S", 20), ..Options::default() }
}

/// Waits until so many events of a type are there.
async fn told(world: &World, kind: &str, count: usize) -> Vec<Value> {
    let base = world.http();
    eventually(kind, DEADLINE, || async {
        let events = http::events_of_type(&base, kind).await;
        (events.len() >= count).then_some(events)
    })
    .await
}

/// What was decided of a booking by email, and what became of it.
async fn by_email(world: &World, booking: &str) -> Vec<Value> {
    let url = format!("{}/v1/tenants/{SALON}/bookings/{booking}/explain", world.http());
    let (status, body) = http::read(&url).await;
    assert_eq!(status, 200, "{body}");
    let lines = body["told"].as_array().unwrap().iter();
    lines.filter(|line| line["channel"] == "email").cloned().collect()
}

/// Kind and outcome of each.
fn outcomes(lines: &[Value]) -> Vec<(&str, &str)> {
    lines
        .iter()
        .map(|line| (line["kind"].as_str().unwrap(), line["outcome"].as_str().unwrap()))
        .collect()
}

/// Each client's mails, by the name in the salon.
fn by_client(world: &World) -> BTreeMap<String, Vec<String>> {
    let suffix = format!("@{SALON}.example");
    let mails = world.sink.by_recipient().into_iter();
    mails.map(|(to, ids)| (to.strip_suffix(&suffix).unwrap().to_owned(), ids)).collect()
}

fn client_of(event: &Value) -> String {
    event["data"]["client"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_server_that_is_not_ours_gets_each_mail_once() {
    const BOOKINGS: usize = 20;
    let sink = SmtpSink::start(Mode::Accept).await;
    let world =
        World::start(Options { provider_url: Some(sink.url()), ..Options::default() }).await;
    http::take(&world.http(), &salon::busy(SALON, BOOKINGS)).await;
    told(&world, "message.sent", BOOKINGS).await;

    let mails = sink.by_recipient();
    assert_eq!(mails.len(), BOOKINGS);
    assert!(mails.values().all(|ids| ids.len() == 1), "{mails:?}");
    let ids: BTreeSet<_> = mails.values().flatten().collect();
    assert_eq!(ids.len(), BOOKINGS, "every mail has an id of its own");
    world.finish().await;
}

#[tokio::test]
async fn what_is_refused_for_now_is_tried_until_it_is_taken() {
    const BOOKINGS: usize = 20;
    let world =
        World::start(refusing(Behaviour { refuse_451_percent: 40, ..Behaviour::default() })).await;
    http::take(&world.http(), &salon::busy(SALON, BOOKINGS)).await;
    let sent = told(&world, "message.sent", BOOKINGS).await;

    let refused = world.sink.refused();
    let refusals =
        |client: &str| u64::from(refused.get(&salon::address(SALON, client)).copied().unwrap_or(0));
    for event in &sent {
        let attempts = event["data"]["attempt"].as_u64().unwrap();
        assert_eq!(attempts, refusals(&client_of(event)) + 1, "{event}");
    }
    assert!(by_client(&world).values().all(|ids| ids.len() == 1));
    let retrying = told(&world, "message.retrying", 1).await;
    assert_eq!(retrying.len() as u32, refused.values().sum::<u32>());
    for event in &retrying {
        assert!(event["data"]["reply"].as_str().unwrap().contains("451 4.3.0"), "{event}");
        assert!(event["data"]["next_attempt_at"].is_string(), "{event}");
    }
    world.finish().await;
}

#[tokio::test]
async fn an_address_that_does_not_exist_is_tried_once_and_reported() {
    const BOOKINGS: usize = 10;
    let half = Behaviour { refuse_550_percent: 50, ..Behaviour::default() };
    let mut world = World::start(refusing(half)).await;
    http::take(&world.http(), &salon::busy(SALON, BOOKINGS)).await;
    told(&world, "message.sent", BOOKINGS / 2).await;
    let dead = told(&world, "message.dead", BOOKINGS / 2).await;

    let refused = world.sink.refused();
    assert_eq!(refused.len(), BOOKINGS / 2);
    assert!(refused.values().all(|times| *times == 1), "{refused:?}");
    for event in &dead {
        let client = client_of(event);
        assert!(refused.contains_key(&salon::address(SALON, &client)), "{event}");
        let told = by_email(&world, &client.replace('c', "b")).await;
        assert_eq!(outcomes(&told), [("booking.confirmed", "dead")]);
        let message = &told[0]["message"];
        assert_eq!(message["attempts"], 1);
        assert!(message["reply"].as_str().unwrap().contains("550 5.1.1"), "{message}");
    }
    let ended = world.daemon().metric("bellhop_messages_total").await;
    let dead = ended.iter().find(|(labels, _)| labels.contains("outcome=\"dead\""));
    assert_eq!(dead.unwrap().1, (BOOKINGS / 2) as f64, "{ended:?}");
    world.finish().await;
}

#[tokio::test]
async fn what_may_have_arrived_is_sent_again_as_the_same_mail() {
    const BOOKINGS: usize = 10;
    let half = Behaviour { drop_stored_percent: 50, ..Behaviour::default() };
    let world = World::start(refusing(half)).await;
    http::take(&world.http(), &salon::busy(SALON, BOOKINGS)).await;
    let sent = told(&world, "message.sent", BOOKINGS).await;

    let mails = by_client(&world);
    assert_eq!(mails.len(), BOOKINGS);
    for (client, ids) in &mails {
        assert!(!ids[0].is_empty() && ids.iter().all(|id| *id == ids[0]), "{client}: {ids:?}");
    }
    let again = world.sink.count() - BOOKINGS;
    assert!(again >= BOOKINGS / 2, "half of all are cut off");
    assert_eq!(told(&world, "message.retrying", again).await.len(), again);
    // Doubt is no failure of the mail.
    assert!(sent.iter().all(|event| event["data"]["attempt"] == 1));
    world.finish().await;
}

/// The relay stores each mail and drops the line; the pauses are cut short by hand.
#[tokio::test]
async fn a_mail_in_doubt_is_sent_three_times_and_then_left() {
    let drops = Behaviour { drop_stored_percent: 100, ..Behaviour::default() };
    let world = World::start(Options { sink: drops, ..Options::default() }).await;
    http::take(&world.http(), &salon::busy(SALON, 1)).await;
    for sent in 1..=2 {
        told(&world, "message.retrying", sent).await;
        eventually("the mail waits", DEADLINE, || async {
            (tamper::end_pauses(&world.store_path()).await == 1).then_some(())
        })
        .await;
    }
    let unknown = told(&world, "message.unknown", 1).await;
    assert!(unknown[0]["data"]["reply"].as_str().unwrap().starts_with("final: "), "{unknown:?}");
    assert_eq!(world.sink.count(), 3);
    let told = by_email(&world, "b0").await;
    assert_eq!(outcomes(&told), [("booking.confirmed", "unknown")]);
    assert_eq!(
        (&told[0]["message"]["doubts"], &told[0]["message"]["attempts"]),
        (&3.into(), &0.into())
    );
    let warnings = world.log().matches("may have arrived, and is sent again").count();
    assert_eq!(warnings, 1, "told at the first time only");
    world.finish().await;
}

/// It is left alone for a moment, each time for longer, and nobody is told of that.
#[tokio::test]
async fn a_server_that_goes_down_costs_no_attempt() {
    let down = Behaviour { refuse_421_percent: 100, ..Behaviour::default() };
    let world = World::start(refusing(down)).await;
    http::take(&world.http(), &salon::busy(SALON, 3)).await;
    let asks = || async { (world.sink.connections() > 6).then_some(()) };
    eventually("it is asked again", DEADLINE, asks).await;
    world.sink.behave(Behaviour::default());
    let sent = told(&world, "message.sent", 3).await;
    assert!(sent.iter().all(|event| event["data"]["attempt"] == 1), "{sent:?}");
    world.finish().await;
}

/// The pause that follows is too long for a test: it is cut short by hand.
#[tokio::test]
async fn a_wrong_password_loses_no_mail() {
    let sink = Behaviour { refuse_auth: true, ..Behaviour::default() };
    let mut world =
        World::start(Options { provider_url: None, without_daemon: true, ..refusing(sink) }).await;
    let config = std::fs::read_to_string(&world.launch.config).unwrap();
    let with_password = world.sink.url().replace("smtp://", "smtp://bellhop:s3same@");
    let config = config.replace(&world.sink.url(), &format!("{with_password}?tls=none"));
    std::fs::write(&world.launch.config, config).unwrap();
    world.start_daemon().await;

    http::take(&world.http(), &salon::busy(SALON, 3)).await;
    let retrying = told(&world, "message.retrying", 3).await;
    assert!(retrying.iter().all(|event| event["data"]["attempt"] == 0), "{retrying:?}");
    assert!(retrying.iter().all(|event| event["data"]["reply"].as_str().unwrap().contains("535")));
    let log = world.log();
    assert!(log.contains("the provider's configuration is wrong"), "{log}");
    assert!(!log.contains("s3same"), "the password is in the log");

    world.sink.behave(Behaviour::default());
    assert_eq!(tamper::end_pauses(&world.store_path()).await, 3);
    told(&world, "message.sent", 3).await;
    assert_eq!(world.sink.count(), 3);
    assert!(told(&world, "message.dead", 0).await.is_empty());
    world.finish().await;
}

#[tokio::test]
async fn a_slow_server_holds_up_mail_but_no_booking() {
    const BOOKINGS: usize = 12;
    const CONNECTIONS: usize = 4;
    let delay = Duration::from_millis(400);
    let world = World::start(Options {
        connections: Some(CONNECTIONS as u32),
        ..refusing(Behaviour { delay, ..Behaviour::default() })
    })
    .await;
    http::take(&world.http(), &salon::busy(SALON, BOOKINGS)).await;
    let unsent = "SELECT count(*) FROM messages WHERE status <> 'sent'";
    assert!(store::number(&world.store_path(), unsent).await > 0, "the answer waited for the mail");
    told(&world, "message.sent", BOOKINGS).await;

    assert!(by_client(&world).values().all(|ids| ids.len() == 1));
    let times: Vec<_> = world.sink.accepted().iter().map(|mail| mail.at).collect();
    for (first, later) in times.iter().zip(&times[CONNECTIONS..]) {
        assert!(later.duration_since(*first) >= delay, "more at once than there are connections");
    }
    world.finish().await;
}

#[tokio::test]
async fn while_no_server_listens_bookings_go_on_and_mail_waits() {
    const BOOKINGS: usize = 20;
    let mut world = World::start(Options {
        sink_silent: true,
        extra_config: pauses("PT0.5S", 50) + NO_CIRCUIT,
        ..Options::default()
    })
    .await;
    http::take(&world.http(), &salon::busy(SALON, BOOKINGS)).await;
    told(&world, "message.retrying", BOOKINGS).await;
    let waiting = "SELECT count(*) FROM messages WHERE status IN ('ready', 'sending')";
    assert_eq!(store::number(&world.store_path(), waiting).await, BOOKINGS as i64);
    eventually("every mail is back in the store", DEADLINE, || async {
        let ready = "SELECT count(*) FROM messages WHERE status = 'ready'";
        (store::number(&world.store_path(), ready).await == BOOKINGS as i64).then_some(())
    })
    .await;
    http::take(&world.http(), &[salon::booking(SALON, "one-more", "c0", salon::START)]).await;

    world.sink.listen();
    told(&world, "message.sent", BOOKINGS + 1).await;
    let mails = by_client(&world);
    assert_eq!(mails["c0"].len(), 2);
    assert_eq!(world.sink.count(), BOOKINGS + 1);
    world.finish().await;
}

#[tokio::test]
async fn past_its_deadline_a_mail_is_not_sent() {
    let mut world = World::start(Options {
        sink_silent: true,
        extra_config: pauses("PT0.1S", 50),
        ..Options::default()
    })
    .await;
    let soon = (jiff::Timestamp::now() + Duration::from_secs(1)).to_string();
    let commands = [
        salon::open(SALON),
        salon::client(SALON, "late"),
        salon::client(SALON, "early"),
        salon::booking(SALON, "soon", "late", &soon),
        salon::booking(SALON, "some-day", "early", salon::START),
    ];
    http::take(&world.http(), &commands).await;
    let expired = told(&world, "message.expired", 1).await;
    assert_eq!(client_of(&expired[0]), "late");
    assert_eq!(outcomes(&by_email(&world, "soon").await), [("booking.confirmed", "expired")]);

    world.sink.listen();
    told(&world, "message.sent", 1).await;
    assert_eq!(by_client(&world).into_keys().collect::<Vec<_>>(), ["early"]);
    world.finish().await;
}

/// One mail each, and it says how things stand.
#[tokio::test]
async fn a_confirmation_that_was_overtaken_is_withdrawn() {
    let mut world = World::start(Options {
        sink_silent: true,
        extra_config: pauses("PT0.2S", 50),
        ..Options::default()
    })
    .await;
    let base = world.http();
    http::take(&base, &salon::busy(SALON, 2)).await;
    told(&world, "message.retrying", 2).await;
    http::take(
        &base,
        &[salon::reschedule(SALON, "b0", "2099-12-28T11:30:00+01:00"), salon::cancel(SALON, "b1")],
    )
    .await;
    told(&world, "message.withdrawn", 2).await;
    world.sink.listen();
    told(&world, "message.sent", 2).await;

    let moved = by_email(&world, "b0").await;
    let once_more = [("booking.confirmed", "withdrawn"), ("booking.confirmed", "sent")];
    assert_eq!(outcomes(&moved), once_more);
    let cancelled = by_email(&world, "b1").await;
    let instead = [("booking.confirmed", "withdrawn"), ("booking.cancelled", "sent")];
    assert_eq!(outcomes(&cancelled), instead);
    assert_eq!(world.sink.count(), 2);
    let to = salon::address(SALON, "c0");
    let mails = world.sink.accepted();
    let mail = &mails.iter().find(|mail| mail.recipient == to).unwrap().mail;
    // Quoted-printable breaks long lines.
    let mail = mail.replace("=\n", "");
    assert!(mail.contains("28 December 2099") && !mail.contains("24 December 2099"), "{mail}");
    world.finish().await;
}
