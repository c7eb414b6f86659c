//! A real Postfix between Bellhop and the world: signed in to over TLS, and what it cannot deliver
//! comes back. It is set up as `docs/postfix.md` says.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Behaviour, Command, Options, World, command, eventually, http,
    postfix::{PASSWORD, Postfix, Submission},
    salon, tamper,
};

const DEADLINE: Duration = Duration::from_secs(60);
const SALON: &str = "salon-uno";
const RETURN_PATH: (&str, &str) =
    ("BELLHOP__EMAIL__RETURN_PATH", "bounces+{message}@bounces.example.com");

/// A Postfix that bounces reach by their return path, if there is to be one, or by their sender.
async fn behind_postfix(sink: Behaviour, return_path: bool, password: &str) -> (World, Postfix) {
    let mut environment = vec![("BELLHOP__EMAIL__FROM", "no-reply@example.com".to_owned())];
    if return_path {
        environment.push((RETURN_PATH.0, RETURN_PATH.1.to_owned()));
    }
    let submission = Submission::new();
    let provider_url = Some(submission.url(password));
    let extra_config = Submission::trust();
    let options = Options { sink, provider_url, environment, extra_config, ..Options::default() };
    let world = World::start(options).await;
    let postfix = submission.start(&world).await;
    (world, postfix)
}

/// Registers a client whose mail goes to this domain, who then books.
fn books(client: &str, domain: &str) -> [Command; 2] {
    let data = json!({
        "client": client, "name": "Ada", "email": format!("{client}@{domain}"),
        "email_verified": true,
    });
    let register = command(SALON, &format!("register-{client}"), "client.register", data);
    [register, salon::booking(SALON, &format!("b-{client}"), client, salon::START)]
}

/// Opens the salon, and these clients book.
async fn opens(world: &World, clients: &[(&str, &str)]) {
    let mut commands = vec![salon::open(SALON)];
    commands.extend(clients.iter().flat_map(|(client, domain)| books(client, domain)));
    http::take(&world.http(), &commands).await;
}

/// The first event of a type about this client.
async fn first(world: &World, kind: &str, client: &str) -> Value {
    let base = world.http();
    eventually(&format!("{kind} of {client}"), DEADLINE, || async {
        let events = http::events_of_type(&base, kind).await.into_iter();
        events.map(|event| event["data"].clone()).find(|data| data["client"] == client)
    })
    .await
}

async fn count(world: &World, kind: &str) -> usize {
    http::events_of_type(&world.http(), kind).await.len()
}

/// The recipients of what was delivered in the end.
async fn delivered(world: &World, count: usize) -> Vec<String> {
    eventually("it is delivered", DEADLINE, || async {
        let mails = world.sink.accepted();
        (mails.len() >= count).then(|| mails.into_iter().map(|it| it.recipient).collect())
    })
    .await
}

#[tokio::test]
async fn what_it_delivers_is_sent_what_it_bounces_comes_back_and_what_it_puts_off_waits() {
    let (world, postfix) = behind_postfix(Behaviour::default(), true, PASSWORD).await;
    opens(&world, &[("c0", "well.example"), ("c1", "gone.example"), ("c2", "late.example")]).await;
    assert_eq!(delivered(&world, 1).await, ["c0@well.example"]);
    let mail = &world.sink.accepted()[0].mail;
    assert!(mail.contains("with ESMTPSA"), "over TLS, and signed in: {mail}");
    assert!(postfix.log().contains("sasl_username=bellhop"), "{}", postfix.log());

    let sent = first(&world, "message.sent", "c1").await;
    let undelivered = first(&world, "message.undelivered", "c1").await;
    assert_eq!(
        (&undelivered["message"], &undelivered["reason"], &undelivered["reply"]),
        (&sent["message"], &json!("bad_address"), &json!("failed 5.1.1"))
    );
    assert_eq!(first(&world, "client.suppressed", "c1").await["reason"], "bad_address");
    let url = format!("{}/v1/tenants/{SALON}/messages?client=c1", world.http());
    let (_, told) = http::read(&url).await;
    assert!(told.to_string().contains("undelivered"), "{told}");

    let retrying = first(&world, "message.retrying", "c2").await;
    assert!(retrying["reply"].as_str().unwrap().starts_with("450 4.2.1"), "{retrying}");
    assert_eq!(count(&world, "client.suppressed").await, 1);
    assert!(!postfix.log().contains("status=deferred"), "{}", postfix.log());
    world.finish().await;
}

#[tokio::test]
async fn without_a_return_path_a_bounce_comes_to_the_sender_and_its_message_id_tells() {
    let nobody = Behaviour { refuse_550_percent: 100, ..Behaviour::default() };
    let (world, postfix) = behind_postfix(nobody, false, PASSWORD).await;
    opens(&world, &[("c0", "far.example")]).await;
    let sent = first(&world, "message.sent", "c0").await;
    let undelivered = first(&world, "message.undelivered", "c0").await;
    assert_eq!(undelivered["message"], sent["message"]);
    assert_eq!(undelivered["reply"], "failed 5.1.1", "the words of the server behind");
    assert_eq!(first(&world, "client.suppressed", "c0").await["reason"], "bad_address");
    assert!(postfix.log().contains("delivered to command"), "{}", postfix.log());

    // Nothing more goes there.
    http::take(&world.http(), &[salon::booking(SALON, "b2", "c0", salon::START)]).await;
    assert_eq!(salon::why_no_mail(&world, "b2").await, "suppressed");
    world.finish().await;
}

#[tokio::test]
async fn what_it_says_is_late_is_no_bounce() {
    let busy = Behaviour { refuse_451_percent: 100, ..Behaviour::default() };
    let (world, postfix) = behind_postfix(busy, true, PASSWORD).await;
    opens(&world, &[("c0", "far.example")]).await;
    first(&world, "message.sent", "c0").await;
    eventually("it says that it is late", DEADLINE, || async {
        let receipts = world.daemon_ref().metric("bellhop_receipts_total").await;
        let of_mail = |labels: &str| labels.contains("\"mail\"") && labels.contains("\"other\"");
        receipts.iter().any(|(labels, count)| of_mail(labels) && *count >= 1.0).then_some(())
    })
    .await;
    assert!(postfix.log().contains("sender delay notification"), "{}", postfix.log());
    world.sink.behave(Behaviour::default());
    assert_eq!(delivered(&world, 1).await, ["c0@far.example"]);
    for kind in ["message.undelivered", "client.suppressed"] {
        assert_eq!(count(&world, kind).await, 0, "{kind}");
    }
    world.finish().await;
}

/// The pause that follows is too long for a test: it is cut short by hand.
#[tokio::test]
async fn a_wrong_password_is_for_the_operator_and_loses_nothing() {
    let (mut world, postfix) = behind_postfix(Behaviour::default(), true, "s3cret").await;
    opens(&world, &[("c0", "well.example")]).await;
    let retrying = first(&world, "message.retrying", "c0").await;
    assert!(retrying["reply"].as_str().unwrap().contains("535 5.7.8"), "{retrying}");
    let log = world.log();
    assert!(log.contains("the provider's configuration is wrong"), "{log}");
    assert!(!log.contains("s3cret") && !log.contains("c0@"), "a secret is in the log");
    assert!(postfix.log().contains("authentication failed"), "{}", postfix.log());

    let config = std::fs::read_to_string(world.config_path()).unwrap();
    std::fs::write(world.config_path(), config.replace("s3cret", PASSWORD)).unwrap();
    assert!(world.stop_daemon().await.success());
    assert_eq!(tamper::end_pauses(&world.store_path()).await, 1);
    world.start_daemon().await;
    assert_eq!(delivered(&world, 1).await, ["c0@well.example"]);
    assert_eq!(count(&world, "message.dead").await, 0);
    world.finish().await;
}
