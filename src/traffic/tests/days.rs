//! Whole days of whatever may happen.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Push { lane: Lane, tenant: usize, rule: Option<usize>, barred: u8, cost: u32 },
    Pass(u64),
    Hold { provider: usize, ms: u64 },
}

const TENANTS: [&str; 5] = ["a", "b", "c", "d", "e"];

fn step() -> impl Strategy<Value = Step> {
    let lane = proptest::sample::select(&Lane::ALL[..]);
    let rule = proptest::option::weighted(0.3, 0..2_usize);
    let push = (lane, 0..TENANTS.len(), rule, 0..7_u8, 1..12_u32).prop_map(
        |(lane, tenant, rule, barred, cost)| Step::Push { lane, tenant, rule, barred, cost },
    );
    let hold = (0..3_usize, 1..3_000_u64).prop_map(|(provider, ms)| Step::Hold { provider, ms });
    prop_oneof![12 => push, 4 => (0..500_u64).prop_map(Step::Pass), 1 => hold]
}

fn day() -> impl Strategy<Value = (Plan, Vec<Step>, Vec<u64>)> {
    let provider = (1..5_usize, proptest::option::of(0.5..50.0_f64), 0..3_u32)
        .prop_map(|(at_once, rate, weight)| offer(at_once, rate, weight));
    let destination = (proptest::option::of(0.5..20.0_f64), proptest::option::of(1..3_usize));
    let plan = (
        1..12_usize,
        proptest::collection::vec(provider, 3),
        proptest::collection::vec(destination, 2),
        1..11_u32,
    );
    let plan = plan.prop_map(|(slots, providers, destinations, quantum)| Plan {
        slots,
        shares: [0.2, 0.3, 0.1, 0.0],
        quantum,
        providers,
        destinations,
    });
    let steps = proptest::collection::vec(step(), 1..200);
    (plan, steps, proptest::collection::vec(0..2_000_u64, 7))
}

fn most_within_a_second(times: &[Duration]) -> usize {
    let within =
        |from: usize| times[from..].iter().take_while(|at| **at < times[from] + ms(1_000)).count();
    (0..times.len()).map(within).max().unwrap_or(0)
}

fn allowed(rate: Option<f64>) -> usize {
    rate.map_or(usize::MAX, |rate| (rate + (rate * 0.1).floor().max(1.0)).ceil() as usize)
}

proptest! {
    #[test]
    fn nothing_is_lost_or_overtaken_and_no_limit_is_passed((plan, steps, takes) in day()) {
        let mut world = World::new(plan.clone());
        world.traffic.limit(&"a", Some(2.0), ms(0));
        let takes = |departure: &Departure<&'static str, u32>| {
            ms(takes[departure.ticket.item as usize % takes.len()])
        };
        let mut pushed = Vec::new();
        for step in steps {
            match step {
                Step::Push { lane, tenant, rule, barred, cost } => {
                    let item = u32::try_from(pushed.len()).unwrap();
                    let barred = (0..3).filter(|bit| barred & 1 << bit != 0).fold(Set::NONE, Set::with);
                    let tenant = TENANTS[tenant];
                    pushed.push(Ticket { item, lane, tenant, rule, cost, barred });
                    world.traffic.push(pushed[item as usize].clone());
                }
                Step::Pass(span) => {
                    let until = world.now + ms(span);
                    world.runs(until, takes);
                    world.now = until;
                }
                Step::Hold { provider, ms: span } => {
                    let until = world.now + ms(span);
                    world.traffic.hold(provider, until);
                }
            }
        }
        world.runs(Duration::MAX, takes);

        // Nothing is lost, nothing leaves twice.
        prop_assert_eq!(world.traffic.all_waiting(), 0);
        let mut items: Vec<u32> = world.left.iter().map(|(_, ticket, _)| ticket.item).collect();
        items.extend(&world.barred);
        items.sort_unstable();
        prop_assert_eq!(items, (0..u32::try_from(pushed.len()).unwrap()).collect::<Vec<_>>());

        // Each flow leaves in its order.
        let mut last: BTreeMap<_, u32> = BTreeMap::new();
        for (_, ticket, provider) in &world.left {
            prop_assert!(!ticket.barred.contains(*provider));
            let flow = (ticket.lane, ticket.tenant, ticket.rule);
            if let Some(before) = last.insert(flow, ticket.item) {
                prop_assert!(before < ticket.item, "overtaken");
            }
        }

        // No limit is passed.
        let times = |of: &dyn Fn(&Ticket<&'static str, u32>, usize) -> bool| -> Vec<Duration> {
            let left = world.left.iter().filter(|(_, ticket, provider)| of(ticket, *provider));
            left.map(|(at, ..)| *at).collect()
        };
        prop_assert!(most_within_a_second(&times(&|ticket, _| ticket.tenant == "a")) <= allowed(Some(2.0)));
        for (place, offer) in plan.providers.iter().enumerate() {
            prop_assert!(most_within_a_second(&times(&|_, by| by == place)) <= allowed(offer.rate));
        }
        for (place, (rate, connections)) in plan.destinations.iter().enumerate() {
            let there = times(&|ticket, _| ticket.rule == Some(place));
            prop_assert!(most_within_a_second(&there) <= allowed(*rate));
            prop_assert!(world.at_once(|t, _| t.rule == Some(place)) <= connections.unwrap_or(usize::MAX));
        }
        prop_assert!(world.at_once(|_, _| true) <= plan.slots);
        for (place, offer) in plan.providers.iter().enumerate() {
            prop_assert!(world.at_once(|_, by| by == place) <= offer.at_once);
        }
    }

    /// While both have something to send, neither is ahead by more than a round.
    #[test]
    fn tenants_share(costs in proptest::collection::vec((1..11_u32, 1..11_u32), 20..120)) {
        let mut world = World::new(Plan { quantum: 10, ..plan(1, vec![offer(1, None, 1)]) });
        for (item, (a, b)) in costs.iter().enumerate() {
            let item = u32::try_from(item).unwrap();
            world.traffic.push(Ticket { cost: *a, ..ticket(item, Lane::Bulk, "a") });
            world.traffic.push(Ticket { cost: *b, ..ticket(item, Lane::Bulk, "b") });
        }
        world.runs(Duration::MAX, |_| ms(1));
        let (mut a, mut b) = (0_i64, 0_i64);
        let mut left = [costs.len(); 2];
        for (_, ticket, _) in &world.left {
            let of = usize::from(ticket.tenant == "b");
            left[of] -= 1;
            if of == 0 { a += i64::from(ticket.cost) } else { b += i64::from(ticket.cost) }
            if left.contains(&0) {
                break;
            }
            prop_assert!((a - b).abs() <= 2 * 10, "{a} {b}");
        }
    }
}

impl World {
    /// The most that were under way at once of those.
    fn at_once(&self, of: impl Fn(&Ticket<&'static str, u32>, usize) -> bool) -> usize {
        let those = self.left.iter().zip(&self.backs);
        let those = those.filter(|((_, ticket, provider), _)| of(ticket, *provider));
        let spans: Vec<(Duration, Duration)> = those.map(|((at, ..), back)| (*at, *back)).collect();
        let at =
            |now: Duration| spans.iter().filter(|(from, to)| *from <= now && now < *to).count();
        spans.iter().map(|(from, _)| at(*from)).max().unwrap_or(0)
    }
}
