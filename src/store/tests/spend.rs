//! The segments of each day, over restarts.

use super::*;
use crate::domain::spend::day_of;

on_every_backend! {
    a_day_has_what_was_counted_on_it_and_not_given_back
}

async fn a_day_has_what_was_counted_on_it_and_not_given_back(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let (yesterday, today) = (at("2026-11-30T23:59:59Z"), shop.now);
    let spends = |shop: &mut Shop, counted: u32, back: &[(Timestamp, u32)]| {
        let mut decision = Decision::default();
        decision.spent.counts(counted);
        back.iter().for_each(|(at, segments)| decision.spent.gives_back(*at, *segments));
        shop.decides(decision)
    };
    let one = spends(&mut shop, 5, &[]);
    let two = spends(&mut shop, 4, &[(today, 2), (yesterday, 1)]);
    bench.write(&[&one, &two]).await.unwrap();
    let day = day_of(today);
    assert_eq!(bench.store.segments_of_day(day).await.unwrap(), 7);
    let three = spends(&mut shop, 0, &[(today, 3)]);
    bench.write(&[&three]).await.unwrap();
    assert_eq!(bench.store.segments_of_day(day).await.unwrap(), 4);
    assert_eq!(bench.store.segments_of_day(day - 1).await.unwrap(), 0, "never less than none");
    assert_eq!(bench.store.segments_of_day(day + 1).await.unwrap(), 0);
}
