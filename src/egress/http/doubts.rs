//! What becomes of a message of which nobody knows whether it was taken.
//!
//! A gateway that knows a message again is sent it again: the same request, and no other gateway.
//! One that can say what it has is asked for it, which sends nothing. Others have the message's
//! place meanwhile. Where neither helps, it stays in doubt.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;

use super::{HttpClient, leaving};
use crate::domain::outcome::Outcome;
use crate::egress::errand::Errand;
use crate::egress::said::Said;
use crate::egress::tried::{Tried, Wanted};
use crate::gateways::Asks;

/// How long an answer to a question may take that is only asked: it is asked another time.
const PATIENCE: Duration = Duration::from_secs(5);

impl HttpClient {
    /// What came of a message that was in doubt after it was `tried`; it left after `since`.
    pub(super) async fn doubts(
        &self,
        mut tried: Tried,
        since: Timestamp,
        errand: &dyn Errand,
        wanted: Wanted<'_>,
    ) -> Tried {
        let asks = self.settings.gateway.asks();
        let is_known_again = self.settings.terms.idempotent;
        if !is_known_again && asks.is_none() {
            return tried;
        }
        for pause in self.ask_again {
            if tried.outcome != Outcome::InDoubt || !self.rests(pause, wanted).await {
                break;
            }
            let again = match asks {
                _ if is_known_again && !wanted.is_wanted() => break,
                _ if is_known_again => self.attempt(errand, wanted).await,
                Some(asks) => self.looks_for(asks, since, errand).await,
                None => break,
            };
            // What the gateway does not judge now says nothing of what it took before.
            if let Some(again) = again.filter(|again| again.outcome.is_served() == Some(true)) {
                tried = again;
            }
        }
        tried
    }

    /// Whether the gateway has the message; nothing where it does not say so.
    async fn looks_for(
        &self,
        asks: &dyn Asks,
        since: Timestamp,
        errand: &dyn Errand,
    ) -> Option<Tried> {
        let (target, question) =
            self.with_facts(errand, |facts| asks.question(facts).map(leaving)).ok()?;
        let left = AtomicBool::new(false);
        let heard = tokio::select! {
            biased;
            () = self.cut.cancelled() => return None,
            heard = timeout(PATIENCE, self.wire.exchange(&target, &question, &|| true, &left)) => {
                heard.ok()?.ok()?
            }
        };
        let found = self.with_facts(errand, |facts| asks.finds(facts, since, heard.answer()))?;
        let said = Said::by_us("no answer; asked, it has the message");
        Some(Tried { reference: Some(found), ..Tried::message(Outcome::Accepted, said) })
    }
}
