//! What does the store cost a command, alone on its machine?
//!
//! ```text
//! cargo bench --bench store                     # SQLite, 20 000 commands, 200 tenants
//! cargo bench --bench store -- --batch 100
//! cargo bench --bench store -- --postgres postgres://…/empty --batch 100
//! cargo bench --bench store -- --retention      # commits while what is old goes, and while not;
//!                                               # with --postgres there
//! ```
//!
//! The units are real decisions of real commands: a booking with one message by email and the
//! timers of its reminders. Each transaction writes a batch of them and settles the messages of
//! the batch before.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]
#![allow(missing_docs)]

#[path = "store/retention.rs"]
mod retention;
#[path = "store/shop.rs"]
mod shop;

use std::time::Instant;

use bellhop::domain::event::{Event, Fate, MessageEvent};
use bellhop::domain::message::MessageStatus;
use bellhop::domain::outcome::{Attempt, Outcome, Tried};
use bellhop::store::{Batch, Holder, Incarnation, Settled, Store, Unit};
use serde_json::json;
use shop::Shop;

/// As in the daemon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TENANTS: usize = 200;
const COMMANDS: usize = 20_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let behind = |name: &str| std::env::args().skip_while(|word| word != name).nth(1);
    let postgres = behind("--postgres");
    if std::env::args().any(|word| word == "--retention") {
        return runtime.block_on(retention::measure(postgres.as_deref()));
    }
    let sizes = match behind("--batch") {
        Some(size) => vec![size.parse().expect("a number")],
        // A database is empty once.
        None if postgres.is_some() => vec![40],
        None => vec![10, 40, 200],
    };
    println!(
        "store: {COMMANDS} commands of {TENANTS} tenants, each with a message that is settled"
    );
    for size in sizes {
        runtime.block_on(run(size, postgres.as_deref()));
    }
}

async fn run(size: usize, postgres: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let lease = Incarnation::from_u128(1);
    let (file, holder) = (folder.path().join("bellhop.db"), Holder::new(lease, 1));
    let store = match postgres {
        Some(url) => Store::open_postgres(url, 1, &file, &holder).await.unwrap(),
        None => Store::open_sqlite(&file, 1, &holder).await.unwrap(),
    };
    let mut shops = Shops::new();
    let opening = shops.open();
    for units in opening.chunks(500) {
        let batch = Batch { units: units.iter().collect(), ..Batch::default() };
        store.commit(&batch, lease).await.unwrap();
    }
    let units: Vec<Unit> = (0..COMMANDS).map(|number| shops.book(number)).collect();
    let settled: Vec<Vec<Settled>> =
        units.chunks(size).map(|units| units.iter().map(sent).collect()).collect();
    let (started, cpu_started) = (Instant::now(), cpu_seconds());
    let mut before: &[Settled] = &[];
    for (units, settled) in units.chunks(size).zip(&settled) {
        let batch = Batch {
            units: units.iter().collect(),
            settled: before.iter().collect(),
            ..Batch::default()
        };
        let held = store.commit(&batch, lease).await.unwrap().held;
        assert_eq!(held.len(), before.len(), "every lease holds");
        before = settled;
    }
    let (took, busy) = (started.elapsed(), cpu_seconds() - cpu_started);
    let each = |seconds: f64| seconds * 1e6 / COMMANDS as f64;
    println!(
        "{size:>4} a transaction {:>8.0} commands/s {:>6.0} us a command, {:>4.0} of them busy",
        COMMANDS as f64 / took.as_secs_f64(),
        each(took.as_secs_f64()),
        each(busy)
    );
    store.close().await;
}

/// How long this process had a core: the rest is waiting for the disk. See proc(5): the 14th and
/// 15th field of the line, counted behind the name in brackets, in hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn sent(unit: &Unit) -> Settled {
    let message = &unit.decision.messages[0];
    let (provider, reply) = ("sink".to_owned(), "250 2.0.0 Ok".to_owned());
    let attempt = Attempt {
        outcome: Outcome::Accepted,
        provider: provider.clone(),
        reply: reply.clone(),
        reference: None,
        devices: Vec::new(),
        parts: Vec::new(),
    };
    let tried = Tried { at: unit.at, attempt };
    Settled {
        tenant: unit.tenant.clone(),
        message: message.id,
        cause: unit.cause.clone(),
        status: MessageStatus::Sent,
        due: message.due,
        attempts: 1,
        doubts: 0,
        provider: provider.clone(),
        reply: reply.clone(),
        at: unit.at,
        reason: None,
        sent_to: None,
        tried: vec![tried],
        item: None,
        trace: None,
        event: Some(Event::Message(MessageEvent {
            message: message.id,
            kind: message.kind,
            channel: message.channel,
            client: message.client.clone(),
            attempt: 1,
            provider,
            reply,
            reference: None,
            fallback_of: None,
            fate: Fate::Sent,
        })),
    }
}

struct Shops(Vec<Shop>);

impl Shops {
    fn new() -> Self {
        Self((0..TENANTS).map(|tenant| Shop::new(&format!("tenant-{tenant}"))).collect())
    }

    /// Commands are taken then.
    fn set_clock(&mut self, now: jiff::Timestamp) {
        self.0.iter_mut().for_each(|shop| shop.now = now);
    }

    /// Every tenant, and a client for every booking to come.
    fn open(&mut self) -> Vec<Unit> {
        let mut units = Vec::new();
        for tenant in 0..TENANTS {
            let data = json!({
                "name": format!("Salone {tenant}"), "profile": "appointments", "plan": "pro",
                "locale": "en", "timezone": "Europe/Rome", "approval": "automatic",
            });
            units.push(self.0[tenant].does(&format!("t{tenant}"), "tenant.configure", &data));
        }
        for client in 0..COMMANDS {
            let data = json!({
                "client": format!("c{client}"), "name": format!("Client {client}"),
                "email": format!("c{client}@example.com"),
            });
            let shop = &mut self.0[client % TENANTS];
            units.push(shop.does(&format!("c{client}"), "client.register", &data));
        }
        units
    }

    fn book(&mut self, number: usize) -> Unit {
        let data = json!({
            "booking": format!("b{number}"), "client": format!("c{number}"), "by": "client",
            "starts_at": "2030-12-03T10:00:00+01:00", "ends_at": "2030-12-03T10:45:00+01:00",
        });
        let shop = &mut self.0[number % TENANTS];
        let mut unit = shop.does(&format!("b{number}"), "booking.request", &data);
        unit.leased = vec![true];
        unit
    }
}
