//! Commands over HTTP, and what operators read there.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{
    Command, Options, World, eventually,
    http::{self, MANY, ONE},
    salon, store,
};

const DEADLINE: Duration = Duration::from_secs(20);
const SALON: &str = "salon-uno";
const LATIN: &str = "application/cloudevents+json; charset=latin1";

async fn commands_in_inbox(world: &World) -> i64 {
    store::number(&world.store_path(), "SELECT count(*) FROM inbox").await
}

fn batch(commands: &[Command]) -> Vec<u8> {
    let envelopes: Vec<&Value> = commands.iter().map(|command| &command.envelope).collect();
    serde_json::to_vec(&envelopes).unwrap()
}

/// A command with one attribute of its envelope changed.
fn with(mut command: Command, pointer: &str, value: Value) -> Command {
    *command.envelope.pointer_mut(pointer).unwrap() = value;
    command
}

/// RFC 9457.
#[track_caller]
fn assert_problem(answer: &http::Answer) {
    assert_eq!(answer.headers[CONTENT_TYPE], "application/problem+json");
    assert_eq!(answer.body["status"], answer.status);
    assert!(answer.body["title"].is_string(), "{}", answer.body);
}

#[tokio::test]
async fn a_command_is_answered_when_it_is_durable_and_counts_once() {
    let world = World::start(Options::default()).await;
    let base = world.http();
    let configured = http::post_one(&base, &salon::open(SALON)).await;
    assert_eq!(configured.status, 202);
    assert_eq!(configured.body, json!({ "id": "open", "result": "accepted" }));
    assert_eq!(commands_in_inbox(&world).await, 1, "it was answered before it was durable");

    let booking = salon::booking(SALON, "b", "c", salon::START);
    let results = http::post_many(&base, &[salon::client(SALON, "c"), booking.clone()]).await;
    assert!(results.iter().all(|result| result["result"] == "accepted"), "{results:?}");
    assert_eq!(results[1]["id"], booking.id);

    let again = http::post_one(&base, &booking).await;
    assert_eq!((again.status, &again.body["result"]), (202, &json!("accepted")));
    let reused = with(booking.clone(), "/data/starts_at", json!("2099-12-25T10:00:00+01:00"));
    let reused = http::post_one(&base, &reused).await;
    assert_eq!((reused.status, &reused.body["reason"]), (422, &json!("id_reused")));
    let unknown = salon::booking(SALON, "b2", "nobody", salon::START);
    for _ in 0..2 {
        let refused = http::post_one(&base, &unknown).await;
        assert_eq!((refused.status, &refused.body["reason"]), (422, &json!("unknown_client")));
        assert_eq!(refused.body["result"], "rejected");
        assert_problem(&refused);
    }

    eventually("the mail", DEADLINE, || async { (world.sink.count() > 0).then_some(()) }).await;
    assert_eq!(commands_in_inbox(&world).await, 4);
    let events = http::events(&base).await;
    let of_booking = |kind: &str| {
        let caused = events.iter().filter(|event| event["causationid"] == json!(booking.id));
        caused.filter(|event| event["type"] == kind).count()
    };
    assert_eq!(of_booking("command.accepted"), 1);
    assert_eq!(of_booking("booking.changed"), 1);
    assert_eq!(of_booking("command.rejected"), 1, "the reused id");
    let mut ids: Vec<_> = events.iter().map(|event| event["id"].to_string()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), events.len(), "two events share an id");
    assert_eq!(world.sink.count(), 1);
    world.finish().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_name_and_nothing_of_it_is_taken() {
    let world = World::start(Options {
        environment: vec![
            ("BELLHOP__HTTP__BODY_MAX", "4096".to_owned()),
            ("BELLHOP__HTTP__BATCH_MAX", "3".to_owned()),
        ],
        ..Options::default()
    })
    .await;
    let base = world.http();
    http::take(&base, &[salon::open(SALON), salon::client(SALON, "c")]).await;

    let good = || salon::booking(SALON, "b", "c", salon::START);
    let body = |pointer, value| with(good(), pointer, value).body();
    let mut misspelt = good();
    misspelt.envelope["data"]["start_at"] = json!("x");
    let long = vec![b' '; 5000];
    let refused = [
        (ONE, b"{".to_vec(), 400, "not_json", None),
        (ONE, b"{}".to_vec(), 400, "invalid_envelope", Some("tenant")),
        (ONE, body("/specversion", json!("0.3")), 400, "invalid_envelope", Some("specversion")),
        (ONE, body("/tenant", json!("Salon Uno")), 400, "invalid_envelope", Some("tenant")),
        (ONE, body("/type", json!("booking.book")), 422, "unknown_type", Some("type")),
        (ONE, body("/data/starts_at", json!("noon")), 422, "invalid_data", Some("data.starts_at")),
        (ONE, misspelt.body(), 422, "invalid_data", Some("data.start_at")),
        (ONE, long.clone(), 413, "too_large", None),
        (MANY, long, 413, "too_large", None),
        (MANY, batch(&[good(), good(), good(), good()]), 413, "too_large", None),
        (MANY, b"{}".to_vec(), 400, "invalid_envelope", None),
        ("text/plain", good().body(), 415, "unsupported_media_type", None),
        (LATIN, good().body(), 415, "unsupported_media_type", None),
    ];
    for (content_type, body, status, reason, field) in refused {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let answer = http::post(&base, content_type, body).await;
        let (got, want) = (&answer.body, (status, json!(reason), json!(field)));
        assert_eq!(
            (answer.status, got["reason"].clone(), got["field"].clone()),
            want,
            "{content_type} {shown}"
        );
        assert!(got["detail"].is_string(), "{got}");
        assert_problem(&answer);
    }

    let packed = http::client().post(format!("{base}/v1/commands")).header(CONTENT_TYPE, ONE);
    let packed = http::ask(packed.header("content-encoding", "gzip").body(good().body())).await;
    assert_eq!((packed.status, &packed.body["reason"]), (415, &json!("unsupported_media_type")));
    assert_eq!(packed.headers["accept-encoding"], "identity");

    let mixed = [good(), with(good(), "/data/client", json!(7))];
    let answer = http::post(&base, MANY, batch(&mixed)).await;
    assert_eq!((answer.status, &answer.body["index"]), (422, &json!(1)));
    assert_eq!(answer.body["field"], "data.client");

    assert_eq!(commands_in_inbox(&world).await, 2);
    let taken = http::post_one(&base, &good()).await;
    assert_eq!((taken.status, &taken.body["result"]), (202, &json!("accepted")));
    world.finish().await;
}

#[tokio::test]
async fn commands_and_pages_with_personal_data_want_the_token() {
    let token = || ("BELLHOP__HTTP__TOKEN", "s3same".to_owned());
    let options = Options { environment: vec![token()], ..Options::default() };
    let mut world = World::start(options).await;
    let base = world.http();
    let ask = |path: &str, authorization: Option<&str>| {
        let post = path == "/v1/commands";
        let url = format!("{base}{path}");
        let client = http::client();
        let request = if post {
            client.post(url).header("content-type", ONE).body(salon::open(SALON).body())
        } else {
            client.get(url)
        };
        http::ask(match authorization {
            Some(value) => request.header(AUTHORIZATION, value),
            None => request,
        })
    };
    for path in ["/v1/commands", "/v1/events", "/v1/tenants/t/bookings/b/explain"] {
        for wrong in [None, Some("Bearer s3sam"), Some("Bearer s3same2"), Some("Basic s3same")] {
            let answer = ask(path, wrong).await;
            assert_eq!(answer.status, 401, "{path} {wrong:?}");
            assert!(answer.headers[WWW_AUTHENTICATE].to_str().unwrap().starts_with("Bearer"));
        }
    }
    assert_eq!(commands_in_inbox(&world).await, 0);
    assert_eq!(ask("/v1/commands", Some("Bearer s3same")).await.status, 202);
    assert_eq!(ask("/v1/events", Some("Bearer s3same")).await.status, 200);
    assert_eq!(ask("/v1/events", Some("bearer s3same")).await.status, 200);
    for open in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(ask(open, None).await.status, 200, "{open}");
    }
    let refused = world.daemon().metric("bellhop_http_logins_refused_total").await;
    let count = |reason: &str| {
        let of_reason = refused.iter().find(|(labels, _)| labels.contains(reason));
        of_reason.map_or(0.0, |(_, count)| *count)
    };
    assert_eq!((count("wrong_token"), count("no_token")), (6.0, 6.0));
    let log = world.log();
    assert_eq!(log.matches("a request over HTTP was refused").count(), 1, "{log}");
    assert!(!log.contains("s3sam"), "a token is in the log");
    world.finish().await;
}

#[tokio::test]
async fn a_token_is_good_for_what_its_role_says() {
    let tokens = ["publish", "read", "operate"].map(|role| {
        format!("[[http.tokens]]\nname = \"of-{role}\"\ntoken = \"t-{role}\"\nrole = \"{role}\"\n")
    });
    let world = World::start(Options { extra_config: tokens.concat(), ..Options::default() }).await;
    let base = world.http();
    let ask = |method: Method, path: &str, token: &str| {
        let request = http::client().request(method, format!("{base}{path}")).bearer_auth(token);
        let body = salon::open(SALON).body();
        http::ask(request.header("content-type", ONE).body(body))
    };
    let (post, unpark) = (Method::POST, "/v1/tenants/t/unpark");
    for (method, path, enough) in [
        (post.clone(), "/v1/commands", [202, 403, 202]),
        (Method::GET, "/v1/events", [403, 200, 200]),
        (Method::HEAD, "/v1/parked", [403, 200, 200]),
        (post, unpark, [403, 403, 404]),
    ] {
        for (token, status) in ["t-publish", "t-read", "t-operate"].iter().zip(enough) {
            let answer = ask(method.clone(), path, token).await;
            assert_eq!(answer.status, status, "{method} {path} {token}");
        }
        assert_eq!(ask(method, path, "t-other").await.status, 401);
    }
    let small = ask(Method::POST, unpark, "t-read").await;
    assert_problem(&small);
    assert_eq!(small.body["reason"], "forbidden");
    assert_eq!(small.body["detail"], "the token of-read has the role read, and this needs operate");
    world.finish().await;
}

#[tokio::test]
async fn a_batch_that_can_never_be_taken_is_too_large_and_names_the_limit() {
    let world = World::start(Options {
        environment: vec![
            ("BELLHOP__LIMITS__INTAKE_MAX", "2".to_owned()),
            ("BELLHOP__LIMITS__TENANT_WINDOW", "1".to_owned()),
        ],
        ..Options::default()
    })
    .await;
    assert!(world.log().contains("http.batch_max is 1000, but limits.intake_max is 2"));
    let base = world.http();
    let commands = [salon::open(SALON), salon::client(SALON, "a"), salon::client(SALON, "b")];
    let answer = http::post(&base, MANY, batch(&commands)).await;
    assert_eq!((answer.status, &answer.body["reason"]), (413, &json!("too_large")));
    let detail = "holds 3 commands, more than 2 ([limits] intake_max)";
    assert_eq!(answer.body["detail"], detail);
    assert_eq!(commands_in_inbox(&world).await, 0);
    http::take(&base, &commands[..2]).await;
    http::take(&base, &commands[2..]).await;
    world.finish().await;
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_nothing_half_done() {
    const BOOKINGS: usize = 50;
    let mut world = World::start(Options::default()).await;
    let body = batch(&salon::busy(SALON, BOOKINGS));
    let head = format!(
        "POST /v1/commands HTTP/1.1\r\nHost: bellhop\r\nContent-Type: {MANY}\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let address = world.http().replace("http://", "");

    // Gone amid the body: nothing is taken.
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body[..body.len() / 2]).await.unwrap();
    stream.shutdown().await.unwrap();
    let _ = stream.read_to_end(&mut Vec::new()).await;
    drop(stream);
    assert_eq!(commands_in_inbox(&world).await, 0);

    // Gone before the answer: all is taken.
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    eventually("the first command", DEADLINE, || async {
        (commands_in_inbox(&world).await > 0).then_some(())
    })
    .await;
    drop(stream);
    eventually("every mail", DEADLINE, || async { (world.sink.count() == BOOKINGS).then_some(()) })
        .await;
    assert_eq!(commands_in_inbox(&world).await, (2 * BOOKINGS + 1) as i64);
    let results = world.daemon().metric("bellhop_commands_total").await;
    let accepted = results.iter().filter(|(labels, _)| labels.contains("result=\"accepted\""));
    assert_eq!(accepted.map(|(_, count)| count).sum::<f64>(), (2 * BOOKINGS + 1) as f64);
    world.finish().await;
}

#[tokio::test]
async fn operators_see_what_became_of_a_booking() {
    let world = World::start(Options::default()).await;
    let base = world.http();
    http::take(&base, &salon::busy(SALON, 1)).await;
    let path = format!("{base}/v1/tenants/{SALON}");
    let told = eventually("the mail is sent", DEADLINE, || async {
        let (status, body) = http::read(&format!("{path}/bookings/b0/explain")).await;
        assert_eq!(status, 200, "{body}");
        let told = body["told"].as_array().unwrap().clone();
        told.iter().any(|line| line["outcome"] == "sent").then_some(told)
    })
    .await;
    let of_channel = |channel| told.iter().find(|line| line["channel"] == channel).unwrap();
    let email = of_channel("email");
    assert_eq!(email["kind"], "booking.confirmed");
    assert_eq!(email["client"], "c0");
    assert_eq!(email["cause"], "request-b0");
    let sms = of_channel("sms");
    assert_eq!(sms["outcome"], "skipped");
    assert!(sms["reason"].is_string(), "{sms}");

    let id = email["message"]["message"].as_str().unwrap();
    assert!(world.sink.accepted()[0].message_id.starts_with(&format!("<{id}@")));
    let (status, message) = http::read(&format!("{path}/messages/{id}")).await;
    assert_eq!(status, 200);
    assert_eq!((&message["status"], &message["attempts"]), (&json!("sent"), &json!(1)));
    assert!(message["reply"].as_str().unwrap().starts_with("250"), "{message}");
    for absent in ["bookings/b9/explain", "messages/none", "bookings/%20/explain"] {
        let (status, body) = http::read(&format!("{path}/{absent}")).await;
        assert_eq!((status, &body["reason"]), (404, &json!("not_found")), "{absent}");
    }
    for (path, status, reason) in [
        ("/v1/events?after=x", 400, "invalid_query"),
        ("/v1/event", 404, "not_found"),
        ("/v1/commands", 405, "method_not_allowed"),
        ("/v1/tenants/%ff/messages/m", 404, "not_found"),
    ] {
        let answer = http::ask(http::client().get(format!("{base}{path}"))).await;
        assert_eq!((answer.status, &answer.body["reason"]), (status, &json!(reason)), "{path}");
        assert_problem(&answer);
    }
    assert_eq!(http::read(&format!("{base}/v1/tenants/other/messages/{id}")).await.0, 404);
    world.finish().await;
}

#[tokio::test]
async fn health_readiness_and_metrics_are_there() {
    let mut world = World::start(Options::default()).await;
    let base = world.http();
    http::take(&base, &salon::busy(SALON, 1)).await;
    eventually("the mail", DEADLINE, || async { (world.sink.count() == 1).then_some(()) }).await;

    assert_eq!(http::get(&format!("{base}/healthz")).await.unwrap().0, 200);
    let (status, ready) = http::read(&format!("{base}/readyz")).await;
    assert_eq!((status, &ready["ready"]), (200, &json!(true)));
    let checks: Vec<_> = ready["checks"].as_array().unwrap().iter().collect();
    for name in ["store", "dispatch", "broker_commands", "broker_events"] {
        assert!(checks.iter().any(|check| check["name"] == name && check["ok"] == true), "{name}");
    }

    eventually("the mail is counted", DEADLINE, || async {
        let (_, text) = http::get(&format!("{base}/metrics")).await?;
        text.contains("bellhop_messages_total{").then_some(())
    })
    .await;
    for (name, label) in [
        ("bellhop_commands_total", "type=\"booking.request\",result=\"accepted\""),
        ("bellhop_command_seconds_count", ""),
        ("bellhop_messages_total", "outcome=\"sent\""),
        ("bellhop_attempts_total", "class=\"accepted\""),
        ("bellhop_send_seconds_count", "provider=\"sink\""),
        ("bellhop_delivery_lag_seconds_count", "lane=\"transactional\""),
        ("bellhop_oldest_due_seconds", "lane="),
        ("bellhop_queue_depth", "lane=\"urgent\""),
        ("bellhop_tenants_live", ""),
        ("bellhop_commit_seconds_count", ""),
        ("bellhop_commit_batch_size_count", ""),
        ("bellhop_build_info", "version="),
        ("bellhop_ready", "check=\"store\""),
        ("bellhop_ready", "check=\"broker_events\""),
        ("bellhop_http_connections", ""),
        ("process_open_fds", ""),
        ("process_max_fds", ""),
    ] {
        let series = world.daemon().metric(name).await;
        assert!(series.iter().any(|(labels, _)| labels.contains(label)), "{name} {series:?}");
    }
    let log = world.log();
    let ready = log.lines().find(|line| line.contains("\"message\":\"ready\"")).unwrap();
    let ready: Value = serde_json::from_str(ready).unwrap();
    assert!(ready["store"].as_str().unwrap().ends_with("bellhop.db (created)"), "{ready}");
    assert_eq!(ready["tenants"], 0);
    let providers = "email: sink; sms: sms-outbox; push: push-outbox; inbox: inbox-store";
    assert_eq!(ready["providers"], providers);
    assert!(ready["broker"].as_str().unwrap().starts_with("amqp://***@"), "{ready}");
    let (_, text) = http::get(&format!("{base}/metrics")).await.unwrap();
    assert!(!text.contains(SALON) && !text.contains("c0"), "a metric names whom it is about");
    world.finish().await;
}
