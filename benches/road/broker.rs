//! A private RabbitMQ with commands in it.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use bellhop::broker::{COMMANDS_EXCHANGE, Link, Outgoing, Publisher, Watch};
use bellhop::config::{Amqp, Config};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Publishes not yet confirmed.
const WINDOW: usize = 500;

pub struct PrivateBroker {
    folder: TempDir,
    url: String,
}

impl PrivateBroker {
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("bellhop-bench").tempdir().unwrap();
        services("broker-start", folder.path());
        let env = std::fs::read_to_string(folder.path().join("env")).unwrap();
        let line = env.lines().find(|line| line.contains("AMQP_URL=")).unwrap();
        let url = line.split_once('=').unwrap().1.trim().to_owned();
        Self { folder, url }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn amqp(&self) -> Amqp {
        let text = format!("[amqp]\nurl = \"{}\"\n", self.url);
        Config::parse("bench", &text).unwrap().amqp.unwrap()
    }

    pub async fn open(&self) -> (Link, Publisher) {
        let link =
            Link::open(&self.amqp(), "bench", Arc::new(Watch::new(self.amqp().url))).await.unwrap();
        let publisher = link.publisher().await.unwrap();
        (link, publisher)
    }

    /// Every tenant, and a client for every booking to come.
    pub async fn prepare(&self, tenants: usize, clients: usize) {
        let configure = (0..tenants).map(|tenant| {
            let data = json!({
                "name": format!("Salone {tenant}"), "profile": "appointments", "plan": "pro",
                "locale": "en", "timezone": "Europe/Rome", "approval": "automatic",
                "toggles": {"booking.confirmed": {"sms": false}},
                "services": {"haircut": {"name": "Haircut", "location": "Via Roma 1"}},
            });
            (tenant, command(tenant, &format!("t{tenant}"), "tenant.configure", &data))
        });
        let register = (0..clients).map(|client| {
            let tenant = client % tenants;
            let data = json!({
                "client": format!("c{client}"), "name": format!("Client {client}"),
                "email": format!("c{client}@example.com"),
            });
            (tenant, command(tenant, &format!("c{client}"), "client.register", &data))
        });
        self.publish(configure.chain(register)).await;
    }

    /// One booking a command.
    pub async fn fill(&self, tenants: usize, commands: usize, run: &str) {
        self.publish((0..commands).map(|number| booking(tenants, number, run))).await;
    }

    /// Publishes commands, each with its tenant, and waits for the confirms.
    pub async fn publish(&self, commands: impl Iterator<Item = (usize, String)>) {
        let (link, publisher) = self.open().await;
        let mut pending = std::collections::VecDeque::new();
        for (tenant, body) in commands {
            if pending.len() == WINDOW {
                let oldest: bellhop::broker::Pending = pending.pop_front().unwrap();
                oldest.confirmed().await.unwrap();
            }
            pending.push_back(send(&publisher, tenant, &body).await);
        }
        for publish in pending {
            publish.confirmed().await.unwrap();
        }
        link.close().await;
    }
}

pub async fn send(publisher: &Publisher, tenant: usize, body: &str) -> bellhop::broker::Pending {
    let routing_key = format!("cmd.tenant-{tenant}");
    let outgoing = Outgoing {
        exchange: COMMANDS_EXCHANGE,
        routing_key: &routing_key,
        message_id: "",
        body: body.as_bytes(),
        mandatory: true,
    };
    publisher.publish(outgoing).await.unwrap()
}

/// A booking of client `number` as a command, with its tenant.
pub fn booking(tenants: usize, number: usize, run: &str) -> (usize, String) {
    let tenant = number % tenants;
    let data = json!({
        "booking": format!("{run}-{number}"), "client": format!("c{number}"), "by": "client",
        "service": "haircut", "starts_at": "2030-12-03T10:00:00+01:00",
        "ends_at": "2030-12-03T10:45:00+01:00",
    });
    (tenant, command(tenant, &format!("{run}-{number}"), "booking.request", &data))
}

/// `data` as a command of tenant `tenant`.
pub fn command(tenant: usize, id: &str, type_name: &str, data: &Value) -> String {
    json!({
        "specversion": "1.0", "id": id, "source": "/bench", "type": type_name,
        "time": "2026-12-01T09:00:00Z", "tenant": format!("tenant-{tenant}"), "data": data,
    })
    .to_string()
}

impl Drop for PrivateBroker {
    fn drop(&mut self) {
        services("stop", self.folder.path());
    }
}

pub fn services(verb: &str, folder: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/services");
    let status = Command::new(script).arg(verb).arg(folder).status().unwrap();
    assert!(status.success(), "tests/services {verb} failed");
}
