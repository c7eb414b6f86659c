//! An email as it goes over the wire (RFC 5322, MIME).
//!
//! ```text
//! multipart/alternative            multipart/mixed            where there is a calendar file
//! ├─ text/plain                    ├─ multipart/alternative
//! └─ text/html                     │  ├─ text/plain
//!                                  │  ├─ text/html
//!                                  │  └─ text/calendar; method=…    clients act upon it (RFC 6047)
//!                                  └─ invite.ics                     people can save it
//! ```
//!
//! Bodies are quoted-printable or base64 whatever they hold: a bare CR or LF that reached the wire
//! could end the message early and begin another (RUSTSEC-2026-0561). The same input gives the
//! same bytes, on every attempt.

use crate::content::parts::EmailParts;
use crate::domain::message::MessageId;
use crate::domain::text::{CHAR_MAX_BYTES, NAME_MAX_CHARS};

use super::error::EgressError;
use super::headers::{Addresses, Letterhead, write_headers};
use super::multipart::{Parts, Subtype};
use super::wire_address::WireAddress;

/// The longest display name or subject, in bytes. Far more than texts and names may have where they
/// come in: a header of any length is folded, and this only keeps it from having none.
pub const HEADER_MAX_BYTES: usize = 16 * 1024;
// No name that is taken may be one that no mail can carry.
const _: () = assert!(NAME_MAX_CHARS * CHAR_MAX_BYTES <= HEADER_MAX_BYTES);
/// The longest unsubscribe URL, in bytes: it stands in one line, with 20 bytes around it.
const UNSUBSCRIBE_MAX_BYTES: usize = 998 - 20;
/// How much is set aside for what stands around the bodies, in bytes; it fits unless the subject
/// or a name is long.
const FRAME_BYTES: usize = 2048;

/// An email ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    pub id: MessageId,
    /// The envelope sender: bounces go there.
    pub from: WireAddress,
    /// The envelope recipient.
    pub to: WireAddress,
    /// Headers and body, lines ended by CRLF.
    pub raw: Vec<u8>,
    /// Whether it can only go to a server that offers SMTPUTF8 (RFC 6531): an address, in the
    /// envelope or in a header, is not ASCII before its `@`. Everything else is encoded.
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
/// forge a header) or is longer than [`HEADER_MAX_BYTES`], or if the unsubscribe URL cannot stand
/// in a header.
pub fn compose(head: &Letterhead<'_>, parts: &EmailParts) -> Result<Mail, EgressError> {
    check("From", head.from_name)?;
    check("To", head.to_name)?;
    check("Subject", &parts.subject)?;
    let is_url_byte = |b: u8| b.is_ascii_graphic() && !b"<>".contains(&b);
    let fits = |url: &str| url.len() <= UNSUBSCRIBE_MAX_BYTES && url.bytes().all(is_url_byte);
    if !head.unsubscribe.is_none_or(fits) {
        return Err(EgressError::Unsendable { header: "List-Unsubscribe" });
    }
    if !head.feedback_id.is_none_or(fits) {
        return Err(EgressError::Unsendable { header: "Feedback-ID" });
    }
    let addresses = Addresses::of(head);
    let mut raw = Vec::with_capacity(size(parts));
    write_headers(head, &addresses, &parts.subject, &mut raw);
    let raw = write_body(raw, head.id, parts);
    let needs_utf8 = addresses.need_utf8();
    let Addresses { returns: from, to, .. } = addresses;
    Ok(Mail { id: head.id, from, to, raw, needs_utf8 })
}

/// About how long the mail becomes, so that its buffer need not grow.
fn size(parts: &EmailParts) -> usize {
    let text = parts.text.len() + parts.html.len();
    // It goes as text and as a file, in base64.
    let calendar = parts.calendar.as_ref().map_or(0, |calendar| calendar.body.len() * 5 / 2);
    FRAME_BYTES + text + text / 8 + calendar
}

fn write_body(headers: Vec<u8>, id: MessageId, parts: &EmailParts) -> Vec<u8> {
    let mut body = Parts::after(headers, id);
    if parts.calendar.is_some() {
        body.open(Subtype::Mixed);
        body.part(Subtype::Mixed);
    }
    body.open(Subtype::Alternative);
    body.text(Subtype::Alternative, "text/plain; charset=utf-8", &parts.text);
    body.text(Subtype::Alternative, "text/html; charset=utf-8", &parts.html);
    if let Some(calendar) = &parts.calendar {
        let kind = format!("text/calendar; method={}; charset=utf-8", calendar.method);
        body.text(Subtype::Alternative, &kind, &calendar.body);
    }
    body.close(Subtype::Alternative);
    if let Some(calendar) = &parts.calendar {
        // Not text/calendar again: some clients would act on both.
        body.file(Subtype::Mixed, "application/ics", "invite.ics", &calendar.body);
        body.close(Subtype::Mixed);
    }
    body.into_raw()
}

fn check(header: &'static str, value: &str) -> Result<(), EgressError> {
    if value.len() > HEADER_MAX_BYTES || value.chars().any(char::is_control) {
        return Err(EgressError::Unsendable { header });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::parts::CalendarPart;
    use crate::domain::address::EmailAddress;
    use crate::domain::trace::TraceContext;
    use jiff::Timestamp;
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
                unsubscribe: None,
                return_path: None,
                feedback_id: None,
                trace: None,
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
    fn only_addresses_beyond_ascii_before_the_at_sign_need_utf8() {
        assert!(!composed("Però", "Jörg", &parts()).unwrap().needs_utf8);
        let (from, to) = (address("salon@exämple.com"), address("anna@bücher.example"));
        let id = MessageId(uuid::Uuid::nil());
        let date = Timestamp::UNIX_EPOCH;
        let (from_name, to_name, reply_to) = ("", "", None);
        let head = Letterhead {
            id,
            from: &from,
            from_name,
            reply_to,
            to: &to,
            to_name,
            date,
            unsubscribe: None,
            return_path: None,
            feedback_id: None,
            trace: None,
        };
        let answers = address("desk@exämple.com");
        let mail = compose(&Letterhead { reply_to: Some(&answers), ..head }, &parts()).unwrap();
        assert!(!mail.needs_utf8 && mail.raw.is_ascii());
        assert_eq!(mail.from.as_str(), "salon@xn--exmple-cua.com");
        assert_eq!(mail.to.as_str(), "anna@xn--bcher-kva.example");
        let addresses = "From: salon@xn--exmple-cua.com\r\nTo: anna@xn--bcher-kva.example\r\n\
                         Reply-To: desk@xn--exmple-cua.com\r\n";
        assert!(raw(&mail).starts_with(addresses), "{}", raw(&mail));
        assert!(raw(&mail).contains("-000000000000@xn--exmple-cua.com>\r\n"));
        let local = address("jörg@exämple.com");
        for head in [
            Letterhead { to: &local, ..head },
            Letterhead { from: &local, ..head },
            Letterhead { reply_to: Some(&local), ..head },
        ] {
            let mail = compose(&head, &parts()).unwrap();
            assert!(mail.needs_utf8 && raw(&mail).contains(": jörg@xn--exmple-cua.com\r\n"));
        }
    }

    #[test]
    fn a_mail_to_many_can_be_stopped_by_one_click() {
        let (from, to) = (address("salon@example.com"), address("anna@example.net"));
        let (id, date) = (MessageId(uuid::Uuid::nil()), Timestamp::UNIX_EPOCH);
        let (from_name, to_name, reply_to, from, to) = ("", "", None, &from, &to);
        let with = |unsubscribe| {
            let head = Letterhead {
                id,
                from,
                from_name,
                reply_to,
                to,
                to_name,
                date,
                unsubscribe,
                return_path: None,
                feedback_id: None,
                trace: None,
            };
            compose(&head, &parts())
        };
        let url = "https://links.example/r/AXNh-_";
        let mail = with(Some(url)).unwrap();
        let lines = format!(
            "\r\nList-Unsubscribe: <{url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        );
        let (headers, _) = raw(&mail).split_once("\r\n\r\n").unwrap();
        assert!(headers.contains(&lines), "{headers}");
        assert!(!raw(&with(None).unwrap()).contains("List-"));
        let longest = format!("https://{}", "a".repeat(UNSUBSCRIBE_MAX_BYTES - 8));
        let mail = with(Some(&longest)).unwrap();
        assert_eq!(raw(&mail).split("\r\n").map(str::len).max(), Some(998));
        for bad in [&format!("{longest}a"), "https://a>\r\nBcc: b@c", "https://a.example/>", "é"] {
            assert!(with(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_comes_back_goes_elsewhere_and_receivers_count_by_its_id() {
        let (from, to) = (address("salon@example.com"), address("anna@example.net"));
        let returns = address("b+0190163d8694739baea5966c26f8ad91@bounces.example.com");
        let head = Letterhead {
            id: MessageId(uuid::Uuid::nil()),
            from: &from,
            from_name: "",
            reply_to: None,
            to: &to,
            to_name: "",
            date: Timestamp::UNIX_EPOCH,
            unsubscribe: None,
            return_path: Some(&returns),
            feedback_id: Some("booking.reminder:salon-uno:bellhop"),
            trace: None,
        };
        let mail = compose(&head, &parts()).unwrap();
        assert_eq!(mail.from.as_str(), returns.as_str());
        let (headers, _) = raw(&mail).split_once("\r\n\r\n").unwrap();
        assert!(headers.starts_with("From: salon@example.com\r\n"), "{headers}");
        for line in
            ["Feedback-ID: booking.reminder:salon-uno:bellhop", "Auto-Submitted: auto-generated"]
        {
            assert!(headers.split("\r\n").any(|it| it == line), "{headers}");
        }
        assert!(headers.contains("-000000000000@example.com>"), "the Message-ID is the sender's");
        assert!(!headers.contains("bounces"), "{headers}");
        assert!(!headers.contains("X-Traceparent"), "{headers}");
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let traced = Letterhead { trace: TraceContext::parse(trace), ..head };
        let line = format!("\r\nX-Traceparent: {trace}\r\n");
        assert!(raw(&compose(&traced, &parts()).unwrap()).contains(&line));
        let forged = Letterhead { feedback_id: Some("a\r\nBcc: b@c"), ..head };
        assert!(compose(&forged, &parts()).is_err());
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
