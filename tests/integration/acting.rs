//! Links by which clients act, as they come in mails and text messages, and as clients, mail
//! scanners and strangers follow them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::{
    Command, Options, World, command, eventually,
    following::{PUBLIC, ask, assert_says, code, get, get_short, mail, post, post_short, token},
    http, salon, tamper,
};

const DEADLINE: Duration = Duration::from_secs(30);
const STUDIO: &str = "studio-due";
const KEY: &str = "a secret of the test that is long";
const OTHER_KEY: &str = "another secret of the test: newer";

fn links(keys: &str) -> Options {
    let extra_config = format!("[links]\nurl = \"{PUBLIC}\"\n{keys}\n");
    Options { extra_config, ..Options::default() }
}

fn linked() -> Options {
    links(&format!("key = \"{KEY}\""))
}

/// The settings of a studio, with more of them.
fn studio(more: Value) -> Command {
    let mut data = json!({
        "name": "Studio", "profile": "classes", "plan": "pro", "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic", "reminders": [],
        "require_verified_email": false, "offer_window": "PT30M", "offer_min": "PT1S",
    });
    data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    command(STUDIO, &format!("open-{}", Timestamp::now()), "tenant.configure", data)
}

fn session(free_cancel_until: Option<Timestamp>, starts_at: Timestamp) -> Command {
    let mut data = json!({
        "session": "yoga", "activity": "Yoga", "starts_at": starts_at.to_string(),
        "ends_at": (starts_at + SignedDuration::from_hours(1)).to_string(), "capacity": 1,
    });
    if let Some(until) = free_cancel_until {
        data["free_cancel_until"] = json!(until.to_string());
    }
    command(STUDIO, "schedule", "session.schedule", data)
}

fn seat(booking: &str, client: &str) -> Command {
    let data = json!({
        "booking": booking, "client": client, "by": "client", "session": "yoga",
        "join_queue": true,
    });
    command(STUDIO, &format!("request-{booking}"), "booking.request", data)
}

fn far() -> Timestamp {
    "2099-12-24T10:00:00Z".parse().unwrap()
}

/// A studio with one seat that `c1` has given back, so that it is offered to `c2`.
async fn offers(world: &World, more: Value) {
    let commands = [
        studio(more),
        salon::client(STUDIO, "c1"),
        salon::client(STUDIO, "c2"),
        session(None, far()),
        seat("b1", "c1"),
        seat("b2", "c2"),
        salon::cancel(STUDIO, "b1"),
    ];
    http::take(&world.http(), &commands).await;
}

/// The states of a place in a queue, in order.
async fn states(base: &str, entry: &str) -> Vec<String> {
    let changed = http::events_of_type(base, "queue.changed").await.into_iter();
    let of_entry = changed.filter(|event| event["data"]["entry"] == entry);
    of_entry.map(|event| event["data"]["state"].as_str().unwrap().to_owned()).collect()
}

/// How many commands links led to.
async fn by_link(base: &str) -> usize {
    let accepted = http::events_of_type(base, "command.accepted").await.into_iter();
    let ids = accepted.map(|event| event["causationid"].as_str().unwrap().to_owned());
    ids.filter(|id| id.starts_with("link-")).count()
}

#[tokio::test]
async fn a_seat_is_accepted_by_the_link_in_its_mail() {
    let world = World::start(linked()).await;
    let base = world.http();
    offers(&world, json!({})).await;
    let offer = mail(&world, "A place has come free").await;
    assert!(offer.contains(&format!("Accept or decline:\n{PUBLIC}/r/")), "{offer}");
    let token = token(&offer);

    // Scanners open every link, in each way that asks for nothing.
    for _ in 0..3 {
        let page = get(&base, &token).await;
        assert_says(&page, "A place has come free");
        for words in ["Yoga", "Thursday, 24 December 2099", "value=\"accept\"", "value=\"decline\""]
        {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        let head = ask(http::client().head(format!("{base}/r/{token}"))).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
    }
    assert_eq!(states(&base, "b2").await, ["waiting", "offered"], "nothing has changed");
    for form in ["", "action=", "action=cancel", "action=ACCEPT", "other=accept"] {
        assert_eq!(post(&base, &token, form).await.status, 400, "{form}");
    }
    assert_eq!((states(&base, "b2").await.len(), by_link(&base).await), (2, 0));

    assert_says(&post(&base, &token, "action=accept").await, "The place is yours");
    // Durable by then.
    assert_eq!(states(&base, "b2").await, ["waiting", "offered", "accepted"]);
    mail(&world, "The place is yours").await;
    for again in ["action=accept", "action=decline"] {
        assert_says(&post(&base, &token, again).await, "The place is yours");
    }
    let page = get(&base, &token).await;
    assert_says(&page, "The place is yours");
    assert!(!page.text.contains("<button"), "{}", page.text);
    assert_eq!((states(&base, "b2").await.len(), by_link(&base).await), (3, 1));
    http::take(&base, &[salon::cancel(STUDIO, "b2")]).await;
    assert_says(&get(&base, &token).await, "The booking is cancelled");
    assert!(!world.log().contains(&token), "it is in the log");
    world.finish().await;
}

#[tokio::test]
async fn a_seat_is_declined_in_the_client_s_language_and_goes_to_the_next() {
    let world = World::start(linked()).await;
    let base = world.http();
    let bea = json!({
        "client": "c2", "name": "Bea", "email": "bea@studio.example", "locale": "it",
    });
    let commands = [
        studio(json!({})),
        salon::client(STUDIO, "c1"),
        command(STUDIO, "bea", "client.register", bea),
        salon::client(STUDIO, "c3"),
        session(None, far()),
        seat("b1", "c1"),
        seat("b2", "c2"),
        seat("b3", "c3"),
        salon::cancel(STUDIO, "b1"),
    ];
    http::take(&base, &commands).await;
    let token = token(&mail(&world, "Posto libero").await);
    let page = get(&base, &token).await;
    assert!(page.text.contains("lang=\"it\"") && page.text.contains("Rifiuto"), "{}", page.text);
    for header in ["cache-control", "referrer-policy", "content-security-policy", "x-robots-tag"] {
        assert!(page.headers.contains_key(header), "{header}");
    }
    assert_says(&post(&base, &token, "action=decline").await, "Ha rifiutato il posto");
    assert_eq!(states(&base, "b2").await, ["waiting", "offered", "declined"]);
    assert_eq!(states(&base, "b3").await, ["waiting", "offered"]);
    assert_says(&post(&base, &token, "action=accept").await, "Ha rifiutato il posto");
    assert_eq!(states(&base, "b2").await.len(), 3);
    world.finish().await;
}

#[tokio::test]
async fn an_offer_past_its_deadline_says_so() {
    let world = World::start(linked()).await;
    let base = world.http();
    offers(&world, json!({ "offer_window": "PT2S" })).await;
    let token = token(&mail(&world, "A place has come free").await);
    eventually("it expires", DEADLINE, || async {
        (states(&base, "b2").await == ["waiting", "offered", "expired"]).then_some(())
    })
    .await;
    assert_says(&get(&base, &token).await, "This offer is over");
    assert_says(&post(&base, &token, "action=accept").await, "This offer is over");
    assert_eq!(post(&base, &token, "action=buy").await.status, 400);
    assert_eq!(by_link(&base).await, 0);
    world.finish().await;
}

#[tokio::test]
async fn whoever_came_to_the_id_later_cannot_be_acted_for() {
    let world = World::start(linked()).await;
    let base = world.http();
    offers(&world, json!({})).await;
    let token = token(&mail(&world, "A place has come free").await);
    let erase = command(STUDIO, "erase", "client.erase", json!({ "client": "c2" }));
    let anew = json!({ "client": "c2", "name": "Bea", "email": "bea@studio.example" });
    http::take(&base, &[erase, command(STUDIO, "anew", "client.register", anew)]).await;
    let page = get(&base, &token).await;
    assert_says(&page, "There is nothing left to do here");
    assert!(!page.text.contains("Yoga") && !page.text.contains("Bea"), "{}", page.text);
    assert_says(&post(&base, &token, "action=accept").await, "There is nothing left to do here");
    assert_eq!(by_link(&base).await, 0);
    world.finish().await;
}

/// Who is asked whether they come, a moment after they booked; their link.
async fn asked(world: &World) -> String {
    let free_until =
        Timestamp::now() + SignedDuration::from_mins(90) + SignedDuration::from_secs(3);
    let starts_at = free_until + SignedDuration::from_hours(1);
    let commands = [
        studio(json!({})),
        salon::client(STUDIO, "c1"),
        session(Some(free_until), starts_at),
        seat("b1", "c1"),
    ];
    http::take(&world.http(), &commands).await;
    token(&mail(world, "Can you make it?").await)
}

#[tokio::test]
async fn who_is_asked_whether_they_come_can_cancel() {
    let world = World::start(linked()).await;
    let base = world.http();
    let token = asked(&world).await;
    let page = get(&base, &token).await;
    assert_says(&page, "Can you make it?");
    assert!(page.text.contains("I am coming") && page.text.contains("Cancel"), "{}", page.text);
    assert_eq!(post(&base, &token, "action=accept").await.status, 400);
    assert_says(&post(&base, &token, "action=cancel").await, "The booking is cancelled");
    let changed = http::events_of_type(&base, "booking.changed").await;
    assert_eq!(changed.last().unwrap()["data"]["state"], "cancelled");
    assert_says(&post(&base, &token, "action=confirm").await, "The booking is cancelled");
    assert_eq!(by_link(&base).await, 1);
    world.finish().await;
}

#[tokio::test]
async fn who_is_asked_whether_they_come_can_say_so() {
    let world = World::start(linked()).await;
    let base = world.http();
    let token = asked(&world).await;
    assert_says(&post(&base, &token, "action=confirm").await, "See you there");
    assert_says(&post(&base, &token, "action=cancel").await, "See you there");
    assert_says(&get(&base, &token).await, "See you there");
    let changed = http::events_of_type(&base, "booking.changed").await;
    assert_eq!(changed.last().unwrap()["data"]["state"], "confirmed", "it stands");
    assert_eq!(by_link(&base).await, 1);
    world.finish().await;
}

#[tokio::test]
async fn where_the_tenant_wants_it_a_booking_is_cancelled_or_put_into_a_calendar_by_its_mail() {
    let world = World::start(linked()).await;
    let base = world.http();
    let configure = |id: &str, client_links: bool| {
        let mut data = salon::settings();
        data["client_links"] = json!(client_links);
        command(STUDIO, id, "tenant.configure", data)
    };
    let booked = |booking: &str, hour: u8| {
        let starts_at = format!("2099-12-24T{hour}:00:00+01:00");
        salon::booking(STUDIO, booking, "c1", &starts_at)
    };
    http::take(&base, &[configure("off", false), salon::client(STUDIO, "c1"), booked("b1", 10)])
        .await;
    let plain = mail(&world, "Confirmed").await;
    assert!(!plain.contains("/r/"), "not unless it is wanted: {plain}");
    http::take(&base, &[configure("on", true), booked("b2", 11)]).await;
    let linked = eventually("the second mail", DEADLINE, || async {
        let mails = world.sink.accepted().into_iter().map(|it| it.mail.replace("=\n", ""));
        mails.filter(|mail| mail.contains("\nSubject: Confirmed")).find(|it| it.contains("/r/"))
    })
    .await;
    assert!(linked.contains("Cancel or add to calendar:"), "{linked}");
    let token = token(&linked);

    let page = get(&base, &token).await;
    assert_says(&page, "Your booking");
    assert!(page.text.contains(&format!("href=\"{token}.ics\"")), "{}", page.text);
    let file = get(&base, &format!("{token}.ics")).await;
    assert_says(&file, "METHOD:PUBLISH");
    assert!(file.headers["content-type"].to_str().unwrap().starts_with("text/calendar"));
    assert_eq!(file.headers["cache-control"], "no-store");
    assert!(file.text.contains("UID:studio-due.b2@bellhop"), "{}", file.text);
    assert!(!file.text.contains("ATTENDEE"), "{}", file.text);
    let nowhere = post(&base, &format!("{token}.ics"), "action=cancel").await;
    assert_eq!((nowhere.status, by_link(&base).await), (404, 0));

    assert_says(&post(&base, &token, "action=cancel").await, "The booking is cancelled");
    let changed = http::events_of_type(&base, "booking.changed").await;
    let last = &changed.last().unwrap()["data"];
    assert_eq!((&last["booking"], &last["state"]), (&json!("b2"), &json!("cancelled")));
    assert_says(&get(&base, &format!("{token}.ics")).await, "The booking is cancelled");
    assert_says(&post(&base, &token, "action=cancel").await, "The booking is cancelled");
    assert_eq!(by_link(&base).await, 1);
    world.finish().await;
}

/// The text message about the offer, and what it counted.
async fn texted(world: &World) -> (String, u64) {
    let note = eventually("the text message", DEADLINE, || async {
        world.notes().into_iter().find(|note| note["kind"] == "queue.offered")
    })
    .await;
    (note["text"].as_str().unwrap().to_owned(), note["segments"].as_u64().unwrap())
}

#[tokio::test]
async fn a_text_message_has_a_short_link_and_is_counted_with_it() {
    // The words alone take one segment, and with the link two.
    let name = format!("Studio {}", "x".repeat(40));
    let with_phone = |quota: u32| {
        let toggles = json!({ "queue.offered": { "sms": true, "email": false } });
        let ada = json!({ "client": "c2", "name": "Ada", "phone": "+393331234567" });
        vec![
            studio(json!({ "name": name, "toggles": toggles, "sms_quota": quota })),
            salon::client(STUDIO, "c1"),
            command(STUDIO, "ada", "client.register", ada),
            session(None, far()),
            seat("b1", "c1"),
            seat("b2", "c2"),
            salon::cancel(STUDIO, "b1"),
        ]
    };
    let world = World::start(linked()).await;
    let base = world.http();
    http::take(&base, &with_phone(2)).await;
    let (text, segments) = texted(&world).await;
    assert_eq!(segments, 2, "{text}");
    let code = code(&text);
    assert_eq!(code.len(), 11, "{text}");
    for _ in 0..2 {
        assert_says(&get_short(&base, &code).await, "A place has come free");
    }
    for forged in ["00000000000", "", &code[1..], &format!("{code}0")] {
        assert_eq!(get_short(&base, forged).await.status, 404, "{forged}");
    }
    assert_says(&post_short(&base, &code, "action=accept").await, "The place is yours");
    assert_says(&post_short(&base, &code, "action=decline").await, "The place is yours");
    assert_eq!(http::read(&format!("{base}/v1/tenants/{STUDIO}")).await.1["sms_used"], 2);
    world.finish().await;
    // One segment is enough for the words alone, and not for the link.
    let world = World::start(linked()).await;
    let base = world.http();
    http::take(&base, &with_phone(1)).await;
    let skipped = http::events_of_type(&base, "message.skipped").await;
    let of_offer = skipped.iter().find(|event| {
        event["data"]["kind"] == "queue.offered" && event["data"]["channel"] == "sms"
    });
    assert_eq!(of_offer.unwrap()["data"]["reason"], "quota_exhausted", "{skipped:?}");
    world.finish().await;

    let world = World::start(Options::default()).await;
    http::take(&world.http(), &with_phone(1)).await;
    let (text, segments) = texted(&world).await;
    assert!(segments == 1 && !text.contains("http"), "{text}");
    world.finish().await;
}

#[tokio::test]
async fn keys_can_be_changed_without_losing_what_was_sent() {
    let mut world = World::start(linked()).await;
    let base = world.http();
    offers(&world, json!({})).await;
    let token = token(&mail(&world, "A place has come free").await);
    let restart = async |world: &mut World, keys: &str| {
        let config = std::fs::read_to_string(&world.launch.config).unwrap();
        let (head, _) = config.split_once("[links]").unwrap();
        let links = format!("[links]\nurl = \"{PUBLIC}\"\n{keys}\n");
        std::fs::write(&world.launch.config, format!("{head}{links}")).unwrap();
        assert!(world.stop_daemon().await.success());
        world.start_daemon().await;
    };
    restart(&mut world, &format!("keys = [\"{OTHER_KEY}\"]")).await;
    for forged in [&token, "AAAA", &token[..token.len() - 1]] {
        let (page, act) = (get(&base, forged).await, post(&base, forged, "action=accept").await);
        assert_eq!((page.status, act.status), (404, 404), "{forged}");
    }
    restart(&mut world, &format!("keys = [\"{OTHER_KEY}\", \"{KEY}\"]")).await;
    assert_says(&post(&base, &token, "action=accept").await, "The place is yours");
    world.finish().await;
}

#[tokio::test]
async fn what_cannot_be_done_now_says_so() {
    let mut world = World::start(linked()).await;
    let base = world.http();
    offers(&world, json!({})).await;
    let token = token(&mail(&world, "A place has come free").await);
    assert!(world.stop_daemon().await.success());
    let sql = "UPDATE records SET body = '?' || body WHERE kind = 'entry'";
    assert_eq!(tamper::execute(&world.store_path(), sql).await, 1);
    world.start_daemon().await;
    for reply in [get(&base, &token).await, post(&base, &token, "action=accept").await] {
        assert_eq!((reply.status, &reply.headers["retry-after"]), (503, &"60".parse().unwrap()));
        assert!(reply.text.contains("Please try again"), "{}", reply.text);
    }
    assert!(world.stop_daemon().await.success());
    let sql = "UPDATE records SET body = substr(body, 2) WHERE kind = 'entry'";
    assert_eq!(tamper::execute(&world.store_path(), sql).await, 1);
    world.start_daemon().await;
    assert_says(&post(&base, &token, "action=accept").await, "The place is yours");
    world.finish().await;
}
