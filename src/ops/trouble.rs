//! What of how everything stands wants a look, in words: the first thing to read at night.
//!
//! Pure: [`super::now`] gathers, this judges.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::board::{Counting, LateTenant, Queue};
use super::health::Check;
use super::instances::{Doing, Instance};
use crate::actors::ProviderStanding;
use crate::domain::kind::Lane;

/// Events that nobody has taken for so long do not reach those who wait for them.
const EVENTS_LATE: Duration = Duration::from_secs(5 * 60);
/// What was counted longer ago says little of now.
const COUNTED_LATE: Duration = Duration::from_secs(2 * 60);
/// So many tenants are named where a lane is late.
const NAMED_MAX: usize = 3;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Clients notice: now.
    Bad,
    /// Somebody should look, in daylight.
    Look,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Trouble {
    pub weight: Weight,
    /// What it is about: `check`, `lane`, `provider`, `tenant`, `instance`, `dead_letters`,
    /// `events` or `counting`.
    pub what: &'static str,
    /// The lane, provider, tenant or whatever it is, by its name.
    pub name: String,
    /// In words.
    pub says: String,
}

/// A tenant that wants a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TroubledTenant {
    pub tenant: String,
    /// Who set it aside: an `operator`, or its `crashes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parked_by: Option<&'static str>,
    /// The channels on which an operator limited it.
    pub limited: Vec<&'static str>,
    /// The lanes in which its messages wait beyond the lane's patience, the most urgent first.
    pub late: Vec<LateLane>,
    /// How many of the latest dead letters are its.
    pub dead_letters: u64,
}

/// A lane in which a tenant is late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LateLane {
    pub lane: &'static str,
    /// How many of its messages are.
    pub messages: usize,
    /// How long the first of them has been due, in seconds.
    pub oldest_due_s: u64,
}

impl TroubledTenant {
    /// One of whom nothing is known yet.
    pub fn new(tenant: &str) -> Self {
        Self {
            tenant: tenant.to_owned(),
            parked_by: None,
            limited: Vec::new(),
            late: Vec::new(),
            dead_letters: 0,
        }
    }
}

/// What is judged.
pub struct Facts<'a> {
    /// When it is looked at.
    pub now: Timestamp,
    /// Nothing before the first.
    pub counting: Option<&'a Counting>,
    pub checks: &'a [Check],
    pub providers: &'a [ProviderStanding],
    pub tenants: &'a [TroubledTenant],
    pub instances: &'a [Instance],
}

/// How late the first of a lane's messages may be until somebody notices.
pub fn patience(lane: Lane) -> Duration {
    match lane {
        Lane::Urgent => Duration::from_secs(60),
        Lane::Transactional => Duration::from_secs(5 * 60),
        Lane::Scheduled => Duration::from_secs(15 * 60),
        Lane::Bulk => Duration::from_secs(60 * 60),
    }
}

/// The worst first.
pub fn troubles(facts: &Facts<'_>) -> Vec<Trouble> {
    let mut found: Vec<Trouble> = facts.checks.iter().filter_map(check).collect();
    if let Some(counting) = facts.counting {
        found.extend(lanes(counting));
        found.extend(counting.unpublished.and_then(events));
        found.extend(counted(counting, facts.now));
        found.extend(given_up(counting));
    }
    found.extend(facts.providers.iter().filter_map(|of| provider(of, facts.providers)));
    found.extend(facts.tenants.iter().filter_map(tenant));
    found.extend(facts.instances.iter().filter_map(instance));
    found.sort_by_key(|trouble| trouble.weight);
    found
}

fn check(check: &Check) -> Option<Trouble> {
    let says = check.hint.as_deref().unwrap_or("does not work").to_owned();
    (!check.ok).then(|| Trouble {
        weight: Weight::Bad,
        what: "check",
        name: check.name.into(),
        says,
    })
}

fn lanes(counting: &Counting) -> impl Iterator<Item = Trouble> {
    let late = |(lane, queue): (Lane, &Queue)| {
        let is_late = queue.messages > 0 && queue.oldest > patience(lane);
        let says = format!(
            "{} should have left, the first of them {} ago{}",
            counted_as(queue.messages as u64, "message"),
            roughly(queue.oldest),
            whose(lane, &counting.late)
        );
        let weight = match lane {
            Lane::Urgent | Lane::Transactional => Weight::Bad,
            Lane::Scheduled | Lane::Bulk => Weight::Look,
        };
        is_late.then(|| Trouble { weight, what: "lane", name: lane.as_str().to_owned(), says })
    };
    Lane::ALL.into_iter().zip(&counting.lanes).filter_map(late)
}

/// Who waits longest in a lane: `: of salon-uno`, `: of a, b, c and others`.
fn whose(lane: Lane, late: &[LateTenant]) -> String {
    let names: Vec<&str> =
        late.iter().filter(|of| of.lane == lane).map(|of| of.tenant.as_str()).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!(": of {one}"),
        [some @ .., last] if names.len() <= NAMED_MAX => {
            format!(": of {} and {last}", some.join(", "))
        }
        all => format!(": of {} and others", all[..NAMED_MAX].join(", ")),
    }
}

fn events(queue: Queue) -> Option<Trouble> {
    let says = format!(
        "{} not published, the first of them {} old",
        counted_as(queue.messages as u64, "event"),
        roughly(queue.oldest)
    );
    (queue.oldest > EVENTS_LATE).then(|| Trouble {
        weight: Weight::Bad,
        what: "events",
        name: "events".to_owned(),
        says,
    })
}

fn counted(counting: &Counting, now: Timestamp) -> Option<Trouble> {
    let age = Duration::try_from(now.duration_since(counting.at)).unwrap_or_default();
    let says = format!("what waits was last counted {} ago", roughly(age));
    (age > COUNTED_LATE).then(|| Trouble {
        weight: Weight::Look,
        what: "counting",
        name: "counting".to_owned(),
        says,
    })
}

fn given_up(counting: &Counting) -> impl Iterator<Item = Trouble> {
    let all = [
        ("dead", counting.dead, "given up"),
        ("unknown", counting.unknown, "perhaps sent, and not sent again"),
        ("unreadable", counting.unreadable, "not readable by this version"),
    ];
    all.into_iter().filter(|(_, count, _)| *count > 0).map(|(name, count, why)| Trouble {
        weight: Weight::Look,
        what: "dead_letters",
        name: name.to_owned(),
        says: format!("{} {why}", counted_as(count, "message")),
    })
}

fn provider(of: &ProviderStanding, all: &[ProviderStanding]) -> Option<Trouble> {
    let mut others = all.iter().filter(|other| other.channel == of.channel);
    let is_last = others.all(|other| other.circuit == "open");
    let (weight, says) = match of.circuit {
        "open" if is_last => (Weight::Bad, format!("{} cannot leave: nobody is asked", of.channel)),
        "open" => (Weight::Look, "is left alone; others carry what it would".to_owned()),
        "half_open" => (Weight::Look, "is tried out again".to_owned()),
        _ => return None,
    };
    let last = of.last_error.as_ref().map(|said| format!(". It said: {said}"));
    let says = format!("{says}{}", last.unwrap_or_default());
    Some(Trouble { weight, what: "provider", name: of.name.clone(), says })
}

fn tenant(of: &TroubledTenant) -> Option<Trouble> {
    let (weight, says) = match of.parked_by {
        Some("crashes") => (Weight::Bad, "was set aside: it kept crashing"),
        Some(_) => (Weight::Look, "is parked by an operator: nothing is taken of it"),
        None => return None,
    };
    Some(Trouble { weight, what: "tenant", name: of.tenant.clone(), says: says.to_owned() })
}

fn instance(of: &Instance) -> Option<Trouble> {
    (of.state == Doing::Silent).then(|| Trouble {
        weight: Weight::Look,
        what: "instance",
        name: of.name.clone(),
        says: "gave no sign of life lately".to_owned(),
    })
}

fn counted_as(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A span in the largest unit of which there are two: `90 s`, `3 min`, `5 h`, `2 days`.
pub fn roughly(span: Duration) -> String {
    match span.as_secs() {
        seconds @ ..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(facts: &Facts<'_>) -> Vec<(Weight, &'static str, String, String)> {
        let parts = |of: Trouble| (of.weight, of.what, of.name, of.says);
        troubles(facts).into_iter().map(parts).collect()
    }

    fn nothing() -> Facts<'static> {
        Facts {
            now: Timestamp::UNIX_EPOCH,
            counting: None,
            checks: &[],
            providers: &[],
            tenants: &[],
            instances: &[],
        }
    }

    fn late(seconds: [u64; 4]) -> Counting {
        let queue = |of| Queue { messages: 2, oldest: Duration::from_secs(of) };
        Counting { lanes: seconds.map(queue).to_vec(), ..Counting::default() }
    }

    #[test]
    fn where_all_is_well_nothing_is_told() {
        let counting = late([60, 300, 900, 3600]);
        assert_eq!(told(&Facts { counting: Some(&counting), ..nothing() }), []);
    }

    #[test]
    fn a_lane_that_is_late_is_told_by_how_much_it_matters() {
        let counting = late([61, 0, 901, 0]);
        let facts = Facts { counting: Some(&counting), ..nothing() };
        let says = |ago: &str| format!("2 messages should have left, the first of them {ago} ago");
        assert_eq!(
            told(&facts),
            [
                (Weight::Bad, "lane", "urgent".to_owned(), says("61 s")),
                (Weight::Look, "lane", "scheduled".to_owned(), says("15 min")),
            ]
        );
    }

    #[test]
    fn a_late_lane_says_who_waits() {
        let late = |tenants: &[&str]| {
            let of = |(lane, tenant): (Lane, &&str)| LateTenant {
                tenant: (*tenant).to_owned(),
                lane,
                queue: Queue::default(),
            };
            let elsewhere = of((Lane::Bulk, &"elsewhere"));
            let here = tenants.iter().map(|tenant| of((Lane::Urgent, tenant)));
            let all: Vec<_> = here.chain([elsewhere]).collect();
            whose(Lane::Urgent, &all)
        };
        assert_eq!(late(&[]), "");
        assert_eq!(late(&["a"]), ": of a");
        assert_eq!(late(&["a", "b"]), ": of a and b");
        assert_eq!(late(&["a", "b", "c"]), ": of a, b and c");
        assert_eq!(late(&["a", "b", "c", "d"]), ": of a, b, c and others");
    }

    #[test]
    fn what_is_broken_stands_before_what_was_given_up() {
        let counting = Counting { dead: 1, ..Counting::default() };
        let checks = [Check { name: "store", ok: false, hint: Some("it is away".into()) }];
        let parked = |by| {
            let tenant = TroubledTenant::new(&format!("of-{by}"));
            TroubledTenant { parked_by: Some(by), ..tenant }
        };
        let tenants = [parked("operator"), parked("crashes")];
        let facts =
            Facts { counting: Some(&counting), checks: &checks, tenants: &tenants, ..nothing() };
        let names: Vec<String> = told(&facts).into_iter().map(|(_, _, name, _)| name).collect();
        assert_eq!(names, ["store", "of-crashes", "dead", "of-operator"]);
    }

    #[test]
    fn spans_are_told_roughly() {
        for (seconds, words) in [(119, "119 s"), (120, "2 min"), (7200, "2 h"), (172_800, "2 days")]
        {
            assert_eq!(roughly(Duration::from_secs(seconds)), words);
        }
    }
}
