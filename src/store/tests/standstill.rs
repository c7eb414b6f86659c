//! A run that stands still in the midst of a transaction.

use std::task::Poll;

use sqlx::Executor as _;

use super::*;

const IDLE: &str = "SELECT 1 FROM pg_stat_activity \
    WHERE datname = current_database() AND state = 'idle in transaction'";
const DEADLINE: Duration = Duration::from_secs(20);

/// Nobody asks its commit how far it is any more, which has the rows of the partitions by then.
#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn whoever_stands_still_in_a_transaction_is_taken_over() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    let unit = shop.book("b1");
    let units = [&unit];
    let mut looks = bench.database.as_ref().unwrap().connection().await;
    let mut commit = Box::pin(bench.write(&units));
    while looks.fetch_all(IDLE).await.unwrap().is_empty() {
        let polled = std::future::poll_fn(|context| Poll::Ready(commit.as_mut().poll(context)));
        assert!(polled.await.is_pending(), "it did not stand still");
    }
    let other = tokio::time::timeout(DEADLINE, bench.wrested()).await;
    let other = other.expect("whoever takes over waits for one that stands still");
    assert!(commit.await.is_err(), "what was not committed when it stood still is not now");
    other.still_there().await.unwrap();
    let found = other.load_tenant(&shop.tenant).await.unwrap().state;
    assert!(found.booking(&BookingId::parse("b1").unwrap()).is_none());
}
