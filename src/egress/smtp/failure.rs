//! Where and how a dialogue went wrong.

use std::io;

use crate::domain::outcome::Outcome;

use super::classify::{classify, classify_break};
use super::reply::{Malformed, Reply};

/// How far the dialogue had come (RFC 5321 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Name look-up and TCP handshake.
    Connect,
    /// TLS handshake.
    Tls,
    /// The server's greeting.
    Banner,
    /// EHLO.
    Ehlo,
    /// STARTTLS (RFC 3207).
    StartTls,
    /// AUTH (RFC 4954).
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA, until 354.
    Data,
    /// The message is on its way, its final dot not yet entirely with the kernel.
    Body,
    /// The final dot may have reached the server.
    Final,
    /// RSET, between two messages.
    Reset,
}

impl Stage {
    fn as_str(self) -> &'static str {
        match self {
            Stage::Connect => "connect",
            Stage::Tls => "tls",
            Stage::Banner => "banner",
            Stage::Ehlo => "ehlo",
            Stage::StartTls => "starttls",
            Stage::Auth => "auth",
            Stage::Mail => "mail",
            Stage::Rcpt => "rcpt",
            Stage::Data => "data",
            Stage::Body => "body",
            Stage::Final => "final",
            Stage::Reset => "rset",
        }
    }
}

/// What went wrong.
#[derive(Debug)]
pub(super) enum Cause {
    /// The server answered, and not what was hoped for.
    Answered(Reply),
    /// The line broke.
    Lost(io::Error),
    /// The stage's time was up.
    TimedOut,
    /// What came was no SMTP.
    Malformed(Malformed),
    /// Nothing that another attempt could mend.
    Misconfigured(&'static str),
    /// The recipient cannot be named to this server.
    Unaddressable(&'static str),
    /// No connection was to be had in time.
    Busy,
}

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
            Cause::Answered(reply) => classify(self.stage, reply.code, reply.enhanced),
            cause => classify_break(self.stage, cause),
        }
    }

    /// What happened, in the server's words where it spoke. May hold an address.
    pub fn words(&self) -> String {
        let stage = self.stage.as_str();
        match &self.cause {
            Cause::Answered(reply) => reply.to_string(),
            Cause::Lost(error) => format!("{stage}: {}", io_words(error)),
            Cause::TimedOut => format!("{stage}: timed out"),
            Cause::Busy => "no connection was free in time".to_owned(),
            Cause::Malformed(Malformed(why)) => format!("{stage}: not SMTP: {why}"),
            Cause::Misconfigured(why) | Cause::Unaddressable(why) => format!("{stage}: {why}"),
        }
    }

    /// Whether both sides still agree on whose turn it is, so that the connection can serve
    /// another message.
    pub fn leaves_in_step(&self) -> bool {
        match &self.cause {
            // 421 announces the end; 503 and 3yz say that commands and replies have come apart.
            Cause::Answered(reply) => {
                reply.code != 421 && reply.code != 503 && matches!(reply.code / 100, 4 | 5)
            }
            Cause::Unaddressable(_) => true,
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

/// A few words without addresses or file names, the same on every system.
pub(in crate::egress) fn io_words(error: &io::Error) -> String {
    let words = match error.kind() {
        io::ErrorKind::ConnectionRefused => "refused",
        io::ErrorKind::TimedOut => "timed out",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "unreachable",
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => "connection closed",
        kind => return kind.to_string(),
    };
    words.to_owned()
}
