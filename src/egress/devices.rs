//! What became of a notification on each of its client's devices. Pure.

use super::said::Said;
use super::tried::Tried;
use crate::domain::named;
use crate::domain::outcome::{DEVICE_HASH_CHARS, NOT_ASKED, Outcome, Scope};

/// The devices of one client, and what came of each so far.
pub(super) struct Devices<'a>(Vec<(&'a str, Option<Tried>)>);

impl<'a> Devices<'a> {
    /// Nothing was tried yet.
    pub fn of(tokens: &'a [String]) -> Self {
        Self(tokens.iter().map(|token| (token.as_str(), None)).collect())
    }

    /// Those on which it may still be shown: by their places.
    pub fn left(&self) -> Vec<usize> {
        let is_left = |tried: &Option<Tried>| match tried {
            None => true,
            Some(tried) => may_be_asked_again(&tried.outcome),
        };
        let devices = self.0.iter().enumerate();
        devices.filter(|(_, (_, tried))| is_left(tried)).map(|(place, _)| place).collect()
    }

    /// The device's token.
    pub fn token(&self, place: usize) -> Option<&'a str> {
        self.0.get(place).map(|(token, _)| *token)
    }

    /// Something came of it on one of them; says whether the others may as well be asked, now.
    pub fn came(&mut self, place: usize, tried: Tried) -> bool {
        let is_everyone_s = tried.of_provider
            || matches!(
                tried.outcome,
                Outcome::Throttled { .. } | Outcome::Permanent(Scope::Configuration)
            );
        let has_no_turn = matches!(tried.outcome, Outcome::NotTried { .. });
        let goes_on = !has_no_turn && (tried.of_device || !is_everyone_s);
        if let Some((_, slot)) = self.0.get_mut(place) {
            *slot = Some(tried);
        }
        goes_on
    }

    /// Whether one of them shows it.
    pub fn is_taken(&self) -> bool {
        self.ended(&Outcome::Accepted).next().is_some()
    }

    /// Whether one of them may show it.
    pub fn may_have_left(&self) -> bool {
        self.is_taken() || self.ended(&Outcome::InDoubt).next().is_some()
    }

    /// Whether the others are asked again within this attempt: one of them shows it, and nobody
    /// wants to be left alone.
    pub fn go_on(&self) -> bool {
        let waits = |tried: &Option<Tried>| {
            tried.as_ref().is_none_or(|tried| tried.outcome == Outcome::Transient)
        };
        let left = self.left();
        self.is_taken() && !left.is_empty() && left.iter().all(|place| waits(&self.0[*place].1))
    }

    /// What that means for the message: it is sent where one device shows it, and of none of them
    /// it is said that the client is nowhere: devices that are gone are named.
    pub fn verdict(self) -> Tried {
        let devices = self.0.len();
        let taken = self.ended(&Outcome::Accepted).count();
        let gone: Vec<String> = self.ended(&GONE).map(|(token, _)| (*token).to_owned()).collect();
        let each = self.0.iter().map(|(token, tried)| on_device(token, tried.as_ref())).collect();
        let telling = self.0.into_iter().filter_map(|(_, tried)| tried);
        let Some(tried) = telling.min_by_key(|tried| rank(&tried.outcome)) else {
            let nobody = Said::by_us("no device was asked");
            return Tried { devices: each, ..Tried::message(Outcome::Transient, nobody) };
        };
        let Tried { outcome, said, .. } = &tried;
        let (outcome, ours) = match outcome {
            Outcome::Accepted if taken < devices => {
                (Outcome::Accepted, format!("{taken} of {devices} devices took it: "))
            }
            Outcome::Permanent(Scope::Address) => {
                (Outcome::Permanent(Scope::Message), "every device is gone: ".to_owned())
            }
            other => (other.clone(), String::new()),
        };
        let said = Said { ours: format!("{ours}{}", said.ours), theirs: said.theirs.clone() };
        Tried { outcome, said, gone, devices: each, ..tried }
    }

    fn ended(&self, outcome: &Outcome) -> impl Iterator<Item = &(&'a str, Option<Tried>)> {
        let ended = move |tried: &Tried| tried.outcome == *outcome;
        self.0.iter().filter(move |(_, tried)| tried.as_ref().is_some_and(ended))
    }
}

/// What is kept of a device, in whose token is all that it takes to reach it.
fn on_device(token: &str, tried: Option<&Tried>) -> (String, &'static str, Said) {
    let device = named::plain(token).chars().take(DEVICE_HASH_CHARS).collect();
    match tried {
        Some(Tried { outcome, said, .. }) => (device, outcome.class(), said.clone()),
        None => (device, NOT_ASKED, Said::default()),
    }
}

/// Such a device will never show anything again.
const GONE: Outcome = Outcome::Permanent(Scope::Address);

/// Nothing was taken, and it may be later. What may have been taken is not asked for twice.
fn may_be_asked_again(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Throttled { .. }
        | Outcome::NotTried { .. }
        | Outcome::Transient
        | Outcome::Permanent(Scope::Configuration) => true,
        Outcome::Accepted | Outcome::InDoubt | Outcome::Permanent(_) => false,
    }
}

/// Which of several outcomes is the message's: the first of these.
fn rank(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Accepted => 0,
        Outcome::InDoubt => 1,
        Outcome::Throttled { .. } => 2,
        Outcome::Transient => 3,
        Outcome::Permanent(Scope::Configuration) => 4,
        Outcome::NotTried { .. } => 5,
        Outcome::Permanent(Scope::Provider) => 6,
        Outcome::Permanent(Scope::Message) => 7,
        Outcome::Permanent(Scope::Address) => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: Outcome = Outcome::Permanent(Scope::Message);
    const PROVIDER: Outcome = Outcome::Permanent(Scope::Provider);

    fn said(outcomes: &[Outcome]) -> Tried {
        let tokens: Vec<String> = (0..outcomes.len()).map(|n| format!("t{n}")).collect();
        let mut devices = Devices::of(&tokens);
        for (place, outcome) in outcomes.iter().enumerate() {
            let tried = Tried::message(outcome.clone(), Said::by_them(format!("said {place}")));
            devices.came(place, tried);
        }
        devices.verdict()
    }

    #[test]
    fn a_message_is_sent_where_one_device_took_it() {
        for (outcomes, outcome, words, gone) in [
            (vec![Outcome::Accepted], Outcome::Accepted, "said 0", &[][..]),
            (vec![Outcome::Accepted; 2], Outcome::Accepted, "said 0", &[]),
            (
                vec![GONE, Outcome::Accepted, Outcome::Transient],
                Outcome::Accepted,
                "1 of 3 devices took it: said 1",
                &["t0"],
            ),
            (vec![Outcome::InDoubt, Outcome::Transient], Outcome::InDoubt, "said 0", &[]),
            (vec![GONE, Outcome::Transient], Outcome::Transient, "said 1", &["t0"]),
            (vec![MESSAGE, GONE], MESSAGE, "said 0", &["t1"]),
            (vec![GONE, PROVIDER], PROVIDER, "said 1", &["t0"]),
            (vec![GONE, GONE], MESSAGE, "every device is gone: said 0", &["t0", "t1"]),
        ] {
            let tried = said(&outcomes);
            assert_eq!((&tried.outcome, &*tried.said.to_string()), (&outcome, words));
            assert_eq!(tried.gone, gone, "{outcomes:?}");
        }
    }

    #[test]
    fn what_came_of_each_device_is_kept_under_what_stands_for_it() {
        let tokens: Vec<String> = (0..3).map(|n| format!("t{n}")).collect();
        let mut devices = Devices::of(&tokens);
        devices.came(0, Tried::message(Outcome::Accepted, Said::by_them("200")));
        devices.came(1, Tried::message(GONE, Said::by_them("410")));
        let kept = devices.verdict().devices;
        let told: Vec<_> =
            kept.iter().map(|(device, how, said)| (&**device, *how, said.to_string())).collect();
        // The SHA-256 of t0, t1 and t2, by sha256sum.
        let expected = [
            ("512f26ada3c3", "accepted", "200".to_owned()),
            ("628b49d96dcd", "permanent", "410".to_owned()),
            ("c44474038d45", "not_asked", String::new()),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn who_took_it_or_may_have_is_not_asked_again() {
        let outcomes = [Outcome::Accepted, Outcome::InDoubt, GONE, MESSAGE, Outcome::Transient];
        let tokens: Vec<String> = (0..6).map(|n| format!("t{n}")).collect();
        let mut devices = Devices::of(&tokens);
        assert_eq!(devices.left(), [0, 1, 2, 3, 4, 5]);
        for (place, outcome) in outcomes.into_iter().enumerate() {
            assert!(devices.came(place, Tried::message(outcome, Said::default())));
        }
        assert_eq!(devices.left(), [4, 5]);
        assert!(devices.is_taken() && devices.may_have_left());
        assert_eq!(devices.token(5), Some("t5"));
    }

    #[test]
    fn whoever_wants_less_or_is_away_is_left_alone() {
        let tokens = ["t0".to_owned()];
        let mut devices = Devices::of(&tokens);
        let throttled = Outcome::Throttled { after: None };
        assert!(!devices.came(0, Tried::message(throttled, Said::default())));
        let away = Tried::message(Outcome::Transient, Said::default());
        assert!(!devices.came(0, Tried { of_provider: true, ..away }));
        assert!(!devices.is_taken() && !devices.may_have_left());
    }

    #[test]
    fn what_one_device_s_own_server_wants_holds_up_no_other() {
        let tokens = ["t0".to_owned()];
        let mut devices = Devices::of(&tokens);
        let of_device =
            |outcome| Tried { of_device: true, ..Tried::message(outcome, Said::default()) };
        for outcome in [
            Outcome::Throttled { after: None },
            Outcome::Transient,
            Outcome::Permanent(Scope::Configuration),
        ] {
            assert!(devices.came(0, of_device(outcome)));
        }
        assert!(!devices.came(0, of_device(Outcome::NotTried { after: None })));
    }

    #[test]
    fn the_others_are_asked_again_if_one_took_it_and_they_may_soon() {
        let throttled = Outcome::Throttled { after: None };
        for (outcomes, goes_on) in [
            ([Outcome::Accepted, Outcome::Transient], true),
            ([Outcome::Accepted, Outcome::Accepted], false),
            ([Outcome::Accepted, throttled], false),
            ([Outcome::Accepted, GONE], false),
            ([Outcome::Transient, Outcome::Transient], false),
        ] {
            let tokens = ["t0".to_owned(), "t1".to_owned()];
            let mut devices = Devices::of(&tokens);
            for (place, outcome) in outcomes.iter().enumerate() {
                devices.came(place, Tried::message(outcome.clone(), Said::default()));
            }
            assert_eq!(devices.go_on(), goes_on, "{outcomes:?}");
        }
    }
}
