//! What does it cost to fetch what is due, when very much is?
//!
//! ```text
//! cargo bench --bench claim                     # SQLite; 1 000 messages, and 1 000 000
//! cargo bench --bench claim -- --more 100000
//! ```
//!
//! Two stores of 1 000 tenants, one with a message of each that is ready, one with very many; by
//! turns a claim of each, for as many messages as the daemon fetches at once, given back
//! afterwards.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]
#![allow(missing_docs)]

#[path = "store/shop.rs"]
mod shop;

use std::time::Instant;

use bellhop::domain::channel::Channel;
use bellhop::domain::kind::Lane;
use bellhop::domain::message::MessageId;
use bellhop::store::{Batch, Claim, Holder, Incarnation, Store, Trigger, Unit, Wanted};
use serde_json::json;
use shop::Shop;

/// As in the daemon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TENANTS: usize = 1_000;
/// As many as the daemon fetches at once, and those of one tenant.
const ROOM: usize = 256;
const SHARE: usize = 179;
const ROUNDS: usize = 40;
/// Messages of one unit, units of one transaction.
const OF_A_UNIT: usize = 100;
const OF_A_TRANSACTION: usize = 20;
const LEASE: Incarnation = Incarnation::from_u128(1);

#[tokio::main]
async fn main() {
    let more = std::env::args().skip_while(|word| word != "--more").nth(1);
    let more = more.map_or(1_000_000, |more| more.parse().expect("a number"));
    let few = Waiting::messages(TENANTS).await;
    let many = Waiting::messages(more).await;
    println!("claim: {ROOM} messages of {TENANTS} tenants, {ROUNDS} times each, by turns");
    let (mut of_few, mut of_many) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        of_few.push(few.claims().await);
        of_many.push(many.claims().await);
    }
    let base = row(TENANTS, &mut of_few, None);
    row(more, &mut of_many, Some(base));
}

/// The median, in milliseconds.
fn row(messages: usize, times: &mut [f64], base: Option<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    let times_base = base.map(|base| format!("   {:.2} of that", at(0.5) / base));
    let times_base = times_base.unwrap_or_default();
    println!("{messages:>9} ready: p50 {:>5.1} ms, p95 {:>5.1} ms{times_base}", at(0.5), at(0.95));
    at(0.5)
}

struct Waiting {
    store: Store,
    _folder: tempfile::TempDir,
}

impl Waiting {
    async fn messages(count: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (file, holder) = (folder.path().join("bellhop.db"), Holder::new(LEASE, 1));
        let store = Store::open_sqlite(&file, 1, &holder).await.unwrap();
        for tenant in 0..TENANTS {
            let units = open(tenant, count / TENANTS);
            for units in units.chunks(OF_A_TRANSACTION) {
                let batch = Batch { units: units.iter().collect(), ..Batch::default() };
                store.commit(&batch, LEASE).await.unwrap();
            }
        }
        Self { store, _folder: folder }
    }

    async fn claims(&self) -> f64 {
        let wanted = Wanted { share: SHARE, ..Wanted::any(Lane::Transactional, ROOM) };
        let (now, started) = (jiff::Timestamp::now(), Instant::now());
        let claims = self.store.claim_due(LEASE, now, Channel::Email, &[wanted]).await.unwrap();
        let took = started.elapsed().as_secs_f64() * 1e3;
        assert_eq!(claims.claimed.len(), ROOM);
        let given_back = self.store.give_back(LEASE, Channel::Email, &[]).await.unwrap();
        assert_eq!(given_back, ROOM as u64);
        took
    }
}

/// A tenant, a client of theirs, and so many messages to them that are due.
fn open(tenant: usize, messages: usize) -> Vec<Unit> {
    let mut shop = Shop::new(&format!("tenant-{tenant:04}"));
    let settings = json!({
        "name": "Salone", "profile": "appointments", "plan": "pro", "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic",
    });
    let client = json!({"client": "c", "name": "Client", "email": "c@example.com"});
    let booking = json!({
        "booking": "b", "client": "c", "by": "client",
        "starts_at": "2030-12-03T10:00:00+01:00", "ends_at": "2030-12-03T10:45:00+01:00",
    });
    let mut units = vec![
        shop.does("t", "tenant.configure", &settings),
        shop.does("c", "client.register", &client),
        shop.does("b", "booking.request", &booking),
    ];
    let booked = units.pop().unwrap();
    let mut left = messages;
    while left > 0 {
        let mut unit = booked.clone();
        let revision = shop.revision - 1 + (messages - left).div_ceil(OF_A_UNIT) as u64;
        unit.claim = Some(Claim { trigger: Trigger::Outcome, revision });
        let message = unit.decision.messages.pop().unwrap();
        unit.decision.messages = (0..left.min(OF_A_UNIT))
            .map(|_| {
                let mut message = message.clone();
                message.id = MessageId(uuid::Uuid::now_v7());
                message
            })
            .collect();
        left -= unit.decision.messages.len();
        units.push(unit);
    }
    units
}
