//! Many bookings of several tenants, and what must have come of each in the end.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::json;

use super::{
    eventually::eventually,
    publish::{Command, command},
    world::World,
};

/// For every message of the load to leave, on a busy machine.
const SENT_DEADLINE: Duration = Duration::from_secs(120);

/// A number of bookings, each by a client of its own, so that a recipient stands for a message.
#[derive(Debug)]
pub struct Load {
    tenants: usize,
    bookings: usize,
}

impl Load {
    /// `bookings` in all, dealt out to `tenants` in turn.
    pub fn new(tenants: usize, bookings: usize) -> Self {
        Self { tenants, bookings }
    }

    /// Each tenant's settings, then for each booking its client and itself. Command, client and
    /// booking ids repeat from tenant to tenant, as nothing forbids.
    pub fn commands(&self) -> Vec<Command> {
        let mut commands: Vec<_> =
            (0..self.tenants).map(|tenant| configure(&name(tenant))).collect();
        for number in 0..self.bookings {
            let (tenant, number) = (name(number % self.tenants), number / self.tenants);
            let client = json!({
                "client": format!("c{number}"), "name": "Ada Lovelace",
                "email": format!("c{number}@{tenant}.example.com"), "email_verified": true,
            });
            let booking = json!({
                "booking": format!("b{number}"), "client": format!("c{number}"), "by": "client",
                "starts_at": "2099-12-24T10:00:00+01:00",
            });
            commands.push(command(&tenant, &format!("r{number}"), "client.register", client));
            commands.push(command(&tenant, &format!("k{number}"), "booking.request", booking));
        }
        commands
    }

    /// Waits until every command is in the inbox and every message ended as `sent`.
    pub async fn wait_until_sent(&self, world: &World) {
        let commands = self.tenants + 2 * self.bookings;
        let wanted = i64::try_from(commands + self.bookings).unwrap();
        let started = std::time::Instant::now();
        let told = std::sync::atomic::AtomicBool::new(false);
        eventually("every command is taken and every mail sent", SENT_DEADLINE, || async {
            let done = progress(world).await;
            let late = started.elapsed() > SENT_DEADLINE / 2;
            if done < wanted && late && !told.swap(true, std::sync::atomic::Ordering::Relaxed) {
                tell_what_is_missing(world, done, wanted).await;
            }
            (done >= wanted).then_some(())
        })
        .await;
    }

    /// Asserts that each command took effect exactly once and each mail left at least once,
    /// always under the same Message-ID. Returns how many mails were sent again.
    ///
    /// # Panics
    /// When one of them is not so.
    pub async fn assert_taken_once_and_told(&self, world: &World) -> usize {
        self.assert_taken_once(world).await;
        self.assert_told(world).await
    }

    async fn assert_taken_once(&self, world: &World) {
        let expected: BTreeSet<(String, String)> =
            self.commands().into_iter().map(|command| (command.tenant, command.id)).collect();

        let inbox: Vec<(String, String)> =
            world.rows("SELECT tenant, command FROM inbox WHERE rejection IS NULL").await;
        assert_same("inbox", inbox, &expected);

        let accepted: Vec<(String, String)> =
            world.rows("SELECT tenant, cause FROM events WHERE type = 'command.accepted'").await;
        assert_same("command.accepted", accepted, &expected);

        let bookings = expected.into_iter().filter(|(_, id)| id.starts_with('k')).collect();
        let changed: Vec<(String, String)> =
            world.rows("SELECT tenant, cause FROM events WHERE type = 'booking.changed'").await;
        assert_same("booking.changed", changed, &bookings);

        let messages: Vec<(String, String)> =
            world.rows("SELECT tenant, cause FROM messages WHERE status = 'sent'").await;
        assert_same("sent messages", messages, &bookings);
        assert_eq!(world.number("SELECT count(*) FROM messages").await, {
            i64::try_from(self.bookings).unwrap()
        });
    }

    async fn assert_told(&self, world: &World) -> usize {
        let told = world.sink.by_recipient();
        let ids: BTreeMap<String, String> = world.rows(
            "SELECT client || '@' || tenant || '.example.com', CAST(message AS text) FROM messages",
        )
        .await
        .into_iter()
        .collect();
        assert!(told.keys().eq(ids.keys()), "who was told is not who booked");
        for (recipient, message_ids) in &told {
            let prefix = format!("<{}@", ids[recipient]);
            assert!(
                message_ids.iter().all(|id| id.starts_with(&prefix) && *id == message_ids[0]),
                "{recipient} was told {message_ids:?} of message {}",
                ids[recipient]
            );
        }
        told.values().map(|message_ids| message_ids.len() - 1).sum()
    }
}

/// Commands in the inbox and messages sent, together. Never falls.
pub async fn progress(world: &World) -> i64 {
    world
        .number(
            "SELECT (SELECT count(*) FROM inbox) \
         + (SELECT count(*) FROM messages WHERE status = 'sent')",
        )
        .await
}

/// A tenant that confirms bookings at once and sends no reminders.
pub fn configure(tenant: &str) -> Command {
    let settings = json!({
        "name": "Salon Uno", "profile": "appointments", "plan": "pro", "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic", "reminders": [],
    });
    command(tenant, "configure", "tenant.configure", settings)
}

fn name(tenant: usize) -> String {
    format!("salon-{tenant}")
}

/// Exactly these, each once.
fn assert_same(what: &str, found: Vec<(String, String)>, expected: &BTreeSet<(String, String)>) {
    let count = found.len();
    let found: BTreeSet<_> = found.into_iter().collect();
    let missing: Vec<_> = expected.difference(&found).take(5).collect();
    let surplus: Vec<_> = found.difference(expected).take(5).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "{what}: no {missing:?}, yet {surplus:?}");
    assert_eq!(count, found.len(), "{what}: some are there twice");
}

/// What a reader of a failed run wants to know: where is the rest?
async fn tell_what_is_missing(world: &World, done: i64, wanted: i64) {
    let statuses: Vec<(String, i64)> = world
        .rows(
            "SELECT status, count(*) FROM messages GROUP BY status \
         UNION ALL SELECT 'inbox', count(*) FROM inbox",
        )
        .await;
    eprintln!("slow: {done} of {wanted}; {statuses:?}; queues {:?}", world.vhost.queues().await);
}
