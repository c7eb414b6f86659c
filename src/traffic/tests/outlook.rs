//! When a turn is expected, and what is waited for.

use proptest::prelude::*;

use super::*;
use crate::traffic::meter::{Meter, passes_any};
use crate::traffic::pace::{Pace, take_all};
use crate::traffic::{Ahead, Forecast, Outlook, Position, WaitsFor};

/// When each of so many passes one of these, if each goes as soon as it may.
fn played(paces: &[Pace], mut now: Duration, count: usize) -> Vec<Duration> {
    let mut passed = Vec::new();
    while passed.len() < count {
        match paces.iter().find(|pace| take_all([((), *pace)], now).is_ok()) {
            Some(_) => passed.push(now),
            None => now = paces.iter().map(|pace| pace.opens(now)).min().unwrap(),
        }
    }
    passed
}

fn place(lane: Lane, tenant: &'static str, of_tenant: usize) -> Position<&'static str> {
    let ahead = Ahead { of_flow: of_tenant, of_tenant };
    Position { lane, tenant, rule: None, barred: Set::NONE, ahead }
}

fn found(world: &World, lane: Lane, tenant: &'static str, item: u32) -> Position<&'static str> {
    world.traffic.place(lane, &tenant, |of| *of == item).unwrap()
}

fn forecast(world: &mut World, lane: Lane, tenant: &'static str, item: u32) -> Forecast {
    let place = found(world, lane, tenant, item);
    world.traffic.outlook(world.now).forecast(&place)
}

proptest! {
    /// What is reckoned is what happens, to the nanoseconds that a limit rounds.
    #[test]
    fn a_limit_is_reckoned_as_it_is_kept(
        rates in proptest::collection::vec(0.2..80.0_f64, 1..4),
        taken in 0..30_usize,
        rest in 0..3_000_u64,
        held in 0..2_000_u64,
        count in 1..40_usize,
    ) {
        let mut paces: Vec<Pace> = rates.into_iter().map(|rate| Pace::new(Some(rate))).collect();
        let begin = ms(1_000);
        played(&paces, begin, taken);
        paces[0].hold(begin + ms(held));
        let now = begin + ms(rest);
        let meters: Vec<Meter> = paces.iter().map(|pace| pace.meter(now)).collect();
        for (ahead, passed) in played(&paces, now, count).into_iter().enumerate() {
            let reckoned = passes_any(&meters, ahead as u64).unwrap();
            let off = reckoned.abs_diff(passed);
            prop_assert!(off < Duration::from_micros(1), "{ahead}: {reckoned:?} {passed:?}");
        }
    }

    /// Whoever waits alone leaves when it was expected.
    #[test]
    fn what_waits_alone_leaves_when_it_is_expected(
        tenant in proptest::option::of(0.5..20.0_f64),
        destination in proptest::option::of(0.5..20.0_f64),
        provider in proptest::option::of(0.5..20.0_f64),
        count in 1..40_u32,
    ) {
        let mut plan = plan(100, vec![offer(100, provider, 1)]);
        plan.destinations = vec![(destination, None)];
        let mut world = World::new(plan);
        world.traffic.limit(&"t", tenant, ms(0));
        for item in 0..count {
            world.traffic.push(Ticket { rule: Some(0), ..ticket(item, Lane::Bulk, "t") });
        }
        let outlook = world.traffic.outlook(ms(0));
        let expected: Vec<_> = (0..count)
            .map(|item| outlook.forecast(&found(&world, Lane::Bulk, "t", item)).expected)
            .collect();
        world.runs(Duration::MAX, |_| ms(0));
        for ((at, ..), expected) in world.left.iter().zip(expected) {
            prop_assert!(at.abs_diff(expected) < Duration::from_micros(1), "{at:?} {expected:?}");
        }
    }

    /// Whatever else waits: nobody is told of a time that a limit forbids, and whoever is behind
    /// another of the same tenant is not expected before it.
    #[test]
    fn no_expectation_is_earlier_than_a_limit_allows(
        waiting in proptest::collection::vec((0..4_usize, 0..3_usize, proptest::option::of(0..2_usize)), 1..120),
        rates in proptest::collection::vec(proptest::option::of(0.5..20.0_f64), 5),
        passed in 0..5_000_u64,
    ) {
        const TENANTS: [&str; 3] = ["a", "b", "c"];
        let mut plan = plan(3, vec![offer(3, rates[0], 1), offer(2, rates[1], 1)]);
        plan.destinations = vec![(rates[2], None), (rates[3], Some(1))];
        let mut world = World::new(plan);
        world.traffic.limit(&"a", rates[4], ms(0));
        for (item, (lane, tenant, rule)) in waiting.into_iter().enumerate() {
            let item = u32::try_from(item).unwrap();
            world.traffic.push(Ticket { rule, ..ticket(item, Lane::ALL[lane], TENANTS[tenant]) });
        }
        world.runs(ms(passed), |departure| ms(u64::from(departure.ticket.item % 7) * 100));
        world.now = ms(passed);
        let outlook = world.traffic.outlook(world.now);
        let mut places: Vec<_> = world.traffic.places().map(|(place, item)| (place, *item)).collect();
        places.sort_by_key(|(place, item)| (place.lane, place.tenant, place.rule, *item));
        let mut before: Option<(Position<&'static str>, Duration)> = None;
        for (place, _) in places {
            let Forecast { expected, ahead, .. } = outlook.forecast(&place);
            let since = expected.checked_sub(world.now).unwrap().as_secs_f64();
            let at_least = |ahead: usize, rate: f64| {
                let spare = (rate * 0.1).floor().max(1.0);
                prop_assert!(since + 1e-6 >= (ahead as f64 + 1.0 - spare - 1.0) / rate);
                Ok(())
            };
            prop_assert!(ahead >= place.ahead.of_tenant && place.ahead.of_tenant >= place.ahead.of_flow);
            if let (Some(one), Some(two)) = (rates[0], rates[1]) {
                at_least(ahead.saturating_sub(2), one + two)?;
            }
            if let Some(rate) = rates[4].filter(|_| place.tenant == "a") {
                at_least(place.ahead.of_tenant, rate)?;
            }
            if let Some(rate) = place.rule.and_then(|rule| rates[2 + rule]) {
                at_least(place.ahead.of_flow, rate)?;
            }
            if let Some((other, earlier)) = &before
                && (other.lane, other.tenant, other.rule) == (place.lane, place.tenant, place.rule)
            {
                prop_assert!(*earlier <= expected, "behind, and earlier");
            }
            before = Some((place, expected));
        }
    }
}

#[test]
fn a_flood_is_expected_late_and_whoever_comes_behind_it_soon() {
    let mut world = World::new(plan(4, vec![offer(4, Some(10.0), 1)]));
    (0..1_000).for_each(|item| world.traffic.push(ticket(item, Lane::Bulk, "flood")));
    world.runs(ms(10), |_| ms(1));
    world.traffic.push(ticket(5_000, Lane::Bulk, "small"));
    world.traffic.push(ticket(6_000, Lane::Urgent, "flood"));
    let small = forecast(&mut world, Lane::Bulk, "small", 5_000);
    assert_eq!((small.ahead, small.waits_for), (0, WaitsFor::Provider(0)));
    let of_the_flood = forecast(&mut world, Lane::Bulk, "flood", 998);
    assert_eq!(of_the_flood.ahead, 998, "997 of its own, one of the other");
    assert_eq!(of_the_flood.expected.as_secs(), 100, "ten a second, and what is urgent");
    let elsewhere = [("small", 5), ("other", 20)];
    let outlook = world.traffic.outlook(world.now).with(Lane::Bulk, elsewhere);
    let stored = outlook.forecast(&place(Lane::Bulk, "other", 9));
    assert_eq!(stored.ahead, 9 + 9 + 6);
}

#[test]
fn what_a_message_waits_for_is_named() {
    let mut plan = plan(2, vec![offer(9, Some(5.0), 1), offer(1, None, 1)]);
    plan.destinations = vec![(Some(0.5), None), (None, Some(1))];
    let mut traffic = Traffic::new(plan);
    let waits_for = |outlook: &Outlook<&'static str>, rule, barred: &[usize]| {
        let barred = barred.iter().fold(Set::NONE, |barred, of| barred.with(*of));
        outlook.forecast(&Position { rule, barred, ..place(Lane::Bulk, "t", 3) }).waits_for
    };
    let outlook = traffic.outlook(ms(0));
    assert_eq!(waits_for(&outlook, None, &[]), WaitsFor::Turn);
    assert_eq!(waits_for(&outlook, None, &[1]), WaitsFor::Provider(0));
    assert_eq!(waits_for(&outlook, Some(0), &[]), WaitsFor::Destination(0));
    assert_eq!(waits_for(&outlook, None, &[0, 1]), WaitsFor::Nobody);
    traffic.hold(0, ms(5_000));
    let outlook = traffic.outlook(ms(0));
    assert_eq!(waits_for(&outlook, None, &[1]), WaitsFor::Pause(0));
    traffic.limit(&"t", Some(1.0), ms(0));
    assert_eq!(waits_for(&traffic.outlook(ms(0)), None, &[]), WaitsFor::Tenant);
    traffic.limit(&"t", None, ms(0));
    traffic.push(Ticket { rule: Some(1), ..ticket(1, Lane::Bulk, "u") });
    let Next::Leaves(one) = traffic.next(ms(0), |_| false) else { panic!("it may leave") };
    let outlook = traffic.outlook(ms(0));
    assert_eq!(waits_for(&outlook, None, &[0]), WaitsFor::ProviderBusy(1));
    traffic.came_back(one.trip, Verdict::Works, ms(0));
    let outlook = traffic.outlook(ms(0));
    assert_eq!(waits_for(&outlook, None, &[0]), WaitsFor::Turn, "its slot is not free");
    (2..4).for_each(|item| traffic.push(ticket(item, Lane::Bulk, "u")));
    let Next::Leaves(two) = traffic.next(ms(0), |_| false) else { panic!("it may leave") };
    traffic.came_back(two.trip, Verdict::Works, ms(0));
    assert_eq!(waits_for(&traffic.outlook(ms(0)), None, &[0]), WaitsFor::Slot);
}

#[test]
fn an_open_circuit_says_until_when() {
    let mut traffic = Traffic::new(plan(9, vec![offer(9, None, 1), offer(9, None, 1)]));
    for item in 0..40 {
        traffic.push(ticket(item, Lane::Bulk, "t"));
        let Next::Leaves(departure) = traffic.next(ms(0), |_| false) else { break };
        let fails = departure.trip.provider == 0;
        traffic.came_back(
            departure.trip,
            if fails { Verdict::Fails } else { Verdict::Works },
            ms(0),
        );
        traffic.is_durable(Lane::Bulk);
    }
    let outlook = traffic.outlook(ms(0));
    let barred = Set::NONE.with(1);
    let only_by_the_first = outlook.forecast(&Position { barred, ..place(Lane::Bulk, "t", 0) });
    assert_eq!(
        (only_by_the_first.waits_for, only_by_the_first.expected),
        (WaitsFor::Circuit(0), ms(30_000))
    );
    let any = outlook.forecast(&place(Lane::Bulk, "t", 0));
    assert_eq!((any.waits_for, any.expected), (WaitsFor::Turn, ms(0)));
}
