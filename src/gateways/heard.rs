//! What a provider tells us of its own accord: receipts, and what clients write back.

use std::fmt;

use ::http::HeaderMap;
use jiff::Timestamp;

use super::certificate::Certificate;
use super::place::Place;
use crate::domain::message::MessageId;
use crate::domain::part::Named;
use crate::domain::receipt::Report;

/// The most reports of one body.
pub const REPORTS_MAX: usize = 500;
/// The longest word for a message's fate that is kept, in characters.
const SAID_MAX_CHARS: usize = 64;
/// The longest name of a message, number or text that is looked at, in characters.
pub(super) const HEARD_MAX_CHARS: usize = 2000;

/// Whoever reports to us, as they came: a POST at the provider's own address below `/hooks/`.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The whole address as the provider was given it, query included; absent where nobody was
    /// given any, for want of `[http] public_url`.
    pub url: Option<&'a str>,
    /// What stands behind its `?`.
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    /// The time.
    pub now: Timestamp,
}

impl Call<'_> {
    /// The first value of this name in the query.
    pub fn asked(&self, name: &str) -> Option<String> {
        let pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// How a provider is heard.
pub trait Hears: fmt::Debug + Send + Sync {
    /// Whether it is who it says it is. Nothing else of a call is looked at before.
    fn trusts(&self, call: &Call<'_>) -> Trusted;

    /// Whether this is the certificate of the provider, and the call signed by who has it: where
    /// that is what [`Trusted::Certified`] waits for.
    fn is_by(&self, _call: &Call<'_>, _certificate: &Certificate) -> bool {
        false
    }

    /// Whether it takes our own address, `[http] public_url`, to know who calls.
    fn needs_address(&self) -> bool {
        false
    }

    /// What the call tells, in order.
    ///
    /// # Errors
    /// If nothing can be made of any of it.
    fn hears(&self, call: &Call<'_>) -> Result<Vec<Heard>, Unreadable>;
}

/// Whether it is the provider who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trusted {
    /// It is: its signature holds.
    Signed,
    /// It signs nothing: it is if it knows the code that it was given with a message, in `?m=`.
    ByCode,
    /// It is if the certificate at this place says so: see [`Hears::is_by`].
    Certified(Place),
    /// It is not.
    No,
}

/// One thing that a provider tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// What became of a message.
    Receipt {
        /// Our name of it, if that was found and is one of ours.
        message: Option<MessageId>,
        /// The provider's.
        reference: Option<String>,
        /// What it means; nothing where that is not known of this word, or it is one on the way.
        report: Option<Report>,
        /// The provider's own word.
        said: String,
    },
    /// What it calls a part of a message after all, where nobody waits to hear it any more.
    Named(Named),
    /// What a client wrote.
    Reply {
        /// The provider's name of it, where it has one.
        id: Option<String>,
        from: String,
        /// To which number.
        to: String,
        text: String,
    },
    /// That it will tell something here, or no more.
    Subscription(Subscription),
    /// Something that nobody here reads.
    Neither,
}

/// Whether a provider tells something here at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subscription {
    /// It will of this topic, once somebody has been there to say that we want it.
    Offered { topic: String, confirm: Place },
    /// It will not any more.
    Ended { topic: String },
}

/// Why nothing can be made of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not what such a body is made of; says why.
    Broken(String),
    /// More than [`REPORTS_MAX`] reports.
    TooMany,
}

/// A name, a number or a text, if it is not longer than anybody's.
pub(super) fn bounded(text: String) -> Option<String> {
    (text.chars().count() <= HEARD_MAX_CHARS).then_some(text)
}

/// A provider's word for a message's fate as it is kept.
pub(super) fn said(word: &str) -> String {
    word.chars().filter(|c| !c.is_control()).take(SAID_MAX_CHARS).collect()
}
