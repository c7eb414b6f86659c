//! An email as it goes over the wire (RFC 5322, MIME).
//!
//! ```text
//! multipart/alternative            multipart/mixed            where there is a calendar file
//! ├─ text/plain                    ├─ multipart/alternative
//! └─ text/html                     │  ├─ text/plain
//!                                  │  ├─ text/html
//!                                  │  └─ text/calendar; method=…    what clients act upon (RFC 6047)
//!                                  └─ invite.ics                     what people can save
//! ```
//!
//! Bodies are quoted-printable or base64 whatever they hold: a bare CR or LF that reached the wire
//! could end the message early and begin another (RUSTSEC-2026-0561). The same input gives the
//! same bytes, on every attempt.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::Address;
use lettre::message::header::{
    ContentDisposition, ContentTransferEncoding, ContentType, Date, From, Header, HeaderName,
    HeaderValue, MIME_VERSION_1_0, MessageId as MessageIdHeader, ReplyTo, Subject, To,
};
use lettre::message::{Body, Mailbox, Mailboxes, MultiPart, SinglePart};

use crate::content::parts::{CalendarPart, EmailParts};
use crate::domain::address::EmailAddress;
use crate::domain::message::MessageId;

use super::error::EgressError;
use super::quoted_printable;

/// The longest display name or subject, in bytes. A header line may have 998 (RFC 5322 §2.1.1),
/// and a word without spaces is not folded.
pub const HEADER_MAX_BYTES: usize = 900;
/// What stands after the `@` of the Message-ID where the sender's domain is not ASCII. The id is
/// unique by its first half.
const MESSAGE_ID_DOMAIN: &str = "bellhop.invalid";

/// What stands above an email's content.
#[derive(Debug, Clone, Copy)]
pub struct Letterhead<'a> {
    /// Becomes the Message-ID, the same on every attempt.
    pub id: MessageId,
    /// Header and envelope sender.
    pub from: &'a EmailAddress,
    /// The sender's name; empty: none.
    pub from_name: &'a str,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<&'a EmailAddress>,
    /// Header and envelope recipient.
    pub to: &'a EmailAddress,
    /// The recipient's name; empty: none.
    pub to_name: &'a str,
    /// The Date header, in whole seconds.
    pub date: Timestamp,
}

/// An email ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Which message it is.
    pub id: MessageId,
    /// The envelope sender: bounces go there.
    pub from: EmailAddress,
    /// The envelope recipient.
    pub to: EmailAddress,
    /// Headers and body, lines ended by CRLF.
    pub raw: Vec<u8>,
    /// Whether it can only go to a server that offers SMTPUTF8 (RFC 6531): an address, in the
    /// envelope or in a header, is not ASCII. Everything else is encoded.
    pub needs_utf8: bool,
}

/// Says which message it is and nothing of what it says.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mail({}, {} bytes)", self.id, self.raw.len())
    }
}

/// Writes the email.
///
/// # Errors
/// [`EgressError::Unsendable`] if a name or the subject holds a control character (it could
/// forge a header) or is longer than [`HEADER_MAX_BYTES`].
pub fn compose(head: &Letterhead<'_>, parts: &EmailParts) -> Result<Mail, EgressError> {
    check("From", head.from_name)?;
    check("To", head.to_name)?;
    check("Subject", &parts.subject)?;
    let whole = match &parts.calendar {
        None => addressed(head, &parts.subject, "alternative", 'a')?
            .singlepart(text(ContentType::TEXT_PLAIN, &parts.text))
            .singlepart(text(ContentType::TEXT_HTML, &parts.html)),
        Some(calendar) => {
            let kind =
                content_type(&format!("text/calendar; method={}; charset=utf-8", calendar.method))?;
            let alternatives = MultiPart::builder()
                .header(multipart("alternative", head.id, 'a')?)
                .build()
                .singlepart(text(ContentType::TEXT_PLAIN, &parts.text))
                .singlepart(text(ContentType::TEXT_HTML, &parts.html))
                .singlepart(text(kind, &calendar.body));
            addressed(head, &parts.subject, "mixed", 'm')?
                .multipart(alternatives)
                .singlepart(invitation(calendar)?)
        }
    };
    let addresses = [Some(head.from), Some(head.to), head.reply_to];
    let needs_utf8 = addresses.into_iter().flatten().any(|it| !it.as_str().is_ascii());
    let (from, to) = (head.from.clone(), head.to.clone());
    Ok(Mail { id: head.id, from, to, raw: whole.formatted(), needs_utf8 })
}

/// The outermost part with the message's headers. lettre's `Message` would parse the mailboxes
/// again that it has just written, which takes longer than all the rest.
fn addressed(
    head: &Letterhead<'_>,
    subject: &str,
    kind: &str,
    boundary: char,
) -> Result<MultiPart, EgressError> {
    let mut builder = MultiPart::builder()
        .header(From::from(mailboxes(head.from_name, head.from)))
        .header(To::from(mailboxes(head.to_name, head.to)));
    if let Some(reply_to) = head.reply_to {
        builder = builder.header(ReplyTo::from(mailboxes("", reply_to)));
    }
    let date = head.date.max(Timestamp::UNIX_EPOCH);
    let builder = builder
        .header(Subject::from(subject.to_owned()))
        .header(Date::new(SystemTime::from(date)))
        .header(MessageIdHeader::from(message_id(head)))
        .header(AutoSubmitted)
        .header(MIME_VERSION_1_0)
        .header(multipart(kind, head.id, boundary)?);
    Ok(builder.build())
}

fn check(header: &'static str, value: &str) -> Result<(), EgressError> {
    if value.len() > HEADER_MAX_BYTES || value.chars().any(char::is_control) {
        return Err(EgressError::Unsendable { header });
    }
    Ok(())
}

fn mailboxes(name: &str, address: &EmailAddress) -> Mailboxes {
    let (local, domain) = address.as_str().rsplit_once('@').unwrap_or((address.as_str(), ""));
    let name = Some(name.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
    // An `EmailAddress` is checked already.
    Mailboxes::from(Mailbox::new(name, Address::new_dangerous(local, domain)))
}

fn message_id(head: &Letterhead<'_>) -> String {
    let domain = Some(head.from.domain()).filter(|domain| domain.is_ascii());
    format!("<{}@{}>", head.id, domain.unwrap_or(MESSAGE_ID_DOMAIN))
}

/// `=_` cannot occur in quoted-printable or base64 (RFC 2045 §6.7 recommends it for this).
fn multipart(kind: &str, id: MessageId, suffix: char) -> Result<ContentType, EgressError> {
    content_type(&format!("multipart/{kind}; boundary=\"=_{}_{suffix}\"", id.0.simple()))
}

fn content_type(text: &str) -> Result<ContentType, EgressError> {
    ContentType::parse(text).map_err(|_| EgressError::Unsendable { header: "Content-Type" })
}

fn text(kind: ContentType, text: &str) -> SinglePart {
    let encoded = quoted_printable::encode(text);
    let body = Body::dangerous_pre_encoded(encoded, ContentTransferEncoding::QuotedPrintable);
    SinglePart::builder().header(kind).body(body)
}

fn invitation(calendar: &CalendarPart) -> Result<SinglePart, EgressError> {
    let bytes = calendar.body.clone().into_bytes();
    let body = Body::new_with_encoding(bytes, ContentTransferEncoding::Base64)
        .map_err(|_| EgressError::Unsendable { header: "Content-Transfer-Encoding" })?;
    // Not text/calendar again: some clients would act on both.
    Ok(SinglePart::builder()
        .header(content_type("application/ics; name=\"invite.ics\"")?)
        .header(ContentDisposition::attachment("invite.ics"))
        .body(body))
}

/// RFC 3834 §5: nobody's automatic answer should answer this.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn parts() -> EmailParts {
        EmailParts {
            subject: "Confermato: martedì alle 10:00, taglio e piega da Salon Uno a Città Alta"
                .into(),
            text: "Ciao Anna,\nè confermato.\n.\nA presto".into(),
            html: "<p style=\"color: black\">Ciao Anna,<br>è confermato.</p>\n".into(),
            calendar: None,
        }
    }

    fn composed(from_name: &str, to_name: &str, parts: &EmailParts) -> Result<Mail, EgressError> {
        let (from, to) = (address("salon@example.com"), address("anna@example.net"));
        let reply_to = address("desk@salon.example");
        let id = "0190163d-8694-739b-aea5-966c26f8ad91";
        compose(
            &Letterhead {
                id: MessageId(id.parse().unwrap()),
                from: &from,
                from_name,
                reply_to: Some(&reply_to),
                to: &to,
                to_name,
                date: "2026-12-01T09:00:00.5Z".parse().unwrap(),
            },
            parts,
        )
    }

    fn raw(mail: &Mail) -> &str {
        std::str::from_utf8(&mail.raw).unwrap()
    }

    #[test]
    fn a_mail_with_a_calendar_file() {
        let calendar = CalendarPart {
            method: "REQUEST",
            body: "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Taglio è\r\nEND:VCALENDAR\r\n"
                .into(),
        };
        let parts = EmailParts { calendar: Some(calendar), ..parts() };
        let mail = composed("Salon Uno", "Anna Però", &parts).unwrap();
        assert_eq!(mail, composed("Salon Uno", "Anna Però", &parts).unwrap());
        insta::assert_snapshot!(raw(&mail).replace("\r\n", "\n"));
    }

    #[test]
    fn without_a_calendar_file_there_are_two_alternatives() {
        let mail = composed("", "", &parts()).unwrap();
        let raw = raw(&mail);
        assert!(raw.contains("\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative;"));
        assert!(raw.starts_with("From: salon@example.com\r\nTo: anna@example.net\r\n"), "{raw}");
        assert!(raw.contains("\r\nMessage-ID: <0190163d-8694-739b-aea5-966c26f8ad91@example.com>"));
        assert!(!raw.contains("calendar") && !raw.contains("multipart/mixed"));
    }

    #[test]
    fn names_cannot_forge_headers() {
        let forged = "Anna\r\nBcc: all@example.com";
        assert!(matches!(
            composed("Salon", forged, &parts()),
            Err(EgressError::Unsendable { header: "To" })
        ));
        assert!(composed("Sa\u{0}lon", "Anna", &parts()).is_err());
        assert!(composed("Salon", &"x".repeat(HEADER_MAX_BYTES + 1), &parts()).is_err());
        let subject = EmailParts { subject: "a\nb".into(), ..parts() };
        assert!(composed("Salon", "Anna", &subject).is_err());
    }

    #[test]
    fn only_addresses_beyond_ascii_need_utf8() {
        assert!(!composed("Però", "Jörg", &parts()).unwrap().needs_utf8);
        let (from, to) = (address("salon@exämple.com"), address("jörg@example.net"));
        let id = MessageId(uuid::Uuid::nil());
        let date = Timestamp::UNIX_EPOCH;
        let (from_name, to_name, reply_to) = ("", "", None);
        let head = Letterhead { id, from: &from, from_name, reply_to, to: &to, to_name, date };
        let mail = compose(&head, &parts()).unwrap();
        assert!(mail.needs_utf8);
        let plain = address("anna@example.net");
        let answers = Letterhead { from: &plain, to: &plain, reply_to: Some(&to), ..head };
        let answers = compose(&answers, &parts()).unwrap();
        assert!(answers.needs_utf8 && !answers.raw.is_ascii());
        assert!(raw(&mail).contains("@bellhop.invalid>"));
    }

    proptest! {
        #[test]
        fn nothing_in_a_mail_can_break_its_lines(
            name in "\\PC{0,60}", subject in "\\PC{0,120}", text in "(?s).{0,200}",
        ) {
            let parts = EmailParts { subject, text, ..parts() };
            let mail = composed(&name, &name, &parts).unwrap();
            let raw = raw(&mail);
            prop_assert!(raw.is_ascii());
            for line in raw.split("\r\n") {
                prop_assert!(!line.contains(['\r', '\n']) && line.len() <= 998);
            }
            prop_assert!(raw.ends_with("--\r\n"));
        }
    }
}
