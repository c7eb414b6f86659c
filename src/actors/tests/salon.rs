//! What an ordinary salon asks for.

use serde_json::{Value, json};

use crate::wire::{Received, read_command};

/// The tenant of most stories.
pub const SALON: &str = "salon-uno";
/// When bookings begin, the first and later words.
pub const STARTS: [&str; 3] =
    ["2026-12-24T10:00:00+01:00", "2026-12-25T10:00:00+01:00", "2026-12-26T10:00:00+01:00"];

pub fn command(tenant: &str, id: &str, type_name: &str, data: Value) -> Received {
    let command = json!({
        "specversion": "1.0", "source": "/test", "tenant": tenant,
        "id": id, "type": type_name, "data": data,
    });
    read_command(command.to_string().as_bytes(), None).unwrap()
}

/// Opens the salon: English, bookings confirmed by themselves, no reminders.
pub fn opens(tenant: &str) -> Received {
    opens_with(tenant, json!({}))
}

/// The same, in the name of an address of its own.
pub fn opens_as(tenant: &str, sender: &str) -> Received {
    opens_with(tenant, json!({ "sender": { "email": sender } }))
}

/// The same, with these settings over the others.
pub fn opens_with(tenant: &str, settings: Value) -> Received {
    let mut data = json!({
        "name": "Salon Uno", "profile": "appointments", "plan": "pro", "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic", "reminders": [],
    });
    for (key, value) in settings.as_object().unwrap() {
        data[key] = value.clone();
    }
    command(tenant, "open", "tenant.configure", data)
}

/// Registers a client, silently, with an address of their own.
pub fn registers(tenant: &str, client: &str) -> Received {
    let email = format!("{client}@example.com");
    let data = json!({ "client": client, "name": client, "email": email, "email_verified": true });
    command(tenant, &format!("register-{client}"), "client.register", data)
}

/// A client books; one mail confirms it.
pub fn books(tenant: &str, booking: &str, client: &str) -> Received {
    books_at(tenant, booking, client, STARTS[0])
}

/// The same, at that time.
pub fn books_at(tenant: &str, booking: &str, client: &str, starts_at: &str) -> Received {
    let data = json!({
        "booking": booking, "client": client, "by": "client", "starts_at": starts_at,
    });
    command(tenant, &format!("book-{booking}"), "booking.request", data)
}

/// The booking is moved; one mail says so.
pub fn moves(tenant: &str, booking: &str, starts_at: &str) -> Received {
    let data = json!({ "booking": booking, "starts_at": starts_at });
    command(tenant, &format!("move-{booking}-{starts_at}"), "booking.reschedule", data)
}

/// The client cancels; one mail says so.
pub fn cancels(tenant: &str, booking: &str) -> Received {
    let data = json!({ "booking": booking, "by": "client" });
    command(tenant, &format!("cancel-{booking}"), "booking.cancel", data)
}

/// Somebody writes something down about the booking, silently.
pub fn annotates(tenant: &str, booking: &str) -> Received {
    annotates_with(tenant, booking, "likes it short")
}

/// The same, under the same id whatever the note is.
pub fn annotates_with(tenant: &str, booking: &str, notes: &str) -> Received {
    let data = json!({ "booking": booking, "notes": notes });
    command(tenant, &format!("annotate-{booking}"), "booking.annotate", data)
}

/// The client asks for a link, which is worthless after that instant; one mail has it.
pub fn links(tenant: &str, client: &str, expires_at: &str) -> Received {
    let data = json!({
        "client": client, "url": "https://salon.example/in?code=1", "expires_at": expires_at,
    });
    command(tenant, &format!("link-{client}"), "account.magic_link", data)
}

/// The client is erased.
pub fn erases(tenant: &str, client: &str) -> Received {
    let data = json!({ "client": client });
    command(tenant, &format!("erase-{client}"), "client.erase", data)
}
