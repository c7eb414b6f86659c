//! A studio with one class of many seats.

use serde_json::json;

use super::publish::{Command, command};

/// Hours that the class is moved to, in turn.
const HOURS: usize = 7;

/// The studio of this plan, its class, and a client on every seat.
pub fn full(tenant: &str, plan: &str, seats: usize) -> Vec<Command> {
    let settings = json!({
        "name": "Yoga Due", "profile": "classes", "plan": plan, "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic", "require_verified_email": false,
    });
    let class = json!({
        "session": "class", "activity": "Vinyasa", "capacity": seats,
        "starts_at": "2099-12-24T08:00:00+01:00", "ends_at": "2099-12-24T09:00:00+01:00",
    });
    let mut commands = vec![
        command(tenant, "open", "tenant.configure", settings),
        command(tenant, "class", "session.schedule", class),
    ];
    for number in 0..seats {
        let client = json!({ "client": format!("c{number}"), "name": "Ada" });
        let seat = json!({
            "booking": format!("b{number}"), "client": format!("c{number}"), "by": "client",
            "session": "class",
        });
        commands.push(command(tenant, &format!("r{number}"), "client.register", client));
        commands.push(command(tenant, &format!("k{number}"), "booking.request", seat));
    }
    commands
}

/// Moves the class, with all who have a seat, to another hour than the one before.
pub fn moved(tenant: &str, number: usize) -> Command {
    let hour = 9 + number % HOURS;
    let data = json!({
        "session": "class", "starts_at": format!("2099-12-24T{hour:02}:30:00+01:00"),
        "ends_at": format!("2099-12-24T{:02}:30:00+01:00", hour + 1),
    });
    command(tenant, &format!("move-{number}"), "session.reschedule", data)
}
