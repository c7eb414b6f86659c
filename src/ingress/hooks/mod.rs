//! What providers tell of their own accord: `POST /hooks/{provider}`, without a token of ours in
//! the request.
//!
//! Mails that came back are reports too ([`mail`]).
//!
//! A receipt waits in the store until its tenant has heard ([`Receipts`]); a reply becomes a
//! command ([`replies`]).
//!
//! Who it is shows a signature, of the kind that the provider makes, or where it makes none the
//! code in the address that it was given for this very message (`?m=`). How its bodies are read,
//! the provider's [`Teller`] knows. What it takes to check a signature may have to be fetched first
//! ([`Envoy`]).
//!
//! | status | meaning |
//! |---|---|
//! | 204 | durable, or not of interest; the same again does nothing |
//! | 400 | not what such a body is made of: neither JSON nor a form, say |
//! | 401 | no signature and no code that holds: nothing was looked at |
//! | 404 | no provider of that name tells anything |
//! | 408, 413 | a body that did not come in time, or is beyond [`HOOK_MAX_BYTES`] |
//! | 422 | neither a receipt nor a reply |
//! | 503 | it cannot be kept, or what it is proved by not be had: again after `Retry-After` |

mod envoy;
mod kept;
mod mail;
mod replies;
mod teller;

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::json_schema;

pub use self::envoy::{Envoy, Unreached};
use self::kept::{OTHER, again, kept};
pub use self::mail::{MAIL, MailDesk, table as mail_table};
pub use self::replies::ReplyDesk;
use self::replies::Written;
pub use self::teller::Teller;
use super::body::Bodies;
use crate::actors::Receipts;
use crate::clock;
use crate::domain::message::MessageId;
use crate::domain::receipt::Report;
use crate::gateways::{Call, Heard, Hears, REPORTS_MAX, Subscription, Trusted, Unreadable};
use crate::links::Hooks;
use crate::store::{NewReceipt, Taken};
use crate::telemetry::record;
use crate::telemetry::spell::Told;
use crate::web::operation::{Operation, Parameter, text};
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;
use crate::web::table::Table;
use crate::wire::UnreadableReason;

/// The largest body of a report, in bytes.
pub const HOOK_MAX_BYTES: usize = 64 * 1024;

/// What reports are read with.
#[derive(Clone)]
pub struct HookDesk {
    /// The providers that tell something, by name.
    pub tellers: Arc<HashMap<Arc<str>, Teller>>,
    /// Where providers reach the daemon, if they were told.
    pub public_url: Option<Arc<str>>,
    /// Who knows the codes that we gave out; absent where none were.
    pub codes: Option<Hooks>,
    pub receipts: Arc<Receipts>,
    /// Where what clients write goes.
    pub replies: ReplyDesk,
    /// Who takes bodies in.
    pub bodies: Bodies,
    /// Who goes out for what it takes to believe a provider.
    pub envoy: Arc<dyn Envoy>,
    /// How it is told that the store cannot be written…
    pub trouble: Arc<Told>,
    /// …and that what a provider is known by cannot be had.
    pub unproved: Arc<Told>,
}

/// The route; it needs no token.
pub fn table() -> Table<HookDesk> {
    const CODE: Parameter = text("m", "The code in the address that the provider was given.");
    let report = Operation::new("What a provider reports: receipts and replies, signed by it.")
        .open()
        .asked_by(&[CODE])
        .takes_as("application/json", |_| json_schema!(true))
        .takes_as("application/x-www-form-urlencoded", |_| json_schema!({ "type": "object" }))
        // JSON as well, as Amazon calls it.
        .takes_as("text/plain", |_| json_schema!({ "type": "string" }))
        .answers_nothing();
    Table::default().post("/hooks/{provider}", self::report, report)
}

type Name = Result<Path<String>, PathRejection>;

async fn report(
    State(desk): State<HookDesk>,
    name: Name,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Response> {
    desk.report(name, query.as_deref(), &headers, body).await.map_err(IntoResponse::into_response)
}

impl HookDesk {
    async fn report(
        &self,
        name: Name,
        query: Option<&str>,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<StatusCode, Problem> {
        let found = name.ok().and_then(|Path(name)| self.tellers.get_key_value(name.as_str()));
        let (provider, teller) = found.ok_or_else(unknown)?;
        let hearing = teller.hears().ok_or_else(unknown)?;
        let body = self.bodies.whole(body, HOOK_MAX_BYTES).await?;
        let url = self.public_url.as_ref().map(|base| address(base, provider, query));
        let query = query.unwrap_or_default();
        let (url, now) = (url.as_deref(), clock::now());
        let call = Call { url, query, headers, body: &body.bytes, now };
        let named = self.trusts(provider, hearing, &call).await?;
        let told = hearing.hears(&call).map_err(unreadable)?;
        self.takes(provider, told, named).await?;
        Ok(StatusCode::NO_CONTENT)
    }

    /// The message that the address was given for, where that is what proves who it is.
    async fn trusts(
        &self,
        provider: &str,
        hearing: &dyn Hears,
        call: &Call<'_>,
    ) -> Result<Option<MessageId>, Problem> {
        match hearing.trusts(call) {
            Trusted::Signed => Ok(None),
            Trusted::No => Err(unsigned()),
            Trusted::Certified(place) => {
                let certificate = self.went(self.envoy.certificate(provider, &place).await)?;
                if hearing.is_by(call, &certificate) { Ok(None) } else { Err(unsigned()) }
            }
            Trusted::ByCode => {
                let code = call.asked("m");
                let (codes, code) = self.codes.as_ref().zip(code).ok_or_else(unsigned)?;
                codes.read(&code).map(Some).map_err(|_| unsigned())
            }
        }
    }

    /// Takes what a provider told over a connection of ours, on which it need not prove itself.
    /// Says whether it is durable, or nothing that will ever be: else it is to be told again.
    pub async fn hears(&self, provider: &Arc<str>, heard: Heard) -> bool {
        let taken = self.takes(provider, vec![heard], None).await;
        taken.map_or_else(|problem| !problem.is_passing(), |()| true)
    }

    /// What was brought from outside; else the report is to be sent again.
    fn went<T>(&self, brought: Result<T, Unreached>) -> Result<T, Problem> {
        brought.inspect(|_| self.unproved.worked(clock::instant())).map_err(|why| {
            self.unproved.failed(clock::instant(), &why);
            again("what it is proved by cannot be had now; send it again")
        })
    }

    /// That we want to hear it is said where the provider asked for that.
    async fn subscribes(&self, provider: &str, told: Subscription) -> Result<(), Problem> {
        match told {
            Subscription::Offered { topic, confirm } => {
                self.went(self.envoy.visit(provider, &confirm).await)?;
                tracing::info!(provider, topic, "reports are subscribed to");
            }
            Subscription::Ended { topic } => {
                tracing::warn!(provider, topic, "reports are not subscribed to any more");
            }
        }
        record::receipt(provider, OTHER);
        Ok(())
    }

    /// Takes whatever can be taken, the receipts among it in one transaction; what cannot is said
    /// behind that.
    async fn takes(
        &self,
        provider: &Arc<str>,
        told: Vec<Heard>,
        named: Option<MessageId>,
    ) -> Result<(), Problem> {
        let (mut receipts, mut replies) = (Vec::new(), Vec::new());
        let (mut subscriptions, mut neithers) = (Vec::new(), Vec::new());
        for (index, heard) in told.into_iter().enumerate() {
            match heard {
                Heard::Receipt { message, reference, report, said } => {
                    let message = named.or(message);
                    receipts.extend(of_interest(provider, message, reference, report, said));
                }
                Heard::Reply { id, from, to, text } => {
                    replies.push(Written { provider: provider.to_string(), id, from, to, text });
                }
                Heard::Subscription(told) => subscriptions.push(told),
                Heard::Named(named) => {
                    let named = self.receipts.name(provider, &named).await;
                    kept(named.map(|()| Taken::Kept), &self.trouble)?;
                }
                Heard::Neither => neithers.push(neither(index)),
            }
        }
        if !receipts.is_empty() {
            kept(self.receipts.take(receipts).await, &self.trouble)?;
        }
        for written in replies {
            self.replies.take(&written, &self.trouble).await?;
        }
        for told in subscriptions {
            self.subscribes(provider, told).await?;
        }
        neithers.into_iter().next().map_or(Ok(()), Err)
    }
}

/// What is to be kept of a receipt, if anything.
fn of_interest(
    provider: &str,
    message: Option<MessageId>,
    reference: Option<String>,
    report: Option<Report>,
    said: String,
) -> Option<NewReceipt> {
    // A word on the way, such as "queued".
    let Some(report) = report else {
        record::receipt(provider, OTHER);
        return None;
    };
    if message.is_none() && reference.is_none() {
        record::receipt(provider, "unknown");
        return None;
    }
    let (provider, at) = (provider.to_owned(), clock::now());
    Some(NewReceipt { provider, message, reference, report, said, at })
}

/// The address as the provider was given it: what it called may have come by other names.
fn address(base: &str, provider: &str, query: Option<&str>) -> String {
    match query {
        Some(query) => format!("{base}/hooks/{provider}?{query}"),
        None => format!("{base}/hooks/{provider}"),
    }
}

fn unreadable(why: Unreadable) -> Problem {
    match why {
        Unreadable::Broken(detail) => {
            Problem::new(StatusCode::BAD_REQUEST, UnreadableReason::NotJson, detail)
        }
        Unreadable::TooMany => {
            let detail = format!("a body has at most {REPORTS_MAX} reports");
            Problem::of(Refusal::TooLarge, detail)
        }
    }
}

fn unknown() -> Problem {
    Problem::of(Refusal::NotFound, "no provider of this name tells anything")
}

fn unsigned() -> Problem {
    let detail = "no signature and no code of a message that holds";
    Problem::of(Refusal::Unsigned, detail)
}

fn neither(index: usize) -> Problem {
    let detail = "neither a receipt nor a reply: see the provider's receipts and replies";
    Problem::of(Refusal::Unreadable, detail).with("index", Some(index).filter(|index| *index > 0))
}
