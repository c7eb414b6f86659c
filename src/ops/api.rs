//! Reading: events.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use schemars::json_schema;

use crate::clock;
use crate::domain::id::{ClientId, TenantId};
use crate::store::{Cursor, PAGE_MAX, Store, StoreError};
use crate::telemetry::spell::Told;
use crate::web::operation::{Operation, PAGE, Parameter, names, text};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::refusal::Refusal;
use crate::web::table::Table;
use crate::wire::event_schema;

/// Many events.
const BATCH: &str = "application/cloudevents-batch+json";
/// Where to go on, and how far.
const PARAMETERS: [Parameter; 2] = [
    text("after", "The last event's `sequence`; with several partitions, what the `Link` says."),
    PAGE[1],
];
/// Events returned where the reader names no number.
const EVENTS_DEFAULT: u32 = 100;

/// What readers are answered from.
pub struct Shelf {
    /// Where it is read.
    pub store: Store,
    /// How it is told that it cannot be read: readers come often.
    trouble: Told,
}

impl Shelf {
    /// Over this store.
    pub fn new(store: Store) -> Arc<Self> {
        let trouble = Told::new("readers are turned away", "readers are answered again");
        Arc::new(Self { store, trouble })
    }

    /// A tenant of which something is known.
    ///
    /// # Errors
    /// If there is none, or the store cannot be read.
    pub async fn known(&self, tenant: TenantId) -> Result<TenantId, Problem> {
        let is_known = self.read(self.store.knows_tenant(&tenant).await)?;
        if is_known { Ok(tenant) } else { Err(missing("tenant")) }
    }

    /// What was read.
    ///
    /// # Errors
    /// If it could not be: the store is away.
    pub fn read<T>(&self, read: Result<T, StoreError>) -> Result<T, Problem> {
        match read {
            Ok(found) => {
                self.trouble.worked(clock::instant());
                Ok(found)
            }
            Err(error) => {
                self.trouble.failed(clock::instant(), &error);
                let detail = "the store cannot be read now";
                Err(Problem::of(Refusal::Unavailable, detail))
            }
        }
    }
}

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<Shelf>> {
    let events = Operation::new("Events in order. The `Link` header says where to go on.");
    let events = events.asked_by(&PARAMETERS);
    let events = events.answers_as(
        200,
        BATCH,
        |generator| json_schema!({ "type": "array", "items": event_schema(generator) }),
    );
    Table::default().get("/v1/events", self::events, events)
}

/// `GET /v1/events?after=<cursor>&limit=<n>`: a CloudEvents batch, in order. The `Link` header says
/// where to go on; with one partition that is the last event's `sequence`. Without `after`, and
/// behind 0, it begins with the first that is kept; behind any other, where some are no longer
/// kept, it is answered 410.
async fn events(
    State(shelf): State<Arc<Shelf>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref(), &names(&PARAMETERS))?;
    let partitions = shelf.store.partitions_ever();
    let cursor = |text: &str| Cursor::parse(text, partitions);
    let after = query.value("after", cursor, || must_be(partitions))?.unwrap_or_default();
    let limit = query.number("limit", 1..=u32::MAX)?.unwrap_or(EVENTS_DEFAULT).min(PAGE_MAX);
    let stored = shelf.read(shelf.store.events_after(&after, limit).await)?;
    // Asked behind it: what was removed meanwhile is missing.
    let gone = shelf.read(shelf.store.events_shed().await)?;
    let begins = after.total() == 0;
    if !begins && !after.covers(&gone) {
        return Err(no_longer_kept(after, &gone, partitions));
    }
    let events: Vec<&str> = stored.iter().map(|event| &*event.body).collect();
    let mut next = after.over(partitions);
    stored.iter().for_each(|event| next.pass(event.part, event.seq));
    if begins {
        next.skip(&gone);
    }
    let headers = [
        (header::CONTENT_TYPE, BATCH.to_owned()),
        // RFC 8288
        (header::LINK, format!("</v1/events?after={next}&limit={limit}>; rel=\"next\"")),
    ];
    Ok((headers, format!("[{}]", events.join(","))).into_response())
}

/// Whoever has not read events that are gone is not to believe that there were none.
fn no_longer_kept(mut after: Cursor, gone: &Cursor, partitions: u16) -> Problem {
    after.skip(gone);
    let first = after.over(partitions).to_string();
    let detail = format!(
        "events behind `after` are no longer kept ([retention] events): those that are left begin \
         behind {first}",
    );
    Problem::of(Refusal::EventsNotKept, detail).with("after", Some(first))
}

fn must_be(partitions: u16) -> String {
    match partitions {
        1 => format!("a whole number from 0 to {}", i64::MAX),
        _ => format!(
            "0, or {partitions} numbers with dots between them, one for each partition: the Link \
             header of an answer says which",
        ),
    }
}

/// The ids in a path, of which some are not even text.
pub type Ids<T> = Result<Path<T>, PathRejection>;

/// The tenant of a path.
///
/// # Errors
/// If it is the id of none.
pub fn tenant_of(tenant: Ids<String>) -> Result<TenantId, Problem> {
    let tenant = tenant.ok().and_then(|Path(tenant)| TenantId::parse(&tenant).ok());
    tenant.ok_or_else(|| missing("tenant"))
}

/// The tenant and its client of a path.
///
/// # Errors
/// If one of them is the id of none.
pub fn client_of(ids: Ids<(String, String)>) -> Result<(TenantId, ClientId), Problem> {
    let Path((tenant, client)) = ids.map_err(|_| missing("client"))?;
    party(&tenant, &client)
}

/// A tenant and its client by their ids.
///
/// # Errors
/// If one of them is the id of none.
pub fn party(tenant: &str, client: &str) -> Result<(TenantId, ClientId), Problem> {
    let tenant = TenantId::parse(tenant).map_err(|_| missing("tenant"))?;
    Ok((tenant, ClientId::parse(client).map_err(|_| missing("client"))?))
}

/// What is asked for is not there.
pub fn missing(what: &str) -> Problem {
    Problem::of(Refusal::NotFound, format!("no such {what}"))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::store::Holder;

    async fn asked(store: &Store, query: &str) -> Result<String, String> {
        let trouble = Told::new("trouble", "none");
        let shelf = Arc::new(Shelf { store: store.clone(), trouble });
        let answer = events(State(shelf), RawQuery(Some(query.to_owned()))).await;
        let link = |answer: Response| answer.headers()[header::LINK].to_str().unwrap().to_owned();
        answer.map(link).map_err(|problem| serde_json::to_string(&problem).unwrap())
    }

    #[tokio::test]
    async fn a_page_of_events_says_where_to_go_on() {
        let folder = tempfile::tempdir().unwrap();
        for (partitions, query, next) in [
            (1, "", "</v1/events?after=0&limit=100>; rel=\"next\""),
            (
                1,
                "after=00000000000000000012&limit=7",
                "</v1/events?after=12&limit=7>; rel=\"next\"",
            ),
            (4, "after=0", "</v1/events?after=0.0.0.0&limit=100>; rel=\"next\""),
            (4, "after=12.0.7.3", "</v1/events?after=12.0.7.3&limit=100>; rel=\"next\""),
        ] {
            let file = folder.path().join(format!("{partitions}.db"));
            let holder = Holder::new(Uuid::nil(), partitions);
            let store = Store::open_sqlite(&file, 1, &holder).await.unwrap();
            assert_eq!(asked(&store, query).await.unwrap(), next);
            let refused = asked(&store, "after=12.").await.unwrap_err();
            assert!(refused.contains("invalid_query"), "{refused}");
            if partitions > 1 {
                // Of which of them?
                let refused = asked(&store, "after=12").await.unwrap_err();
                assert!(refused.contains("4 numbers with dots between them"), "{refused}");
            }
            store.close().await;
        }
    }

    /// Where some of what a reader has not read is gone, they are told so, and where to go on.
    #[tokio::test]
    async fn whoever_has_missed_events_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let holder = Holder::new(Uuid::nil(), 2);
        let store = Store::open_sqlite(&folder.path().join("b.db"), 1, &holder).await.unwrap();
        let gone = Cursor::at(vec![40, 7]);
        store.set_cursor("retention", &gone).await.unwrap();
        let next = |after: &str| format!("</v1/events?after={after}&limit=100>; rel=\"next\"");
        for (query, expected) in [
            ("", next("40.7")),
            ("after=0", next("40.7")),
            ("after=0.0", next("40.7")),
            ("after=40.7", next("40.7")),
            ("after=41.9", next("41.9")),
        ] {
            assert_eq!(asked(&store, query).await, Ok(expected), "{query}");
        }
        for (query, first) in [("after=39.9", "40.9"), ("after=50.0", "50.7")] {
            let refused = asked(&store, query).await.unwrap_err();
            let refused: serde_json::Value = serde_json::from_str(&refused).unwrap();
            assert_eq!((&refused["status"], &refused["after"]), (&410.into(), &first.into()));
            assert_eq!(refused["reason"], "events_not_kept");
        }
        store.close().await;
    }
}
