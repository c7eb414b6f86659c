//! What do numbers cost: of tenants, of bookings, of what waits for its time?
//!
//! ```text
//! cargo bench --bench scale                         # 1 000, 10 000 and 100 000 tenants
//! cargo bench --bench scale -- --most 1000000       # and a million
//! ```
//!
//! One salon takes ten bookings over HTTP, each with a reminder that waits. Its rows are then
//! copied, in SQL, under the names of as many salons as asked, and one message of each that waits
//! for its time. For each number, on SQLite:
//!
//! - what the file takes, a booking;
//! - how long a start takes until `/readyz` says so, and until the mail that was due has left;
//! - the same after kill -9;
//! - what is resident then, and once so many salons are in memory, each with its ten bookings.
//!
//! Instants are looked at every few milliseconds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]
#![allow(missing_docs)]

#[path = "road/broker.rs"]
// Each bench uses a part of it.
#[allow(dead_code)]
mod broker;
#[path = "scale/crowd.rs"]
mod crowd;
#[path = "road/daemon.rs"]
#[allow(dead_code)]
mod daemon;
#[path = "neighbour/doors.rs"]
#[allow(dead_code)]
mod doors;
#[path = "dispatch/people.rs"]
#[allow(dead_code)]
mod people;
#[path = "road/sinks.rs"]
#[allow(dead_code)]
mod sinks;

use std::path::Path;
use std::time::{Duration, Instant};

use crowd::{BOOKINGS, Crowd};
use daemon::Daemon;
use sinks::SmtpSink;

/// Connections to the sink.
const CONNECTIONS: usize = 16;
const FIRST: usize = 1_000;
const MOST: usize = 100_000;
const STEP: usize = 10;
/// So many salons are taken into memory.
const LIVE_MAX: usize = 10_000;
const LOOK_EVERY: Duration = Duration::from_millis(5);

fn most() -> usize {
    let words: Vec<String> = std::env::args().collect();
    let asked = words.iter().position(|word| word == "--most").and_then(|at| words.get(at + 1));
    asked.map_or(MOST, |number| number.parse().expect("a number"))
}

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let sink = SmtpSink::start();
    let seed = tempfile::tempdir().unwrap();
    let first = start(seed.path(), &sink).await.daemon;
    crowd::sow(&first).await;
    first.stop();
    println!(
        "{:>9} {:>10} {:>9} | {:>16} | {:>16} | {:>9} {:>9}",
        "salons",
        "bookings",
        "B/booking",
        "start, mail ms",
        "kill -9, mail ms",
        "MiB",
        "live, B/b."
    );
    let sizes = std::iter::successors(Some(FIRST), |size| Some(size * STEP));
    for salons in sizes.take_while(|size| *size <= most()) {
        measure(seed.path(), salons, &sink).await;
    }
}

async fn measure(seed: &Path, salons: usize, sink: &SmtpSink) {
    let crowd = Crowd::grow(seed, salons).await;
    let bytes = crowd.bytes() / (salons * BOOKINGS) as u64;
    crowd.makes_one_due().await;
    let begun = start(crowd.folder(), sink).await;
    let (ready, mail) = (begun.ready, begun.first_mail().await);
    begun.daemon.kill();
    crowd.makes_one_due().await;
    let again = start(crowd.folder(), sink).await;
    let (ready_again, mail_again) = (again.ready, again.first_mail().await);
    let resident = again.daemon.resident();
    let live = salons.min(LIVE_MAX);
    crowd::wake(&again.daemon, live).await;
    let grown = again.daemon.resident().saturating_sub(resident);
    again.daemon.stop();
    println!(
        "{salons:>9} {:>10} {bytes:>9} | {:>7} {:>8} | {:>7} {:>8} | {:>9} {:>9}",
        salons * BOOKINGS,
        ready.as_millis(),
        mail.as_millis(),
        ready_again.as_millis(),
        mail_again.as_millis(),
        resident >> 20,
        grown / (live * BOOKINGS) as u64,
    );
}

/// A daemon, when it was started, and when it was ready.
struct Begun {
    daemon: Daemon,
    at: Instant,
    ready: Duration,
}

async fn start(folder: &Path, sink: &SmtpSink) -> Begun {
    let at = Instant::now();
    let tables = format!(
        "[[email.providers]]\nname = \"sink\"\nkind = \"smtp\"\n\
         url = \"smtp://127.0.0.1:{}\"\nconnections = {CONNECTIONS}\n",
        sink.port()
    );
    let daemon = Daemon::with_tables(folder, &tables).await;
    Begun { daemon, at, ready: at.elapsed() }
}

impl Begun {
    /// From the start until a mail has left.
    async fn first_mail(&self) -> Duration {
        while self.daemon.metric("bellhop_messages_total", "outcome=\"sent\"").await < 1.0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        self.at.elapsed()
    }
}
