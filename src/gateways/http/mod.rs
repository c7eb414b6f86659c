//! Kind `http`: any gateway, as the operator's templates and rules describe it.
//!
//! ```text
//!  Plan (as the operator wrote it) ──compile──▶ Templated
//!                                                 │
//!       templates make requests of Facts ─────────┤
//!       rules say what answers mean ──────────────┤
//!       pointers find receipts and replies ───────┘
//! ```
//!
//! [`compile`](Templated::compile) finds whatever can be found wrong without a message: a variable
//! that does not exist, a pointer that is none, JSON that is none once a message stands in it. What
//! is left for the moment of sending is a value that does not fit where it is to stand; no value
//! can break out of its place ([`template`]).

mod hears;
mod outcomes;
mod plan;
mod pointer;
mod reports;
mod request;
mod shown;
mod signature;
mod template;
mod variables;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;

use super::answer::{Answer, Verdict};
use super::facts::{Facts, Medium};
use super::fault::Fault;
use super::gateway::Gateway;
use super::heard::Hears;
use super::meaning::Meaning;
use super::outgoing::{Outgoing, Unwritable};
use super::target::Target;
use super::words::words;
use crate::domain::outcome::Outcome;
use outcomes::Rules;
use pointer::Pointer;
use reports::{Receipts, Replies};
use request::Writer;

pub use outcomes::RULES_MAX;
pub use plan::{Plan, RulePlan};
pub use reports::{ReceiptsPlan, RepliesPlan, Reports, SignaturePlan};

/// A gateway of this kind, compiled.
#[derive(Debug)]
pub struct Templated {
    writer: Writer,
    rules: Rules,
    id: Option<Pointer>,
    secrets: BTreeMap<String, SecretString>,
    reports: Reports,
}

impl Templated {
    /// Checks all that the operator wrote, and compiles it.
    ///
    /// # Errors
    /// The first key that cannot be as it is.
    pub fn compile(plan: &Plan, medium: Medium) -> Result<Self, Fault> {
        if plan.replies.is_some() && medium != Medium::Sms {
            return Err(Fault::new("replies", "has no meaning: only text messages are answered"));
        }
        let receipts = plan.receipts.as_ref();
        for (key, words) in receipts.into_iter().flat_map(ReceiptsPlan::condemning) {
            if medium == Medium::Push && !words.is_empty() {
                let why = "has no meaning: it does not say which of a client's devices it is";
                return Err(Fault::new(format!("receipts.{key}"), why));
            }
        }
        let id = plan.id.as_deref().map(Pointer::parse).transpose();
        Ok(Self {
            writer: Writer::compile(plan, medium)?,
            rules: Rules::compile(&plan.outcomes)?,
            id: id.map_err(|why| Fault::new("id", why))?,
            secrets: plan.secrets.clone(),
            reports: Reports {
                receipts: receipts.map(Receipts::compile).transpose()?,
                replies: plan.replies.as_ref().map(Replies::compile).transpose()?,
            },
        })
    }
}

impl Gateway for Templated {
    fn target(&self) -> Option<&Target> {
        Some(self.writer.target())
    }

    fn request(&self, facts: &Facts<'_>) -> Result<Outgoing<'_>, Unwritable> {
        self.writer.request(facts)
    }

    /// By the operator's rules, else by its status.
    fn read(&self, answer: Answer<'_>, now: Timestamp) -> Verdict {
        let Answer { status, body, is_cut, .. } = answer;
        // What came of it would have been in the part that did not.
        if is_cut && self.rules.need_the_body(status) {
            return Verdict::new(Outcome::InDoubt, None);
        }
        let json = answer.json();
        let ruled = self.rules.judge(status, json.as_ref(), body);
        let meaning = ruled.unwrap_or_else(|| Meaning::of(status));
        let id = self.id.as_ref().zip(json.as_ref()).and_then(|(id, json)| id.scalar(json));
        Verdict::new(meaning.outcome(answer.retry_after(now)), id)
    }

    fn words(&self, answer: Answer<'_>, text: &str) -> String {
        words(answer, text, self.secrets.values())
    }

    fn hears(&self) -> Option<&dyn Hears> {
        let Reports { receipts, replies } = &self.reports;
        (receipts.is_some() || replies.is_some()).then_some(&self.reports as &dyn Hears)
    }
}
