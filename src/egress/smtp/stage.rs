//! Where and how a dialogue goes wrong.

use std::io;

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
    Ehlo,
    /// STARTTLS (RFC 3207).
    StartTls,
    /// AUTH (RFC 4954).
    Auth,
    Mail,
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
    /// The word before what went wrong.
    pub fn as_str(self) -> &'static str {
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
    /// This server cannot carry the message; another may.
    Unable(&'static str),
    /// No connection was to be had in time.
    Busy,
    /// It was not to leave.
    KeptBack(&'static str),
    /// The daemon stops.
    CutOff,
}
