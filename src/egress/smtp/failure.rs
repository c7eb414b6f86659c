//! A dialogue that went wrong, and what that means.

use crate::domain::outcome::Outcome;
use crate::egress::said::Said;
use crate::telemetry::{connect_words, io_words};

use super::classify::{classify, classify_break};
use super::reply::Malformed;
use super::stage::{Cause, Stage};

/// The end of a dialogue that did not deliver.
#[derive(Debug)]
pub(super) struct Failure {
    pub stage: Stage,
    pub cause: Cause,
}

impl Failure {
    pub fn new(stage: Stage, cause: Cause) -> Self {
        Self { stage, cause }
    }

    /// What it means for the message.
    pub fn outcome(&self) -> Outcome {
        match &self.cause {
            Cause::Answered(reply) => classify(self.stage, reply),
            cause => classify_break(self.stage, cause),
        }
    }

    /// What happened, in the server's words where it spoke.
    ///
    /// Of what is said to AUTH only the codes: there are servers that repeat the command, and in
    /// it the password.
    ///
    /// Where the server was not yet spoken to, `target` says which one it is.
    pub fn said(&self, target: &str) -> Said {
        let stage = match self.stage {
            Stage::Connect | Stage::Tls | Stage::Banner => {
                format!("{} {target}", self.stage.as_str())
            }
            stage => stage.as_str().to_owned(),
        };
        Said::by_us(match &self.cause {
            Cause::Answered(reply) if self.stage == Stage::Auth => reply.codes(),
            // It would read as if the message had been taken.
            Cause::Answered(reply) if reply.code < 400 => {
                let ours = format!("{stage}: out of step: ");
                return Said { ours, theirs: reply.to_string() };
            }
            Cause::Answered(reply) => return Said::by_them(reply.to_string()),
            Cause::Lost(error) if self.stage == Stage::Connect => {
                format!("{stage}: {}", connect_words(error))
            }
            Cause::Lost(error) => format!("{stage}: {}", io_words(error)),
            Cause::TimedOut => format!("{stage}: timed out"),
            Cause::Busy => "no connection was free in time".to_owned(),
            Cause::KeptBack(why) => format!("{stage}: {why}"),
            Cause::CutOff => format!("{stage}: cut off by a stop"),
            Cause::Malformed(Malformed(why)) => format!("{stage}: not SMTP: {why}"),
            Cause::Misconfigured(why) | Cause::Unable(why) => format!("{stage}: {why}"),
        })
    }

    /// Whether it went wrong before any message was mentioned.
    pub fn is_of_server(&self) -> bool {
        use Stage::{Auth, Banner, Connect, Ehlo, StartTls, Tls};
        matches!(self.stage, Connect | Tls | Banner | Ehlo | StartTls | Auth)
    }

    /// Whether both sides still agree on whose turn it is, so that the connection can serve
    /// another message.
    pub fn leaves_in_step(&self) -> bool {
        match &self.cause {
            // 421 announces the end; 503 and 3yz say that commands and replies have come apart.
            Cause::Answered(reply) => {
                reply.code != 421 && reply.code != 503 && matches!(reply.code / 100, 4 | 5)
            }
            Cause::Unable(_) => true,
            _ => false,
        }
    }

    /// Whether a connection that had served before was closed while it lay idle: nothing of this
    /// message was accepted, and a fresh connection may do better at once.
    pub fn is_stale(&self) -> bool {
        self.stage == Stage::Mail
            && match &self.cause {
                Cause::Lost(_) => true,
                Cause::Answered(reply) => reply.code == 421,
                _ => false,
            }
    }
}
