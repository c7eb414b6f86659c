//! What SES says became of a mail
//! (<https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html>, and for what a
//! configuration set publishes
//! <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>).

use serde_json::Value;

use crate::domain::message::MessageId;
use crate::domain::receipt::{Failure, Report};
use crate::gateways::heard::{Heard, bounded, said};

/// Permanent bounces that speak against the address, unless their status speaks for it. Others,
/// such as those of a reader who unsubscribed from a list, do not.
const DEAD: [&str; 4] = ["General", "NoEmail", "Suppressed", "OnAccountSuppressionList"];
/// What a status may be about (RFC 3463 §3) that says nothing of the address: the mailbox, as when
/// it is full (5.2.2), the content, and a policy (5.7.1).
const NOT_THE_ADDRESS: [&str; 3] = ["2", "6", "7"];
/// The longest of SES's own words, in characters.
const WORD_MAX_CHARS: usize = 32;

/// What an event tells. `by_address` knows a message by its return path.
pub(super) fn heard(event: &Value, by_address: impl Fn(&str) -> Option<MessageId>) -> Heard {
    let mail = &event["mail"];
    let kind = event["notificationType"].as_str().or(event["eventType"].as_str());
    let (report, word) = match kind {
        Some("Bounce") => bounce(&event["bounce"], mail),
        Some("Complaint") => complaint(&event["complaint"]),
        Some("Delivery") => (delivery(&event["delivery"], mail), "delivered".to_owned()),
        // It was taken, and will not be sent: there is a virus in it.
        Some("Reject") => (Some(Report::Undelivered(Failure::Failed)), "rejected".to_owned()),
        // A mail that is sent, late, opened, clicked at; a topic that is tried out.
        _ => (None, kind.map(word).unwrap_or_default()),
    };
    let told = message_id(mail);
    let source = || mail["source"].as_str().and_then(by_address);
    let message = told.and_then(MessageId::of_mail).or_else(source);
    // One with a Message-ID that we did not give is another's: nobody need wait until it is known.
    let is_another_s = told.is_some() && message.is_none();
    let theirs = mail["messageId"].as_str().filter(|_| !is_another_s);
    Heard::Receipt {
        message,
        reference: theirs.map(str::to_owned).and_then(bounded),
        report,
        said: said(&word),
    }
}

/// The Message-ID that the mail came with: SES gives it another on its way, and tells the first.
fn message_id(mail: &Value) -> Option<&str> {
    let headers = mail["headers"].as_array().into_iter().flatten();
    let is_id = |header: &&Value| {
        header["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case("message-id"))
    };
    let in_headers = headers.filter(is_id).find_map(|header| header["value"].as_str());
    in_headers.or(mail["commonHeaders"]["messageId"].as_str())
}

/// To whom it went: a mail of ours goes to one.
fn reader(mail: &Value) -> Option<&str> {
    match mail["destination"].as_array()?.as_slice() {
        [one] => one.as_str(),
        _ => None,
    }
}

/// SES tells of a bounce that came at once and of one that came later, and of a temporary one only
/// when it has given up.
fn bounce(bounce: &Value, mail: &Value) -> (Option<Report>, String) {
    let kind = bounce["bounceType"].as_str().unwrap_or_default();
    let why = bounce["bounceSubType"].as_str().unwrap_or_default();
    let reader = reader(mail);
    let mut bounced = bounce["bouncedRecipients"].as_array().into_iter().flatten();
    let of_reader = bounced.find(|of| is_same(of["emailAddress"].as_str(), reader));
    let status = of_reader.and_then(|of| of["status"].as_str()).map(status).unwrap_or_default();
    let is_dead =
        of_reader.is_some() && kind == "Permanent" && DEAD.contains(&why) && is_of_address(&status);
    let failure = if is_dead { Failure::BadAddress } else { Failure::Failed };
    // One to many is none of ours. That another address than the reader's bounces means that
    // theirs leads there.
    let report = reader.map(|_| Report::Undelivered(failure));
    let words = [word(kind), word(why), status];
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    (report, words.join(" "))
}

/// Whether a status may be the address's fault: it is no temporary one (4.x.y), nor about something
/// else. Without one, what SES calls the bounce decides.
fn is_of_address(status: &str) -> bool {
    let mut numbers = status.split('.');
    let (class, subject) = (numbers.next().unwrap_or_default(), numbers.next());
    class != "4" && !subject.is_some_and(|subject| NOT_THE_ADDRESS.contains(&subject))
}

/// Whom a complaint is from receivers often conceal; a mail of ours has one reader.
fn complaint(complaint: &Value) -> (Option<Report>, String) {
    let kind = complaint["complaintFeedbackType"].as_str();
    let why = complaint["complaintSubType"].as_str();
    // As of a complaint that comes as a mail (RFC 5965 §7.3): "not-spam" is the contrary of one,
    // and "auth-failure" is no reader's.
    let is_complaint = matches!(kind, None | Some("abuse" | "fraud" | "virus" | "other"));
    let report = is_complaint.then_some(Report::Complained);
    (report, word(kind.or(why).unwrap_or("complaint")))
}

fn delivery(delivery: &Value, mail: &Value) -> Option<Report> {
    let reader = reader(mail);
    let mut delivered = delivery["recipients"].as_array().into_iter().flatten();
    delivered.any(|of| is_same(of.as_str(), reader)).then_some(Report::Delivered)
}

fn is_same(address: Option<&str>, reader: Option<&str>) -> bool {
    address.zip(reader).is_some_and(|(address, reader)| address.eq_ignore_ascii_case(reader))
}

/// Letters and hyphens only: no address is among them.
fn word(text: &str) -> String {
    let letters = text.chars().take_while(|c| c.is_ascii_alphabetic() || *c == '-');
    letters.take(WORD_MAX_CHARS).collect()
}

/// Digits and dots.
fn status(text: &str) -> String {
    let code = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.');
    code.take(WORD_MAX_CHARS).collect()
}
