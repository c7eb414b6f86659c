//! Stories in virtual time.

mod days;
mod outlook;
mod shares;

use std::cell::Cell;
use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::kind::Lane;

use crate::traffic::circuit::{Terms, Verdict};
use crate::traffic::provider::{Offer, Set};
use crate::traffic::{Departure, HeldUp, Next, Plan, Ticket, Traffic, Trip};

/// A message that is not to leave.
const NEVER: u32 = 77_777;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn offer(at_once: usize, rate: Option<f64>, weight: u32) -> Offer {
    Offer { at_once, rate, weight, circuit: Terms::default() }
}

fn plan(slots: usize, providers: Vec<Offer>) -> Plan {
    Plan { slots, shares: [0.2, 0.3, 0.1, 0.0], quantum: 1, providers, destinations: Vec::new() }
}

fn ticket(item: u32, lane: Lane, tenant: &'static str) -> Ticket<&'static str, u32> {
    Ticket { item, lane, tenant, rule: None, cost: 1, barred: Set::NONE }
}

struct UnderWay {
    left: Duration,
    back: Duration,
    departure: Departure<&'static str, u32>,
}

/// A world in which each attempt takes its time.
struct World {
    traffic: Traffic<&'static str, u32>,
    now: Duration,
    under_way: Vec<UnderWay>,
    left: Vec<(Duration, Ticket<&'static str, u32>, usize)>,
    backs: Vec<Duration>,
    barred: Vec<u32>,
}

impl World {
    fn new(plan: Plan) -> Self {
        Self {
            traffic: Traffic::new(plan),
            now: Duration::ZERO,
            under_way: Vec::new(),
            left: Vec::new(),
            backs: Vec::new(),
            barred: Vec::new(),
        }
    }

    /// Lets everything leave that may, each attempt taking so long; says when to look again.
    fn settle(
        &mut self,
        takes: impl Fn(&Departure<&'static str, u32>) -> Duration,
    ) -> Option<Duration> {
        loop {
            match self.traffic.next(self.now, |item| *item == NEVER) {
                Next::Leaves(departure) => {
                    self.left.push((self.now, departure.ticket.clone(), departure.trip.provider));
                    let back = self.now + takes(&departure);
                    self.backs.push(back);
                    self.under_way.push(UnderWay { left: self.now, back, departure });
                }
                Next::Barred(ticket) | Next::Ends(ticket) => self.barred.push(ticket.item),
                Next::Again => {}
                Next::Nothing(until) => {
                    assert!(until.is_none_or(|until| until > self.now), "asked again at once");
                    return until;
                }
            }
        }
    }

    /// Until the next thing happens, at most until then. False where nothing ever will.
    fn passes(&mut self, wake: Option<Duration>, until: Duration) -> bool {
        let back = self.under_way.iter().map(|under_way| under_way.back).min();
        let Some(next) = back.into_iter().chain(wake).min() else {
            assert_eq!(self.traffic.all_waiting(), 0, "a wake-up was lost");
            return false;
        };
        if next > until {
            self.now = until;
            return false;
        }
        self.now = next;
        let back = self.under_way.extract_if(.., |under_way| under_way.back <= next);
        for UnderWay { left, departure, .. } in back {
            self.traffic.answered(&departure.trip, self.now - left, self.now);
            self.traffic.came_back(departure.trip, Verdict::Works, self.now);
            self.traffic.is_durable(departure.ticket.lane);
        }
        true
    }

    fn runs(&mut self, until: Duration, takes: impl Fn(&Departure<&'static str, u32>) -> Duration) {
        loop {
            let wake = self.settle(&takes);
            if !self.passes(wake, until) {
                return;
            }
        }
    }
}

#[test]
fn one_tenant_s_flood_costs_another_a_round() {
    let mut world = World::new(plan(4, vec![offer(4, None, 1)]));
    (0..20_000).for_each(|item| world.traffic.push(ticket(item, Lane::Bulk, "flood")));
    world.runs(ms(1_000), |_| ms(10));
    let before = world.left.len();
    (0..50).for_each(|item| world.traffic.push(ticket(100_000 + item, Lane::Bulk, "small")));
    world.runs(ms(1_300), |_| ms(10));
    let small = world.left[before..].iter().filter(|(_, ticket, _)| ticket.tenant == "small");
    assert_eq!(small.count(), 50, "every other one");
}

#[test]
fn urgent_ones_pass_a_flood() {
    let mut world = World::new(plan(10, vec![offer(10, None, 1)]));
    (0..20_000).for_each(|item| world.traffic.push(ticket(item, Lane::Bulk, "flood")));
    world.runs(ms(95), |_| ms(10));
    world.traffic.push(ticket(99_999, Lane::Urgent, "small"));
    world.runs(ms(110), |_| ms(10));
    let (at, ..) = world.left.iter().find(|(_, ticket, _)| ticket.item == 99_999).unwrap();
    assert_eq!(*at, ms(100), "as soon as one comes back");
}

#[test]
fn who_waits_is_not_behind_a_flood_at_the_provider_either() {
    // It takes two thousand a second, one after the other.
    let busy = Cell::new(ms(0));
    let mut world = World::new(plan(256, vec![offer(60, None, 1)]));
    let now = Cell::new(ms(0));
    let takes = |_: &Departure<&'static str, u32>| {
        busy.set(busy.get().max(now.get()) + Duration::from_micros(500));
        busy.get() + ms(1) - now.get()
    };
    (0..20_000).for_each(|item| world.traffic.push(ticket(item, Lane::Bulk, "flood")));
    for each in 0..300 {
        if each >= 50 {
            world.traffic.push(ticket(100_000 + each, Lane::Urgent, "small"));
        }
        for step in 0..20 {
            now.set(ms(20 * u64::from(each) + step));
            world.runs(now.get(), takes);
        }
    }
    let took = |from: u64, lane: Lane| {
        let left = world.left.iter().zip(&world.backs);
        let these = left.filter(|((at, ticket, _), _)| ticket.lane == lane && *at >= ms(from));
        these.map(|((at, ..), back)| *back - *at).max().unwrap()
    };
    assert!(took(500, Lane::Bulk) >= ms(30), "nobody is kept back while nobody waits");
    assert!(took(2_000, Lane::Urgent) <= ms(8), "{:?}", took(2_000, Lane::Urgent));
    let bulk = world.left.iter().filter(|(_, ticket, _)| ticket.lane == Lane::Bulk).count();
    assert!(bulk > 9_000, "{bulk} of 12 000 in six seconds");
}

#[test]
fn where_others_fill_a_provider_a_fifth_is_what_nobody_waits_for() {
    let mut world = World::new(plan(256, vec![offer(100, None, 1)]));
    let count = |world: &World, lane| {
        world.under_way.iter().filter(|under_way| under_way.departure.ticket.lane == lane).count()
    };
    for item in 0..60 {
        world.traffic.push(ticket(item, Lane::Transactional, "much"));
        world.traffic.push(ticket(100 + item, Lane::Bulk, "flood"));
    }
    world.settle(|_| ms(60));
    assert_eq!((count(&world, Lane::Transactional), count(&world, Lane::Bulk)), (60, 15));
    let trips: Vec<Trip> =
        world.under_way.iter().map(|under_way| under_way.departure.trip).collect();
    trips.iter().for_each(|trip| world.traffic.rests(trip));
    world.under_way.clear();
    world.settle(|_| ms(60));
    assert_eq!(count(&world, Lane::Bulk), 4, "nobody fills it, and it is not known how fast it is");
}

#[test]
fn a_slow_tenant_and_a_slow_destination_hold_up_nobody() {
    let mut plan = plan(8, vec![offer(8, None, 1)]);
    plan.destinations = vec![(Some(2.0), Some(1))];
    let mut world = World::new(plan);
    world.traffic.limit(&"slow", Some(1.0), ms(0));
    for item in 0..100 {
        world.traffic.push(ticket(item, Lane::Transactional, "slow"));
        let to_slow = Ticket { rule: Some(0), ..ticket(1_000 + item, Lane::Transactional, "fast") };
        world.traffic.push(to_slow);
        world.traffic.push(ticket(2_000 + item, Lane::Transactional, "fast"));
    }
    world.runs(ms(10_000), |_| ms(20));
    let count = |range: std::ops::Range<u32>| {
        world.left.iter().filter(|(_, ticket, _)| range.contains(&ticket.item)).count()
    };
    assert_eq!([count(0..1_000), count(1_000..2_000), count(2_000..3_000)], [11, 21, 100]);
    let HeldUp { destination, tenant } = world.traffic.held_up();
    assert_eq!(tenant, 11, "once behind each that left");
    assert!(destination >= 21, "by rate and by connections: {destination}");
    assert_eq!(world.traffic.held_up(), HeldUp::default());
    let last = world.left.iter().filter(|(_, ticket, _)| ticket.item >= 2_000).map(|(at, ..)| at);
    assert!(*last.max().unwrap() < ms(400), "in one go");
}

#[test]
fn what_waits_for_a_limit_that_is_lifted_or_raised_leaves_at_once() {
    for rate in [None, Some(100.0)] {
        let mut world = World::new(plan(8, vec![offer(8, None, 1)]));
        world.traffic.limit(&"slow", Some(0.001), ms(0));
        (0..4).for_each(|item| world.traffic.push(ticket(item, Lane::Bulk, "slow")));
        world.runs(ms(5_000), |_| ms(10));
        assert_eq!(world.left.len(), 1);
        assert!(world.traffic.any_of(&"slow").is_some() && world.traffic.any_of(&"t").is_none());
        world.traffic.limit(&"slow", rate, world.now);
        world.runs(ms(6_000), |_| ms(10));
        assert_eq!(world.left.len(), 4, "{rate:?}");
        assert!(world.left[1..].iter().all(|(at, ..)| *at < ms(5_100)), "{rate:?}");
    }
}

#[test]
fn a_provider_that_hangs_leaves_the_others_their_slots() {
    let mut world = World::new(plan(16, vec![offer(8, None, 1), offer(8, None, 1)]));
    (0..400).for_each(|item| world.traffic.push(ticket(item, Lane::Transactional, "t")));
    world.runs(
        ms(60_000),
        |departure| if departure.trip.provider == 0 { ms(600_000) } else { ms(10) },
    );
    let by = |provider| world.left.iter().filter(|(.., by)| *by == provider).count();
    assert_eq!([by(0), by(1)], [8, 392]);
}

#[test]
fn one_without_weight_stands_by() {
    let mut world = World::new(plan(4, vec![offer(4, None, 0), offer(4, None, 1)]));
    (0..4).for_each(|item| world.traffic.push(ticket(item, Lane::Bulk, "t")));
    let barred = Ticket { barred: Set::NONE.with(1), ..ticket(9, Lane::Bulk, "u") };
    world.traffic.push(barred);
    world.runs(ms(100), |_| ms(10));
    for (_, ticket, provider) in &world.left {
        assert_eq!(*provider, usize::from(ticket.item != 9));
    }
    let nobody = Ticket { barred: Set::NONE.with(0).with(1), ..ticket(10, Lane::Bulk, "u") };
    world.traffic.push(nobody);
    world.runs(ms(200), |_| ms(10));
    assert_eq!(world.barred, [10]);
}

#[test]
fn a_circuit_that_opens_is_passed_by_and_probed() {
    let mut traffic = Traffic::new(plan(4, vec![offer(4, None, 5), offer(4, None, 1)]));
    let (mut now, mut first, mut item) = (Duration::ZERO, VecDeque::new(), 0);
    while now < ms(95_000) {
        traffic.push(ticket(item, Lane::Bulk, "t"));
        item += 1;
        let Next::Leaves(departure) = traffic.next(now, |_| false) else {
            panic!("nobody takes it")
        };
        let verdict = match departure.trip.provider {
            0 => {
                first.push_back(now);
                Verdict::Fails
            }
            _ => Verdict::Works,
        };
        traffic.came_back(departure.trip, verdict, now);
        traffic.is_durable(departure.ticket.lane);
        now += ms(100);
    }
    let probes: Vec<_> = first.into_iter().skip(10).collect();
    assert_eq!(probes.len(), 6, "twice the most of five: {probes:?}");
    assert!(probes[3] - probes[2] >= ms(60_000), "twice the pause");
}

#[test]
fn what_ends_takes_no_slot_and_no_token() {
    let mut world = World::new(plan(1, vec![offer(1, Some(1.0), 1)]));
    for item in [NEVER, 1, NEVER, 2] {
        world.traffic.push(ticket(item, Lane::Bulk, "t"));
    }
    world.runs(ms(5_000), |_| ms(10));
    let left: Vec<_> = world.left.iter().map(|(at, ticket, _)| (*at, ticket.item)).collect();
    assert_eq!(left, [(ms(0), 1), (ms(1_000), 2)]);
    assert_eq!(world.barred, [NEVER, NEVER]);
}

#[test]
fn what_ends_is_found_behind_a_provider_that_takes_nothing() {
    let mut world = World::new(plan(4, vec![offer(4, None, 1), offer(4, None, 1)]));
    (0..2).for_each(|provider| world.traffic.hold(provider, ms(60_000)));
    let both = Set::NONE.with(0).with(1);
    world.traffic.push(ticket(1, Lane::Bulk, "t"));
    world.traffic.push(ticket(NEVER, Lane::Bulk, "t"));
    world.traffic.push(Ticket { barred: both, ..ticket(2, Lane::Bulk, "u") });
    world.runs(ms(1_000), |_| ms(10));
    assert_eq!((world.left.len(), world.barred.len()), (0, 0));
    let mut weeded: Vec<u32> =
        world.traffic.weed(|item| *item == NEVER).into_iter().map(|ticket| ticket.item).collect();
    weeded.sort_unstable();
    assert_eq!(weeded, [2, NEVER]);
    world.runs(ms(70_000), |_| ms(10));
    assert_eq!(world.left.iter().map(|(_, ticket, _)| ticket.item).collect::<Vec<_>>(), [1]);
}

#[test]
fn whoever_takes_over_counts_what_is_under_way() {
    let mut before = Traffic::new(plan(2, vec![offer(1, None, 1), offer(2, None, 0)]));
    before.push(ticket(1, Lane::Bulk, "t"));
    let Next::Leaves(departure) = before.next(ms(0), |_| false) else { panic!("it may leave") };
    let mut after = Traffic::new(plan(2, vec![offer(1, None, 1), offer(2, None, 0)]));
    after.takes_over(Lane::Bulk, Some(departure.trip));
    (2..4).for_each(|item| after.push(ticket(item, Lane::Bulk, "t")));
    let Next::Leaves(next) = after.next(ms(0), |_| false) else { panic!("one more may leave") };
    assert_eq!(next.trip.provider, 1, "the first is taken");
    assert!(matches!(after.next(ms(0), |_| false), Next::Nothing(None)), "both slots are");
    after.came_back(departure.trip, Verdict::Works, ms(0));
    after.is_durable(Lane::Bulk);
    let Next::Leaves(last) = after.next(ms(0), |_| false) else { panic!("one more may leave") };
    assert_eq!(last.trip.provider, 0);
}

#[test]
fn what_rests_leaves_its_place_to_others_and_takes_one_again_within_the_limits() {
    let mut traffic = Traffic::new(plan(4, vec![offer(1, Some(10.0), 1)]));
    (0..3).for_each(|item| traffic.push(ticket(item, Lane::Bulk, "t")));
    let Next::Leaves(first) = traffic.next(ms(0), |_| false) else { panic!("it may leave") };
    assert!(matches!(traffic.next(ms(500), |_| false), Next::Nothing(_)), "there is one place");
    traffic.rests(&first.trip);
    let Next::Leaves(second) = traffic.next(ms(500), |_| false) else { panic!("it is free") };
    assert_eq!(traffic.resumes(&first.trip, ms(600)), Err(None), "others have it");
    traffic.came_back(second.trip, Verdict::Works, ms(600));
    assert_eq!(traffic.resumes(&first.trip, ms(550)), Err(Some(ms(600))), "a rate is a rate");
    assert_eq!(traffic.resumes(&first.trip, ms(600)), Ok(()));
    assert!(matches!(traffic.next(ms(5_000), |_| false), Next::Nothing(None)), "it is there");
    traffic.came_back(first.trip, Verdict::Works, ms(5_000));
    assert!(matches!(traffic.next(ms(5_000), |_| false), Next::Leaves(_)));
}
