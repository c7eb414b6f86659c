//! What operators impose outlasts the daemon, and ends when it is to.

use super::*;

on_every_backend! {
    who_is_parked_stays_so_over_a_restart_until_unparked
    a_limit_takes_the_place_of_another_and_is_forgotten_when_it_has_ended
    whatever_is_imposed_is_in_the_audit
}

const NOW: &str = "2026-12-01T12:00:00Z";

fn deed(why: &str) -> Deed {
    Deed { who: "operator/anna".to_owned(), why: why.to_owned(), at: at(NOW) }
}

fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

fn limit(channel: Channel, rate: f64, until: &str) -> NewLimit {
    NewLimit { channel, rate, until: at(until) }
}

async fn who_is_parked_stays_so_over_a_restart_until_unparked(bench: Bench) {
    for (name, why) in [("b", "first"), ("a", "other"), ("b", "again")] {
        bench.store.park(&tenant(name), &deed(why)).await.unwrap();
    }
    let bench = bench.reopened().await;
    let Measured { parked, limits } = bench.store.measures(at(NOW)).await.unwrap();
    let parked: Vec<_> = parked.iter().map(|of| (of.tenant.as_str(), &*of.deed.why)).collect();
    assert_eq!(parked, [("a", "other"), ("b", "first")]);
    assert_eq!(limits, []);
    bench.store.unpark(&tenant("b"), &deed("")).await.unwrap();
    let left = bench.store.measures(at(NOW)).await.unwrap().parked;
    assert_eq!(left, [Parking { tenant: tenant("a"), deed: deed("other") }]);
}

async fn a_limit_takes_the_place_of_another_and_is_forgotten_when_it_has_ended(bench: Bench) {
    let (store, salon) = (&bench.store, tenant("salon"));
    let ended = limit(Channel::Push, 9.0, "2026-12-01T11:00:00Z");
    let first = limit(Channel::Sms, 5.0, "2026-12-01T13:00:00Z");
    let second = limit(Channel::Sms, 0.5, "2026-12-01T14:00:00Z");
    for of in [&ended, &first, &second] {
        store.limit(&salon, of, &deed("flood")).await.unwrap();
    }
    let rows = "SELECT count(*) FROM tenant_limits";
    assert_eq!(store.count(rows).await, 1, "what had ended is gone");
    let bench = bench.reopened().await;
    let standing = |when: &'static str| bench.store.measures(at(when));
    let limits = standing("2026-12-01T13:59:59Z").await.unwrap().limits;
    assert_eq!(limits, [(salon.clone(), Limit { of: second, deed: deed("flood") })]);
    assert_eq!(standing("2026-12-01T14:00:00Z").await.unwrap().limits, []);
    bench.store.lift(&salon, Channel::Sms, &deed("")).await.unwrap();
    assert_eq!(bench.store.measures(at(NOW)).await.unwrap().limits, []);
}

async fn whatever_is_imposed_is_in_the_audit(bench: Bench) {
    let (store, salon) = (&bench.store, tenant("salon"));
    store.park(&salon, &deed("p")).await.unwrap();
    store.unpark(&salon, &deed("u")).await.unwrap();
    let of = limit(Channel::Email, 2.0, "2026-12-01T13:00:00Z");
    store.limit(&salon, &of, &deed("l")).await.unwrap();
    store.lift(&salon, Channel::Email, &deed("t")).await.unwrap();
    let lines = store.audit(None, 10).await.unwrap();
    let told: Vec<_> = lines.iter().map(|line| (&*line.what, &*line.reason)).collect();
    assert_eq!(told, [("lift", "t"), ("limit", "l"), ("unpark", "u"), ("park", "p")]);
    assert!(lines.iter().all(|line| line.subject["tenant"] == "salon" && line.at == at(NOW)));
    assert_eq!(lines[1].subject["until"], "2026-12-01T13:00:00Z");
}
