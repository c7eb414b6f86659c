//! Who waits for whom, in every order in which it can happen.

mod queue;

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::strand::Strand;
use super::turn::Turn;
use crate::actors::post::Post;
use crate::domain::address::EmailAddress;
use crate::domain::channel::Channel;
use crate::domain::id::{CauseId, ClientId, TenantId};
use crate::domain::kind::Kind;
use crate::domain::message::{BookingFacts, Facts, Message, MessageId, StaffFacts};
use crate::store::StoredMessage;
use queue::Queue;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn id(message: u128) -> MessageId {
    MessageId(Uuid::from_u128(message))
}

fn facts(booking: &str) -> BookingFacts {
    BookingFacts::bare(booking, at(90_000))
}

/// A message to Anna about a booking.
fn about(booking: &str, message: u128) -> Post {
    let message = Message {
        id: id(message),
        kind: Kind::BookingConfirmed,
        channel: Channel::Email,
        client: ClientId::parse("anna").unwrap(),
        due: at(0),
        deadline: None,
        facts: Facts::Booking(facts(booking)),
        segments: 0,
        fallback_of: None,
        link_code: None,
    };
    let stored = StoredMessage {
        tenant: TenantId::parse("salon-uno").unwrap(),
        message,
        cause: CauseId::parse("c1").unwrap(),
        first_due: at(0),
        attempts: 0,
        doubts: 0,
        crashes: 0,
        superseded: false,
        trace: None,
    };
    Post { stored, settings: None, client: None, custom: None }
}

fn queue(posts: impl IntoIterator<Item = Post>) -> Queue {
    let mut queue = Queue::default();
    for post in posts {
        queue.push(post);
    }
    queue
}

fn ids(turns: &[&Turn]) -> Vec<MessageId> {
    turns.iter().map(|turn| turn.post.stored.message.id).collect()
}

/// Takes whatever has its turn.
fn take(queue: &mut Queue, now: i64) -> Vec<Turn> {
    std::iter::from_fn(|| queue.next(at(now))).collect()
}

fn taken(queue: &mut Queue, now: i64) -> Vec<MessageId> {
    take(queue, now).iter().map(|turn| turn.post.stored.message.id).collect()
}

#[test]
fn a_later_message_waits_while_an_earlier_one_is_on_the_wire() {
    let mut queue = queue([about("b1", 1), about("b1", 2), about("b2", 3), about("b1", 4)]);
    let mut turns = take(&mut queue, 0).into_iter();
    let (first, other) = (turns.next().unwrap(), turns.next().unwrap());
    assert_eq!(ids(&[&first, &other]), [id(1), id(3)], "another booking does not wait");
    assert!(turns.next().is_none());
    assert_eq!(queue.done(other, None), 0);
    assert_eq!(queue.done(first, None), 1, "one at a time");
    queue.push(about("b2", 5));
    let mut turns = take(&mut queue, 0).into_iter();
    let (second, fifth) = (turns.next().unwrap(), turns.next().unwrap());
    assert_eq!(ids(&[&second, &fifth]), [id(2), id(5)]);
    queue.done(second, None);
    assert_eq!(taken(&mut queue, 0), [id(4)]);
}

#[test]
fn only_the_same_reader_on_the_same_channel_waits() {
    let booking = || about("b1", 1).stored;
    let with = |change: &dyn Fn(&mut StoredMessage)| {
        let mut other = booking();
        change(&mut other);
        Strand::of(&other)
    };
    let strand = Strand::of(&booking());
    let staff = |to: &str| {
        let (to, of) = (EmailAddress::parse(to).unwrap(), Box::new(Facts::Booking(facts("b1"))));
        Facts::Staff(StaffFacts { to, of })
    };
    let alert = with(&|other| other.message.facts = staff("desk@salon.example"));
    assert_eq!(with(&|other| other.message.kind = Kind::BookingCancelled), strand);
    for other in [
        with(&|other| other.message.channel = Channel::Sms),
        with(&|other| other.message.client = ClientId::parse("bert").unwrap()),
        with(&|other| other.tenant = TenantId::parse("salon-due").unwrap()),
        with(&|other| other.message.facts = Facts::Booking(facts("b2"))),
        alert.clone(),
    ] {
        assert!(other.is_some());
        assert_ne!(other, strand);
    }
    assert_ne!(with(&|other| other.message.facts = staff("boss@salon.example")), alert);
    assert_eq!(with(&|other| other.message.facts = Facts::Account), None);
}

#[test]
fn what_is_superseded_or_erased_is_withdrawn_wherever_it_is() {
    for erased in [false, true] {
        let mut queue = queue([about("b1", 1), about("b1", 2), about("b2", 3)]);
        let on_the_wire = queue.next(at(0)).unwrap();
        let other = queue.next(at(0)).unwrap();
        assert!(!on_the_wire.is_withdrawn());
        if erased {
            queue.forget(&other.post.stored.tenant, &ClientId::parse("bert").unwrap());
            assert!(!other.is_withdrawn());
            queue.forget(&other.post.stored.tenant, &other.post.stored.message.client);
            assert!(other.is_withdrawn());
        } else {
            queue.supersede(id(1));
            queue.supersede(id(2));
            assert!(!other.is_withdrawn());
        }
        assert!(on_the_wire.is_withdrawn(), "it is asked again right before it leaves");
        queue.done(on_the_wire, None);
        assert!(queue.next(at(0)).unwrap().is_withdrawn());
    }
}

#[test]
fn the_end_of_an_earlier_stay_does_not_erase_the_mark_of_a_later_one() {
    let mut queue = queue([about("b1", 1)]);
    let first = queue.next(at(0)).unwrap();
    // Its outcome is in the store, it is due again and claimed, all before its worker hears.
    queue.push(about("b1", 1));
    assert!(queue.next(at(0)).is_none(), "one stay at a time");
    queue.supersede(id(1));
    queue.done(first, None);
    let again = queue.next(at(0)).unwrap();
    assert!(again.is_withdrawn());
    queue.done(again, None);
    queue.push(about("b1", 1));
    assert!(!queue.next(at(0)).unwrap().is_withdrawn(), "marks end with the stay");
}

#[test]
fn what_was_superseded_in_the_store_is_withdrawn() {
    let mut post = about("b1", 1);
    post.stored.superseded = true;
    assert!(queue([post]).next(at(0)).unwrap().is_withdrawn());
}

/// A queue in which message 1 is in doubt until second 60.
fn in_doubt() -> Queue {
    let mut queue = queue([about("b1", 1)]);
    let turn = queue.next(at(0)).unwrap();
    queue.done(turn, Some(60));
    queue
}

fn until(second: i64) -> Option<Timestamp> {
    Some(at(second) + SignedDuration::from_millis(1))
}

#[test]
fn a_later_message_waits_while_an_earlier_one_is_in_doubt() {
    let mut queue = in_doubt();
    queue.push(about("b1", 2));
    queue.push(about("b2", 3));
    let [second, other] = <[Turn; 2]>::try_from(take(&mut queue, 0)).unwrap();
    assert_eq!((second.not_before, other.not_before), (until(60), None));
    // It goes back into the store, and another comes while the first is still in doubt.
    queue.done(second, None);
    queue.push(about("b1", 4));
    let fourth = queue.next(at(59)).unwrap();
    assert_eq!(fourth.not_before, until(60));
    queue.done(fourth, None);
    // The one in doubt itself does not wait, and the others wait for it again.
    queue.push(about("b1", 1));
    queue.push(about("b1", 2));
    let first = queue.next(at(60)).unwrap();
    assert_eq!((ids(&[&first]), first.not_before), (vec![id(1)], None));
    assert!(queue.next(at(60)).is_none());
    queue.done(first, None);
    let second = queue.next(at(60)).unwrap();
    assert_eq!((ids(&[&second]), second.not_before), (vec![id(2)], None));
}

#[test]
fn nobody_waits_for_a_doubt_that_is_over() {
    let waits = |mut queue: Queue, post: Post, now: i64| {
        queue.push(post);
        queue.next(at(now)).unwrap().not_before.is_some()
    };
    assert!(waits(in_doubt(), about("b1", 2), 0));
    let mut superseded = in_doubt();
    superseded.supersede(id(1));
    assert!(!waits(superseded, about("b1", 2), 0), "it will be withdrawn");
    let mut erased = in_doubt();
    let stored = about("b1", 2).stored;
    erased.forget(&stored.tenant, &stored.message.client);
    assert!(!waits(erased, about("b1", 2), 0));
    assert!(!waits(in_doubt(), about("b1", 2), 60), "it was to be tried by now");
    let mut urgent = about("b1", 2);
    urgent.stored.message.deadline = Some(at(60));
    assert!(!waits(in_doubt(), urgent, 0), "it would be too late");
    let mut withdrawn = about("b1", 2);
    withdrawn.stored.superseded = true;
    assert!(!waits(in_doubt(), withdrawn, 0), "it does not leave");
    let mut set_back = in_doubt();
    set_back.shift(SignedDuration::from_secs(-3600));
    assert!(!waits(set_back, about("b1", 2), -3500), "so was the clock");
}

#[test]
fn an_age_is_the_same_however_the_clock_is_set() {
    let mut queue = queue([about("b1", 1)]);
    queue.shift(SignedDuration::from_secs(-3600));
    queue.push(about("b2", 2));
    let turns = [queue.next(at(0)).unwrap(), queue.next(at(0)).unwrap()];
    let first_due = || turns.each_ref().map(Turn::first_due);
    assert_eq!(first_due(), [at(-3600), at(0)]);
    queue.shift(SignedDuration::from_secs(86_400));
    assert_eq!(first_due(), [at(82_800), at(86_400)], "with a worker too");
}

#[derive(Debug, Clone)]
enum Step {
    /// A message about one of so many bookings.
    Push(u8),
    Next,
    /// One of those that are with a worker.
    Done(usize),
    Supersede(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..3_u8).prop_map(Step::Push),
        3 => Just(Step::Next),
        2 => any::<usize>().prop_map(Step::Done),
        1 => any::<usize>().prop_map(Step::Supersede),
    ];
    prop::collection::vec(step, 0..80)
}

/// The turns of a run, and what is to hold of each.
#[derive(Default)]
struct Watch {
    came: Vec<u128>,
    superseded: HashSet<u128>,
    on_the_wire: Vec<Turn>,
    last: HashMap<Option<Strand>, MessageId>,
    begun: usize,
}

impl Watch {
    fn begins(&mut self, turn: Turn) {
        let stored = &turn.post.stored;
        let (id, strand) = (stored.message.id, Strand::of(stored));
        let beside = |other: &Turn| Strand::of(&other.post.stored) == strand;
        assert!(!self.on_the_wire.iter().any(beside), "two of one strand at once");
        let before = self.last.insert(strand, id);
        assert!(before.is_none_or(|before| before < id), "out of order");
        assert_eq!(turn.is_withdrawn(), self.superseded.contains(&id.0.as_u128()));
        self.begun += 1;
        self.on_the_wire.push(turn);
    }

    fn step(&mut self, queue: &mut Queue, step: &Step) {
        match *step {
            Step::Push(booking) => {
                let message = self.came.len() as u128 + 1;
                self.came.push(message);
                queue.push(about(&format!("b{booking}"), message));
            }
            Step::Next => {
                if let Some(turn) = queue.next(at(0)) {
                    self.begins(turn);
                }
            }
            Step::Done(which) if !self.on_the_wire.is_empty() => {
                let turn = self.on_the_wire.swap_remove(which % self.on_the_wire.len());
                queue.done(turn, None);
            }
            Step::Supersede(which) if !self.came.is_empty() => {
                let message = self.came[which % self.came.len()];
                self.superseded.insert(message);
                queue.supersede(id(message));
            }
            Step::Done(_) | Step::Supersede(_) => {}
        }
    }
}

proptest! {
    #[test]
    fn strands_keep_their_order_and_nothing_is_left_behind(steps in steps()) {
        let (mut queue, mut watch) = (Queue::default(), Watch::default());
        for step in &steps {
            watch.step(&mut queue, step);
        }
        loop {
            while let Some(turn) = queue.next(at(0)) {
                watch.begins(turn);
            }
            let Some(turn) = watch.on_the_wire.pop() else { break };
            queue.done(turn, None);
        }
        prop_assert_eq!(watch.begun, watch.came.len());
        prop_assert_eq!(queue.strands.behind() + queue.waiting.len(), 0);
    }
}
