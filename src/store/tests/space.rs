//! A SQLite file becomes smaller when much of it has gone.

use super::file::as_before;
use super::retention::sheds;
use super::*;

/// Anna is told of so many bookings, and everything of it goes but her and them.
async fn filled_and_shed(bench: &Bench) {
    let mut shop = Shop::open("salon", bench).await;
    for number in 0..40 {
        let notes: Vec<Unit> =
            (0..25).map(|note| shop.annotate("none", &format!("{number} {note}"))).collect();
        bench.write(&notes.iter().collect::<Vec<_>>()).await.unwrap();
        bench.write(&[&shop.book(&format!("b{number}"))]).await.unwrap();
    }
    for what in What::ALL {
        sheds(bench, what, at("2126-01-01T00:00:00Z")).await;
    }
}

#[tokio::test]
async fn what_went_is_given_back() {
    let bench = Bench::sqlite().await;
    filled_and_shed(&bench).await;
    let size = bench.store.sizes().await.unwrap().file.unwrap();
    assert!(size.shrinks && size.free_bytes > 64 << 10, "{size:?}");
    // What will be written on again soon stays: of so small a file everything.
    assert_eq!(bench.store.shrink(1000).await.unwrap().gone, 0);
    let mut grown = 0;
    while bench.store.sizes().await.unwrap().file.unwrap().free_bytes < 4 << 20 {
        let post = format!("{grown} {}", "x".repeat(4 << 20));
        let note = format!("INSERT INTO own_keys VALUES ('{grown}', '{post}')");
        bench.vandalize(&note).await;
        bench.vandalize(&format!("DELETE FROM own_keys WHERE name = '{grown}'")).await;
        grown += 1;
    }
    let before = bench.store.sizes().await.unwrap().file.unwrap();
    let mut steps = 0;
    while bench.store.shrink(100).await.unwrap().gone > 0 {
        steps += 1;
    }
    assert!(steps > 3, "in {steps} steps");
    let deadline = clock::instant() + Duration::from_secs(30);
    loop {
        let after = bench.store.sizes().await.unwrap().file.unwrap();
        if after.bytes + (2 << 20) < before.bytes {
            break;
        }
        assert!(clock::instant() < deadline, "{before:?} {after:?}");
        tokio::task::yield_now().await;
    }
}

/// A file of before is as large as it was, until it is written anew.
#[tokio::test]
async fn an_older_file_is_made_smaller_while_nobody_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.db");
    as_before(&file, 2).await.close().await.unwrap();
    let store = Store::open_sqlite(&file, 1, &holder(1)).await.unwrap();
    let (lease, _folder) = (Uuid::from_u128(1), tempfile::tempdir().unwrap());
    let bench = Bench { store, lease, file: file.clone(), database: None, _folder };
    filled_and_shed(&bench).await;
    let size = bench.store.sizes().await.unwrap().file.unwrap();
    assert!(!size.shrinks && size.free_bytes > 0, "{size:?}");
    assert_eq!(bench.store.shrink(1000).await.unwrap().gone, 0);
    let busy = Store::compact_sqlite(&file).await;
    assert!(matches!(busy, Err(StoreError::InUse(_))), "{busy:?}");
    let loaded = bench.store.load_tenant(&TenantId::parse("salon").unwrap()).await.unwrap();
    bench.store.close().await;
    drop(bench);
    let before = file.metadata().unwrap().len();
    Store::compact_sqlite(&file).await.unwrap();
    assert!(file.metadata().unwrap().len() < before);
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|of| of.unwrap().file_name()).collect();
    assert_eq!(names, ["old.db"]);
    let store = Store::open_sqlite(&file, 1, &holder(1)).await.unwrap();
    let size = store.sizes().await.unwrap().file.unwrap();
    assert!(size.shrinks && size.free_bytes == 0, "{size:?}");
    let again = store.load_tenant(&TenantId::parse("salon").unwrap()).await.unwrap();
    assert_eq!((again.revision, again.state), (loaded.revision, loaded.state));
    store.close().await;
    let none = Store::compact_sqlite(&folder.path().join("none.db")).await;
    assert!(matches!(none, Err(StoreError::Misplaced(_))), "{none:?}");
}
