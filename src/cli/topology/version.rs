//! The broker's version, and what is known of some.

use super::report::{Point, State};

/// With quorum queues whose dead letters go at least once.
const OLDEST: Version = Version(3, 10, 0);
/// Where `x-modulus-hash` is no plugin any more.
const HASH_IN_CORE: Version = Version(4, 3, 0);
/// The metadata store in which, before [`HASH_IN_CORE`], queues have no order.
const KHEPRI: &str = "khepri_db";

/// Major, minor and patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u16, u16, u16);

/// What is known of the versions from one to, not including, another.
struct Known {
    from: Version,
    until: Version,
    says: &'static str,
}

const KNOWN: &[Known] = &[
    Known {
        from: OLDEST,
        until: Version(4, 0, 3),
        says: "does not ask topic permissions about CC and BCC headers: Bellhop refuses CC, \
               and cannot see BCC; 4.0.3 does",
    },
    Known {
        from: Version(4, 0, 0),
        until: Version(4, 1, 0),
        says: "lets publishers wait long while a backlog of large messages is read from disk; \
               4.1 does not",
    },
    Known {
        from: Version(4, 3, 0),
        until: Version(4, 3, 6),
        says: "can stop a queue with a single active consumer for good once each of its \
               consumers timed out, until their connections are closed \
               (rabbitmq-server #17317); 4.3.6 does not",
    },
];

impl Version {
    /// Such as `3.10.8` or `4.0.0-rc.1`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|part| {
            let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            part[..digits].parse().ok()
        });
        Some(Self(numbers.next()??, numbers.next()??, numbers.next().flatten().unwrap_or(0)))
    }
}

/// The version, and a warning for each trouble that it is known for.
pub fn points(told: Option<&str>) -> Vec<Point> {
    const WHAT: &str = "broker";
    let Some(text) = told else {
        return vec![Point::new(State::NotChecked, WHAT, "it does not tell its version")];
    };
    let Some(version) = Version::parse(text) else {
        return vec![Point::new(State::NotChecked, WHAT, format!("its version is {text:?}"))];
    };
    if version < OLDEST {
        let says = format!("RabbitMQ {text} is older than 3.10");
        return vec![Point::new(State::Wrong, WHAT, says)];
    }
    let mut points = vec![Point::new(State::Ok, WHAT, format!("RabbitMQ {text}"))];
    let known = KNOWN.iter().filter(|known| (known.from..known.until).contains(&version));
    points.extend(
        known.map(|known| {
            Point::new(State::Warning, WHAT, format!("RabbitMQ {text} {}", known.says))
        }),
    );
    points
}

/// What the metadata store means for this version, with so many partitions.
pub fn store(
    version: Option<Version>,
    partitions: u16,
    enabled: &Result<Vec<String>, String>,
) -> Option<Point> {
    const WHAT: &str = "metadata store";
    let version = version?;
    let unordered = partitions > 1 && (Version(4, 0, 0)..HASH_IN_CORE).contains(&version);
    let dead_end = (Version(3, 13, 0)..Version(4, 0, 0)).contains(&version);
    if !unordered && !dead_end {
        return None;
    }
    let enabled = match enabled {
        Ok(enabled) => enabled,
        Err(why) => return Some(Point::new(State::NotChecked, WHAT, why)),
    };
    if !enabled.iter().any(|flag| flag == KHEPRI) {
        return Some(Point::new(State::Ok, WHAT, "Mnesia"));
    }
    Some(if unordered {
        let says = "Khepri: before RabbitMQ 4.3 it promises no order of queues, by which tenants \
                    are spread over partitions; upgrade to 4.3";
        Point::new(State::Wrong, WHAT, says)
    } else {
        Point::new(State::Warning, WHAT, "Khepri: a node of 3.13 with it cannot be upgraded")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        assert_eq!(Version::parse("3.10.8"), Some(Version(3, 10, 8)));
        assert_eq!(Version::parse("4.0.0-rc.1"), Some(Version(4, 0, 0)));
        assert_eq!(Version::parse("4.3"), Some(Version(4, 3, 0)));
        assert_eq!(Version::parse("master"), None);
        assert!(Version(3, 9, 30) < OLDEST && Version(4, 10, 0) > HASH_IN_CORE);
    }

    #[test]
    fn each_is_told_what_it_is_known_for() {
        for (version, state, told) in [
            ("3.9.29", State::Wrong, vec![]),
            ("3.10.8", State::Ok, vec!["CC and BCC"]),
            ("4.0.2", State::Ok, vec!["CC and BCC", "backlog"]),
            ("4.0.5", State::Ok, vec!["backlog"]),
            ("4.2.1", State::Ok, vec![]),
            ("4.3.5", State::Ok, vec!["17317"]),
            ("4.3.6", State::Ok, vec![]),
            ("main", State::NotChecked, vec![]),
        ] {
            let points = points(Some(version));
            assert_eq!(points[0].state, state, "{version}");
            let warnings = &points[1..];
            assert_eq!(warnings.len(), told.len(), "{version}: {warnings:?}");
            for (warning, told) in warnings.iter().zip(told) {
                assert!(warning.says.contains(told), "{version}: {warning:?}");
            }
        }
    }

    #[test]
    fn khepri_matters_for_some() {
        let khepri = Ok(vec![KHEPRI.to_owned()]);
        let state = |version: &str, partitions, flags: &Result<Vec<String>, String>| {
            Some(store(Version::parse(version), partitions, flags)?.state)
        };
        assert_eq!(state("4.1.0", 4, &khepri), Some(State::Wrong));
        assert_eq!(state("4.1.0", 4, &Ok(vec![])), Some(State::Ok));
        assert_eq!(state("4.1.0", 4, &Err("why".to_owned())), Some(State::NotChecked));
        assert_eq!(state("4.1.0", 1, &khepri), None);
        assert_eq!(state("4.3.0", 4, &khepri), None);
        assert_eq!(state("3.13.7", 1, &khepri), Some(State::Warning));
        assert_eq!(state("3.10.8", 4, &khepri), None);
    }
}
