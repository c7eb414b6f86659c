//! Several daemons on one database: who has it, and what the next one knows.

use super::*;
use crate::store::Leaves;

/// Whoever takes over on another machine knows what had left, and what had not.
#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn another_machine_knows_what_had_left() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    let units: Vec<Unit> = (0..3).map(|n| shop.book(&format!("b{n}"))).collect();
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let doubts = vec![(Channel::Email, vec![Duration::from_secs(60)])];
    let run =
        |lease, boot: &str| Run { lease, boot: boot.to_owned(), slots: 4, doubts: doubts.clone() };
    let (_, slots) = bench.store.recover(&run(bench.lease, "one"), shop.now).await.unwrap();
    assert_eq!(bench.claim(shop.now, 9).await.len(), 3);
    let left = message(&units[1]).id;
    assert!(slots[0].may_leave() && slots[0].tells_others());
    slots[0].tell(left).await.unwrap();
    slots[1].tell(message(&units[2]).id).await.unwrap();
    slots[1].free().unwrap();
    slots[2].tell(MessageId(Uuid::nil())).await.unwrap();
    let other = bench.wrested().await;
    let recovered = other.recover(&run(other.run(), "two"), shop.now).await.unwrap().0;
    let Recovered { in_doubt, in_hand, waiting } = recovered;
    assert_eq!((in_doubt, in_hand, waiting), (1, 0, 2));
    let doubtful = other.doubtful(9).await.unwrap();
    assert_eq!(doubtful.iter().map(|of| of.message.id).collect::<Vec<_>>(), [left]);
    // Whoever was taken over may not let anything go, as soon as it has noticed.
    assert!(bench.store.still_there().await.is_err());
    assert!(!slots[0].may_leave());
}

/// Whoever did not hear that a message was withdrawn hears it when it is to leave.
#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn what_was_withdrawn_does_not_leave() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    let units: Vec<Unit> = (0..2).map(|n| shop.book(&format!("b{n}"))).collect();
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let run = Run { lease: bench.lease, boot: "one".to_owned(), slots: 2, doubts: Vec::new() };
    let (_, slots) = bench.store.recover(&run, shop.now).await.unwrap();
    let [one, two] = [0, 1].map(|n| message(&units[n]).id);
    assert_eq!(slots[0].tell(one).await.unwrap(), Leaves::May);
    let sql = format!("UPDATE messages SET superseded = true WHERE message = '{}'", one.0);
    let database = bench.database.as_ref().unwrap();
    database.execute(&sql).await;
    assert_eq!(slots[0].tell(one).await.unwrap(), Leaves::MayNot);
    assert_eq!(slots[1].tell(two).await.unwrap(), Leaves::May);
    database.execute("DELETE FROM departures").await;
    assert_eq!(slots[0].tell(one).await.unwrap(), Leaves::MayNot, "all is noted again");
}

/// Of several daemons one has the store, as long as it gives signs of life or has left.
#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn one_of_several_has_the_store() {
    let database = Database::new().await;
    let folder = tempfile::tempdir().unwrap();
    let candidate = async |n: u128, name: &str| {
        let instance = Instance { name: name.to_owned(), address: format!("http://{name}") };
        let holder = Holder::new(Uuid::from_u128(n), 1).known_as(instance);
        let slots = folder.path().join(n.to_string());
        Candidate::stand(&database.url, 1, &slots, &holder).await.unwrap()
    };
    let (one, two) = (candidate(1, "one").await, candidate(2, "two").await);
    let first = Store::Postgres(one.tries().await.unwrap());
    let taken = two.tries().await;
    assert!(matches!(&taken, Err(StoreError::Taken(by)) if by.name == "one"), "{taken:?}");
    let states = async |store: &Store| -> Vec<(String, bool)> {
        let instances = store.instances().await.unwrap();
        instances.into_iter().map(|of| (of.name, of.is_active)).collect()
    };
    assert_eq!(states(&first).await, [("one".to_owned(), true), ("two".to_owned(), false)]);
    // It left.
    first.close().await;
    let second = Store::Postgres(two.tries().await.unwrap());
    // It fell silent: what is six seconds ago by the server's clock.
    let three = candidate(3, "three").await;
    assert!(three.tries().await.is_err());
    database.execute("UPDATE instances SET seen = seen - interval '6 seconds'").await;
    let third = Store::Postgres(three.tries().await.unwrap());
    assert!(matches!(second.still_there().await, Err(StoreError::InUse(_))));
    // The same once more, which was started anew, need not wait.
    let again = Store::Postgres(candidate(4, "three").await.tries().await.unwrap());
    assert!(third.still_there().await.is_err() && again.still_there().await.is_ok());
}
