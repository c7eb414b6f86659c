//! What a report says of a message of ours.

use super::mime::{Fields, MAIL_MAX_BYTES, Part, parts};
use crate::domain::message::MessageId;
use crate::domain::receipt::{Failure, Report};

/// The longest status code, such as `5.1.1` (RFC 3463 §2).
const STATUS_MAX_CHARS: usize = 11;

/// What is reported of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub message: MessageId,
    pub report: Report,
    /// In a word or two, without an address: `failed 5.1.1`, `abuse`.
    pub said: String,
}

/// What a mail reports, if it is a final report of a message of ours. That a message is late, or
/// was passed on, is none.
pub fn read(mail: &[u8]) -> Option<Told> {
    let mail = mail.get(..MAIL_MAX_BYTES).unwrap_or(mail);
    let mail = String::from_utf8_lossy(mail);
    let (top, _) = Fields::read(&mail);
    let parts = parts(&mail);
    let (report, said) = parts.iter().find_map(reported)?;
    let message = parts.iter().find_map(original).or_else(|| answered(&top))?;
    Some(Told { message, report, said })
}

fn reported(part: &Part) -> Option<(Report, String)> {
    match part.kind.as_str() {
        "message/delivery-status" | "message/global-delivery-status" => delivery(&part.text),
        "message/feedback-report" => feedback(&part.text),
        _ => None,
    }
}

/// Of several recipients the first that has a final action: our mails have one each. The first
/// group of fields is of the whole mail (RFC 3464 §2.1).
fn delivery(text: &str) -> Option<(Report, String)> {
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (fields, more) = Fields::read(rest);
        rest = more.trim_start();
        let Some(action) = fields.get("action") else { continue };
        let status = status(fields.get("status").unwrap_or_default());
        match word(action).as_str() {
            "delivered" => return Some((Report::Delivered, said("delivered", &status))),
            "failed" => {
                let report = Report::Undelivered(failure(&status));
                return Some((report, said("failed", &status)));
            }
            // "delayed", "relayed", "expanded": it is not over, or nobody will know.
            _ => {}
        }
    }
    None
}

/// RFC 5965 §3.1.
fn feedback(text: &str) -> Option<(Report, String)> {
    let (fields, _) = Fields::read(text.trim_start());
    let kind = word(fields.get("feedback-type")?);
    let is_complaint = matches!(kind.as_str(), "abuse" | "fraud" | "virus" | "other");
    is_complaint.then_some((Report::Complained, kind))
}

/// Only what says that there is no such address, or that it is none, speaks against the address
/// (RFC 3463 §3.2), the same as where a server says so at once. A full mailbox (5.2.2), a policy
/// (5.7.x) and whatever was only late do not.
fn failure(status: &str) -> Failure {
    match status {
        "5.1.1" | "5.1.2" | "5.1.3" | "5.1.6" | "5.1.10" => Failure::BadAddress,
        _ => Failure::Failed,
    }
}

/// Digits and dots, without the comment that may follow.
fn status(text: &str) -> String {
    let code = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.');
    code.take(STATUS_MAX_CHARS).collect()
}

fn word(text: &str) -> String {
    let letters = text.trim().chars().take_while(|c| c.is_ascii_alphabetic() || *c == '-');
    letters.take(32).collect::<String>().to_ascii_lowercase()
}

fn said(action: &str, status: &str) -> String {
    if status.is_empty() { action.to_owned() } else { format!("{action} {status}") }
}

/// Our message, out of what came back of it.
fn original(part: &Part) -> Option<MessageId> {
    let is_original = matches!(
        part.kind.as_str(),
        "message/rfc822" | "text/rfc822-headers" | "message/global" | "message/global-headers"
    );
    let (fields, _) = Fields::read(part.text.trim_start());
    named(fields.get("message-id").filter(|_| is_original)?)
}

/// Some send no more back than whose answer it is.
fn answered(top: &Fields) -> Option<MessageId> {
    let references = top.get("references").and_then(|all| all.split_whitespace().last());
    named(top.get("in-reply-to").or(references)?)
}

/// The message of `<id@domain>`.
fn named(message_id: &str) -> Option<MessageId> {
    let id = message_id.trim().trim_start_matches('<').split('@').next()?;
    Some(MessageId(id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0190163d-8694-739b-aea5-966c26f8ad91";

    fn report(kind: &str, fields: &str, original: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mx.example.net\r\nTo: post@bellhop.example\r\n\
             Content-Type: multipart/report; report-type=x; boundary=\"b\"\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nThis is the mail system at host mx.\r\n\
             --b\r\nContent-Type: {kind}\r\n\r\n{fields}\r\n\
             --b\r\nContent-Type: {original}\r\n\r\nSubject: x\r\n\
             Message-ID: <{ID}@bellhop.example>\r\n\r\n--b--\r\n"
        )
    }

    fn bounce(action: &str, status: &str) -> String {
        let fields = format!(
            "Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; anna@example.net\
             \r\nAction: {action}\r\nStatus: {status}\r\n\
             Diagnostic-Code: smtp; 550 5.1.1 <anna@example.net>: no\r\n"
        );
        report("message/delivery-status", &fields, "text/rfc822-headers")
    }

    fn told(mail: &str) -> Option<(String, Report, String)> {
        read(mail.as_bytes()).map(|told| (told.message.to_string(), told.report, told.said))
    }

    #[test]
    fn a_status_says_whether_the_address_is_to_blame() {
        const BAD: Report = Report::Undelivered(Failure::BadAddress);
        const FAILED: Report = Report::Undelivered(Failure::Failed);
        for (action, status, expected) in [
            ("failed", "5.1.1", Some((BAD, "failed 5.1.1"))),
            ("Failed", "5.1.10 (no such recipient)", Some((BAD, "failed 5.1.10"))),
            ("failed", "5.1.2", Some((BAD, "failed 5.1.2"))),
            ("failed", "5.2.2", Some((FAILED, "failed 5.2.2"))),
            ("failed", "5.7.1", Some((FAILED, "failed 5.7.1"))),
            ("failed", "4.4.7", Some((FAILED, "failed 4.4.7"))),
            ("failed", "anna@example.net", Some((FAILED, "failed"))),
            ("delivered", "2.0.0", Some((Report::Delivered, "delivered 2.0.0"))),
            ("delayed", "4.4.1", None),
            ("relayed", "2.0.0", None),
        ] {
            let expected = expected.map(|(report, said)| (ID.to_owned(), report, said.to_owned()));
            assert_eq!(told(&bounce(action, status)), expected, "{action} {status}");
            let bare = bounce(action, status).replace("\r\n", "\n");
            assert_eq!(told(&bare), expected, "with bare line feeds");
        }
    }

    #[test]
    fn a_complaint() {
        for (kind, expected) in [
            ("abuse", Some("abuse")),
            ("Fraud", Some("fraud")),
            ("not-spam", None),
            ("auth-failure", None),
        ] {
            let fields = format!("Feedback-Type: {kind}\r\nUser-Agent: x/1\r\nVersion: 1\r\n");
            let mail = report("message/feedback-report", &fields, "message/rfc822");
            let expected =
                expected.map(|said| (ID.to_owned(), Report::Complained, said.to_owned()));
            assert_eq!(told(&mail), expected, "{kind}");
        }
    }

    #[test]
    fn what_is_no_report_of_ours_tells_nothing() {
        let of_another = bounce("failed", "5.1.1").replace(ID, "someone-else");
        let holiday = format!(
            "Subject: I am away\r\nAuto-Submitted: auto-replied\r\nIn-Reply-To: <{ID}@x>\r\n\r\nBye"
        );
        for mail in [of_another.as_str(), &holiday, "", "Content-Type: multipart/report\r\n\r\n"] {
            assert_eq!(told(mail), None, "{mail}");
        }
        let without = bounce("failed", "5.1.1").replace("Message-ID:", "X-Gone:");
        assert_eq!(told(&without), None);
        let answering = format!("In-Reply-To: <{ID}@bellhop.example>\r\n{without}");
        assert_eq!(told(&answering).unwrap().0, ID);
    }
}
