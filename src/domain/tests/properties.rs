//! What holds in every history, however mad: [`Witness`] looks at each decision.
//!
//! `PROPTEST_CASES` sets how many histories each test plays; a failing one is shrunk, shown and
//! remembered by its seed in `proptest-regressions/`.

use proptest::prelude::*;

use super::chaos::{Step, history};
use super::witness::Witness;
use super::*;

/// How many histories each of the tests plays where nobody says: 10 000 together.
const CASES: u32 = 2_500;

fn config() -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(CASES),
    }
}

fn plays(settings: &Settings, steps: &[Step], provided: Channels) {
    let mut witness = Witness::new(settings, provided);
    for step in steps {
        match step {
            Step::Command(minutes, command) => witness.command(*minutes, command),
            Step::Bounced(client, channel) => witness.bounced(client, *channel),
            Step::Dispatch => witness.dispatch(),
            Step::Sleep(minutes) => witness.sleep(*minutes),
            Step::Near(minutes) => witness.near(*minutes),
            Step::Answer(which) => witness.answer(*which),
            Step::Vacate(which) => witness.vacate(*which),
            Step::Join(client) => witness.join(client),
            Step::Seat(client) => witness.seat(client),
        }
    }
    witness.at_last();
}

// Several tests, so that they run side by side.
proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_history_keeps_every_promise((settings, steps) in history()) {
        plays(&settings, &steps, Channels::ALL);
    }

    #[test]
    fn so_does_every_other((settings, steps) in history()) {
        plays(&settings, &steps, Channels::ALL);
    }

    #[test]
    fn and_every_one_by_email_alone((settings, steps) in history()) {
        plays(&settings, &steps, Channels::of(&[Channel::Email]));
    }

    #[test]
    fn and_every_one_without_a_provider_for_email((settings, steps) in history()) {
        plays(&settings, &steps, Channels::ALL.with(Channel::Email, false));
    }
}
