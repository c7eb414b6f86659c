//! Whatever an SMSC does: each message comes back once, and what is said of it is certain.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::domain::outcome::Outcome;

/// What may happen next.
#[derive(Debug, Clone)]
enum Step {
    /// A message of so many parts is handed over, if there is room.
    Take(usize),
    /// The one of so many that wait for an answer is answered.
    Answer(usize, u32),
    /// The same, under a number that was never asked.
    AnswerNothing(u32),
    /// Something is told.
    Tell(u32, bool),
    Pass(u64),
    EnquireLink,
    Noise(Vec<u8>),
}

fn step() -> impl Strategy<Value = Step> {
    let status = prop::sample::select(vec![0, 0, 0, 0, 0x0B, 0x14, 0x45, 0x58, 0x58, 0x401]);
    prop_oneof![
        4 => (1..5_usize).prop_map(Step::Take),
        8 => (0..4_usize, status).prop_map(|(which, status)| Step::Answer(which, status)),
        1 => any::<u32>().prop_map(Step::AnswerNothing),
        2 => (0..9_u32, any::<bool>()).prop_map(|(number, kept)| Step::Tell(number, kept)),
        3 => (0..40_u64).prop_map(Step::Pass),
        1 => Just(Step::EnquireLink),
    ]
}

/// Everything that a test sees of a session.
#[derive(Default)]
struct Seen {
    handed: BTreeMap<u64, usize>,
    back: BTreeMap<u64, Outcome>,
    /// What waits for an answer.
    open: Vec<u32>,
    written: BTreeSet<u32>,
    /// How many parts have a name, of each message.
    named: BTreeMap<u64, usize>,
    /// Of which messages a part was named late.
    late: BTreeSet<MessageId>,
    is_over: bool,
}

impl Seen {
    fn looks(&mut self, talk: &mut Talk) {
        let submitted = talk.submitted();
        self.open.extend(&submitted);
        self.written.extend(submitted);
        for event in talk.events() {
            match event {
                Event::Came(Ticket(ticket), came) => {
                    self.named.insert(ticket, came.ids.iter().flatten().count());
                    assert!(self.back.insert(ticket, came.outcome).is_none(), "twice: {ticket}");
                }
                Event::Named(named) => {
                    assert!(named.part < named.parts, "{named:?}");
                    self.late.insert(named.message);
                }
                Event::Over(_) => self.is_over = true,
                Event::Bound | Event::Throttled(_) | Event::Resumed | Event::Told(..) => {}
            }
        }
    }

    fn does(&mut self, step: Step, talk: &mut Talk) {
        match step {
            Step::Take(parts) if talk.session.has_room(talk.now) => {
                let ticket = self.handed.len() as u64;
                self.handed.insert(ticket, parts);
                talk.takes(ticket, parts);
            }
            Step::Answer(which, status) if which < self.open.len() => {
                let sequence = self.open.remove(which);
                match status {
                    0 => talk.took(sequence, &sequence.to_string()),
                    status => talk.refuses(sequence, status),
                }
            }
            Step::AnswerNothing(sequence) => {
                if !self.written.contains(&sequence) {
                    talk.took(sequence, "nothing");
                }
            }
            Step::Tell(number, kept) => {
                talk.tells(number, 0, "x");
                talk.session.answers(number, if kept { Kept::Yes } else { Kept::NotNow });
            }
            Step::Pass(seconds) => talk.passes(Duration::from_secs(seconds)),
            Step::EnquireLink => talk.says(0, 1, Pdu::EnquireLink),
            Step::Noise(bytes) => talk.session.reads(&bytes, talk.now),
            Step::Take(_) | Step::Answer(..) => {}
        }
        self.looks(talk);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn each_message_comes_back_once_and_what_is_said_of_it_is_certain(
        steps in prop::collection::vec(step(), 0..80),
        unwritten in any::<bool>(),
    ) {
        let (mut talk, mut seen) = (Talk::bound(), Seen::default());
        for step in steps {
            seen.does(step, &mut talk);
            prop_assert!(talk.session.asked() <= 3, "the window");
            if let Some(wakes) = talk.session.wakes() {
                prop_assert!(wakes > talk.now, "it would spin");
            }
        }
        let unwritten: Vec<u32> = if unwritten { seen.open.clone() } else { Vec::new() };
        talk.session.breaks(&unwritten, "connection closed");
        seen.looks(&mut talk);
        prop_assert!(talk.session.is_idle());
        prop_assert!(seen.handed.keys().eq(seen.back.keys()), "each comes back");
        for (ticket, outcome) in &seen.back {
            let (named, is_late) = (seen.named[ticket], seen.late.contains(&message((*ticket).into())));
            match outcome {
                Outcome::Accepted => prop_assert_eq!((named, is_late), (seen.handed[ticket], false)),
                // An answer that comes late may say that it was taken after all.
                Outcome::InDoubt => {}
                _ => prop_assert_eq!((named, is_late), (0, false), "{:?}: nothing of it", outcome),
            }
        }
    }

    #[test]
    fn noise_is_survived(
        steps in prop::collection::vec(
            prop_oneof![
                step(),
                prop::collection::vec(any::<u8>(), 0..40).prop_map(Step::Noise),
                (0..64_u8, prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(id, body)| {
                    let length = u32::try_from(16 + body.len()).unwrap();
                    let head = [length, u32::from(id), 0, 3].map(u32::to_be_bytes).concat();
                    Step::Noise([head, body].concat())
                }),
            ],
            0..40,
        ),
    ) {
        let (mut talk, mut seen) = (Talk::bound(), Seen::default());
        for step in steps {
            seen.does(step, &mut talk);
        }
        talk.session.breaks(&[], "connection closed");
        seen.looks(&mut talk);
        prop_assert!(seen.handed.keys().eq(seen.back.keys()), "each comes back");
    }

    #[test]
    fn it_does_not_matter_how_bytes_are_cut(cuts in prop::collection::vec(1..30_usize, 1..40)) {
        let pdus = [
            bytes(0, 1, BindTransceiverResp::default()),
            bytes(0, 5, Pdu::EnquireLink),
            bytes(0, 6, DeliverSm::builder().esm_class(EsmClass::from(0)).build()),
            bytes(0, 7, Pdu::Unbind),
        ]
        .concat();
        let mut talk = Talk::with(manners());
        let (mut rest, mut cuts) = (&pdus[..], cuts.into_iter().cycle());
        while !rest.is_empty() {
            let (head, tail) = rest.split_at(cuts.next().unwrap_or(1).min(rest.len()));
            talk.session.reads(head, talk.now);
            rest = tail;
        }
        let events = talk.events();
        prop_assert_eq!(events.len(), 3, "{:?}", events);
        prop_assert_eq!(&events[2], &Event::Over(Over::Unbound));
    }
}
