//! The parts of a mail (RFC 2046 §5.1), written one after another into the mail's own buffer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::domain::message::MessageId;

use super::quoted_printable;

/// The longest line of base64, in bytes, without its CRLF (RFC 2045 §6.8).
const BASE64_LINE_BYTES: usize = 76;

/// How parts belong together.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subtype {
    /// Each for itself.
    Mixed,
    /// The same in several forms, the best one last.
    Alternative,
}

impl Subtype {
    /// The name, and what a boundary of this subtype ends with.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Subtype::Mixed => ("mixed", "_m"),
            Subtype::Alternative => ("alternative", "_a"),
        }
    }
}

/// A mail whose body is being written.
pub(super) struct Parts {
    raw: Vec<u8>,
    /// What all its boundaries begin with: `=_` cannot occur in quoted-printable or base64
    /// (RFC 2045 §6.7 recommends it for this).
    boundary: String,
}

impl Parts {
    /// Goes on where the headers end. The message's id makes the boundaries, so that they are the
    /// same on every attempt.
    pub fn after(headers: Vec<u8>, id: MessageId) -> Self {
        let mut boundary = String::from("=_");
        boundary.push_str(id.0.simple().encode_lower(&mut [0; 32]));
        Self { raw: headers, boundary }
    }

    /// Ends the headers before it: parts follow, until [`close`](Self::close).
    pub fn open(&mut self, subtype: Subtype) {
        let (name, suffix) = subtype.words();
        let boundary = self.boundary.as_str();
        append(&mut self.raw, &["Content-Type: multipart/", name, ";\r\n boundary=\""]);
        append(&mut self.raw, &[boundary, suffix, "\"\r\n\r\n"]);
    }

    /// A part begins, with its headers.
    pub fn part(&mut self, of: Subtype) {
        append(&mut self.raw, &["--", &self.boundary, of.words().1, "\r\n"]);
    }

    /// No part follows.
    pub fn close(&mut self, subtype: Subtype) {
        append(&mut self.raw, &["--", &self.boundary, subtype.words().1, "--\r\n"]);
    }

    /// A part of text. `content_type` is short enough for one line.
    pub fn text(&mut self, of: Subtype, content_type: &str, text: &str) {
        self.part(of);
        append(&mut self.raw, &["Content-Type: ", content_type, "\r\n"]);
        append(&mut self.raw, &["Content-Transfer-Encoding: quoted-printable\r\n\r\n"]);
        quoted_printable::encode(text, &mut self.raw);
        append(&mut self.raw, &["\r\n"]);
    }

    /// A part that is a file; its names are of those that need no encoding.
    pub fn file(&mut self, of: Subtype, media_type: &str, name: &str, content: &str) {
        self.part(of);
        append(&mut self.raw, &["Content-Type: ", media_type, "; name=\"", name, "\"\r\n"]);
        append(&mut self.raw, &["Content-Disposition: attachment; filename=\"", name, "\"\r\n"]);
        append(&mut self.raw, &["Content-Transfer-Encoding: base64\r\n\r\n"]);
        for line in BASE64.encode(content).as_bytes().chunks(BASE64_LINE_BYTES) {
            self.raw.extend_from_slice(line);
            append(&mut self.raw, &["\r\n"]);
        }
    }

    /// The mail.
    pub fn into_raw(self) -> Vec<u8> {
        self.raw
    }
}

fn append(raw: &mut Vec<u8>, words: &[&str]) {
    for word in words {
        raw.extend_from_slice(word.as_bytes());
    }
}
