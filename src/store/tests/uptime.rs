//! Signs of life.

use super::*;
use crate::domain::timer::Outage;

on_every_backend! {
    the_last_sign_of_life_is_kept
    outages_are_remembered_in_order
    only_the_latest_outages_are_kept
}

fn outage(from_mins: i64, to_mins: i64) -> Outage {
    let noon = at("2026-12-01T12:00:00Z");
    Outage { from: noon + minutes(from_mins), to: noon + minutes(to_mins) }
}

async fn the_last_sign_of_life_is_kept(bench: Bench) {
    assert_eq!(bench.store.last_beat().await.unwrap(), None);
    for beat in ["2026-12-01T12:00:00.5Z", "2026-12-01T12:00:10.123Z"] {
        bench.store.beat(at(beat)).await.unwrap();
        assert_eq!(bench.store.last_beat().await.unwrap(), Some(at(beat)));
    }
    bench.store.set_cursor("amqp", 7).await.unwrap();
    assert_eq!(bench.store.last_beat().await.unwrap(), Some(at("2026-12-01T12:00:10.123Z")));
}

async fn outages_are_remembered_in_order(bench: Bench) {
    let all = outage(0, 0).from;
    assert_eq!(bench.store.outages(all).await.unwrap(), []);
    let outages = [outage(10, 20), outage(30, 35)];
    bench.store.note_outage(outages[1]).await.unwrap();
    bench.store.note_outage(outages[0]).await.unwrap();
    bench.store.note_outage(outage(10, 15)).await.unwrap();
    assert_eq!(bench.store.outages(all).await.unwrap(), outages);
    assert_eq!(bench.store.outages(outage(0, 15).to).await.unwrap(), outages);
    assert_eq!(bench.store.outages(outages[0].to).await.unwrap(), [outages[1]]);
    assert_eq!(bench.store.outages(outages[1].to).await.unwrap(), []);
}

async fn only_the_latest_outages_are_kept(bench: Bench) {
    for n in 0..i64::from(OUTAGES_MAX) + 5 {
        bench.store.note_outage(outage(10 * n, 10 * n + 1)).await.unwrap();
    }
    let outages = bench.store.outages(outage(0, 0).from).await.unwrap();
    assert_eq!(outages.len(), OUTAGES_MAX as usize);
    assert_eq!(outages[0], outage(50, 51));
}
