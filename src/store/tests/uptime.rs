//! Signs of life.

use std::time::Duration;

use super::*;
use crate::domain::id::SeriesId;
use crate::domain::timer::{DueTimer, Outage, Timer, TimerChange};
use crate::store::{Beat, Shift};

on_every_backend! {
    the_last_sign_of_life_is_kept
    outages_are_remembered_in_order
    only_the_latest_outages_are_kept
    what_an_earlier_version_wrote_is_a_sign_of_life_too
    pauses_go_with_a_clock_that_is_set_and_dates_do_not
    ages_go_with_a_clock_that_is_set
    timers_that_were_due_are_due_still
}

fn outage(from_mins: i64, to_mins: i64) -> Outage {
    let noon = at("2026-12-01T12:00:00Z");
    Outage { from: noon + minutes(from_mins), to: noon + minutes(to_mins) }
}

fn beat(wall: Timestamp) -> Beat {
    Beat { wall, boot: "one".to_owned(), since_boot: Duration::from_millis(7) }
}

/// The clock shows so many minutes more, or fewer, than it would.
async fn set(bench: &Bench, now: Timestamp, mins: i64) -> Timestamp {
    let to = now + minutes(mins);
    bench.store.beat(&beat(to), Some(Shift { from: now, to })).await.unwrap();
    to
}

async fn the_last_sign_of_life_is_kept(bench: Bench) {
    assert_eq!(bench.store.last_beat().await.unwrap(), None);
    for wall in ["2026-12-01T12:00:00.5Z", "2026-12-01T12:00:10.123Z"] {
        bench.store.beat(&beat(at(wall)), None).await.unwrap();
        assert_eq!(bench.store.last_beat().await.unwrap(), Some(beat(at(wall))));
    }
}

async fn what_an_earlier_version_wrote_is_a_sign_of_life_too(bench: Bench) {
    let wall = at("2026-12-01T12:00:00Z");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let mut old = crate::store::migrate::sqlite();
    old.migrations.to_mut().truncate(6);
    old.run_direct(None, &mut connection, false).await.unwrap();
    let insert = format!("INSERT INTO cursors VALUES ('beat', {})", wall.as_millisecond());
    sqlx::query(AssertSqlSafe(insert)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let store = Store::open_sqlite(&file, 1, &holder(1)).await.unwrap();
    let beat = Beat { wall, boot: String::new(), since_boot: Duration::ZERO };
    assert_eq!(store.last_beat().await.unwrap(), Some(beat));
    drop(bench);
}

/// Bookings: `dated` for tomorrow, `retried` in half an hour, `waiting` since a minute; the clock
/// then shows a minute past noon.
async fn waiting(bench: &Bench) -> (Shop, [Message; 3], Timestamp) {
    let mut shop = Shop::open("salon", bench).await;
    let mut dated = shop.book("dated");
    dated.decision.messages[0].due = shop.now + minutes(24 * 60);
    let retried = leased(shop.book("retried"));
    let waiting = shop.book("waiting");
    bench.write(&[&dated, &retried, &waiting]).await.unwrap();
    let again = Settled { attempts: 1, ..settled(&retried, MessageStatus::Ready) };
    bench.settle(&[&again]).await;
    let now = shop.now + minutes(1);
    (shop, [dated, retried, waiting].map(|unit| message(&unit).clone()), now)
}

async fn pauses_go_with_a_clock_that_is_set_and_dates_do_not(bench: Bench) {
    let (shop, messages, noon) = waiting(&bench).await;
    let dues = async || {
        let mut dues = Vec::new();
        for message in &messages {
            dues.push(bench.view(message, &shop).await.due);
        }
        dues
    };
    let [dated, retried, waiting] = dues().await[..] else { panic!() };
    assert!(dated > retried && retried > noon && noon > waiting);
    let back = set(&bench, noon, -60).await;
    let hour = minutes(60);
    assert_eq!(dues().await, [dated, retried - hour, waiting - hour]);
    assert_eq!(bench.claim(back, 9).await, ["waiting"], "it was due");
    let forward = set(&bench, back, 48 * 60).await;
    let two_days = minutes(48 * 60);
    assert_eq!(dues().await[..2], [dated, retried - hour + two_days], "the date has come");
    assert_eq!(bench.claim(forward, 9).await, ["dated"]);
    assert_eq!(bench.claim(forward + minutes(30), 9).await, ["retried"]);
}

async fn ages_go_with_a_clock_that_is_set(bench: Bench) {
    let (_, _, noon) = waiting(&bench).await;
    let oldest = async |now| {
        let backlog = bench.store.backlog(now).await.unwrap();
        let since = backlog.waiting.iter().map(|waiting| waiting.first_due).min().unwrap();
        now.duration_since(since)
    };
    let age = oldest(noon).await;
    assert_eq!(age, minutes(1));
    let back = set(&bench, noon, -60).await;
    assert_eq!(oldest(back).await, age);
    let forward = set(&bench, back, 10 * 60).await;
    assert_eq!(oldest(forward).await, age);
}

async fn timers_that_were_due_are_due_still(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let timer = |booking| Timer::Review { booking: BookingId::parse(booking).unwrap() };
    let series = Timer::Series {
        series: SeriesId::parse("spring").unwrap(),
        client: ClientId::parse("anna").unwrap(),
    };
    let planned = [
        (timer("overdue"), shop.now - minutes(2)),
        (series, shop.now + minutes(2)),
        (timer("dated"), shop.now + minutes(3)),
    ];
    let planned = planned.map(|(timer, due)| DueTimer { due, timer, trace: None });
    let mut unit = shop.book("b1");
    unit.decision.timers.extend(planned.iter().cloned().map(TimerChange::Set));
    bench.write(&[&unit]).await.unwrap();
    let dues = async || {
        let timers = bench.store.timers_due(shop.now + minutes(9), None, 9).await.unwrap();
        timers.into_iter().map(|(_, timer)| timer.due).collect::<Vec<_>>()
    };
    let [overdue, series, dated] = planned.map(|timer| timer.due);
    assert_eq!(dues().await, [overdue, series, dated]);
    let back = set(&bench, shop.now, -60).await;
    assert_eq!(dues().await, [overdue - minutes(60), series - minutes(60), dated]);
    set(&bench, back, 600).await;
    assert_eq!(dues().await, [overdue - minutes(60), series - minutes(60), dated], "all are due");
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
