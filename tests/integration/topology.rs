//! `bellhop topology check` against a real broker: it sees what is missing or wrong, and the
//! commands that it prints mend it, word for word.

use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
    sync::Arc,
};

use lapin::{
    Channel, Connection, ConnectionProperties,
    options::{QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Publisher, broker::Broker, salon, services::script, vhost::Vhost};

/// A vhost, a configuration for it, and the tools of somebody at a shell.
struct Ground {
    broker: Arc<Broker>,
    vhost: Vhost,
    dir: TempDir,
    url: String,
    partitions: u16,
    more: String,
}

impl Ground {
    async fn on(broker: Arc<Broker>, partitions: u16) -> Self {
        let vhost = Vhost::create(Arc::clone(&broker)).await;
        let dir = tempfile::Builder::new().prefix("bellhop-topology").tempdir().unwrap();
        let url = vhost.url();
        let ground = Self { broker, vhost, dir, url, partitions, more: String::new() };
        let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/services");
        let there = ground.broker.dir().display();
        ground.tool("rabbitmqctl", &format!("{} rabbitmqctl {there}", services.display()));
        ground.tool("bellhop", env!("CARGO_BIN_EXE_bellhop"));
        ground
    }

    async fn with_plugins(partitions: u16) -> Self {
        Self::on(Broker::with_plugins().await, partitions).await
    }

    fn tool(&self, name: &str, command: &str) {
        let path = self.dir.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\nexec {command} \"$@\"\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn configure(&self) {
        let management = self.broker.management_url();
        let management = management.map(|url| format!("management = \"{url}\"\n"));
        let text = format!(
            "[amqp]\nurl = \"{}\"\npartitions = {}\n{}{}",
            self.url,
            self.partitions,
            management.unwrap_or_default(),
            self.more
        );
        std::fs::write(self.dir.path().join("bellhop.toml"), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Output {
        self.configure();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bellhop"));
        command.args(["topology", "check", "--config", "bellhop.toml"]).args(args);
        command.current_dir(self.dir.path()).stdin(Stdio::null()).output().unwrap()
    }

    fn check(&self, args: &[&str]) -> Check {
        let output = self.run(&[&["--format", "json"][..], args].concat());
        let code = output.status.code().unwrap();
        let json = serde_json::from_slice(&output.stdout);
        let json = json.unwrap_or_else(|why| panic!("{why}: {output:?}"));
        Check { code, json }
    }

    /// Types each command that mends a wrong point, as it is printed.
    fn mend(&self, check: &Check) {
        let path = std::env::var("PATH").unwrap();
        for line in check.wrong().iter().flat_map(|point| point.mend.clone()) {
            let typed = line.replace("--user ADMIN", "--user guest:guest --silent");
            let mut shell = Command::new("sh");
            shell.args(["-ec", &typed]).current_dir(self.dir.path());
            let path = format!("{}:{path}", self.dir.path().display());
            let output = shell.env("PATH", path).output().unwrap();
            assert!(output.status.code() < Some(2), "{typed}: {output:?}");
        }
    }

    async fn channel(&self) -> (Connection, Channel) {
        let properties = ConnectionProperties::default();
        let connection = Connection::connect(&self.vhost.url(), properties).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        (connection, channel)
    }

    /// `rabbitmqctl COMMAND --vhost … ARG…`
    fn rabbitmqctl(&self, command: &str, args: &[&str]) {
        let args = [&[command, "--vhost", self.vhost.name()][..], args].concat();
        script("rabbitmqctl", self.broker.dir(), &args);
    }
}

struct Check {
    code: i32,
    json: Value,
}

#[derive(Debug, serde::Deserialize)]
struct Point {
    what: String,
    state: String,
    says: String,
    #[serde(default)]
    mend: Vec<String>,
}

impl Check {
    fn points(&self) -> Vec<Point> {
        serde_json::from_value(self.json["points"].clone()).unwrap()
    }

    fn wrong(&self) -> Vec<Point> {
        self.points().into_iter().filter(|point| point.state == "wrong").collect()
    }

    #[track_caller]
    fn point(&self, what: &str) -> Point {
        let found = self.points().into_iter().find(|point| point.what == what);
        found.unwrap_or_else(|| panic!("nothing of {what}: {:#}", self.json))
    }

    /// Nothing wrong, nothing left out, nothing to warn of but what each broker of 3.10 is known
    /// for.
    #[track_caller]
    fn assert_well(&self) {
        let points = self.points();
        let all_well = |point: &Point| point.state == "ok" || point.what == "broker";
        assert!(points.iter().all(all_well), "{:#}", self.json);
        assert_eq!(self.code, 0);
    }

    fn applied(&self) -> Vec<&str> {
        let lines = self.json["applied"].as_array().map(Vec::as_slice).unwrap_or_default();
        lines.iter().map(|line| line.as_str().unwrap()).collect()
    }
}

#[tokio::test]
async fn a_fresh_broker_lacks_everything_until_it_is_applied() {
    let ground = Ground::with_plugins(4).await;
    let fresh = ground.check(&[]);
    assert_eq!(fresh.code, 1);
    for what in [
        "exchange bellhop.commands",
        "exchange bellhop.events",
        "exchange bellhop.commands.hash",
        "queue bellhop.commands.dead",
        "queue bellhop.p.00",
        "queue bellhop.p.03",
        "policy bellhop-partitions",
        "policy bellhop-dead",
    ] {
        assert_eq!(fresh.point(what).state, "wrong", "{what}");
    }
    let apply = "bellhop topology check --apply --config bellhop.toml";
    assert_eq!(fresh.point("queue bellhop.p.00").mend, [apply]);
    assert_eq!(fresh.point("exchange type x-modulus-hash").state, "ok");
    let broker = fresh.point("broker");
    assert!(broker.says.starts_with("RabbitMQ 3.") || broker.says.starts_with("RabbitMQ 4."));

    let applied = ground.check(&["--apply"]);
    applied.assert_well();
    for line in [
        "declared the exchange bellhop.commands.hash",
        "declared the queue bellhop.p.03",
        "bound bellhop.commands.hash to bellhop.p.03",
        "set the policy bellhop-partitions",
    ] {
        assert!(applied.applied().contains(&line), "{line}: {:?}", applied.applied());
    }
    ground.check(&[]).assert_well();
    assert_eq!(ground.check(&["--apply"]).applied(), ["there was nothing to do"]);
    let table = ground.run(&[]);
    let text = String::from_utf8(table.stdout).unwrap();
    assert!(text.contains("4 of 4: quorum, single active consumer, durable"), "{text}");
}

#[tokio::test]
async fn a_queue_of_another_kind_is_left_alone_and_told_how_to_replace() {
    let ground = Ground::with_plugins(2).await;
    let (_connection, channel) = ground.channel().await;
    let durable = QueueDeclareOptions::durable();
    channel.queue_declare("bellhop.p.00".into(), durable, FieldTable::default()).await.unwrap();
    let mut quorum = FieldTable::default();
    quorum.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    channel.queue_declare("bellhop.p.01".into(), durable, quorum).await.unwrap();

    let applied = ground.check(&["--apply"]);
    assert_eq!(applied.code, 1);
    for queue in ["bellhop.p.00", "bellhop.p.01"] {
        let point = applied.point(&format!("queue {queue}"));
        assert_eq!(point.state, "wrong");
        assert!(point.says.contains("PRECONDITION_FAILED - inequivalent arg"), "{point:?}");
        assert!(point.mend[0].starts_with("rabbitmqctl delete_queue --vhost "), "{point:?}");
    }
    assert_eq!(applied.wrong().len(), 2, "{:#}", applied.json);
    ground.mend(&applied);
    ground.check(&[]).assert_well();
}

#[tokio::test]
async fn a_low_limit_is_seen_and_what_else_was_chosen_stays() {
    let ground = Ground::with_plugins(1).await;
    ground.check(&["--apply"]).assert_well();
    let low = r#"{"delivery-limit":20,"max-length":7,"overflow":"reject-publish"}"#;
    let args = ["bellhop-partitions", r"^bellhop\.p\.", low, "--apply-to", "queues"];
    ground.rabbitmqctl("set_policy", &args);
    let limited = ground.check(&[]);
    let point = limited.point("policy bellhop-partitions");
    assert_eq!((limited.code, point.state.as_str()), (1, "wrong"));
    assert!(point.says.contains("delivery-limit is 20, less than 1000"), "{point:?}");
    assert!(point.mend[0].contains(r#""max-length":7"#), "{point:?}");
    ground.mend(&limited);
    ground.check(&[]).assert_well();

    // One that comes first, as for mirrored queues of old.
    ground.rabbitmqctl("set_policy", &["all", ".*", r#"{"max-length":9}"#, "--priority", "5"]);
    let hidden = ground.check(&[]);
    assert_eq!(hidden.wrong().len(), 2, "{:#}", hidden.json);
    assert!(hidden.wrong().iter().all(|point| point.mend[0].ends_with("--priority 6")));
    ground.check(&["--apply"]).assert_well();
}

#[tokio::test]
async fn without_the_plugin_and_without_management_it_says_so() {
    let ground = Ground::on(Arc::new(Broker::shared()), 4).await;
    let applied = ground.check(&["--apply"]);
    assert_eq!(applied.code, 1);
    let plugin = applied.point("exchange type x-modulus-hash");
    assert_eq!(plugin.mend, ["rabbitmq-plugins enable rabbitmq_sharding"]);
    assert_eq!(applied.point("exchange bellhop.commands.hash").state, "wrong");
    assert_eq!(applied.point("partition queues").state, "ok");
    assert_eq!(applied.wrong().len(), 2, "{:#}", applied.json);
    for what in ["alarms", "bindings of bellhop.commands.hash", "policy bellhop-partitions"] {
        let point = applied.point(what);
        assert_eq!(point.state, "not_checked");
        assert_eq!(point.says, "[amqp] management is not configured");
    }
}

#[tokio::test]
async fn another_number_of_partitions_is_no_small_thing() {
    let mut ground = Ground::with_plugins(1).await;
    ground.check(&["--apply"]).assert_well();
    // Bound for one partition, this queue would get everything beside the others.
    ground.partitions = 4;
    let grown = ground.check(&["--apply"]);
    let stale = grown.point("binding bellhop.commands to bellhop.p.00");
    assert_eq!((stale.state.as_str(), grown.wrong().len()), ("wrong", 1), "{:#}", grown.json);
    ground.mend(&grown);
    ground.check(&[]).assert_well();

    let mut publisher = Publisher::connect(&ground.vhost.url()).await;
    // In the last of four, says the pinned hash.
    publisher.publish(&salon::open("salon-uno")).await;
    ground.partitions = 3;
    let shrunk = ground.check(&["--apply"]);
    let left = shrunk.point("queue bellhop.p.03");
    assert_eq!(left.state, "wrong");
    assert!(left.says.contains("holds 1 message that nobody reads"), "{left:?}");
    assert!(shrunk.applied()[0].starts_with("declared nothing: "), "{:?}", shrunk.applied());
    assert_eq!(shrunk.point("binding bellhop.commands.hash to bellhop.p.03").state, "wrong");
}

#[tokio::test]
async fn a_stranger_behind_the_hash_moves_tenants_and_is_told() {
    let ground = Ground::with_plugins(2).await;
    ground.check(&["--apply"]).assert_well();
    let (_connection, channel) = ground.channel().await;
    let (durable, none) = (QueueDeclareOptions::durable(), FieldTable::default());
    channel.queue_declare("audit".into(), durable, none.clone()).await.unwrap();
    let bind = QueueBindOptions::default();
    for (source, key) in [("bellhop.commands.hash", "1"), ("bellhop.commands", "cmd.*")] {
        let bound =
            channel.queue_bind("audit".into(), source.into(), key.into(), bind, none.clone());
        bound.await.unwrap();
    }
    let told = ground.check(&[]);
    let wrong: Vec<String> = told.wrong().into_iter().map(|point| point.what).collect();
    assert_eq!(wrong, ["binding bellhop.commands.hash to audit"]);
    ground.mend(&told);
    ground.check(&[]).assert_well();
}

#[tokio::test]
async fn who_may_do_too_little_and_who_too_much() {
    let mut ground = Ground::with_plugins(1).await;
    let (own, url) = ground.vhost.add_user("bellhop").await;
    let (app, _) = ground.vhost.add_user("app").await;
    ground.url = url;
    let wide = ground.check(&["--apply"]);
    assert_eq!(wide.code, 0);
    let point = wide.point(&format!("permissions of {app}"));
    assert_eq!(point.state, "warning");
    assert!(point.says.contains("configure bellhop.commands"), "{point:?}");

    // The app as it should be, ourselves with too little.
    ground.rabbitmqctl("set_permissions", &[&app, "^$", r"^bellhop\.commands$", "^$"]);
    ground.rabbitmqctl("set_permissions", &[&own, r"^bellhop\.", r"^bellhop\.", r"^bellhop\.p"]);
    let narrow = ground.check(&[]);
    let point = narrow.point(&format!("permissions of {own}"));
    assert_eq!((narrow.code, point.state.as_str()), (1, "wrong"));
    assert_eq!(point.says, "may not write amq.default, read bellhop.commands");
    let point = narrow.point(&format!("permissions of {app}"));
    assert!(point.says.starts_with("may publish for every tenant"), "{point:?}");
    ground.mend(&narrow);
    ground.more = format!("[amqp.publishers]\n{app} = \"*\"\n");
    ground.check(&[]).assert_well();

    // Not even declaring is allowed.
    ground.rabbitmqctl("set_permissions", &[&own, "^$", ".*", ".*"]);
    let denied = ground.check(&[]).point("exchange bellhop.commands");
    assert_eq!(denied.state, "wrong");
    assert!(denied.says.starts_with("ACCESS_REFUSED"), "{denied:?}");
}

#[tokio::test]
async fn a_broker_that_is_not_there_is_wrong_and_none_at_all_is_a_mistake() {
    let mut ground = Ground::on(Arc::new(Broker::shared()), 1).await;
    ground.url = format!("{}/no-such-vhost", ground.broker.base_url());
    let lost = ground.check(&[]);
    assert_eq!(lost.code, 1);
    assert!(lost.point("connection").says.contains("vhost"), "{:#}", lost.json);

    let mut command = Command::new(env!("CARGO_BIN_EXE_bellhop"));
    command.args(["topology", "check"]).env_remove("BELLHOP_CONFIG");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}
