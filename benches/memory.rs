//! How much memory does the daemon need at its worst, and does it give it back?
//!
//! ```text
//! cargo bench --bench memory                       # all but the soak
//! cargo bench --bench memory -- tenants strangers  # some
//! cargo bench --bench memory -- soak               # a quarter of an hour
//! ```
//!
//! - **tenants**: 100 000 are configured, and fall idle;
//! - **strangers**: commands for 200 000 tenants that were never configured;
//! - **bodies**: 40 bodies of 32 MiB wait in the broker;
//! - **soak**: 150 commands a second for 15 minutes, then none.
//!
//! Shown is what is resident, in MiB; last, what a daemon needs that starts on the same store.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]
#![allow(missing_docs)]
// Not all of what it shares with `road` is of use here.
#![allow(dead_code)]

#[path = "road/broker.rs"]
mod broker;
#[path = "road/daemon.rs"]
// Each bench uses a part of it.
#[allow(dead_code)]
mod daemon;
#[path = "road/sinks.rs"]
mod sinks;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bellhop::broker::{COMMANDS_EXCHANGE, Outgoing};
use broker::{PrivateBroker, command, send};
use daemon::Daemon;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{interval, sleep};

/// Connections to the sink.
const CONNECTIONS: usize = 60;
/// Tenants that have nothing to do leave memory so soon.
const IDLE: &str = "[actors]\nidle_after = \"PT10S\"\n";
/// How long memory may take to come back, once nothing happens.
const QUIET: Duration = Duration::from_secs(40);
const TENANTS: usize = 100_000;
const STRANGERS: usize = 200_000;
const BODIES: usize = 40;
const BODY_BYTES: usize = 32 << 20;
const SOAK: Duration = Duration::from_secs(15 * 60);
const SOAK_RATE: usize = 150;
const SOAK_TENANTS: usize = 200;
const SOAK_LOOK: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let asked = |name: &str| words.iter().any(|word| word == name);
    if words.is_empty() || asked("tenants") {
        tenants().await;
    }
    if words.is_empty() || asked("strangers") {
        strangers().await;
    }
    if words.is_empty() || asked("bodies") {
        bodies().await;
    }
    if asked("soak") {
        soak().await;
    }
}

/// A daemon with all that it needs.
struct Stage {
    folder: TempDir,
    broker: Arc<PrivateBroker>,
    sink: sinks::SmtpSink,
}

impl Stage {
    fn set(what: &str) -> Self {
        println!("{what}");
        let (folder, broker) = (tempfile::tempdir().unwrap(), Arc::new(PrivateBroker::start()));
        Self { folder, broker, sink: sinks::SmtpSink::start() }
    }

    async fn daemon(&self) -> Daemon {
        Daemon::start_with(self.folder.path(), &self.broker, self.sink.port(), IDLE).await
    }

    /// What is left when nothing happens any more, and what a fresh start needs.
    async fn end(self, daemon: Daemon) {
        show("at the most", daemon.usage().peak_bytes);
        sleep(QUIET).await;
        let live = daemon.metric("bellhop_tenants_live", "").await;
        show(&format!("quiet, {live} tenants live"), daemon.resident());
        daemon.stop();
        show("file", file(self.folder.path()));
        let daemon = self.daemon().await;
        show("a fresh start", daemon.resident());
        daemon.stop();
    }
}

fn show(what: &str, bytes: u64) {
    println!("  {what:32} {:>6} MiB", bytes >> 20);
}

fn file(folder: &Path) -> u64 {
    std::fs::metadata(folder.join("bellhop.db")).unwrap().len()
}

async fn tenants() {
    let stage = Stage::set("tenants: 100 000 are configured and fall idle");
    let daemon = stage.daemon().await;
    show("at the start", daemon.resident());
    let settings = json!({
        "name": "Salone Uno", "profile": "appointments", "plan": "pro", "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic",
        "services": {"haircut": {"name": "Haircut", "location": "Via Roma 1, Milano"}},
    });
    let each = (0..TENANTS).map(|n| (n, command(n, "open", "tenant.configure", &settings)));
    stage.broker.publish(each).await;
    daemon.wait_accepted(TENANTS).await;
    show("all configured", daemon.resident());
    stage.end(daemon).await;
}

async fn strangers() {
    let stage = Stage::set("strangers: commands for 200 000 tenants that there are not");
    let daemon = stage.daemon().await;
    show("at the start", daemon.resident());
    show("file", file(stage.folder.path()));
    let data = json!({ "client": "c", "name": "Nobody", "email": "nobody@example.com" });
    let each = (0..STRANGERS).map(|n| (n, command(n, "who", "client.register", &data)));
    stage.broker.publish(each).await;
    daemon.wait_refused("unknown_tenant", STRANGERS).await;
    show("all refused", daemon.resident());
    stage.end(daemon).await;
}

async fn bodies() {
    let stage = Stage::set("bodies: 40 of 32 MiB wait in the broker");
    // Declares the queues.
    stage.daemon().await.stop();
    let (link, publisher) = stage.broker.open().await;
    let body = vec![b' '; BODY_BYTES];
    for _ in 0..BODIES {
        let outgoing = Outgoing {
            exchange: COMMANDS_EXCHANGE,
            routing_key: "cmd.tenant-0",
            message_id: "",
            body: &body,
            mandatory: true,
        };
        publisher.publish(outgoing).await.unwrap().confirmed().await.unwrap();
    }
    link.close().await;
    let daemon = stage.daemon().await;
    daemon.wait_refused("too_large", BODIES).await;
    show("all laid aside", daemon.resident());
    stage.end(daemon).await;
}

async fn soak() {
    let stage = Stage::set("soak: 150 commands a second for 15 minutes");
    let daemon = stage.daemon().await;
    show("at the start", daemon.resident());
    let all = SOAK_RATE * SOAK.as_secs() as usize / 2;
    stage.broker.prepare(SOAK_TENANTS, all).await;
    daemon.wait_accepted(SOAK_TENANTS + all).await;
    show("prepared", daemon.resident());
    let (link, publisher) = stage.broker.open().await;
    let mut tick = interval(Duration::from_secs(1) / SOAK_RATE as u32);
    let (began, mut looked) = (Instant::now(), Instant::now());
    for number in 0..2 * all {
        tick.tick().await;
        let (tenant, body) = soaked(number, all);
        drop(send(&publisher, tenant, &body).await);
        if looked.elapsed() >= SOAK_LOOK {
            looked = Instant::now();
            show(&format!("after {} s", began.elapsed().as_secs()), daemon.resident());
        }
    }
    link.close().await;
    stage.end(daemon).await;
}

/// A booking, and later its end.
fn soaked(number: usize, all: usize) -> (usize, String) {
    if number < all {
        return broker::booking(SOAK_TENANTS, number, "soak");
    }
    let number = number - all;
    let tenant = number % SOAK_TENANTS;
    let data = json!({ "booking": format!("soak-{number}"), "by": "client" });
    (tenant, command(tenant, &format!("cancel-{number}"), "booking.cancel", &data))
}
