//! What a report says of a message of ours.

use super::mime::{Fields, MAIL_MAX_BYTES, Part, parts};
use super::return_path::ReturnPath;
use crate::domain::message::MessageId;
use crate::domain::receipt::{Failure, Report};

/// The longest status code, such as `5.1.1` (RFC 3463 §2).
const STATUS_MAX_CHARS: usize = 11;

/// The parts that say in their own form what became of a message, even if it is not over.
const REPORTS: [&str; 3] =
    ["message/delivery-status", "message/global-delivery-status", "message/feedback-report"];
/// Who writes bounces, as a part of the address or the name (RFC 5321 §4.5.1, RFC 2142 §5).
const SERVERS: [&str; 2] = ["mailer-daemon", "postmaster"];

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
pub fn read(mail: &[u8], return_path: Option<&ReturnPath>) -> Option<Told> {
    let mail = mail.get(..MAIL_MAX_BYTES).unwrap_or(mail);
    let mail = String::from_utf8_lossy(mail);
    let (top, _) = Fields::read(&mail);
    let parts = parts(&mail);
    let came_to = || return_path.and_then(|path| came_to(path, &top, &parts));
    if let Some((report, said)) = parts.iter().find_map(reported) {
        let message = parts.iter().find_map(original).or_else(|| answered(&top));
        return Some(Told { message: message.or_else(came_to)?, report, said });
    }
    let is_report = parts.iter().any(|part| REPORTS.contains(&part.kind.as_str()));
    let (report, said) =
        parts.iter().filter(|_| !is_report).find_map(|part| in_words(&top, part))?;
    Some(Told { message: came_to()?, report, said })
}

/// The message whose own address stands where such a mail was delivered to, or in what came back of
/// the message. The headers that the last servers add come first.
fn came_to(path: &ReturnPath, top: &Fields, parts: &[Part]) -> Option<MessageId> {
    const DELIVERED: [&str; 4] = ["delivered-to", "x-original-to", "envelope-to", "to"];
    const SENT: [&str; 3] = ["return-path", "original-mail-from", "x-return-path"];
    let in_fields = |fields: &Fields, names: &[&str]| {
        names.iter().find_map(|name| path.message(fields.get(name)?))
    };
    let returned = || {
        parts.iter().find_map(|part| {
            let (fields, _) = Fields::read(part.text.trim_start());
            in_fields(&fields, &SENT)
        })
    };
    in_fields(top, &DELIVERED).or_else(returned)
}

/// A bounce of a server that writes it in words alone: a code among them says that it is one
/// (RFC 3463 §2). Others than mail servers are not believed: an answer from a holiday is none.
fn in_words(top: &Fields, part: &Part) -> Option<(Report, String)> {
    let from = top.get("from")?.to_ascii_lowercase();
    let is_server = SERVERS.iter().any(|name| from.contains(name));
    if !is_server || !part.kind.starts_with("text/") {
        return None;
    }
    let words = part.text.split(|c: char| !c.is_ascii_digit() && c != '.');
    let code = words.map(|word| word.trim_matches('.')).find(|word| is_permanent(word))?;
    Some((Report::Undelivered(failure(code)), said("failed", code)))
}

/// `5.x.y`, each of at most three digits.
fn is_permanent(word: &str) -> bool {
    let mut numbers = word.split('.');
    let is_number = |text: Option<&str>| {
        text.is_some_and(|text| (1..=3).contains(&text.len()) && text.parse::<u16>().is_ok())
    };
    numbers.next() == Some("5")
        && is_number(numbers.next())
        && is_number(numbers.next())
        && numbers.next().is_none()
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
    MessageId::of_mail(fields.get("message-id").filter(|_| is_original)?)
}

/// Some send no more back than whose answer it is.
fn answered(top: &Fields) -> Option<MessageId> {
    let references = top.get("references").and_then(|all| all.split_whitespace().last());
    MessageId::of_mail(top.get("in-reply-to").or(references)?)
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
        let told = read(mail.as_bytes(), None);
        told.map(|told| (told.message.to_string(), told.report, told.said))
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
    fn an_address_of_its_own_names_the_message_whatever_came_back_of_it() {
        let path = ReturnPath::parse("b+{message}@bellhop.example").unwrap();
        let own = "b+0190163d8694739baea5966c26f8ad91@bellhop.example";
        let told = |mail: &str| {
            let told = read(mail.as_bytes(), Some(&path))?;
            (told.message.to_string() == ID).then_some((told.report, told.said))
        };
        const BAD: Report = Report::Undelivered(Failure::BadAddress);
        const FAILED: Report = Report::Undelivered(Failure::Failed);
        let nameless = bounce("failed", "5.1.1").replace("Message-ID:", "X-Gone:");
        assert_eq!(told(&nameless), None);
        for header in ["To", "Delivered-To", "X-Original-To", "Envelope-To"] {
            let mail = format!("{header}: <{own}>\r\n{nameless}");
            assert_eq!(told(&mail), Some((BAD, "failed 5.1.1".to_owned())), "{header}");
        }
        let complaint = "Feedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\n";
        for sent in ["Original-Mail-From", "Return-Path"] {
            let fields = format!("{complaint}{sent}: <{own}>\r\n");
            let mail = report("message/feedback-report", &fields, "message/rfc822");
            let mail = mail.replace("Message-ID:", "X-Gone:");
            assert_eq!(told(&mail), Some((Report::Complained, "abuse".to_owned())), "{sent}");
        }
        let words = |from: &str, text: &str| {
            told(&format!("From: {from}\r\nTo: {own}\r\nSubject: failure\r\n\r\n{text}\r\n"))
        };
        let daemon = "Mail Delivery <MAILER-DAEMON@mx.example.net>";
        for (text, expected) in [
            ("<a@b.c>: 550 5.1.1 no such user", Some((BAD, "failed 5.1.1"))),
            ("552-5.2.2 The mailbox is full.", Some((FAILED, "failed 5.2.2"))),
            ("it could not be delivered", None),
            ("451 4.3.0 later; host 5.6.7.8, version 5.1", None),
        ] {
            let expected = expected.map(|(report, said)| (report, said.to_owned()));
            assert_eq!(words(daemon, text), expected, "{text}");
        }
        assert_eq!(words("Anna <anna@example.net>", "I am away, build 5.1.1"), None);
        let delayed = format!("To: {own}\r\n{}", bounce("delayed", "4.4.1"));
        assert_eq!(told(&delayed), None, "it is not over, whatever its words say");
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
