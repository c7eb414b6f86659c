//! A day on which most things happen once: every metric is there afterwards, with the labels that
//! are documented; and what counts trouble is there before any.

use std::{cell::RefCell, collections::BTreeSet, time::Duration};

use bellhop::telemetry::names::{self, MetricKind};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::support::{
    Behaviour, Command, Options, ScriptedSink, World, command,
    daemon::series,
    eventually,
    gateway::{Does, Gateway, signed},
    http,
    publish::properties,
    salon,
    smsc::Smsc,
};

const DEADLINE: Duration = Duration::from_secs(60);
/// Has a rate of its own.
const SALON: &str = "salon-uno";
/// Its clients' domain has.
const STUDIO: &str = "studio-due";
/// Reminds its clients.
const GYM: &str = "palestra-tre";

const KEY: &str = "a-key-for-receipts";
const RECEIPTS: &str = "receipts = { signature = { header = \"x-signature\", \
    algorithm = \"hmac-sha256\", encoding = \"hex\", secret = \"a-key-for-receipts\" }, \
    message = \"/ref\", status = \"/status\", delivered = [\"delivered\"] }\n";

/// What the day raises: the metric, a part of its labels, and how far at least.
const RAISED: &[(&str, &str, f64)] = &[
    ("bellhop_commands_total", "{type=\"booking.request\",result=\"accepted\"}", 20.0),
    ("bellhop_commands_total", "{type=\"booking.request\",result=\"duplicate\"}", 1.0),
    ("bellhop_commands_total", "{type=\"booking.decline\",result=\"illegal_transition\"}", 1.0),
    ("bellhop_commands_total", "{type=\"unknown\",result=\"not_json\"}", 1.0),
    ("bellhop_command_seconds_count", "", 20.0),
    ("bellhop_decision_seconds_count", "", 20.0),
    ("bellhop_claim_seconds_count", "{channel=\"email\"}", 1.0),
    ("bellhop_claimed_total", "{channel=\"email\"}", 0.0),
    ("bellhop_commit_seconds_count", "", 1.0),
    ("bellhop_commit_batch_size_count", "", 1.0),
    ("bellhop_messages_total", "kind=\"booking.confirmed\",outcome=\"sent\"", 20.0),
    (
        "bellhop_messages_total",
        "{channel=\"sms\",kind=\"booking.confirmed\",outcome=\"dead\"}",
        1.0,
    ),
    ("bellhop_messages_total", "outcome=\"skipped\"", 1.0),
    ("bellhop_attempts_total", "provider=\"sink\",class=\"accepted\"", 20.0),
    ("bellhop_attempts_total", "provider=\"away\",class=\"transient\"", 10.0),
    ("bellhop_attempts_total", "provider=\"gw\",class=\"throttled\"", 1.0),
    ("bellhop_attempts_total", "provider=\"gw\",class=\"permanent\"", 1.0),
    ("bellhop_send_seconds_count", "provider=\"sink\"", 20.0),
    ("bellhop_delivery_lag_seconds_count", "lane=\"transactional\"", 20.0),
    ("bellhop_delivery_lag_seconds_count", "lane=\"scheduled\"", 1.0),
    ("bellhop_throttled_total", "scope=\"provider\"", 1.0),
    ("bellhop_throttled_total", "scope=\"tenant\"", 1.0),
    ("bellhop_throttled_total", "scope=\"destination\"", 1.0),
    ("bellhop_dead_letters", "reason=\"dead\"", 1.0),
    ("bellhop_receipts_total", "{provider=\"gw\",status=\"delivered\"}", 1.0),
    ("bellhop_receipt_seconds_count", "provider=\"gw\"", 1.0),
    ("bellhop_provider_circuit_state", "provider=\"away\"", 2.0),
    ("bellhop_smpp_bound", "provider=\"smsc\"", 1.0),
    ("bellhop_timers_pending", "", 1.0),
    ("bellhop_tenants_live", "", 3.0),
    ("bellhop_ready", "check=\"dispatch\"", 1.0),
    ("bellhop_standing_by", "", 0.0),
    ("bellhop_http_connections", "", 1.0),
    ("process_open_fds", "", 1.0),
    ("process_max_fds", "", 1.0),
];

/// What the day does not raise, and is known all the same.
const SPARED: &[(&str, &str)] = &[
    ("bellhop_fenced_total", ""),
    ("bellhop_replies_refused_total", ""),
    ("bellhop_strangers_untold_total", ""),
    ("bellhop_actor_restarts_total", "actor=\"tenant\""),
    ("bellhop_actor_restarts_total", "actor=\"dispatcher\""),
    ("bellhop_actor_restarts_total", "actor=\"announcer\""),
    ("bellhop_commit_failures_total", "class=\"unavailable\""),
    ("bellhop_clock_steps_total", "direction=\"back\""),
    ("bellhop_broker_dropped_total", "reason=\"undelivered\""),
    ("bellhop_contradictions_total", "reason=\"illegal_transition\""),
    ("bellhop_http_dropped_total", "reason=\"full\""),
    ("bellhop_http_logins_refused_total", "reason=\"wrong_token\""),
    ("bellhop_commands_total", "type=\"unknown\",result=\"not_allowed\""),
    ("bellhop_attempts_total", "provider=\"sink\",class=\"in_doubt\""),
    ("bellhop_dead_letters", "reason=\"unknown\""),
    ("bellhop_timers_unreadable", ""),
    ("bellhop_retention_removed_total", "what=\"inbox\""),
    ("bellhop_retention_behind_seconds", "what=\"events\""),
];

/// The labels of each metric, as the reference has them.
pub fn documented() -> Vec<(&'static str, BTreeSet<&'static str>)> {
    let labels = |metric: &names::Metric| metric.labels.iter().copied().collect();
    names::ALL.iter().map(|metric| (metric.name, labels(metric))).collect()
}

/// `{a="1",b="2"}` has the labels a and b.
fn labels_of(labels: &str) -> BTreeSet<&str> {
    let inside = labels.trim_start_matches('{').trim_end_matches('}');
    let pairs = inside.split("\",").filter(|pair| !pair.is_empty());
    pairs.filter_map(|pair| pair.split_once('=')).map(|(label, _)| label).collect()
}

fn sampled(metric: &names::Metric) -> String {
    match metric.kind {
        MetricKind::Histogram => format!("{}_count", metric.name),
        MetricKind::Counter | MetricKind::Gauge => metric.name.to_owned(),
    }
}

fn gym() -> Command {
    let data = json!({
        "name": "Palestra", "profile": "appointments", "plan": "pro", "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic", "reminders": ["PT2S"],
    });
    command(GYM, "open", "tenant.configure", data)
}

/// Somebody who can be written to and called.
fn reachable(client: &str, phone: &str) -> Command {
    let data = json!({
        "client": client, "name": "Ada", "phone": phone, "email_verified": true,
        "email": salon::address(SALON, client),
    });
    command(SALON, &format!("register-{client}"), "client.register", data)
}

/// Bookings at all three, a repetition, a refusal, and what cannot be read.
async fn play(world: &World) {
    let mut publisher = world.publisher().await;
    let soon = Timestamp::now() + SignedDuration::from_secs(7);
    let soon = Timestamp::from_second(soon.as_second()).unwrap().to_string();
    let mut commands = salon::busy(SALON, 12);
    commands.extend(salon::busy(STUDIO, 12));
    commands.extend([gym(), salon::client(GYM, "kira")]);
    commands.push(salon::booking(GYM, "soon", "kira", &soon));
    commands.push(salon::booking(GYM, "later", "kira", salon::START));
    commands.extend([reachable("emma", "+393330000001"), reachable("gina", "+393330000002")]);
    commands.push(salon::booking(SALON, "emma-1", "emma", salon::START));
    commands.push(salon::booking(SALON, "gina-1", "gina", salon::START));
    commands.push(salon::cancel(SALON, "b0"));
    commands.push(command(SALON, "too-late", "booking.decline", json!({ "booking": "b0" })));
    publisher.publish_all(&commands).await;
    let again = commands.iter().find(|command| command.id == "request-later").unwrap();
    eventually("it is accepted", DEADLINE, || async {
        let accepted = http::events_of_type(&world.http(), "command.accepted").await;
        accepted.iter().any(|event| event["causationid"] == again.id).then_some(())
    })
    .await;
    publisher.publish(again).await;
    publisher.publish_raw(&format!("cmd.{SALON}"), b"{", properties()).await;
}

/// The gateway reports that what it took has arrived.
async fn arrives(world: &World) {
    let message = eventually("a text message is taken", DEADLINE, || async {
        let sent = http::events_of_type(&world.http(), "message.sent").await;
        let sms = sent.iter().find(|event| event["data"]["channel"] == "sms");
        sms.map(|event| event["data"]["message"].clone())
    })
    .await;
    let report = json!({ "ref": message, "status": "delivered" });
    assert_eq!(signed(&format!("{}/hooks/gw", world.http()), &report, KEY).await, 204);
}

async fn exposition(world: &World) -> String {
    let (status, text) = http::get(&format!("{}/metrics", world.http())).await.unwrap();
    assert_eq!(status, 200);
    text
}

/// What is not there, or not so far.
fn missing(text: &str) -> Vec<String> {
    let absent = names::ALL.iter().map(sampled).filter(|name| series(text, name).is_empty());
    let low = RAISED.iter().filter(|(name, part, least)| {
        let found = series(text, name).into_iter().filter(|(labels, _)| labels.contains(part));
        found.map(|(_, value)| value).sum::<f64>() < *least
    });
    absent.chain(low.map(|(name, part, least)| format!("{name} {part} below {least}"))).collect()
}

async fn a_world() -> (World, Gateway, Smsc) {
    let away = ScriptedSink::silent(Behaviour::default());
    let wait = vec![("retry-after", "1".to_owned())];
    let script = vec![Does::Answer(429, wait, String::new()), Does::say(400), Does::take()];
    let gateway = Gateway::that(script).await;
    let extra_config = format!(
        "[[email.providers]]\nname = \"away\"\nkind = \"smtp\"\nurl = \"{}\"\nweight = 1000\n\
         [dispatch.circuit]\npause = \"PT10M\"\n\
         [limits.tenant]\nemail = 20.0\n\
         [[limits.destinations]]\ndomain = \"{STUDIO}.example\"\nrate = 10.0\n",
        away.url()
    );
    let smsc = Smsc::start().await;
    // It stands by for numbers that nobody here has.
    let smsc_provider = smsc.provider("weight = 0\ncountries = [\"+1\"]");
    let sms_providers = Some(format!("{}\n{smsc_provider}", gateway.provider(RECEIPTS)));
    let environment = vec![("BELLHOP__HTTP__PUBLIC_URL", "https://bellhop.example".to_owned())];
    let options = Options { sms_providers, environment, extra_config, ..Options::default() };
    (World::start(options).await, gateway, smsc)
}

#[tokio::test]
async fn after_a_day_every_metric_is_there_with_the_labels_that_are_documented() {
    let (world, _gateway, _smsc) = a_world().await;
    let before = exposition(&world).await;
    for (name, part) in SPARED.iter().filter(|(name, _)| name.ends_with("_total")) {
        let found = series(&before, name);
        assert!(
            found.iter().any(|(labels, value)| labels.contains(part) && *value == 0.0),
            "{name}{part}"
        );
    }

    play(&world).await;
    arrives(&world).await;
    let last = RefCell::new(Vec::new());
    let text = eventually("every metric is there", DEADLINE, || async {
        let text = exposition(&world).await;
        let missing = missing(&text);
        let is_new = last.replace(missing.clone()) != missing;
        if is_new {
            println!("not yet: {missing:?}");
        }
        missing.is_empty().then_some(text)
    })
    .await;

    for (name, part) in SPARED {
        let found = series(&text, name);
        let found = found.iter().find(|(labels, _)| labels.contains(part));
        assert_eq!(found.map(|(_, value)| *value), Some(0.0), "{name} {part}");
    }
    for (name, labels) in documented() {
        let metric = names::ALL.iter().find(|metric| metric.name == name).unwrap();
        for (found, _) in series(&text, &sampled(metric)) {
            assert_eq!(labels_of(&found), labels, "{name}{found}");
        }
    }
    world.finish().await;
}
