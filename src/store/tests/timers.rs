//! What is to happen later happens once.

use super::inbox::command;
use super::*;
use crate::domain::timer::{DueTimer, Timer, TimerChange};

on_every_backend! {
    timers_are_due_the_longest_due_first
    a_page_of_timers_goes_on_where_the_last_one_ended
    a_timer_set_again_moves
    the_last_change_of_a_timer_wins
    a_timer_is_a_tenant_s_own
    all_timers_of_a_tenant_are_found
    a_unit_that_a_timer_caused_takes_the_timer_with_it
    a_timer_that_fired_is_stale
    a_timer_that_was_moved_or_cancelled_is_stale
    a_timer_sets_itself_again
    what_happens_to_a_timer_within_a_batch_counts
    a_stale_timer_leaves_the_others_alone
    a_timer_is_kept_to_the_millisecond_and_never_early
    an_unreadable_timer_waits_as_it_is_for_a_version_that_can_read_it
}

fn timer(booking: &str) -> Timer {
    Timer::Review { booking: BookingId::parse(booking).unwrap() }
}

fn due(booking: &str, due: Timestamp) -> DueTimer {
    DueTimer { due, timer: timer(booking), trace: None }
}

fn set(booking: &str, at: Timestamp) -> TimerChange {
    TimerChange::Set(due(booking, at))
}

fn cancel(booking: &str) -> TimerChange {
    TimerChange::Cancel(timer(booking))
}

/// A decision that changes nothing but timers.
fn plan(timers: &[TimerChange]) -> Decision {
    Decision { timers: timers.to_vec(), ..Decision::default() }
}

impl Shop {
    /// A unit of a timer that fired.
    fn fires(&mut self, timer: DueTimer, decision: Decision) -> Unit {
        let cause = CauseId::parse(&format!("timer {}", self.revision)).unwrap();
        self.concludes(cause, Trigger::Timer(timer), decision)
    }
}

impl Bench {
    /// Every timer, as `tenant booking minutes`: minutes since noon.
    async fn timers(&self) -> Vec<String> {
        let timers = self.store.timers_due(Timestamp::MAX, None, PAGE_MAX).await.unwrap();
        assert_eq!(self.store.count_timers().await.unwrap(), timers.len() as u64);
        timers.iter().map(told).collect()
    }
}

fn told((tenant, due): &(TenantId, DueTimer)) -> String {
    let Timer::Review { booking } = &due.timer else { panic!("{due:?}") };
    format!("{tenant} {booking} {}", due.due.duration_since(noon()).as_mins())
}

fn noon() -> Timestamp {
    at("2026-12-01T12:00:00Z")
}

async fn timers_are_due_the_longest_due_first(bench: Bench) {
    let (mut one, mut two) = (Shop::new("one"), Shop::new("two"));
    assert_eq!(bench.store.next_timer().await.unwrap(), None);
    let units = [
        one.decides(plan(&[set("b", noon() + minutes(2)), set("a", noon() + minutes(3))])),
        two.decides(plan(&[set("a", noon() + minutes(2)), set("b", noon() + minutes(1))])),
    ];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    assert_eq!(bench.timers().await, ["two b 1", "one b 2", "two a 2", "one a 3"]);
    assert_eq!(bench.store.next_timer().await.unwrap(), Some(noon() + minutes(1)));
    let until = noon() + minutes(2);
    let due = bench.store.timers_due(until, None, 10).await.unwrap();
    assert_eq!(due.iter().map(told).collect::<Vec<_>>(), ["two b 1", "one b 2", "two a 2"]);
    assert_eq!(bench.store.timers_due(noon(), None, 10).await.unwrap(), []);
}

async fn a_page_of_timers_goes_on_where_the_last_one_ended(bench: Bench) {
    let mut shop = Shop::new("salon");
    // Many at the same instant.
    let timers: Vec<TimerChange> =
        (0..50).map(|n| set(&format!("b{n}"), noon() + minutes(n / 20))).collect();
    bench.write(&[&shop.decides(plan(&timers))]).await.unwrap();
    let (mut after, mut read) = (None, Vec::new());
    loop {
        let page = bench.store.timers_due(Timestamp::MAX, after.as_ref(), 7).await.unwrap();
        assert!(page.len() <= 7);
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        read.extend(page.iter().map(told));
    }
    assert_eq!((read.len(), read), (50, bench.timers().await));
}

async fn a_timer_set_again_moves(bench: Bench) {
    let mut shop = Shop::new("salon");
    let early = shop.decides(plan(&[set("a", noon() + minutes(1))]));
    let late = shop.decides(plan(&[set("a", noon() + minutes(9)), cancel("never set")]));
    bench.write(&[&early]).await.unwrap();
    bench.write(&[&late]).await.unwrap();
    assert_eq!(bench.timers().await, ["salon a 9"]);
    bench.write(&[&shop.decides(plan(&[cancel("a")]))]).await.unwrap();
    assert_eq!(bench.timers().await, [""; 0]);
}

async fn the_last_change_of_a_timer_wins(bench: Bench) {
    let mut shop = Shop::new("salon");
    let first = shop.decides(plan(&[
        set("set", noon()),
        cancel("set"),
        set("set", noon() + minutes(1)),
        set("gone", noon()),
    ]));
    let second = shop.decides(plan(&[
        set("set", noon() + minutes(2)),
        set("gone", noon() + minutes(2)),
        cancel("gone"),
    ]));
    bench.write(&[&first, &second]).await.unwrap();
    assert_eq!(bench.timers().await, ["salon set 2"]);
}

async fn a_timer_is_a_tenant_s_own(bench: Bench) {
    let (mut one, mut two) = (Shop::new("one"), Shop::new("two"));
    let units = [
        one.decides(plan(&[set("a", noon())])),
        two.decides(plan(&[set("a", noon() + minutes(1)), cancel("a")])),
    ];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    assert_eq!(bench.timers().await, ["one a 0"]);
    assert_eq!(stale(bench.write(&[&two.fires(due("a", noon()), plan(&[]))]).await), ["two"]);
    assert!(bench.store.timer_stands(&one.tenant, &due("a", noon())).await.unwrap());
    assert!(!bench.store.timer_stands(&two.tenant, &due("a", noon())).await.unwrap());
}

async fn all_timers_of_a_tenant_are_found(bench: Bench) {
    let (mut one, mut two) = (Shop::new("one"), Shop::new("two"));
    let many = usize::try_from(PAGE_MAX).unwrap() + 1;
    let timers: Vec<TimerChange> = (0..many).map(|n| set(&format!("b{n}"), noon())).collect();
    let units = [one.decides(plan(&timers)), two.decides(plan(&[set("a", noon())]))];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    let mut found = bench.store.timers_of(&one.tenant).await.unwrap();
    let mut expected: Vec<DueTimer> = (0..many).map(|n| due(&format!("b{n}"), noon())).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    bench.vandalize("UPDATE timers SET key = '{' WHERE tenant = 'two'").await;
    assert_eq!(bench.store.timers_of(&two.tenant).await.unwrap(), []);
    assert_eq!(bench.store.count_timers().await.unwrap(), expected.len() as u64 + 1, "a look only");
}

async fn a_unit_that_a_timer_caused_takes_the_timer_with_it(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    bench.write(&[&shop.decides(plan(&[set("a", noon()), set("b", noon())]))]).await.unwrap();
    let mut unit = shop.book("b1");
    unit.decision.timers.clear();
    unit.claim.as_mut().unwrap().trigger = Trigger::Timer(due("a", noon()));
    bench.write(&[&unit]).await.unwrap();
    assert_eq!(bench.timers().await, ["salon b 0"]);
    assert_eq!(bench.status(message(&unit), &shop).await, "ready");
    let loaded = bench.store.load_tenant(&shop.tenant).await.unwrap();
    assert_eq!((loaded.revision, &loaded.state), (shop.revision, &shop.state));
    let known = bench.store.lookup(&[(&unit.tenant, &command(&unit))]).await.unwrap();
    assert_eq!(known, [None], "a timer is no command");
}

async fn a_timer_that_fired_is_stale(bench: Bench) {
    let mut shop = Shop::new("salon");
    bench.write(&[&shop.decides(plan(&[set("a", noon())]))]).await.unwrap();
    let timer = due("a", noon());
    assert!(bench.store.timer_stands(&shop.tenant, &timer).await.unwrap());
    bench.write(&[&shop.fires(timer.clone(), plan(&[]))]).await.unwrap();
    assert!(!bench.store.timer_stands(&shop.tenant, &timer).await.unwrap());
    let again = shop.fires(timer, plan(&[set("b", noon())]));
    assert_eq!(stale(bench.write(&[&again]).await), ["salon"]);
    assert_eq!(bench.timers().await, [""; 0]);
}

async fn a_timer_that_was_moved_or_cancelled_is_stale(bench: Bench) {
    let mut shop = Shop::new("salon");
    let planned = plan(&[set("moved", noon()), set("cancelled", noon())]);
    bench.write(&[&shop.decides(planned)]).await.unwrap();
    let changed = plan(&[set("moved", noon() + minutes(1)), cancel("cancelled")]);
    bench.write(&[&shop.decides(changed)]).await.unwrap();
    for booking in ["moved", "cancelled", "never set"] {
        let mut late = Shop { revision: shop.revision, ..Shop::new("salon") };
        let unit = late.fires(due(booking, noon()), plan(&[]));
        assert_eq!(stale(bench.write(&[&unit]).await), ["salon"], "{booking}");
        assert!(!bench.store.timer_stands(&shop.tenant, &due(booking, noon())).await.unwrap());
    }
    assert_eq!(bench.timers().await, ["salon moved 1"]);
    bench.write(&[&shop.fires(due("moved", noon() + minutes(1)), plan(&[]))]).await.unwrap();
}

async fn a_timer_sets_itself_again(bench: Bench) {
    let mut shop = Shop::new("salon");
    bench.write(&[&shop.decides(plan(&[set("a", noon())]))]).await.unwrap();
    for n in 0..3 {
        let next = plan(&[set("a", noon() + minutes(n + 1))]);
        bench.write(&[&shop.fires(due("a", noon() + minutes(n)), next)]).await.unwrap();
    }
    assert_eq!(bench.timers().await, ["salon a 3"]);
}

async fn what_happens_to_a_timer_within_a_batch_counts(bench: Bench) {
    let fires = |shop: &mut Shop| shop.fires(due("a", noon()), plan(&[]));
    type Before = fn(&mut Shop) -> Unit;
    let before: [(&str, Before); 3] = [
        ("moved", |shop| shop.decides(plan(&[set("a", noon() + minutes(1))]))),
        ("cancelled", |shop| shop.decides(plan(&[cancel("a")]))),
        ("fired", |shop| shop.fires(due("a", noon()), plan(&[]))),
    ];
    for (tenant, before) in before {
        let mut shop = Shop::new(tenant);
        bench.write(&[&shop.decides(plan(&[set("a", noon())]))]).await.unwrap();
        let units = [before(&mut shop), fires(&mut shop)];
        assert_eq!(stale(bench.write(&[&units[0], &units[1]]).await), [tenant]);
    }
    // Set and fired in one batch, and set again behind it.
    let mut shop = Shop::new("salon");
    let units = [
        shop.decides(plan(&[set("a", noon())])),
        fires(&mut shop),
        shop.decides(plan(&[set("a", noon() + minutes(7))])),
    ];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let timers = bench.timers().await;
    assert!(timers.contains(&"salon a 7".to_owned()), "{timers:?}");
    assert_eq!(timers.len(), 4, "what was stale left every timer as it was: {timers:?}");
}

async fn a_stale_timer_leaves_the_others_alone(bench: Bench) {
    let (mut good, mut bad) = (Shop::new("good"), Shop::new("bad"));
    bench.write(&[&good.decides(plan(&[set("a", noon())]))]).await.unwrap();
    let units = [good.fires(due("a", noon()), plan(&[])), bad.fires(due("a", noon()), plan(&[]))];
    assert_eq!(stale(bench.write(&[&units[0], &units[1]]).await), ["bad"]);
    assert_eq!(bench.timers().await, ["good a 0"]);
    bench.write(&[&units[0]]).await.unwrap();
    assert_eq!(bench.timers().await, [""; 0]);
}

async fn a_timer_is_kept_to_the_millisecond_and_never_early(bench: Bench) {
    let mut shop = Shop::new("salon");
    let exact = at("2026-12-01T12:00:00.123456789Z");
    bench.write(&[&shop.decides(plan(&[set("a", exact)]))]).await.unwrap();
    let (_, stored) = bench.store.timers_due(Timestamp::MAX, None, 1).await.unwrap().remove(0);
    assert_eq!(stored.due, at("2026-12-01T12:00:00.124Z"));
    assert_eq!(bench.store.timers_due(exact, None, 1).await.unwrap(), []);
    assert!(bench.store.timer_stands(&shop.tenant, &due("a", exact)).await.unwrap());
    bench.write(&[&shop.fires(stored, plan(&[]))]).await.unwrap();
    assert_eq!(bench.timers().await, [""; 0]);
}

async fn an_unreadable_timer_waits_as_it_is_for_a_version_that_can_read_it(bench: Bench) {
    let mut shop = Shop::new("salon");
    let timers: Vec<TimerChange> = (0..6).map(|n| set(&format!("b{n}"), noon())).collect();
    bench.write(&[&shop.decides(plan(&timers))]).await.unwrap();
    bench.vandalize("UPDATE timers SET key = '{' WHERE key LIKE '%b1%'").await;
    bench.vandalize("UPDATE timers SET tenant = 'No Tenant' WHERE key LIKE '%b2%'").await;
    bench.vandalize("UPDATE timers SET due_ms = -9000000000000000 WHERE key LIKE '%b3%'").await;
    bench.vandalize("UPDATE timers SET key = '{\"timer\":\"horse\"}' WHERE key LIKE '%b4%'").await;
    assert_eq!(bench.store.count_timers().await.unwrap(), 6);
    let due = bench.store.timers_due(noon(), None, 2).await.unwrap();
    assert_eq!(due.iter().map(told).collect::<Vec<_>>(), ["salon b0 0", "salon b5 0"]);
    assert_eq!(bench.store.count_timers().await.unwrap(), 2, "nothing comes of the rest");
    assert_eq!(bench.store.backlog(noon()).await.unwrap().unreadable_timers, 4);
    let aside = bench.store.unreadable_timers(&shop.tenant, 9).await.unwrap();
    let dues: Vec<_> = aside.iter().map(|timer| timer.due).collect();
    assert_eq!(dues, [None, Some(noon()), Some(noon())]);
    assert_eq!(aside[2].key, "{\"timer\":\"horse\"}");
    // A version that can read one of them starts.
    let reads = "UPDATE timers SET key = (SELECT replace(key, 'b0', 'b1') FROM timers \
                 WHERE key LIKE '%b0%') WHERE key = '{'";
    bench.vandalize(reads).await;
    bench.recover(bench.lease, noon()).await;
    let due = bench.store.timers_due(noon(), None, 9).await.unwrap();
    let due: Vec<_> = due.iter().map(told).collect();
    assert_eq!(due, ["salon b0 0", "salon b1 0", "salon b5 0"]);
    assert_eq!(bench.store.backlog(noon()).await.unwrap().unreadable_timers, 3);
}
