//! Signing a mail.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};

use super::key::Key;
use super::relaxed::{self, Field, split};

/// What is signed where it is there, in this order.
const SIGNED: &[&str] = &[
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Auto-Submitted",
    "Feedback-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];
/// What nobody may add behind our back: named once more than it is there (RFC 6376 §8.15).
const SEALED: &[&str] = &[
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "Content-Type",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];
/// Signature letters in a line.
const LINE_CHARS: usize = 72;

/// A key, and in whose name it signs.
#[derive(Debug)]
pub struct DomainKey {
    /// In lower case, in A-labels; also for what is below it.
    pub domain: String,
    /// Under which name its record is published.
    pub selector: String,
    pub key: Arc<Key>,
}

/// Every key of an installation.
#[derive(Debug, Default)]
pub struct Signers(Vec<DomainKey>);

impl Signers {
    pub fn new(keys: Vec<DomainKey>) -> Self {
        Self(keys)
    }

    /// Whether mails from this domain, in lower case and in A-labels, are signed.
    pub fn know(&self, domain: &str) -> bool {
        self.of(domain).next().is_some()
    }

    /// The keys of the nearest domain that has any: of a domain itself before those of the one
    /// above it, which DMARC takes for the same sender (RFC 7489 §3.1.1).
    fn of<'s>(&'s self, domain: &'s str) -> impl Iterator<Item = &'s DomainKey> {
        let is_of = |key: &DomainKey| {
            let above = domain.strip_suffix(&key.domain);
            above.is_some_and(|below| below.is_empty() || below.ends_with('.'))
        };
        let nearest = self.0.iter().filter(|key| is_of(key)).map(|key| key.domain.len()).max();
        self.0.iter().filter(move |key| is_of(key) && Some(key.domain.len()) == nearest)
    }

    /// The mail with a signature in front of it for each key of the domain that it is from. `at`
    /// must be the same on every attempt.
    pub fn sign(&self, domain: &str, at: Timestamp, mail: Vec<u8>) -> Vec<u8> {
        let mut signatures = Vec::new();
        for key in self.of(domain) {
            match signature(key, at, &mail) {
                Some(signature) => signatures.extend(signature.into_bytes()),
                None => tracing::error!(selector = key.selector, "a mail could not be signed"),
            }
        }
        if signatures.is_empty() {
            return mail;
        }
        signatures.extend(mail);
        signatures
    }
}

fn signature(key: &DomainKey, at: Timestamp, mail: &[u8]) -> Option<String> {
    let DomainKey { domain, selector, key } = key;
    let (fields, body) = split(mail);
    let names = names(&fields);
    let body = BASE64.encode(digest(&SHA256, &relaxed::body(body)));
    let unsigned = format!(
        "DKIM-Signature: v=1; a={}; c=relaxed/relaxed; d={domain}; s={selector};\r\n\
         \tt={};\r\n\th={};\r\n\tbh={body};\r\n\tb=",
        key.algorithm(),
        at.as_second(),
        folded(&names),
    );
    let data = data(&fields, &names, &unsigned);
    let letters = key.signs(&data)?;
    let lines: Vec<String> = letters
        .as_bytes()
        .chunks(LINE_CHARS)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    Some(format!("{unsigned}{}\r\n", lines.join("\r\n\t ")))
}

/// The names for `h=`.
fn names(fields: &[Field<'_>]) -> Vec<&'static str> {
    let is_there = |name: &str| {
        let same = |field: &&Field<'_>| field.name.eq_ignore_ascii_case(name.as_bytes());
        fields.iter().filter(same).count()
    };
    let signed = SIGNED.iter().flat_map(|name| std::iter::repeat_n(*name, is_there(name)));
    signed.chain(SEALED.iter().copied()).collect()
}

/// The names with colons between them, in lines that are not long.
fn folded(names: &[&str]) -> String {
    let (mut list, mut line) = (String::new(), LINE_CHARS);
    for name in names {
        if !list.is_empty() {
            list.push(':');
        }
        if line + name.len() >= LINE_CHARS && !list.is_empty() {
            list.push_str("\r\n\t ");
            line = 0;
        } else if list.is_empty() {
            line = 0;
        }
        list.push_str(name);
        line += name.len() + 1;
    }
    list
}

/// What is signed (RFC 6376 §3.7): of several fields of a name the last one first, and the
/// signature's own field, of which only the signature is missing.
fn data(fields: &[Field<'_>], names: &[&str], unsigned: &str) -> Vec<u8> {
    let mut data = Vec::new();
    let mut left: Vec<Field<'_>> = fields.to_vec();
    for name in names {
        let same = |field: &Field<'_>| field.name.eq_ignore_ascii_case(name.as_bytes());
        if let Some(at) = left.iter().rposition(same) {
            data.extend(relaxed::header(left.remove(at)));
            data.extend_from_slice(b"\r\n");
        }
    }
    if let (fields, _) = split(unsigned.as_bytes())
        && let Some(own) = fields.first()
    {
        data.extend(relaxed::header(*own));
    }
    data
}

#[cfg(test)]
mod tests {
    use super::super::key::tests::{ED25519, RSA};
    use super::*;

    fn key(domain: &str, selector: &str, pem: &str) -> DomainKey {
        let key = Arc::new(Key::parse(pem).unwrap());
        DomainKey { domain: domain.to_owned(), selector: selector.to_owned(), key }
    }

    const MAIL: &str = "From: Salon <salon@mail.example.com>\r\nTo: anna@example.net\r\n\
        Subject: folded\r\n  subject\r\nDate: Tue, 01 Dec 2026 09:00:00 +0000\r\n\
        Message-ID: <1@example.com>\r\nMIME-Version: 1.0\r\nX-Other: x\r\n\
        List-Unsubscribe: <https://links.example/r/A>\r\n\
        List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nHello \r\n\r\n\r\n";

    fn signed(signers: &Signers, domain: &str) -> String {
        let at = "2026-12-01T09:00:00Z".parse().unwrap();
        String::from_utf8(signers.sign(domain, at, MAIL.into())).unwrap()
    }

    #[test]
    fn a_mail_is_signed_for_the_nearest_domain_by_each_of_its_keys() {
        let signers = Signers::new(vec![
            key("example.com", "rsa", RSA),
            key("example.com", "ed", ED25519),
            key("shop.example.com", "shop", ED25519),
        ]);
        let selectors = |domain: &str| -> Vec<String> {
            let mail = signed(&signers, domain);
            assert!(mail.ends_with(MAIL), "nothing else changes");
            let found = mail.split("; s=").skip(1);
            found.map(|rest| rest.split(';').next().unwrap().to_owned()).collect()
        };
        assert_eq!(selectors("example.com"), ["rsa", "ed"]);
        assert_eq!(selectors("mail.example.com"), ["rsa", "ed"]);
        assert_eq!(selectors("shop.example.com"), ["shop"]);
        for other in ["notexample.com", "com", "example.net", ""] {
            assert_eq!(selectors(other), [""; 0], "{other}");
            assert!(!signers.know(other));
        }
        assert!(signers.know("a.shop.example.com"));
    }

    #[test]
    fn lines_are_short_and_the_same_mail_is_signed_the_same() {
        let signers = Signers::new(vec![key("example.com", "rsa", RSA)]);
        let mail = signed(&signers, "example.com");
        assert_eq!(mail, signed(&signers, "example.com"));
        let field = mail.strip_suffix(MAIL).unwrap();
        assert!(field.split("\r\n").all(|line| line.len() <= 78), "{field}");
        let h = field.split("h=").nth(1).unwrap().split(';').next().unwrap();
        let names: Vec<&str> = h.split(':').map(str::trim).collect();
        let count = |name| names.iter().filter(|known| **known == name).count();
        assert_eq!((count("From"), count("List-Unsubscribe"), count("Cc")), (2, 2, 1));
        assert_eq!((count("List-Unsubscribe-Post"), count("X-Other")), (2, 0));
    }
}
