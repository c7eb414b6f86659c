//! Tenants that were never configured: anybody may make names up.

use std::time::Duration;

use crate::support::{Options, World, eventually, http, salon, store};

const STRANGERS: usize = 100;
const MANY: usize = 900;
const TOLD_AT_ONCE: usize = 500;
const DEADLINE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn strangers_are_refused_and_leave_nothing_behind() {
    let mut world = World::start(Options::default()).await;
    let commands: Vec<_> =
        (0..STRANGERS).map(|i| salon::client(&format!("stranger-{i}"), "c1")).collect();
    for _ in 0..2 {
        for result in http::post_many(&world.http(), &commands).await {
            assert_eq!(result["reason"], "unknown_tenant", "{result}");
        }
    }
    let many: Vec<_> = (0..MANY).map(|i| salon::client(&format!("crowd-{i}"), "c1")).collect();
    for result in http::post_many(&world.http(), &many).await {
        assert_eq!(result["reason"], "unknown_tenant", "{result}");
    }
    for i in 0..STRANGERS {
        let mut unreadable = salon::client(&format!("crowd-{i}"), "c1");
        unreadable.envelope["data"]["nonsense"] = true.into();
        let answer = http::post_one(&world.http(), &unreadable).await;
        assert_eq!(answer.body["reason"], "invalid_data");
    }
    let told = http::events_of_type(&world.http(), "command.rejected").await.len();
    // And some more, as time passes.
    assert!((TOLD_AT_ONCE..TOLD_AT_ONCE + 20).contains(&told), "{told} events");
    let untold = world.daemon().metric("bellhop_strangers_untold_total").await;
    assert_eq!(untold[0].1, (3 * STRANGERS + MANY - told) as f64);
    assert_eq!(world.log().matches("no event tells of it").count(), 1);
    let path = world.store_path();
    for rows in ["SELECT count(*) FROM inbox", "SELECT count(*) FROM tenants"] {
        assert_eq!(store::number(&path, rows).await, 0, "{rows}");
    }
    eventually("no stranger stays in memory", DEADLINE, || async {
        let (_, metrics) = http::get(&format!("{}/metrics", world.http())).await?;
        metrics.contains("bellhop_tenants_live 0\n").then_some(())
    })
    .await;
    // Whoever is configured after all is known by the same command.
    let known = "stranger-0";
    http::take(&world.http(), &[salon::open(known), salon::client(known, "c1")]).await;
    world.finish().await;
}
