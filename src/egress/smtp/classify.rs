//! What an SMTP reply means for the message: a pure table.
//!
//! The enhanced status code (RFC 3463) speaks before the reply code (RFC 5321 §4.2.2), because
//! 550 alone does not tell an unknown mailbox from a spam filter. Nothing is permanent unless
//! both agree; where the lines of a reply disagree, the mildest holds. An address is to blame
//! only when the server said of that address, at its RCPT, that it does not exist.

use crate::domain::outcome::{Outcome, Scope};

use super::mailbox::{Blame, judge};
use super::reply::{Line, Reply};
use super::stage::{Cause, Stage};

const MESSAGE: Outcome = Outcome::Permanent(Scope::Message);
const ADDRESS: Outcome = Outcome::Permanent(Scope::Address);
const PROVIDER: Outcome = Outcome::Permanent(Scope::Provider);
const CONFIGURATION: Outcome = Outcome::Permanent(Scope::Configuration);
const THROTTLED: Outcome = Outcome::Throttled { after: None };

/// The meaning of a reply that is not the one hoped for at this stage.
pub(super) fn classify(stage: Stage, reply: &Reply) -> Outcome {
    match (stage, reply.code) {
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
        _ => mildest(reply.lines.iter().filter_map(|line| refusal(stage, reply.code, line))),
    }
}

/// A message is refused where no line says anything of its own.
fn mildest(said: impl Iterator<Item = Outcome>) -> Outcome {
    let harm = |outcome: &Outcome| match outcome {
        Outcome::Permanent(Scope::Address) => 3,
        Outcome::Permanent(Scope::Provider) => 1,
        Outcome::Permanent(_) => 2,
        _ => 0,
    };
    said.min_by_key(harm).unwrap_or(MESSAGE)
}

/// What one line of a 5yz says, if it says anything by itself.
fn refusal(stage: Stage, code: u16, line: &Line) -> Option<Outcome> {
    let Some(enhanced) = line.enhanced else {
        // RFC 5321 §4.2.3: these three are about mailboxes, and about much else.
        let names_mailboxes = stage == Stage::Rcpt && matches!(code, 550 | 551 | 553);
        return names_mailboxes.then(|| judge(&line.text)).flatten().map(|blame| match blame {
            Blame::Mailbox => ADDRESS,
            Blame::SomethingElse => MESSAGE,
        });
    };
    match (enhanced.class, enhanced.subject, enhanced.detail) {
        (5, 1, 1 | 2 | 3 | 6 | 10) if stage == Stage::Rcpt => Some(ADDRESS),
        // Too large for this system (RFC 3463 §3.4); no conversion, no SMTPUTF8 from here on
        // (RFC 3463 §3.7, RFC 6531 §3.5).
        (5, 3, 4) | (5, 6, 3 | 7 | 9) => Some(PROVIDER),
        (5, _, _) => Some(MESSAGE),
        // A 5yz with a 4.x.x contradicts itself: the milder reading costs only time.
        (4, _, _) => Some(Outcome::Transient),
        _ => None,
    }
}

/// The meaning of a dialogue that broke off without a reply.
pub(super) fn classify_break(stage: Stage, cause: &Cause) -> Outcome {
    match (stage, cause) {
        (_, Cause::Misconfigured(_)) => CONFIGURATION,
        (_, Cause::Unable(_)) => PROVIDER,
        (_, Cause::Busy | Cause::KeptBack(_)) => Outcome::NotTried { after: None },
        (Stage::Final, _) => Outcome::InDoubt,
        _ => Outcome::Transient,
    }
}

#[cfg(test)]
mod tests {
    use super::super::reply::Malformed;
    use super::*;

    fn reply(lines: &[&str]) -> Reply {
        let last = lines.len() - 1;
        let line = |(at, line): (usize, &&str)| match line.split_at(3) {
            (code, rest) if at < last => format!("{code}-{}\r\n", rest.trim_start()),
            _ => format!("{line}\r\n"),
        };
        let text: String = lines.iter().enumerate().map(line).collect();
        Reply::parse(text.as_bytes()).unwrap().unwrap().0
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
            (Rcpt, "550 5.1.6", ADDRESS),
            (Final, "550 5.1.1", MESSAGE),
            (Data, "554 5.1.1", MESSAGE),
            (Mail, "550 5.1.1", MESSAGE),
            (Rcpt, "553", MESSAGE),
            (Rcpt, "550 5.1.0", MESSAGE),
            (Rcpt, "550 5.1.8", MESSAGE),
            (Rcpt, "550 5.2.1", MESSAGE),
            (Rcpt, "550 5.6.7", PROVIDER),
            (Mail, "553 5.6.7", PROVIDER),
            (Final, "554 5.6.9", PROVIDER),
            (Mail, "552 5.3.4", PROVIDER),
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
            assert_eq!(classify(stage, &self::reply(&[reply])), expected, "{stage:?} {reply}");
        }
    }

    #[test]
    fn of_lines_that_disagree_the_mildest_holds() {
        for (lines, expected) in [
            (&["550 5.1.1 unknown", "550 5.1.1 see help"][..], ADDRESS),
            (&["550 5.1.1 unknown", "550 see https://help.example"], ADDRESS),
            (&["550 5.1.1 unknown", "550 5.7.1 not welcome"], MESSAGE),
            (&["550 5.7.1 not welcome", "550 5.1.1 unknown"], MESSAGE),
            (&["550 5.1.1 unknown", "550 4.7.1 greylisted"], Outcome::Transient),
            (&["550 5.1.1 unknown", "550 relaying denied"], MESSAGE),
            // Exim, where the sender is verified by a call to its own server.
            (
                &[
                    "550 Verification failed for <salon@example.com>",
                    "550 No Such User Here",
                    "550 Sender verify failed",
                ],
                MESSAGE,
            ),
            (&["550 No Such User Here", "550 try the directory"], ADDRESS),
            (&["553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"], MESSAGE),
            (&["553 sorry, that domain isn't in my list of allowed rcpthosts"], MESSAGE),
            (&["550 sorry, no mailbox here by that name. (#5.1.1)"], ADDRESS),
        ] {
            assert_eq!(classify(Stage::Rcpt, &reply(lines)), expected, "{lines:?}");
        }
        let words = reply(&["554 user unknown"]);
        assert_eq!(classify(Stage::Rcpt, &words), MESSAGE, "only 550, 551 and 553 are bare");
        let words = reply(&["550 user unknown"]);
        assert_eq!(classify(Stage::Final, &words), MESSAGE, "only of RCPT");
    }

    #[test]
    fn only_a_break_after_the_final_dot_leaves_doubt() {
        let lost = || Cause::Lost(std::io::ErrorKind::ConnectionReset.into());
        for (stage, cause, expected) in [
            (Stage::Connect, Cause::Busy, Outcome::NotTried { after: None }),
            (Stage::Connect, lost(), Outcome::Transient),
            (Stage::Tls, lost(), Outcome::Transient),
            (Stage::Data, Cause::TimedOut, Outcome::Transient),
            (Stage::Body, lost(), Outcome::Transient),
            (Stage::Body, Cause::TimedOut, Outcome::Transient),
            (Stage::Final, lost(), Outcome::InDoubt),
            (Stage::Final, Cause::TimedOut, Outcome::InDoubt),
            (Stage::Final, Cause::Malformed(Malformed("x")), Outcome::InDoubt),
            (Stage::StartTls, Cause::Misconfigured("x"), CONFIGURATION),
            (Stage::Mail, Cause::Unable("x"), PROVIDER),
        ] {
            assert_eq!(classify_break(stage, &cause), expected, "{stage:?} {cause:?}");
        }
    }
}
