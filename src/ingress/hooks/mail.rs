//! Mails that came back: `POST /hooks/mail`, with a token of ours in the request. Whoever gets the
//! mail for our senders' addresses hands it in: `bellhop bounce` from a mail server's pipe.
//!
//! 204 says that what it reports is durable, or that it reports nothing of a message of ours.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;

use super::kept::{OTHER, kept};
use crate::actors::Receipts;
use crate::bounces::{self, MAIL_MAX_BYTES, ReturnPath};
use crate::clock;
use crate::ingress::body::Bodies;
use crate::store::NewReceipt;
use crate::telemetry::record;
use crate::telemetry::spell::Told;
use crate::web::operation::Operation;
use crate::web::problem::Problem;
use crate::web::table::Table;

/// Who says so, where it is a mail; no provider that tells anything has this name.
pub const MAIL: &str = "mail";

/// What mails are read with.
#[derive(Clone)]
pub struct MailDesk {
    receipts: Arc<Receipts>,
    /// Who takes bodies in.
    bodies: Bodies,
    /// How it is told that the store cannot be written.
    trouble: Arc<Told>,
    /// Where mails come back to, where each message has an address of its own.
    return_path: Option<ReturnPath>,
}

impl MailDesk {
    /// Nothing was handed in yet.
    pub fn new(receipts: Arc<Receipts>, bodies: Bodies, return_path: Option<ReturnPath>) -> Self {
        let trouble = Told::new("mails that came back are turned away", "they are taken again");
        Self { receipts, bodies, trouble: Arc::new(trouble), return_path }
    }
}

/// The route; it needs the token where one is configured.
pub fn table() -> Table<MailDesk> {
    let taken = Operation::new("Takes a mail that came back: a bounce, or a complaint.")
        .takes_as("message/rfc822", |generator| generator.subschema_for::<String>())
        .answers_nothing();
    Table::default().post("/hooks/mail", mail, taken)
}

async fn mail(State(desk): State<MailDesk>, body: Body) -> Result<StatusCode, Problem> {
    let mail = desk.bodies.whole(body, MAIL_MAX_BYTES).await?;
    let Some(told) = bounces::read(&mail.bytes, desk.return_path.as_ref()) else {
        record::receipt(MAIL, OTHER);
        return Ok(StatusCode::NO_CONTENT);
    };
    let receipt = NewReceipt {
        provider: MAIL.to_owned(),
        message: Some(told.message),
        reference: None,
        report: told.report,
        said: told.said,
        at: clock::now(),
    };
    kept(desk.receipts.take(vec![receipt]).await, &desk.trouble)?;
    Ok(StatusCode::NO_CONTENT)
}
