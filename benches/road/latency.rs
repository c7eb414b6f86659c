//! How long from publish to the sink's answer, at a steady pace.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use super::broker::{PrivateBroker, booking, send};
use super::daemon::Daemon;
use super::sinks::timing_sink;

/// How long commands are published.
const SPAN: Duration = Duration::from_secs(4);
/// Commands published between two looks at the clock.
const BURST: usize = 8;

pub struct Latency {
    pub p50: Duration,
    pub p99: Duration,
    pub count: usize,
}

pub async fn measure(
    store: &str,
    folder: &Path,
    broker: &PrivateBroker,
    tenants: usize,
    rate: f64,
) -> Latency {
    let (sink, taken) = timing_sink().await;
    let daemon = Daemon::start_on(store, folder, broker, sink).await;
    let (link, publisher) = broker.open().await;
    // One booking each first, so that no tenant has yet to be loaded when the clock runs.
    for number in 0..tenants {
        let (tenant, body) = booking(tenants, number, "warm");
        send(&publisher, tenant, &body).await.confirmed().await.unwrap();
    }
    daemon.wait_sent(tenants).await;
    let count = (rate * SPAN.as_secs_f64()) as usize;
    let mut published = HashMap::with_capacity(count);
    let mut pending = Vec::with_capacity(count);
    let started = Instant::now();
    for number in 0..count {
        if number % BURST == 0 {
            let due = Duration::from_secs_f64(number as f64 / rate);
            tokio::time::sleep(due.saturating_sub(started.elapsed())).await;
        }
        let (tenant, body) = booking(tenants, number, "latency");
        published.insert(format!("c{number}@example.com"), Instant::now());
        pending.push(send(&publisher, tenant, &body).await);
    }
    for publish in pending {
        publish.confirmed().await.unwrap();
    }
    // What was left over of another measurement is counted as well: these are waited for by name.
    daemon.wait_sent(tenants + count).await;
    let all_came = || {
        let taken = taken.lock().unwrap();
        published.keys().all(|to| taken.contains_key(to)).to_string()
    };
    daemon.until(async || all_came(), |come| come == "true").await;
    daemon.stop();
    link.close().await;
    let taken = taken.lock().unwrap();
    let mut waits: Vec<Duration> =
        published.iter().map(|(to, at)| taken[to].duration_since(*at)).collect();
    waits.sort();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
    Latency { p50: at(0.5), p99: at(0.99), count: waits.len() }
}
