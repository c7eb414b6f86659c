//! Tenants, their clients and what is told them, over HTTP.

use serde_json::{Value, json};

use super::broker::command;
use super::doors::Poster;

/// Commands of one batch.
const BATCH: usize = 500;

/// Posts commands in batches; each must be taken.
pub async fn take(base: &str, commands: impl Iterator<Item = String>) {
    let poster = Poster::new(base);
    let mut commands = commands.peekable();
    while commands.peek().is_some() {
        let batch: Vec<String> = commands.by_ref().take(BATCH).collect();
        assert_eq!(poster.many(&batch).await, 202);
    }
}

/// A tenant that confirms bookings by one channel and reminds nobody.
pub fn opens(tenant: usize, by: &str) -> String {
    let channels = ["email", "sms", "push", "inbox"].map(|of| (of.to_owned(), json!(of == by)));
    let channels: Value = serde_json::Map::from_iter(channels).into();
    let data = json!({
        "name": format!("Salone {tenant}"), "profile": "appointments", "plan": "pro",
        "locale": "en", "timezone": "Europe/Rome", "approval": "automatic", "reminders": [],
        "toggles": { "booking.confirmed": channels },
    });
    command(tenant, "open", "tenant.configure", &data)
}

/// Where a client's mail goes.
pub fn address(tenant: usize, client: usize) -> String {
    format!("c{client}@t{tenant}.example")
}

pub fn registers(tenant: usize, client: usize) -> String {
    let data = json!({
        "client": format!("c{client}"), "name": "Ada", "email": address(tenant, client),
        "email_verified": true, "phone": format!("+3933{client:08}"),
    });
    command(tenant, &format!("register-{client}"), "client.register", &data)
}

pub fn books(tenant: usize, client: usize, run: &str) -> String {
    let id = format!("{run}-{client}");
    let data = json!({
        "booking": id, "client": format!("c{client}"), "by": "client",
        "starts_at": "2030-12-03T10:00:00+01:00",
    });
    command(tenant, &id, "booking.request", &data)
}

/// A mail to everybody, in bulk.
pub fn notice(tenant: usize, number: usize) -> String {
    let data = json!({
        "notice": format!("n{number}"), "title": "Closed", "body": "We are closed on Monday.",
        "channels": ["email"], "audience": { "all": true },
    });
    command(tenant, &format!("notice-{number}"), "notice.send", &data)
}

/// A password reset, in the lane that is never to wait.
pub fn resets(tenant: usize, client: usize) -> String {
    let data = json!({
        "client": format!("c{client}"), "url": "https://example.com/reset/0123456789abcdef",
        "expires_at": "2030-12-03T10:00:00+01:00",
    });
    command(tenant, &format!("reset-{client}"), "account.password_reset", &data)
}
