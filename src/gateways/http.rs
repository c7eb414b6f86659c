//! A gateway of kind `http`, compiled.

use std::collections::BTreeMap;

use ::http::Request;
use jiff::Timestamp;
use secrecy::SecretString;

use super::answer::{Answer, Verdict, read};
use super::facts::{Facts, Medium};
use super::fault::Fault;
use super::outcomes::Rules;
use super::plan::Plan;
use super::pointer::Pointer;
use super::reports::{Receipts, Replies};
use super::request::{Unwritable, Writer};
use super::target::Target;
use super::words::words;

/// What goes to one gateway, and what its answers mean.
#[derive(Debug)]
pub struct Gateway {
    writer: Writer,
    rules: Rules,
    id: Option<Pointer>,
    secrets: BTreeMap<String, SecretString>,
    /// How receipts are read; absent: there are none.
    pub receipts: Option<Receipts>,
    /// How messages of clients are read; absent: there are none.
    pub replies: Option<Replies>,
}

impl Gateway {
    /// Checks all that the operator wrote, and compiles it.
    ///
    /// # Errors
    /// The first key that cannot be as it is.
    pub fn compile(plan: &Plan, medium: Medium) -> Result<Self, Fault> {
        if plan.replies.is_some() && medium != Medium::Sms {
            return Err(Fault::new("replies", "has no meaning: only text messages are answered"));
        }
        let receipts = plan.receipts.as_ref();
        if medium == Medium::Push && receipts.is_some_and(|of| !of.bad_address.is_empty()) {
            let why = "has no meaning: it does not say which of a client's devices it is";
            return Err(Fault::new("receipts.bad_address", why));
        }
        let id = plan.id.as_deref().map(Pointer::parse).transpose();
        Ok(Self {
            writer: Writer::compile(plan, medium)?,
            rules: Rules::compile(&plan.outcomes)?,
            id: id.map_err(|why| Fault::new("id", why))?,
            secrets: plan.secrets.clone(),
            receipts: receipts.map(Receipts::compile).transpose()?,
            replies: plan.replies.as_ref().map(Replies::compile).transpose()?,
        })
    }

    /// Where requests go.
    pub fn target(&self) -> &Target {
        self.writer.target()
    }

    /// The request for a message: its uri is a path and a query (RFC 9112 §3.2.1), its headers are
    /// marked as not to be shown.
    ///
    /// # Errors
    /// If the message does not fit where the operator has put it.
    pub fn request(&self, facts: &Facts<'_>) -> Result<Request<Vec<u8>>, Unwritable> {
        self.writer.request(facts)
    }

    /// What an answer means.
    pub fn read(&self, answer: Answer<'_>, now: Timestamp) -> Verdict {
        read(answer, &self.rules, self.id.as_ref(), now)
    }

    /// What of an answer may be kept, of a message with this text: its status, and its own words
    /// if they do not quote the message, without secrets.
    pub fn words(&self, answer: Answer<'_>, text: &str) -> String {
        words(answer.status, answer.body, text, &self.secrets)
    }
}
