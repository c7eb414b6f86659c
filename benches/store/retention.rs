//! What does a commit wait for, while what is old goes?
//!
//! A store is filled with what was finished long ago. Then one transaction follows the other, as on
//! a busy day, in turns: in one turn nothing goes, in the next as much as the pace allows.

use std::time::{Duration, Instant};

use bellhop::actors::Retention;
use bellhop::config::Config;
use bellhop::store::{Batch, Holder, Incarnation, Settled, Store, Unit};
use jiff::SignedDuration;

use super::{Shops, sent};

/// Commands that were taken long ago, and of each turn.
const OLD: usize = 12_000;
const OF_A_TURN: usize = 2_000;
const TURNS: usize = 4;
/// Commands of one transaction.
const BATCH: usize = 20;
/// Everything of before goes.
const SPANS: &str = "[retention]\ninbox = \"PT2M\"\nmessages = \"PT2M\"\ntellings = \"PT2M\"\n\
     events = \"PT2M\"\njobs = \"PT2M\"\n";

pub async fn measure(postgres: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let lease = Incarnation::from_u128(1);
    let (file, holder) = (folder.path().join("bellhop.db"), Holder::new(lease, 1));
    let store = match postgres {
        Some(url) => Store::open_postgres(url, 2, &file, &holder).await.unwrap(),
        None => Store::open_sqlite(&file, 2, &holder).await.unwrap(),
    };
    let mut shops = Shops::new();
    shops.set_clock(jiff::Timestamp::now() - SignedDuration::from_hours(24 * 400));
    for units in shops.open().chunks(500) {
        let batch = Batch { units: units.iter().collect(), ..Batch::default() };
        store.commit(&batch, lease).await.unwrap();
    }
    let old: Vec<Unit> = (0..OLD).map(|number| shops.book(number)).collect();
    commits(&store, lease, &old, 200).await;
    shops.set_clock(jiff::Timestamp::now());
    println!("{OLD} old commands; {OF_A_TURN} a turn, {BATCH} a transaction");
    for turn in 0..TURNS {
        let first = OLD + turn * OF_A_TURN;
        let units: Vec<Unit> =
            (first..first + OF_A_TURN).map(|number| shops.book(number)).collect();
        let goes = turn % 2 == 1;
        let before = rows(&store).await;
        let spans = Config::parse("bench", SPANS).unwrap().retention;
        let task =
            goes.then(|| tokio::spawn(Retention::new(store.clone(), spans, None, || 0).run()));
        if goes {
            // Its first turn comes after a while.
            while rows(&store).await == before {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        let (before, began) = (rows(&store).await, Instant::now());
        let mut waits = commits(&store, lease, &units, BATCH).await;
        let took = began.elapsed();
        let gone = (before + OF_A_TURN as u64).saturating_sub(rows(&store).await);
        if let Some(task) = task {
            task.abort();
        }
        waits.sort_unstable();
        let at = |share: usize| waits[(waits.len() - 1) * share / 100].as_secs_f64() * 1e3;
        println!(
            "{:<20} p50 {:>6.1} ms  p99 {:>6.1} ms  most {:>6.1} ms  {:>6.0} commands/s  {gone} \
             messages went",
            if goes { "while what is old goes" } else { "while nothing goes" },
            at(50),
            at(99),
            at(100),
            OF_A_TURN as f64 / took.as_secs_f64(),
        );
    }
    store.close().await;
}

/// Each transaction settles the messages of the one before; says how long each took.
async fn commits(store: &Store, lease: Incarnation, units: &[Unit], size: usize) -> Vec<Duration> {
    let settled: Vec<Vec<Settled>> =
        units.chunks(size).map(|units| units.iter().map(sent).collect()).collect();
    let (mut waits, mut before) = (Vec::new(), &[][..]);
    for (units, settled) in units.chunks(size).zip(&settled) {
        let (units, settled_before) = (units.iter().collect(), before.iter().collect());
        let batch = Batch { units, settled: settled_before, ..Batch::default() };
        let began = Instant::now();
        store.commit(&batch, lease).await.unwrap();
        waits.push(began.elapsed());
        before = settled;
    }
    let batch = Batch { settled: before.iter().collect(), ..Batch::default() };
    store.commit(&batch, lease).await.unwrap();
    waits
}

/// Messages that are there.
async fn rows(store: &Store) -> u64 {
    let tables = store.sizes().await.unwrap().tables;
    tables.iter().find(|of| of.table == "messages").map_or(0, |of| of.rows)
}
