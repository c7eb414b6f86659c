//! Whether a provider's rate is held: not exceeded, and used.

use std::time::{Duration, Instant};

use super::CONNECTIONS;
use super::daemon::Daemon;
use super::people::{books, opens, registers, take};
use super::sinks::timing_sink;

/// Mails a second.
const RATE: f64 = 50.0;
/// So long, behind the first second, in which what had gathered may come at once.
const SPAN: Duration = Duration::from_secs(20);
const BEHIND: Duration = Duration::from_secs(1);
const TENANTS: usize = 10;
const MAILS: usize = 1_200;
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let (sink, taken) = timing_sink().await;
    let tables = format!(
        "[[email.providers]]\nname = \"sink\"\nkind = \"smtp\"\n\
         url = \"smtp://127.0.0.1:{sink}\"\nconnections = {CONNECTIONS}\nrate = {RATE:.1}\n"
    );
    let daemon = Daemon::with_tables(folder.path(), &tables).await;
    take(daemon.base(), (0..TENANTS).map(|tenant| opens(tenant, "email"))).await;
    take(daemon.base(), (0..MAILS).map(|client| registers(client % TENANTS, client))).await;
    take(daemon.base(), (0..MAILS).map(|client| books(client % TENANTS, client, "rate"))).await;
    let began = Instant::now();
    let times = loop {
        let mut times: Vec<Instant> = taken.lock().unwrap().values().copied().collect();
        times.sort();
        if times.first().is_some_and(|first| first.elapsed() > BEHIND + SPAN) {
            break times;
        }
        assert!(began.elapsed() < PATIENCE, "too few mails");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    daemon.stop();
    let from = times[0] + BEHIND;
    let count = times.iter().filter(|at| (from..from + SPAN).contains(*at)).count();
    let rate = count as f64 / SPAN.as_secs_f64();
    println!(
        "rate of {RATE}/s over {} s: {rate:.2}/s, {:+.2} %",
        SPAN.as_secs(),
        (rate / RATE - 1.0) * 100.0
    );
}
