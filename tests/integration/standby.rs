//! A daemon that stands by, as clients and operators meet it.

use std::{net::TcpListener, time::Duration};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};

use crate::support::{
    Options, World,
    database::Database,
    eventually,
    http::{self, Answer},
    load::Load,
    postgres_server::PostgresServer,
    salon,
    second::Second,
};

const DEADLINE: Duration = Duration::from_secs(60);
/// Long before the daemon's own patience with a stop, or with a database, is at its end.
const AT_ONCE: Duration = Duration::from_secs(5);
const TOKEN: &str = "a-token-that-is-long-enough-for-anybody";
const INSTANCES: &str = "SELECT count(*) FROM instances";

async fn until_readiness(base: &str, wanted: u16) {
    let url = format!("{base}/readyz");
    eventually(&format!("it answers {wanted}"), DEADLINE, || async {
        let (status, _) = http::get(&url).await?;
        (status == wanted).then_some(())
    })
    .await;
}

async fn post(base: &str, token: Option<&str>, body: Vec<u8>) -> Answer {
    let mut request = http::client().post(format!("{base}/v1/commands"));
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    http::ask(request.header(CONTENT_TYPE, http::ONE).body(body)).await
}

/// Nobody is asked on the way, whatever the environment of the daemon says.
#[tokio::test]
async fn it_does_not_matter_whom_a_client_asks() {
    let environment = vec![
        ("BELLHOP__HTTP__TOKEN", TOKEN.to_owned()),
        ("BELLHOP__HTTP__BODY_MAX", "4096".to_owned()),
    ];
    let world = World::start(Options { postgres: true, environment, ..Options::default() }).await;
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy_url = format!("http://{}", proxy.local_addr().unwrap());
    let mut second =
        Second::told(&world, &[("HTTP_PROXY", &proxy_url), ("http_proxy", &proxy_url)]).await;
    assert!(second.stands_by().await, "{}", second.daemon.log());

    let command = salon::open("salon-uno");
    let bodies = [
        (None, command.body()),
        (Some("another-token-that-is-long-enough-too"), command.body()),
        (Some(TOKEN), b"{}".to_vec()),
        (Some(TOKEN), b"no json".to_vec()),
        (Some(TOKEN), vec![b'x'; 4097]),
    ];
    for (token, body) in bodies {
        let one = post(&world.http(), token, body.clone()).await;
        let other = post(&second.http(), token, body).await;
        assert_eq!((one.status, &one.body), (other.status, &other.body));
        assert!(one.status >= 400, "{one:?}");
        for name in [CONTENT_TYPE, WWW_AUTHENTICATE, RETRY_AFTER] {
            assert_eq!(one.headers.get(&name), other.headers.get(&name), "{name}");
        }
    }
    let taken = post(&second.http(), Some(TOKEN), command.body()).await;
    assert_eq!(taken.status, 202, "{}", taken.body);
    let again = post(&world.http(), Some(TOKEN), command.body()).await;
    assert_eq!((again.status, &again.body), (taken.status, &taken.body));
    assert_eq!(world.number("SELECT count(*) FROM inbox").await, 1, "it is the same command");
    proxy.set_nonblocking(true).unwrap();
    assert!(proxy.accept().is_err(), "somebody in between was asked");
    assert!(second.daemon.sigterm_and_wait(AT_ONCE).await.success());
    world.finish().await;
}

#[tokio::test]
async fn whoever_stops_to_stand_by_is_gone_at_once_and_forgotten() {
    let mut world = World::start(Options { postgres: true, ..Options::default() }).await;
    let mut second = Second::beside(&world).await;
    assert_eq!(world.number(INSTANCES).await, 2);
    assert!(second.daemon.sigterm_and_wait(AT_ONCE).await.success());
    assert_eq!(world.number(INSTANCES).await, 1);

    // Also where the active one stands still, and a client waits for its answer.
    let mut second = Second::beside(&world).await;
    world.daemon().sigkill();
    let url = format!("{}/v1/events", second.http());
    let asked = http::ask(http::client().get(&url)).await;
    assert_eq!((asked.status, &asked.headers[RETRY_AFTER]), (503, &"1".parse().unwrap()));
    assert_eq!(asked.body["reason"], "unavailable");
    second.wait_active().await;
    eventually("it answers by itself", DEADLINE, || async {
        (http::get(&url).await?.0 == 200).then_some(())
    })
    .await;
    assert!(second.daemon.sigterm_and_wait(DEADLINE).await.success());
    assert_eq!(world.number("SELECT count(*) FROM partitions WHERE owner <> ''").await, 0);
}

/// Who has it, and when it last said so, in milliseconds.
const OWNER: &str = "SELECT owner, CAST(1000 * extract(epoch FROM seen) AS bigint) \
    FROM partitions JOIN instances ON CAST(run AS text) = owner WHERE part = 0";
/// Longer than others wait for a sign of life.
const LONG_MS: i64 = 7_000;

/// Whoever takes over and finds much to do gives signs of life meanwhile: nobody takes over from
/// it.
#[tokio::test]
async fn whoever_takes_long_to_begin_is_not_followed() {
    let mut world = World::start(Options { postgres: true, ..Options::default() }).await;
    let load = Load::new(2, 6);
    world.publisher().await.publish_all(&load.commands()).await;
    load.wait_until_sent(&world).await;
    let mut second = Second::beside(&world).await;
    let before: Vec<(String, i64)> = world.rows(OWNER).await;
    let mut locked = world.connection().await;
    world.daemon().sigkill();
    // What it looks for first is not to be had.
    sqlx::raw_sql("BEGIN; LOCK TABLE messages").execute(&mut locked).await.unwrap();
    let began = eventually("the second takes over", DEADLINE, || async {
        let now: Vec<(String, i64)> = world.rows(OWNER).await;
        now.into_iter().find(|(owner, _)| *owner != before[0].0)
    })
    .await;
    eventually("it lives on", DEADLINE, || async {
        let now: Vec<(String, i64)> = world.rows(OWNER).await;
        assert_eq!(now[0].0, began.0, "somebody else took over");
        (now[0].1 > began.1 + LONG_MS).then_some(())
    })
    .await;
    sqlx::raw_sql("COMMIT").execute(&mut locked).await.unwrap();
    let more = Load::new(2, 20);
    world.publisher().await.publish_all(&more.commands()).await;
    more.wait_until_sent(&world).await;
    assert!(second.daemon.sigterm_and_wait(DEADLINE).await.success());
}

#[tokio::test]
async fn a_database_goes_away_and_comes_back() {
    let server = PostgresServer::start().await;
    let database = Some(Database::on(&server.url()).await);
    let mut world = World::start(Options { database, ..Options::default() }).await;
    let mut second = Second::beside(&world).await;
    server.stop().await;
    until_readiness(&second.http(), 503).await;
    until_readiness(&world.http(), 503).await;
    assert!(second.daemon.sigterm_and_wait(AT_ONCE).await.success(), "{}", second.daemon.log());
    server.start_again().await;
    world.daemon().wait_ready(DEADLINE).await;

    let mut second = Second::beside(&world).await;
    server.stop().await;
    until_readiness(&second.http(), 503).await;
    let alive = http::get(&format!("{}/healthz", second.http())).await;
    assert_eq!(alive.map(|(status, _)| status), Some(200));
    server.start_again().await;
    until_readiness(&second.http(), 200).await;
    // Whichever of both found the database first.
    let load = Load::new(2, 20);
    world.publisher().await.publish_all(&load.commands()).await;
    load.wait_until_sent(&world).await;
    assert_eq!(load.assert_taken_once_and_told(&world).await, 0, "sent twice");
    assert!(second.daemon.sigterm_and_wait(DEADLINE).await.success());
}
