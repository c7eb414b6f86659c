//! What was decided about a booking, and what a client was told.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::json;

use crate::console::desk::Console;
use crate::console::fault::Fault;
use crate::console::sheet::{Sheet, answer};
use crate::console::urls::{segment, with_query, word};
use crate::console::visitor::Visitor;

/// `GET /console/tenants/{tenant}/bookings/{booking}`.
pub async fn booking(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path((tenant, booking)): Path<(String, String)>,
) -> Response {
    let sheet = of_booking(&console, &visitor, &tenant, &booking).await;
    answer(&console, &visitor, sheet)
}

async fn of_booking(
    console: &Console,
    visitor: &Visitor,
    tenant: &str,
    booking: &str,
) -> Result<Sheet, Fault> {
    let api = format!("/v1/tenants/{}/bookings/{}/explain", segment(tenant), segment(booking));
    let story = console.get(visitor, &api).await?;
    Ok(Sheet {
        template: "booking",
        title: format!("Booking {booking}"),
        area: "messages",
        parts: json!({ "tenant": tenant, "booking": booking, "story": story }),
        cli: format!("bellhop explain --tenant {} --booking {}", word(tenant), word(booking)),
        api,
        is_live: false,
    })
}

/// `GET /console/tenants/{tenant}/clients/{client}?kind=&…`.
pub async fn client(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path((tenant, client)): Path<(String, String)>,
) -> Response {
    let sheet = of_client(&console, &visitor, &tenant, &client).await;
    answer(&console, &visitor, sheet)
}

async fn of_client(
    console: &Console,
    visitor: &Visitor,
    tenant: &str,
    client: &str,
) -> Result<Sheet, Fault> {
    let (of_tenant, of_client) = (segment(tenant), segment(client));
    let path = format!("/v1/tenants/{of_tenant}/clients/{of_client}/messages");
    let api = with_query(&path, visitor.asks_of(&["kind", "channel", "status", "after", "limit"]));
    let page = console.get(visitor, &api).await?;
    Ok(Sheet {
        template: "client",
        title: format!("Client {client}"),
        area: "messages",
        parts: json!({ "tenant": tenant, "client": client, "page": page }),
        cli: format!("bellhop explain --tenant {} --client {}", word(tenant), word(client)),
        api,
        is_live: false,
    })
}
