//! Actors that panic, go stale, cannot be built or fall asleep: one tenant's trouble stays that
//! tenant's, and no command is lost by it.

use std::time::Duration;

use bellhop::domain::id::TenantId;
use serde_json::Value;

use crate::support::{
    Command, Options, World, eventually, http,
    inside::{Inside, PANICS, PANICS_ONCE, in_system, log_of, mend, times_panicked},
    salon, store, tamper,
};

const DEADLINE: Duration = Duration::from_secs(20);

/// `[actors]`: how often a tenant may crash, and how long it is then parked.
fn parking(restarts_max: u32, park_time: &str) -> String {
    format!(
        "[actors]\nrestarts_max = {restarts_max}\npark_time = \"{park_time}\"\n\
         restart_backoff = \"PT0.001S\"\nrestart_backoff_max = \"PT0.01S\"\n\
         command_panics_max = 2\n"
    )
}

/// The same command under another id.
fn under(id: &str, mut command: Command) -> Command {
    command.id = id.to_owned();
    command.envelope["id"] = id.into();
    command
}

/// A booking of client `c0` whose command panics.
fn bad(tenant: &str, booking: &str) -> Command {
    under(&format!("{PANICS}-{booking}"), salon::booking(tenant, booking, "c0", salon::START))
}

fn good(tenant: &str, booking: &str) -> Command {
    salon::booking(tenant, booking, "c0", salon::START)
}

fn results(outcomes: &[Value]) -> Vec<&str> {
    outcomes
        .iter()
        .map(|outcome| outcome.get("reason").unwrap_or(&outcome["result"]).as_str().unwrap())
        .collect()
}

async fn bookings_in_order(base: &str, tenant: &str) -> Vec<String> {
    let changed = http::events_of_type(base, "booking.changed").await;
    let of_tenant = changed.iter().filter(|event| event["tenant"] == tenant);
    of_tenant.map(|event| event["data"]["booking"].as_str().unwrap().to_owned()).collect()
}

/// While it panics those behind it are on their way to the actor: they must not overtake it.
#[test]
fn a_command_that_panics_once_is_run_again_in_its_place() {
    const SHAKEN: &str = "shaken";
    const CALM: &str = "calm";
    const BOOKINGS: usize = 200;
    const EVERY: usize = 20;
    in_system(async {
        let daemon = Inside::start(&parking(100, "PT10M")).await;
        let base = daemon.http();
        let mut shaken = salon::busy(SHAKEN, BOOKINGS);
        let ids: Vec<_> = (0..BOOKINGS / EVERY).map(|i| format!("{PANICS_ONCE}-{i}")).collect();
        let first = shaken.len() - BOOKINGS;
        for (id, place) in ids.iter().zip((first..).step_by(EVERY)) {
            shaken[place] = under(id, shaken[place].clone());
        }
        let calm = salon::busy(CALM, BOOKINGS);
        tokio::join!(http::take(&base, &shaken), http::take(&base, &calm));

        assert!(ids.iter().all(|id| times_panicked(SHAKEN, id) == 1));
        assert_eq!(log_of(SHAKEN).matches("actor panicked").count(), ids.len());
        assert_eq!(log_of(CALM), "");
        let wanted: Vec<_> = (0..BOOKINGS).map(|i| format!("b{i}")).collect();
        assert_eq!(bookings_in_order(&base, SHAKEN).await, wanted);
        assert_eq!(bookings_in_order(&base, CALM).await, wanted);
        assert!(daemon.app.core.tenants.parked().is_empty());
        let messages = "SELECT count(*) FROM messages WHERE tenant = 'shaken'";
        assert_eq!(store::number(&daemon.store_path(), messages).await, BOOKINGS as i64);
        daemon.finish().await;
    });
}

#[test]
fn a_command_that_always_panics_is_set_aside_and_the_tenant_goes_on() {
    const SALON: &str = "limping";
    in_system(async {
        let daemon = Inside::start(&parking(100, "PT10M")).await;
        let base = daemon.http();
        http::take(&base, &salon::busy(SALON, 1)).await;
        let batch = [good(SALON, "b1"), bad(SALON, "b2"), good(SALON, "b3")];
        let outcomes = http::post_many(&base, &batch).await;
        assert_eq!(results(&outcomes), ["accepted", "handler_panicked", "accepted"]);
        assert_eq!(outcomes[1]["result"], "set_aside");
        assert_eq!(times_panicked(SALON, &batch[1].id), 2, "command_panics_max");
        assert!(log_of(SALON).contains("command set aside"));

        let alone = http::post_one(&base, &bad(SALON, "b2")).await;
        assert_eq!(alone.status, 503);
        assert_eq!(alone.body["reason"], "handler_panicked");
        let laid_down = "SELECT count(*) FROM inbox WHERE command LIKE 'panics%'";
        assert_eq!(store::number(&daemon.store_path(), laid_down).await, 0);
        assert_eq!(bookings_in_order(&base, SALON).await, ["b0", "b1", "b3"]);

        // It was not refused for good: once the fault is mended it may come again.
        mend(SALON);
        http::take(&base, &[bad(SALON, "b2")]).await;
        assert_eq!(bookings_in_order(&base, SALON).await, ["b0", "b1", "b3", "b2"]);
        daemon.finish().await;
    });
}

#[test]
fn a_tenant_that_keeps_crashing_is_parked_until_it_is_unparked() {
    const WRECK: &str = "wreck";
    const SOUND: &str = "sound";
    in_system(async {
        let daemon = Inside::start(&parking(3, "PT10M")).await;
        let base = daemon.http();
        http::take(&base, &salon::busy(WRECK, 1)).await;
        http::take(&base, &salon::busy(SOUND, 1)).await;
        let bad: Vec<_> = (1..6).map(|i| bad(WRECK, &format!("b{i}"))).collect();
        // Two crashes are each command's own limit, the fourth is the tenant's.
        let meanwhile = [good(SOUND, "meanwhile")];
        let (outcomes, ()) =
            tokio::join!(http::post_many(&base, &bad), http::take(&base, &meanwhile));
        let (one, all) = ("handler_panicked", "tenant_parked");
        assert_eq!(results(&outcomes), [one, one, all, all, all]);
        let refused = http::post_one(&base, &good(WRECK, "later")).await;
        assert_eq!((refused.status, refused.body["reason"].as_str()), (503, Some(all)));
        http::take(&base, &[good(SOUND, "afterwards")]).await;

        let wreck = TenantId::parse(WRECK).unwrap();
        assert_eq!(daemon.app.core.tenants.parked(), std::slice::from_ref(&wreck));
        assert!(log_of(WRECK).contains("tenant parked"), "{}", log_of(WRECK));
        assert_eq!(log_of(SOUND), "");

        assert!(daemon.app.core.tenants.unpark(&wreck));
        assert!(daemon.app.core.tenants.parked().is_empty());
        http::take(&base, &[good(WRECK, "later")]).await;
        assert_eq!(bookings_in_order(&base, WRECK).await, ["b0", "later"]);
        assert!(!daemon.app.core.tenants.unpark(&wreck), "it is parked no more");
        daemon.finish().await;
    });
}

#[test]
fn a_parked_tenant_may_try_again_when_its_time_is_over() {
    const SALON: &str = "resting";
    in_system(async {
        let daemon = Inside::start(&parking(1, "PT1S")).await;
        let base = daemon.http();
        http::take(&base, &salon::busy(SALON, 1)).await;
        let outcomes = http::post_many(&base, &[bad(SALON, "b1"), good(SALON, "b2")]).await;
        assert_eq!(results(&outcomes), ["handler_panicked", "tenant_parked"]);
        eventually("it works again", DEADLINE, || async {
            let answer = http::post_one(&base, &good(SALON, "b2")).await;
            (answer.status == 202).then_some(())
        })
        .await;
        assert!(daemon.app.core.tenants.parked().is_empty());
        daemon.finish().await;
    });
}

#[test]
fn an_idle_tenant_leaves_memory_and_comes_back_as_it_was() {
    const SALON: &str = "sleepy";
    in_system(async {
        let daemon = Inside::start("[actors]\nidle_after = \"PT1S\"\n").await;
        let base = daemon.http();
        http::take(&base, &salon::busy(SALON, 2)).await;
        assert_eq!(daemon.app.core.tenants.live(), 1);
        eventually("it is gone", DEADLINE, || async {
            (daemon.app.core.tenants.live() == 0).then_some(())
        })
        .await;
        assert_eq!(log_of(SALON), "", "that is no crash");

        let twice = under("twice", good(SALON, "b0"));
        let moved = salon::reschedule(SALON, "b1", "2099-12-28T11:30:00+01:00");
        let outcomes = http::post_many(&base, &[twice, moved]).await;
        assert_eq!(results(&outcomes), ["booking_exists", "accepted"]);
        assert_eq!(daemon.app.core.tenants.live(), 1);
        daemon.finish().await;
    });
}

/// As when another daemon had the tenant meanwhile. The revision is raised to one that a later
/// command of the same actor rests on: that it fits by chance must not let it in.
#[tokio::test]
async fn an_actor_whose_state_went_stale_is_replaced() {
    const SALON: &str = "salon-uno";
    const BOOKINGS: usize = 30;
    let mut world = World::start(Options {
        environment: vec![("BELLHOP__STORE__COMMIT_BATCH", "1".to_owned())],
        ..Options::default()
    })
    .await;
    let base = world.http();
    let commands = salon::busy(SALON, BOOKINGS);
    let (first, rest) = commands.split_at(commands.len() / 2);
    http::take(&base, first).await;
    let raise = "UPDATE tenants SET revision = revision + 7";
    assert_eq!(tamper::execute(&world.store_path(), raise).await, 1);
    http::take(&base, rest).await;

    let fenced = world.daemon().metric("bellhop_fenced_total").await;
    assert!(fenced.iter().map(|(_, count)| count).sum::<f64>() >= 1.0, "{fenced:?}");
    let wanted: Vec<_> = (0..BOOKINGS).map(|i| format!("b{i}")).collect();
    assert_eq!(bookings_in_order(&base, SALON).await, wanted);
    let revision = store::number(&world.store_path(), "SELECT revision FROM tenants").await;
    assert_eq!(revision, commands.len() as i64 + 7);
    eventually("one mail each", DEADLINE, || async {
        (world.sink.count() == BOOKINGS).then_some(())
    })
    .await;
    assert!(world.sink.by_recipient().values().all(|ids| ids.len() == 1));
    world.finish().await;
}

#[tokio::test]
async fn a_tenant_whose_state_cannot_be_read_is_parked_alone() {
    const BROKEN: &str = "broken";
    const WHOLE: &str = "whole";
    let mut world = World::start(Options {
        sink_silent: true,
        extra_config: parking(2, "PT1S"),
        ..Options::default()
    })
    .await;
    let base = world.http();
    for tenant in [BROKEN, WHOLE] {
        http::take(&base, &salon::busy(tenant, 2)).await;
    }
    assert!(world.stop_daemon().await.success());
    let rows = "WHERE tenant = 'broken' AND kind = 'booking' AND id = 'b0'";
    let corrupt = format!("UPDATE records SET body = '?' || body {rows}");
    assert_eq!(tamper::execute(&world.store_path(), &corrupt).await, 1);
    world.start_daemon().await;

    let refused = http::post_one(&base, &good(BROKEN, "more")).await;
    assert_eq!((refused.status, refused.body["reason"].as_str()), (503, Some("tenant_parked")));
    http::take(&base, &[good(WHOLE, "more")]).await;
    // What was decided before can still be told.
    world.sink.listen();
    eventually("all mails", DEADLINE, || async { (world.sink.count() == 5).then_some(()) }).await;
    let log = world.log();
    for (message, tenant) in [("state cannot be read", BROKEN), ("tenant parked", BROKEN)] {
        let line = log.lines().find(|line| line.contains(message)).expect(message);
        assert!(line.contains(&format!("\"tenant\":\"{tenant}\"")), "{line}");
    }
    assert_eq!(http::read(&format!("{base}/readyz")).await.0, 200);

    let mend = format!("UPDATE records SET body = substr(body, 2) {rows}");
    assert_eq!(tamper::execute(&world.store_path(), &mend).await, 1);
    eventually("it works again", DEADLINE, || async {
        (http::post_one(&base, &good(BROKEN, "more")).await.status == 202).then_some(())
    })
    .await;
    world.finish().await;
}
