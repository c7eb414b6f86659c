//! Everything that is answered over HTTP, and the description of it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use schemars::json_schema;
use serde_json::Value;

use crate::actors::{Core, Readings};
use crate::config::Config;
use crate::ingress::body::Bodies;
use crate::ingress::hooks::MailDesk;
use crate::ingress::http::Door;
use crate::ops::ahead::AheadDesk;
use crate::ops::api::Shelf;
use crate::ops::board::Board;
use crate::ops::explain::ReadingDesk;
use crate::ops::health::Readiness;
use crate::ops::letters::LetterDesk;
use crate::ops::mailbox::MailboxDesk;
use crate::ops::now::NowDesk;
use crate::ops::rehearsal::{RehearsalDesk, Writing};
use crate::ops::reload::Reloads;
use crate::ops::tenants::TenantDesk;
use crate::ops::text::TextDesk;
use crate::ops::unsuppress::LiftingDesk;
use crate::store::Store;
use crate::web::openapi::document;
use crate::web::operation::Operation;
use crate::web::table::{Described, Routes, Table};
use crate::{console, ingress, ops, server};

/// What else is told of how everything stands.
pub(super) struct Sights {
    pub board: Arc<Board>,
    pub readiness: Readiness,
    /// Texts, for whoever only looks.
    pub shown: Arc<Writing>,
    pub reloads: Reloads,
}

/// What is answered, and where.
pub(super) struct Faces {
    /// Where `[http] listen` is.
    pub http: Router,
    /// Where `[console] listen` is.
    pub console: Option<Router>,
}

/// All routes: those that want a token where one is configured, those that are `open`, and the
/// pages for operators, which ask the same routes.
///
/// # Errors
/// If a page cannot be read: a test reads every one.
pub(super) fn all(
    config: &Config,
    core: &Core,
    store: &Store,
    bodies: Bodies,
    open: Routes,
    Sights { board, readiness, shown, reloads }: Sights,
) -> anyhow::Result<Faces> {
    let Core { intake, tenants, measures, outbound, lookout, replays, receipts, .. } = core;
    let shelf = Shelf::new(store.clone());
    let letters = Arc::new(LetterDesk { shelf: shelf.clone(), replays: replays.clone() });
    let (tenants, measures) = (tenants.clone(), measures.clone());
    let tenants = Arc::new(TenantDesk { shelf: shelf.clone(), tenants, measures });
    let readings = Readings::new(store.clone(), core.committer.clone());
    let mailboxes = Arc::new(MailboxDesk { shelf: shelf.clone(), readings });
    let reading = Arc::new(ReadingDesk { shelf: shelf.clone(), lookout: lookout.clone() });
    let mail = MailDesk::new(receipts.clone(), bodies.clone(), config.email.return_path.clone());
    let lifting = Arc::new(LiftingDesk { shelf: shelf.clone(), intake: intake.clone() });
    let now = Arc::new(NowDesk {
        tenants: tenants.clone(),
        outbound: outbound.clone(),
        board,
        readiness,
    });
    let ahead = Arc::new(AheadDesk::new(tenants.clone(), shown.clone()));
    let rehearsal = Arc::new(RehearsalDesk::new(shown.clone()));
    let texts = Arc::new(TextDesk { shelf: shelf.clone(), writing: shown });
    let door = Door::new(intake.clone(), bodies, &config.http, &config.limits);
    let guarded = ingress::http::table()
        .with_state(door)
        .merge(ops::api::table().with_state(shelf.clone()))
        .merge(ops::explain::table().with_state(reading))
        .merge(ops::told::table().with_state(shelf.clone()))
        .merge(ops::mailbox::table().with_state(mailboxes))
        .merge(ops::suppressed::table().with_state(shelf.clone()))
        .merge(ops::unsuppress::table().with_state(lifting))
        .merge(ops::letters::table().with_state(letters.clone()))
        .merge(ops::jobs::table().with_state(letters))
        .merge(ops::tenants::table().with_state(tenants.clone()))
        .merge(ops::limits::table().with_state(tenants))
        .merge(ops::now::table().with_state(now))
        .merge(ops::ahead::table().with_state(ahead))
        .merge(ops::text::table().with_state(texts))
        .merge(ops::rehearsal::table().with_state(rehearsal))
        .merge(ops::instances::table().with_state(shelf.clone()))
        .merge(ops::providers::table().with_state(outbound.clone()))
        .merge(ops::reload::table().with_state(reloads))
        .merge(ingress::hooks::mail_table().with_state(mail));
    let itself = itself();
    let all = [guarded.described(), itself.described(), open.described()].concat();
    let itself = itself.with_state(Arc::new(document(&all)));
    let tokens = config.http.all_tokens();
    let console = console::routes(guarded.clone().into_router(), server::keys_of(&tokens))?;
    let guarded = guarded.merge(itself).behind(|router| server::guard(router, &tokens));
    let http = guarded.merge(open);
    Ok(match (console, config.console.listen) {
        (Some(console), None) => Faces { http: http.merge(console).into_router(), console: None },
        (console, _) => {
            Faces { http: http.into_router(), console: console.map(Routes::into_router) }
        }
    })
}

/// The description of everything that a daemon may answer.
pub fn openapi() -> Value {
    document(&described())
}

fn described() -> Vec<Described> {
    [
        ingress::http::table().described(),
        ops::api::table().described(),
        ops::explain::table().described(),
        ops::told::table().described(),
        ops::mailbox::table().described(),
        ops::suppressed::table().described(),
        ops::unsuppress::table().described(),
        ops::letters::table().described(),
        ops::jobs::table().described(),
        ops::tenants::table().described(),
        ops::limits::table().described(),
        ops::now::table().described(),
        ops::ahead::table().described(),
        ops::text::table().described(),
        ops::rehearsal::table().described(),
        ops::instances::table().described(),
        ops::providers::table().described(),
        ops::reload::table().described(),
        ingress::hooks::mail_table().described(),
        ingress::hooks::table().described(),
        itself().described(),
        ops::health::table().described(),
        ingress::links::table().described(),
    ]
    .concat()
}

/// The route of the description.
fn itself() -> Table<Arc<Value>> {
    let itself = Operation::new("This description.");
    let itself = itself.answers_as(200, "application/json", |_| json_schema!({ "type": "object" }));
    Table::default().get("/v1/openapi.json", described_here, itself)
}

async fn described_here(State(document): State<Arc<Value>>) -> Response {
    let kept = [(header::CACHE_CONTROL, "no-cache")];
    (kept, Json(&*document)).into_response()
}
