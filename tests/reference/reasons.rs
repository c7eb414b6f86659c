//! The page of reasons.

use bellhop::domain::RejectionReason;
use bellhop::domain::policy::SkipReason;
use bellhop::domain::receipt::{Failure, Suppression};
use bellhop::domain::status::MessageStatus;
use bellhop::web::refusal::{Reason as _, Refusal};
use bellhop::wire::UnreadableReason;

use crate::markdown::{code, head, prose, table};

const ABOUT: &str = "Whatever is not done has a reason, by a name that does not change. Programs look \
at the name; people read the `detail` beside it.";
const SKIPPED: &str = "The `reason` of `message.skipped`, of rows of `bellhop messages`, and in \
`explain`. The rules are asked in this order, and the first that says no is the reason \
([the ladder](../domain.md#may-this-message-go)).";
const REJECTED: &str = "The `reason` of `command.rejected`, of an answer over HTTP with `result` \
`rejected`, and the label `result` of `bellhop_commands_total`. Nothing has changed.";
const UNREADABLE: &str = "Over HTTP the `reason` of the answer; over AMQP the command is laid into \
`bellhop.commands.dead`, with the reason in the header `x-bellhop-reason` \
([what to do then](../dead-letters.md#commands-that-were-laid-aside)).";

const REFUSED: &str = "The `reason` of any other error over HTTP ([the statuses](../http.md)). \
It is about the request, not about one command: nothing of it was taken, except where `detail` says that \
this is not known.";

const STATUSES: &str = "The `status` of a message, in lists, in `explain` and in the label `outcome` of \
`bellhop_messages_total`. Those that are given up are `expired`, `dead`, `unknown` and `discarded`; of these `dead` and `unknown` are \
[dead letters](../dead-letters.md).";
const FAILURES: &str = "The `reason` of `message.undelivered`: a provider reported it after it took the \
message.";
const SUPPRESSIONS: &str = "The `reason` of `client.suppressed`, and of rows of `bellhop suppressions` \
([how to lift it](../watching.md#to-whom-nothing-goes)).";

pub fn page() -> String {
    let skipped = SkipReason::ALL.iter().map(|reason| (reason.as_str(), reason.meaning()));
    let rejected = RejectionReason::ALL.iter().map(|reason| (reason.as_str(), reason.meaning()));
    let unreadable = UnreadableReason::ALL.iter().map(|reason| (reason.as_str(), reason.meaning()));
    [
        head("Reasons", ABOUT),
        section("Why a message is not sent", SKIPPED, skipped),
        section("Why a command is refused", REJECTED, rejected),
        section("Why a command cannot be read", UNREADABLE, unreadable),
        refused(),
        section("What becomes of a message", STATUSES, MessageStatus::ALL.map(status).into_iter()),
        section("Why a message did not arrive", FAILURES, Failure::ALL.map(failure).into_iter()),
        section(
            "Why nothing goes to an address",
            SUPPRESSIONS,
            Suppression::ALL.map(suppression).into_iter(),
        ),
    ]
    .concat()
}

fn refused() -> String {
    let row = |refusal: &Refusal| {
        let status = refusal.status().as_u16().to_string();
        [code(refusal.name()), status, prose(refusal.meaning())]
    };
    let rows: Vec<_> = Refusal::ALL.iter().map(row).collect();
    let table = table(["reason", "status", "means"], &rows);
    format!("\n## Why a request is refused\n\n{REFUSED}\n\n{table}")
}

fn section<'a>(
    title: &str,
    about: &str,
    reasons: impl Iterator<Item = (&'a str, &'a str)>,
) -> String {
    let rows: Vec<_> = reasons.map(|(name, meaning)| [code(name), prose(meaning)]).collect();
    format!("\n## {title}\n\n{about}\n\n{}", table(["reason", "means"], &rows))
}

fn status(status: MessageStatus) -> (&'static str, &'static str) {
    let meaning = match status {
        MessageStatus::Ready => "It waits for its time, for room or for its next attempt.",
        MessageStatus::Sending => "It is with a dispatcher, or on the wire.",
        MessageStatus::Sent => "A provider took responsibility for it.",
        MessageStatus::Withdrawn => "Something newer took its place before it left.",
        MessageStatus::Expired => "It would have come too late.",
        MessageStatus::Dead => "It was refused for good, or its attempts were used up.",
        MessageStatus::Unknown => "It may have arrived, and is not sent twice.",
        MessageStatus::Discarded => "It was given up, and an operator threw it away.",
    };
    (status.as_str(), meaning)
}

fn failure(failure: Failure) -> (&'static str, &'static str) {
    let meaning = match failure {
        Failure::Failed => "It did not arrive this time; the address may be good all the same.",
        Failure::BadAddress => "Nothing will ever arrive there.",
    };
    (failure.as_str(), meaning)
}

fn suppression(suppression: Suppression) -> (&'static str, &'static str) {
    let meaning = match suppression {
        Suppression::BadAddress => "There is no such address, number or device.",
        Suppression::Complained => "Its owner called a message spam.",
    };
    (suppression.as_str(), meaning)
}
