//! The segments of each day, over restarts.

use super::*;
use crate::domain::decision::{Change, Record};
use crate::domain::id::TenantId;
use crate::domain::spend::day_of;
use crate::domain::usage::SmsUsage;

on_every_backend! {
    a_day_has_what_was_counted_on_it_and_not_given_back
    a_month_is_read_as_it_was_last_counted
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

async fn a_month_is_read_as_it_was_last_counted(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let salon = TenantId::parse("salon").unwrap();
    assert_eq!(bench.store.sms_usage(&salon).await.unwrap(), None);
    for segments in [3, 5] {
        let usage = SmsUsage { year: 2026, month: 12, segments, given_back: Vec::new() };
        let changes = vec![Change::Put(Record::SmsUsage(usage.clone()))];
        let counted = shop.decides(Decision { changes, ..Decision::default() });
        bench.write(&[&counted]).await.unwrap();
        assert_eq!(bench.store.sms_usage(&salon).await.unwrap(), Some(usage));
    }
    let other = TenantId::parse("other").unwrap();
    assert_eq!(bench.store.sms_usage(&other).await.unwrap(), None);
}
