//! From bytes to commands, as an upstream app would send them.

mod agreement;
mod envelope;
mod fuzz;
mod malformed;

use serde_json::{Value, json};

use crate::domain::id::TenantId;

use super::{Received, Unreadable, read_command};

/// A command of this type and data, from the tenant `salon-uno`.
fn envelope(type_name: &str, data: Value) -> Value {
    json!({
        "specversion": "1.0", "id": "k1", "source": "/apps/web", "type": type_name,
        "time": "2026-12-01T09:00:00Z", "tenant": "salon-uno", "data": data,
    })
}

fn request() -> Value {
    envelope(
        "booking.request",
        json!({
            "booking": "b1", "client": "c1", "by": "client", "service": "haircut",
            "starts_at": "2026-12-03T10:00:00+01:00", "ends_at": "2026-12-03T10:45:00+01:00",
        }),
    )
}

fn read(body: &Value) -> Result<Received, Unreadable> {
    read_command(body.to_string().as_bytes(), None)
}

fn tenant() -> TenantId {
    TenantId::parse("salon-uno").unwrap()
}
