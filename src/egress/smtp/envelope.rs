//! The commands before a message (RFC 5321 §3.3).

use crate::egress::mail::Mail;

use super::stage::Stage;

/// The stages of an envelope, in their order.
pub(super) const ENVELOPE: [Stage; 3] = [Stage::Mail, Stage::Rcpt, Stage::Data];

/// MAIL, RCPT and DATA of one message.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    commands: String,
    /// Whether the server must offer SMTPUTF8 (RFC 6531).
    pub needs_utf8: bool,
}

impl Envelope {
    pub fn of(mail: &Mail) -> Self {
        let parameters = if mail.needs_utf8 { " BODY=8BITMIME SMTPUTF8" } else { "" };
        let (from, to) = (mail.from.as_str(), mail.to.as_str());
        let commands = format!("MAIL FROM:<{from}>{parameters}\r\nRCPT TO:<{to}>\r\nDATA\r\n");
        Self { commands, needs_utf8: mail.needs_utf8 }
    }

    /// All of it, for one flight.
    pub fn whole(&self) -> &[u8] {
        self.commands.as_bytes()
    }

    /// Each command, with its CRLF.
    pub fn each(&self) -> impl Iterator<Item = (Stage, &[u8])> {
        ENVELOPE.into_iter().zip(self.commands.split_inclusive('\n').map(str::as_bytes))
    }
}
