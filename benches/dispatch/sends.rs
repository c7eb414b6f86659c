//! Mails a second to smtp-sink, by connections and by the length of the way there.
//!
//! The sink is stopped while the messages are decided, so that all of them lie in the store when it
//! is let go: only sending is measured, until every outcome is durable.

use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::daemon::Daemon;
use super::people::{books, opens, registers, take};
use super::proxy::delaying;
use super::sinks::{SmtpSink, smtp_source_with};

const TENANTS: usize = 100;
const CLIENTS: usize = 8_000;
/// What a network of the open country adds to each round trip.
const ADDED: Duration = Duration::from_millis(20);
/// Connections, and how many mails: about as many as leave in a few seconds.
const AT_ONCE: [(usize, usize); 3] = [(1, 4_000), (8, 8_000), (32, 8_000)];
const AT_ONCE_FAR: [(usize, usize); 3] = [(1, 300), (8, 2_400), (32, 8_000)];
/// Round trips of which the mean is told.
const ROUND_TRIPS: u32 = 20;

pub async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let sink = SmtpSink::start();
    let idle = Daemon::with_tables(folder.path(), &provider(sink.port(), 1)).await;
    take(idle.base(), (0..TENANTS).map(|tenant| opens(tenant, "email"))).await;
    take(idle.base(), (0..CLIENTS).map(|client| registers(client % TENANTS, client))).await;
    idle.stop();

    let far = delaying(sink.port(), ADDED / 2).await;
    for (name, port, cells) in [("near", sink.port(), AT_ONCE), ("far", far, AT_ONCE_FAR)] {
        let trip = round_trip(port).await.as_secs_f64() * 1e3;
        println!("sends, a round trip takes {trip:.1} ms");
        for (connections, mails) in cells {
            let run = format!("{name}-{connections}");
            let rate = |took: Duration| mails as f64 / took.as_secs_f64();
            let ours = Daemon::with_tables(folder.path(), &provider(port, connections)).await;
            let took = sends(&ours, &sink, mails, &run).await;
            ours.stop();
            let source =
                tokio::task::spawn_blocking(move || smtp_source_with(port, mails, connections));
            let (ours, source) = (rate(took), rate(source.await.unwrap()));
            println!(
                "  {connections:>2} connections {ours:>7.0}/s   smtp-source {source:>7.0}/s   \
                 bellhop is {:.2} of it",
                ours / source
            );
        }
    }
}

fn provider(port: u16, connections: usize) -> String {
    format!(
        "[[email.providers]]\nname = \"sink\"\nkind = \"smtp\"\n\
         url = \"smtp://127.0.0.1:{port}\"\nconnections = {connections}\n"
    )
}

async fn sends(daemon: &Daemon, sink: &SmtpSink, mails: usize, run: &str) -> Duration {
    sink.falls_silent();
    take(daemon.base(), (0..mails).map(|client| books(client % TENANTS, client, run))).await;
    let began = Instant::now();
    sink.speaks_again();
    daemon.wait_sent(mails).await;
    began.elapsed()
}

/// How long the sink takes to say that it did nothing.
async fn round_trip(port: u16) -> Duration {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    let began = Instant::now();
    for _ in 0..ROUND_TRIPS {
        stream.write_all(b"NOOP\r\n").await.unwrap();
        stream.read_line(&mut line).await.unwrap();
    }
    began.elapsed() / ROUND_TRIPS
}
