//! Who delivers slowly is asked less.

use super::*;

/// How many of a hundred messages each provider gets.
fn of_a_hundred(world: &mut World) -> [usize; 2] {
    let before = world.left.len();
    (0..100).for_each(|item| world.traffic.push(ticket(item, Lane::Bulk, "a")));
    let until = world.now + ms(60_000);
    world.runs(until, |_| ms(10));
    let to = |place| world.left[before..].iter().filter(|(.., to)| *to == place).count();
    [to(0), to(1)]
}

#[test]
fn who_delivers_slowly_is_asked_less_and_one_that_stands_by_stays_so() {
    let offers = vec![offer(100, None, 2), offer(100, None, 1), offer(100, None, 0)];
    let mut world = World::new(plan(10, offers));
    let mut now = ms(10_000_000);
    world.now = now;
    assert_eq!(of_a_hundred(&mut world), [67, 33]);
    for _ in 0..5 {
        now += ms(60_000);
        let shares = world.traffic.providers().shares();
        for _ in 0..20 {
            shares.arrived(0, ms(400_000), now);
            shares.arrived(1, ms(1000), now);
        }
        assert_eq!(shares.moves(now).len(), 1);
    }
    world.now = now;
    let [first, second] = of_a_hundred(&mut world);
    assert_eq!(first + second, 100, "the third stands by");
    assert!((49..=51).contains(&first), "half of twice as much: {first}");
}
