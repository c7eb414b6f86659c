//! Whether a short date needs its year.

use jiff::{SignedDuration, Timestamp};

use super::matter::Matter;
use crate::domain::kind::Kind;
use crate::domain::message::Facts;
use crate::domain::zone::Zone;

/// From so far away on, about ten months, a day and a month could be taken for those of another
/// year.
const UNDERSTOOD_WITHIN: SignedDuration = SignedDuration::from_hours(300 * 24);

/// How a short date has its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Year {
    Said,
    /// Nobody would think of another.
    Understood,
}

/// The same for all dates of a letter: the year is said where one of them is far away, or where
/// they differ in it.
pub(super) fn year(matter: &Matter<'_>, zone: &Zone) -> Year {
    let told = || told(matter).into_iter().flatten().chain(others(matter));
    let is_far = |at: Timestamp| at.duration_since(matter.due).abs() > UNDERSTOOD_WITHIN;
    let mut years = told().map(|at| zone.rules().to_datetime(at).year());
    let first = years.next();
    if told().any(is_far) || years.any(|year| Some(year) != first) {
        Year::Said
    } else {
        Year::Understood
    }
}

/// The instants that a text may tell.
fn told(matter: &Matter<'_>) -> [Option<Timestamp>; 3] {
    match matter.facts {
        Facts::Booking(facts) => {
            let free_until = facts.free_until.filter(|_| matter.kind == Kind::AttendanceCheck);
            [Some(facts.starts_at), facts.moved_from, free_until]
        }
        Facts::Queue(facts) => [Some(facts.starts_at), facts.until, None],
        Facts::Link(facts) => [facts.expires_at, None, None],
        Facts::Review(facts) => [Some(facts.starts_at), None, None],
        Facts::WinBack(facts) => [Some(facts.last_visit), None, None],
        Facts::Payment(_)
        | Facts::Sale(_)
        | Facts::Account
        | Facts::Notice(_)
        | Facts::Staff(_) => [None; 3],
    }
}

/// The dates that are told along.
fn others<'a>(matter: &'a Matter<'_>) -> impl Iterator<Item = Timestamp> + 'a {
    let others = match matter.facts {
        Facts::Booking(facts) => facts.others.as_slice(),
        _ => &[],
    };
    others.iter().map(|other| other.starts_at)
}
