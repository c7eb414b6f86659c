//! An exchange without an answer, and what that means.

use std::io;

use crate::config::certificate_fault;
use crate::domain::outcome::{Outcome, Scope};
use crate::egress::said::Said;
use crate::egress::tried::Tried;
use crate::gateways::Target;
use crate::telemetry::{connect_words, io_words};

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// No connection came about.
    Connect(io::Error),
    /// Its name leads into a network that is nobody's business.
    NotPublic,
    /// No TLS.
    Tls(io::Error),
    /// The gateway closed before anything was written.
    Closed,
    /// The message is not to leave any more.
    KeptBack(String),
    /// The line broke behind the request.
    Lost,
    /// There was no answer in time.
    TimedOut,
    /// What came was no HTTP.
    NotHttp,
    /// The daemon stops.
    CutOff,
}

impl Failure {
    /// What came of the message; `target` says which gateway it is.
    pub fn tried(&self, target: &Target) -> Tried {
        if let Failure::KeptBack(why) = self {
            return Tried::kept_back(why);
        }
        // Where a name leads may have been an accident, but no reason to try again.
        if let Failure::NotPublic = self {
            let said = Said::by_us(self.words(target));
            return Tried::message(Outcome::Permanent(Scope::Message), said);
        }
        let is_before = matches!(self, Failure::Connect(_) | Failure::Tls(_) | Failure::Closed);
        let outcome = if is_before { Outcome::Transient } else { Outcome::InDoubt };
        let said = Said::by_us(self.words(target));
        Tried { of_provider: is_before, ..Tried::message(outcome, said) }
    }

    /// What the log and the message's history say of it.
    pub fn words(&self, target: &Target) -> String {
        match self {
            Failure::Connect(error) => format!("connect {target}: {}", connect_words(error)),
            Failure::NotPublic => format!("connect {target}: not at a public address"),
            Failure::Tls(error) => match certificate_fault(error) {
                Some(fault) => format!("tls {target}: {fault}"),
                None => format!("tls {target}: {}", io_words(error)),
            },
            Failure::Closed => format!("connect {target}: connection closed"),
            Failure::KeptBack(why) => why.clone(),
            Failure::Lost => "answer: connection closed".to_owned(),
            Failure::TimedOut => "answer: timed out".to_owned(),
            Failure::NotHttp => "answer: not HTTP".to_owned(),
            Failure::CutOff => "answer: cut off by a stop".to_owned(),
        }
    }
}
