//! An ordinary salon's commands. Whatever it does, each client has an address of its own:
//! `<client>@<tenant>.example`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    eventually::eventually,
    http,
    publish::{Command, command},
    world::World,
};

/// A start that no test lives to see: Christmas Eve 2099, ten in the morning in Rome.
pub const START: &str = "2099-12-24T10:00:00+01:00";
/// An hour later.
pub const END: &str = "2099-12-24T11:00:00+01:00";

const DEADLINE: Duration = Duration::from_secs(30);

/// The salon's settings: English, bookings confirmed by themselves, no reminders.
pub fn settings() -> Value {
    json!({
        "name": "Salon Uno", "profile": "appointments", "plan": "pro", "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic", "reminders": [],
    })
}

/// Opens the salon.
pub fn open(tenant: &str) -> Command {
    command(tenant, "open", "tenant.configure", settings())
}

/// Registers a client, silently.
pub fn client(tenant: &str, client: &str) -> Command {
    let data = json!({
        "client": client, "name": "Ada", "email": address(tenant, client), "email_verified": true,
    });
    command(tenant, &format!("register-{client}"), "client.register", data)
}

/// Where a client's mail goes.
pub fn address(tenant: &str, client: &str) -> String {
    format!("{client}@{tenant}.example")
}

/// A booking that the client makes; one mail confirms it.
pub fn booking(tenant: &str, booking: &str, client: &str, starts_at: &str) -> Command {
    let data = json!({
        "booking": booking, "client": client, "by": "client", "starts_at": starts_at,
    });
    command(tenant, &format!("request-{booking}"), "booking.request", data)
}

/// Moves a booking.
pub fn reschedule(tenant: &str, booking: &str, starts_at: &str) -> Command {
    let data = json!({ "booking": booking, "starts_at": starts_at });
    command(tenant, &format!("reschedule-{booking}"), "booking.reschedule", data)
}

/// Cancels a booking in the client's name.
pub fn cancel(tenant: &str, booking: &str) -> Command {
    let data = json!({ "booking": booking, "by": "client" });
    command(tenant, &format!("cancel-{booking}"), "booking.cancel", data)
}

/// A salon in which clients `c0…` each made the booking `b0…`.
pub fn busy(tenant: &str, bookings: usize) -> Vec<Command> {
    let mut commands = vec![open(tenant)];
    commands.extend((0..bookings).map(|i| client(tenant, &format!("c{i}"))));
    commands
        .extend((0..bookings).map(|i| booking(tenant, &format!("b{i}"), &format!("c{i}"), START)));
    commands
}

/// Everybody of the tenant is written to, by email.
pub fn notice(tenant: &str) -> Command {
    let data = json!({
        "notice": "closed", "title": "Closed", "body": "We are closed.", "channels": ["email"],
        "audience": { "all": true },
    });
    command(tenant, "closed", "notice.send", data)
}

/// Opens a salon with clients `c0…`.
pub async fn opens(world: &World, tenant: &str, clients: usize) {
    http::take(&world.http(), &[open(tenant)]).await;
    let clients: Vec<_> =
        (0..clients).map(|number| client(tenant, &format!("c{number}"))).collect();
    for clients in clients.chunks(500) {
        http::take(&world.http(), clients).await;
    }
}

/// Why the mail about a booking was not sent, once it is told.
pub async fn why_no_mail(world: &World, booking: &str) -> Value {
    let base = world.http();
    eventually("a mail is skipped", DEADLINE, || async {
        let skipped = http::events_of_type(&base, "message.skipped").await.into_iter();
        let mut data = skipped.map(|event| event["data"].clone());
        let is_it = |data: &Value| data["channel"] == "email" && data["booking"] == booking;
        data.find(is_it).map(|data| data["reason"].clone())
    })
    .await
}
