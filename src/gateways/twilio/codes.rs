//! What Twilio's error codes mean (<https://www.twilio.com/docs/api/errors>). A code that is not
//! here means what its HTTP status does.

use crate::domain::outcome::{Outcome, Scope};
use crate::domain::receipt::{Failure, Report};
use crate::gateways::meaning::Meaning;

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Means(Meaning),
    /// This account cannot carry the message with this sender, or to that country; another provider
    /// may. It says nothing of the account's other messages: the sender may be a tenant's own.
    NotHere,
}

/// The outcome of [`Refusal::NotHere`].
pub(super) const NOT_HERE: Outcome = Outcome::Permanent(Scope::Provider);

/// What a request that was answered with this code came to.
pub(super) fn refusal(code: u64) -> Option<Refusal> {
    use Refusal::{Means, NotHere};
    Some(match code {
        // Login, account, test credentials, no such account; a callback that is no address; the
        // messaging service, and who is in it.
        20003 | 20005 | 20006 | 20008 | 20404 | 21609 | 21701 | 21703 | 21704 | 21705 => {
            Means(Meaning::Configuration)
        }
        // Too many at once, too fast, or ten hours of messages wait for the number.
        14107 | 20429 | 21611 => Means(Meaning::Throttled),
        // No number, none that can have texts, a short code, a landline.
        21211 | 21217 | 21265 | 21614 | 21635 => Means(Meaning::BadAddress),
        21610 => Means(Meaning::OptedOut),
        // The sender: none, not of the account, cannot send texts, no names here, to itself…
        21212 | 21266 | 21267 | 21603 | 21606 | 21659 | 21660 | 21661 => NotHere,
        // …this sender to that number; that country; an unverified number of a trial; too long.
        21408 | 21612 | 21608 | 21605 | 21617 => NotHere,
        _ => return None,
    })
}

/// What became of a message, by its status and its error code; nothing of one on the way.
pub(super) fn report(status: &str, code: Option<u64>) -> Option<Report> {
    match status {
        "delivered" | "read" => Some(Report::Delivered),
        "undelivered" | "failed" | "canceled" => Some(Report::Undelivered(match code {
            // Unknown, a landline; what a request would have been refused for.
            Some(30005 | 30006 | 21211 | 21610 | 21614 | 21635) => Failure::BadAddress,
            _ => Failure::Failed,
        })),
        _ => None,
    }
}
