//! The daemons that share the store, over HTTP.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::api::Shelf;
use crate::store::InstanceView;
use crate::web::operation::Operation;
use crate::web::problem::Problem;
use crate::web::table::Table;

/// Who gave no sign of life for so long is followed by another, if it was active.
const SILENT_AFTER_MS: u64 = 5000;

/// What a daemon does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// It has the store.
    Active,
    /// It takes over when the active one goes.
    StandingBy,
    /// It gave no sign of life lately.
    Silent,
}

/// A daemon on the store.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Row")]
pub struct Instance {
    pub name: String,
    pub state: Doing,
    /// Where the others reach it.
    address: String,
    version: String,
    /// Its run: another each time that it starts.
    #[schemars(with = "String")]
    run: Uuid,
    #[schemars(with = "String")]
    since: Timestamp,
    /// How long ago its last sign of life was.
    silent_ms: u64,
}

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<Shelf>> {
    let listed = Operation::new(
        "The daemons that share the store, the oldest first; none where it is one daemon's.",
    );
    Table::default().get("/v1/instances", list, listed.answers::<Vec<Instance>>())
}

async fn list(State(shelf): State<Arc<Shelf>>) -> Result<Response, Problem> {
    let instances = shelf.read(shelf.store.instances().await)?;
    Ok(Json(instances.into_iter().map(row).collect::<Vec<_>>()).into_response())
}

/// As it is told of.
pub fn row(view: InstanceView) -> Instance {
    let InstanceView { run, name, address, version, since, silent_ms, is_active } = view;
    let state = match is_active {
        _ if silent_ms > SILENT_AFTER_MS => Doing::Silent,
        true => Doing::Active,
        false => Doing::StandingBy,
    };
    Instance { name, state, address, version, run, since, silent_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gave_no_sign_is_silent_whatever_it_was() {
        let state = |is_active, silent_ms| {
            row(InstanceView {
                run: Uuid::nil(),
                name: "one".to_owned(),
                address: "http://one".to_owned(),
                version: "1".to_owned(),
                since: Timestamp::UNIX_EPOCH,
                silent_ms,
                is_active,
            })
            .state
        };
        assert_eq!(state(true, 900), Doing::Active);
        assert_eq!(state(false, 900), Doing::StandingBy);
        assert_eq!(state(true, 5001), Doing::Silent);
    }
}
