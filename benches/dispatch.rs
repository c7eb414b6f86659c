//! How fast is what leaves, and does what is urgent leave first?
//!
//! ```text
//! cargo bench --bench dispatch                  # all
//! cargo bench --bench dispatch -- urgent rate   # some
//! ```
//!
//! A release daemon of its own for each part, without a broker, with SQLite, and real sinks:
//!
//! - **sends**: mails that lie in the store, sent to Postfix's smtp-sink over 1, 8 and 32
//!   connections, beside Postfix's own load generator over as many; directly, and by a network that
//!   adds 20 ms to each round trip.
//! - **urgent**: from asking for a password reset until it was taken, alone, beside a gateway that
//!   hangs on another channel, and beside 100 000 notices of another tenant.
//! - **rate**: what a provider of 50 mails a second gets over 20 seconds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]
#![allow(missing_docs)]

#[path = "road/broker.rs"]
// Each bench uses a part of it.
#[allow(dead_code)]
mod broker;
#[path = "road/daemon.rs"]
#[allow(dead_code)]
mod daemon;
#[path = "neighbour/doors.rs"]
#[allow(dead_code)]
mod doors;
#[path = "dispatch/people.rs"]
mod people;
#[path = "dispatch/proxy.rs"]
mod proxy;
#[path = "dispatch/rate.rs"]
mod rate;
#[path = "dispatch/sends.rs"]
mod sends;
#[path = "road/sinks.rs"]
#[allow(dead_code)]
mod sinks;
#[path = "dispatch/urgent.rs"]
mod urgent;

/// Connections to the sink where their number is not what is measured.
const CONNECTIONS: usize = 32;
const PARTS: [&str; 3] = ["sends", "urgent", "rate"];

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let Some(unknown) = words.iter().find(|word| !PARTS.contains(&word.as_str())) {
        panic!("there is no part {unknown}: there are {PARTS:?}");
    }
    let asked = |part: &str| words.is_empty() || words.iter().any(|word| word == part);
    if asked("sends") {
        sends::measure().await;
    }
    if asked("urgent") {
        urgent::measure().await;
    }
    if asked("rate") {
        rate::measure().await;
    }
}
