//! What an SMTP reply means for the message: a pure table.
//!
//! The enhanced status code (RFC 3463) speaks before the reply code (RFC 5321 §4.2.2), because
//! 550 alone does not tell an unknown mailbox from a spam filter. Nothing is permanent unless
//! both agree, and an address is to blame only when the server said that it does not exist.

use crate::domain::outcome::{Outcome, Scope};

use super::reply::Enhanced;
use super::stage::{Cause, Stage};

const MESSAGE: Outcome = Outcome::Permanent(Scope::Message);
const ADDRESS: Outcome = Outcome::Permanent(Scope::Address);
const CONFIGURATION: Outcome = Outcome::Permanent(Scope::Configuration);
const THROTTLED: Outcome = Outcome::Throttled { after: None };

/// The meaning of a reply that is not the one hoped for at this stage.
pub(super) fn classify(stage: Stage, code: u16, enhanced: Option<Enhanced>) -> Outcome {
    match (stage, code) {
        // "Service not available, closing transmission channel": too much, or going down.
        (_, 421) => THROTTLED,
        // The host refuses service to everybody; the message was never seen.
        (Stage::Banner | Stage::Ehlo | Stage::Reset, _) => Outcome::Transient,
        // RFC 3207 §4 and RFC 4954 §4.7.1: temporary failures are 4yz.
        (Stage::StartTls | Stage::Auth, 500..) => CONFIGURATION,
        (Stage::StartTls | Stage::Auth, _) => Outcome::Transient,
        // Authentication or encryption required, too weak or wrong (RFC 4954 §6, RFC 3207 §4).
        (_, 530 | 534 | 535 | 538) => CONFIGURATION,
        // Whatever this answers, it is not the message.
        (Stage::Final, ..400) => Outcome::InDoubt,
        // A success or a question where none was due, or "bad sequence": out of step.
        (_, ..400 | 503) => Outcome::Transient,
        (_, 454) => THROTTLED,
        (_, 400..500) => Outcome::Transient,
        (stage, code) => permanent(stage, code, enhanced),
    }
}

fn permanent(stage: Stage, code: u16, enhanced: Option<Enhanced>) -> Outcome {
    // At MAIL it is the sender's address that is judged.
    let of_recipient = matches!(stage, Stage::Rcpt | Stage::Data | Stage::Final);
    let triple = enhanced.map(|enhanced| (enhanced.class, enhanced.subject, enhanced.detail));
    match triple {
        // A 5yz with a 4.x.x contradicts itself: the milder reading costs only time.
        Some((4, _, _)) => Outcome::Transient,
        // Bad mailbox, bad system, bad syntax; 10: the domain takes no mail (RFC 7505 §4.2).
        Some((5, 1, 1 | 2 | 3 | 10)) if of_recipient => ADDRESS,
        Some((5, _, _)) => MESSAGE,
        // "Mailbox name not allowed (e.g., mailbox syntax incorrect)".
        _ if code == 553 && of_recipient => ADDRESS,
        _ => MESSAGE,
    }
}

/// The meaning of a dialogue that broke off without a reply.
pub(super) fn classify_break(stage: Stage, cause: &Cause) -> Outcome {
    match (stage, cause) {
        (_, Cause::Misconfigured(_)) => CONFIGURATION,
        (_, Cause::Unaddressable(_)) => ADDRESS,
        (_, Cause::Busy | Cause::Unwanted) => THROTTLED,
        (Stage::Final, _) => Outcome::InDoubt,
        _ => Outcome::Transient,
    }
}

#[cfg(test)]
mod tests {
    use super::super::reply::Malformed;
    use super::*;

    fn code(text: &str) -> (u16, Option<Enhanced>) {
        let (code, rest) = text.split_once(' ').unwrap_or((text, ""));
        let enhanced = (!rest.is_empty()).then(|| {
            let numbers: Vec<u16> = rest.split('.').map(|n| n.parse().unwrap()).collect();
            Enhanced {
                class: u8::try_from(numbers[0]).unwrap(),
                subject: numbers[1],
                detail: numbers[2],
            }
        });
        (code.parse().unwrap(), enhanced)
    }

    #[test]
    fn replies_mean_what_the_table_says() {
        use Stage::{Auth, Banner, Data, Ehlo, Final, Mail, Rcpt, StartTls};
        let transient = Outcome::Transient;
        for (stage, reply, expected) in [
            (Banner, "421", THROTTLED),
            (Mail, "421 4.3.2", THROTTLED),
            (Final, "421 4.7.0", THROTTLED),
            (Banner, "554", transient.clone()),
            (Banner, "554 5.7.1", transient.clone()),
            (Banner, "450", transient.clone()),
            (Ehlo, "550", transient.clone()),
            (StartTls, "454", transient.clone()),
            (StartTls, "501", CONFIGURATION),
            (Auth, "454 4.7.0", transient.clone()),
            (Auth, "535 5.7.8", CONFIGURATION),
            (Auth, "504", CONFIGURATION),
            (Mail, "530 5.7.0", CONFIGURATION),
            (Rcpt, "535", CONFIGURATION),
            (Rcpt, "450", transient.clone()),
            (Rcpt, "450 4.2.1", transient.clone()),
            (Rcpt, "451 4.7.1", transient.clone()),
            (Rcpt, "452", transient.clone()),
            (Rcpt, "452 4.5.3", transient.clone()),
            (Rcpt, "454", THROTTLED),
            (Final, "454 4.7.0", THROTTLED),
            (Rcpt, "503", transient.clone()),
            (Rcpt, "503 5.5.1", transient.clone()),
            (Rcpt, "354", transient.clone()),
            (Data, "250", transient.clone()),
            (Final, "354", Outcome::InDoubt),
            (Final, "503", transient.clone()),
            (Rcpt, "550 5.1.1", ADDRESS),
            (Rcpt, "550 5.1.2", ADDRESS),
            (Rcpt, "501 5.1.3", ADDRESS),
            (Rcpt, "556 5.1.10", ADDRESS),
            (Final, "550 5.1.1", ADDRESS),
            (Rcpt, "553", ADDRESS),
            (Mail, "553", MESSAGE),
            (Mail, "550 5.1.2", MESSAGE),
            (Rcpt, "550", MESSAGE),
            (Rcpt, "553 5.7.1", MESSAGE),
            (Rcpt, "550 5.7.1", MESSAGE),
            (Rcpt, "554 5.7.1", MESSAGE),
            (Final, "554 5.7.0", MESSAGE),
            (Rcpt, "552 5.2.2", MESSAGE),
            (Final, "552", MESSAGE),
            (Final, "554", MESSAGE),
            (Mail, "555 5.5.4", MESSAGE),
            (Rcpt, "550 4.2.2", transient.clone()),
            (Rcpt, "450 5.1.1", transient),
        ] {
            let (number, enhanced) = code(reply);
            assert_eq!(classify(stage, number, enhanced), expected, "{stage:?} {reply}");
        }
    }

    #[test]
    fn only_a_break_after_the_final_dot_leaves_doubt() {
        let lost = || Cause::Lost(std::io::ErrorKind::ConnectionReset.into());
        for (stage, cause, expected) in [
            (Stage::Connect, Cause::Busy, THROTTLED),
            (Stage::Connect, lost(), Outcome::Transient),
            (Stage::Tls, lost(), Outcome::Transient),
            (Stage::Data, Cause::TimedOut, Outcome::Transient),
            (Stage::Body, lost(), Outcome::Transient),
            (Stage::Body, Cause::TimedOut, Outcome::Transient),
            (Stage::Final, lost(), Outcome::InDoubt),
            (Stage::Final, Cause::TimedOut, Outcome::InDoubt),
            (Stage::Final, Cause::Malformed(Malformed("x")), Outcome::InDoubt),
            (Stage::StartTls, Cause::Misconfigured("x"), CONFIGURATION),
            (Stage::Mail, Cause::Unaddressable("x"), ADDRESS),
        ] {
            assert_eq!(classify_break(stage, &cause), expected, "{stage:?} {cause:?}");
        }
    }
}
