//! What will be told in the next days, and what not and why.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use crate::console::desk::Console;
use crate::console::fault::Fault;
use crate::console::sheet::{Sheet, answer};
use crate::console::urls::{segment, with_query, word};
use crate::console::visitor::Visitor;

/// Tenants that are offered where none is named.
const TENANTS_OFFERED: &str = "/v1/tenants?limit=200";

/// `GET /console/ahead?tenant=&days=`.
pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor) -> Response {
    let sheet = sheet(&console, &visitor).await;
    answer(&console, &visitor, sheet)
}

async fn sheet(console: &Console, visitor: &Visitor) -> Result<Sheet, Fault> {
    let (mut parts, mut api) = (json!({}), TENANTS_OFFERED.to_owned());
    let mut cli = "bellhop tenants".to_owned();
    match visitor.asks("tenant") {
        Some(tenant) => {
            let path = format!("/v1/tenants/{}/ahead", segment(tenant));
            api = with_query(&path, visitor.asks_of(&["days"]));
            let mut ahead = console.get(visitor, &api).await?;
            parts["days"] = by_day(ahead["items"].take());
            parts["ahead"] = ahead;
            let days = visitor.asks("days").map(|days| format!(" --days {}", word(days)));
            cli = format!("bellhop ahead {}{}", word(tenant), days.unwrap_or_default());
        }
        None => parts["tenants"] = console.get(visitor, &api).await?["items"].take(),
    }
    let (title, area) = ("Ahead".to_owned(), "ahead");
    Ok(Sheet { template: "ahead", title, area, parts, cli, api, is_live: false })
}

/// What is to come, by the day of UTC, with whether any of it leaves.
fn by_day(items: Value) -> Value {
    let Value::Array(items) = items else { return json!([]) };
    let mut days: Vec<Value> = Vec::new();
    for mut item in items {
        let day = item["at"].as_str().unwrap_or_default().chars().take(10).collect::<String>();
        let channels = item["channels"].as_array().map_or(&[][..], Vec::as_slice);
        let goes = channels.iter().filter(|of| of["reason"].is_null()).count();
        item["goes"] = json!(goes > 0);
        match days.last_mut().filter(|of| of["day"] == day.as_str()) {
            Some(of) => {
                if let Some(items) = of["items"].as_array_mut() {
                    items.push(item);
                }
            }
            None => days.push(json!({ "day": day, "items": [item] })),
        }
    }
    Value::Array(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_come_is_told_day_by_day() {
        let item =
            |at: &str, reason: Value| json!({ "at": at, "channels": [{ "reason": reason }] });
        let days = by_day(json!([
            item("2026-12-01T09:00:00Z", Value::Null),
            item("2026-12-01T23:00:00Z", json!("opted_out")),
            item("2026-12-02T00:00:00Z", Value::Null),
        ]));
        assert_eq!(
            (&days[0]["day"], &days[1]["day"]),
            (&json!("2026-12-01"), &json!("2026-12-02"))
        );
        let goes = [0, 1].map(|at| days[0]["items"][at]["goes"].as_bool().unwrap());
        assert_eq!(goes, [true, false]);
    }
}
