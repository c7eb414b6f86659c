//! What goes goes as a whole, and what is in use stays whoever uses it.

use super::forget::{PERSONAL, assert_forgotten, personal, spoken_of};
use super::mailbox::kept;
use super::retention::{later, sent, sheds};
use super::*;
use crate::domain::outcome::OnDevice;
use sqlx::Executor as _;

on_every_backend! {
    what_devices_said_and_the_names_of_parts_go_with_their_message
    nothing_of_what_went_is_left_in_the_files
    who_is_erased_is_found_in_what_is_still_kept
    what_was_found_old_and_is_in_use_again_stays
    what_is_old_is_counted_and_the_tables_are_measured
}

async fn what_devices_said_and_the_names_of_parts_go_with_their_message(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    for booking in ["b1", "b2"] {
        let unit = leased(shop.book(booking));
        bench.write(&[&unit]).await.unwrap();
        let mut tried = said(&unit, "250 ok");
        let attempt = &mut tried[0].attempt;
        attempt.parts = (0..3).map(|part| Some(format!("{booking}-{part}"))).collect();
        let of_device = OnDevice {
            device: format!("phone-{booking}"),
            outcome: "accepted",
            reply: "200".to_owned(),
        };
        attempt.devices = vec![of_device];
        bench.settle(&[&Settled { tried, ..settled(&unit, MessageStatus::Sent) }]).await;
        shop.now += minutes(60);
    }
    assert_eq!(bench.tables_with("phone-b1").await, ["attempts"]);
    sheds(&bench, What::Events, later()).await;
    assert_eq!(sheds(&bench, What::Messages, shop.now - minutes(60)).await, 1);
    for gone in ["phone-b1", "b1-0", "b1-2"] {
        assert_eq!(bench.tables_with(gone).await, [""; 0], "{gone}");
        bench.files_forget(gone).await;
    }
    assert_eq!(bench.store.count("SELECT count(*) FROM parts").await, 3);
    assert_eq!(bench.tables_with("phone-b2").await, ["attempts"]);
}

async fn nothing_of_what_went_is_left_in_the_files(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    const TEXTS: [&str; 5] =
        ["b-to-go", "said-to-go", "post-to-go", "annotated-to-go", "command 3"];
    let unit = leased(shop.book(TEXTS[0]));
    bench.write(&[&unit]).await.unwrap();
    let reply = TEXTS[1].repeat(700);
    let mut outcome = Settled { tried: said(&unit, &reply), ..kept(&unit, TEXTS[2]) };
    let Some(Event::Message(event)) = &mut outcome.event else { panic!("{outcome:?}") };
    event.reply.clone_from(&reply);
    outcome.reply = reply;
    bench.settle(&[&outcome]).await;
    // It is not the last thing told.
    bench.write(&[&shop.annotate("none", TEXTS[3]), &shop.book("b9")]).await.unwrap();
    let overwriting = if bench.database.is_some() { "" } else { "PRAGMA secure_delete = ON; " };
    for state in ["records WHERE kind = 'booking'", "timers"] {
        bench.vandalize(&format!("{overwriting}DELETE FROM {state}")).await;
    }
    for what in What::ALL {
        sheds(&bench, what, later()).await;
    }
    for text in TEXTS {
        assert_eq!(bench.tables_with(text).await, [""; 0], "{text}");
        bench.files_forget(text).await;
    }
}

/// However much of what was told of a person is gone, and in whatever order it went.
async fn who_is_erased_is_found_in_what_is_still_kept(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let zoe = shop.register_zoe();
    bench.write(&[&zoe]).await.unwrap();
    for _ in 0..3 {
        let unit = leased(personal(&mut shop));
        bench.write(&[&unit]).await.unwrap();
        bench.settle(&[&spoken_of(&unit, MessageStatus::Sent)]).await;
        shop.now += minutes(60);
    }
    // Messages would go before the events that tell of them, and what was decided before them.
    let cut = shop.now - minutes(90);
    for what in [What::Tellings, What::Messages, What::Inbox, What::Tellings] {
        sheds(&bench, what, cut).await;
    }
    let tables = ["attempts", "event_pages", "messages", "records"];
    assert_eq!(bench.tables_with(PERSONAL[0]).await, tables);
    sheds(&bench, What::Events, cut - minutes(60)).await;
    for what in [What::Tellings, What::Messages, What::Tellings] {
        sheds(&bench, what, cut).await;
    }
    bench.write(&[&shop.erase_zoe()]).await.unwrap();
    assert_forgotten(&bench).await;
    for text in PERSONAL {
        bench.files_forget(text).await;
    }
}

async fn what_was_found_old_and_is_in_use_again_stays(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = sent(&mut shop, &bench, "b1").await;
    sheds(&bench, What::Events, later()).await;
    bench.vandalize("UPDATE messages SET status = 'ready', settled_ms = NULL").await;
    let keys = [Key::Id(message(&unit).id.0)];
    let cut_ms = later().as_millisecond();
    assert_eq!(bench.store.shed(What::Messages, &keys, cut_ms, 9).await.unwrap().gone, 0);
    assert_eq!(bench.store.count("SELECT count(*) FROM attempts").await, 1);
    assert_eq!(bench.status(message(&unit), &shop).await, "ready");
}

async fn what_is_old_is_counted_and_the_tables_are_measured(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let began = shop.now;
    for number in 0..3 {
        sent(&mut shop, &bench, &format!("b{number}")).await;
    }
    let cut = began + minutes(60);
    shop.now = cut;
    sent(&mut shop, &bench, "young").await;
    let ageing = async |what| bench.store.ageing(what, cut.as_millisecond()).await.unwrap();
    assert_eq!(ageing(What::Messages).await, Ageing { oldest: Some(began + minutes(5)), old: 3 });
    assert_eq!(ageing(What::Inbox).await, Ageing { oldest: Some(began), old: 5 });
    assert_eq!(ageing(What::Audit).await, Ageing::default());
    for what in What::ALL {
        ageing(what).await;
    }
    let sizes = bench.store.sizes().await.unwrap();
    let of = |name: &str| sizes.tables.iter().find(|of| of.table == name).unwrap();
    for (table, rows) in [("inbox", 6), ("messages", 4), ("tenants", 1), ("attempts", 4)] {
        assert_eq!(of(table).rows, rows, "{table}");
        assert!(of(table).bytes >= 4096, "{table}");
    }
}

/// A key of each message there is, in their order.
async fn messages(bench: &Bench) -> Vec<Key> {
    let search = Search { what: What::Messages, behind: None, cut_ms: i64::MAX, published: None };
    let page = bench.store.old_rows(&search, 100).await.unwrap();
    page.candidates.into_iter().map(|row| row.key).collect()
}

/// Else two that write could wait for each other: a message is erased while it is to go.
#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn what_somebody_is_writing_stays_and_nobody_waits() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    for booking in ["b1", "b2"] {
        sent(&mut shop, &bench, booking).await;
    }
    let keys = messages(&bench).await;
    assert_eq!(keys.len(), 2);
    let mut other = bench.database.as_ref().unwrap().connection().await;
    let pages = "SELECT last_place FROM event_pages ORDER BY 1";
    let pages: Vec<i64> = sqlx::query_scalar(pages).fetch_all(&mut other).await.unwrap();
    let hold = "BEGIN; SELECT 1 FROM messages ORDER BY message LIMIT 1 FOR NO KEY UPDATE;
        SELECT 1 FROM event_pages WHERE last_place = (
            SELECT last_place FROM event_pages ORDER BY 1 LIMIT 1 OFFSET 1) FOR UPDATE";
    other.execute(hold).await.unwrap();
    let cut_ms = later().as_millisecond();
    let shed = async |what, keys: &[Key]| {
        let shed = bench.store.shed(what, keys, cut_ms, 100);
        tokio::time::timeout(Duration::from_secs(10), shed).await.unwrap().unwrap().gone
    };
    assert_eq!(shed(What::Messages, &keys).await, 1);
    assert_eq!(bench.store.count("SELECT count(*) FROM attempts").await, 1);
    // Up to the first that is held, for they go in their order.
    let pages: Vec<Key> = pages.into_iter().map(Key::Number).collect();
    assert_eq!(shed(What::Events, &pages).await, 1);
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(shed(What::Messages, &keys).await, 1);
    assert_eq!(bench.store.count("SELECT count(*) FROM attempts").await, 0);
    assert_eq!(shed(What::Events, &pages[1..]).await, pages.len() as u64 - 1);
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn whoever_was_taken_over_removes_nothing() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    sent(&mut shop, &bench, "b1").await;
    let keys = messages(&bench).await;
    let other = bench.wrested().await;
    let cut_ms = later().as_millisecond();
    let refused = bench.store.shed(What::Messages, &keys, cut_ms, 9).await;
    assert!(matches!(refused, Err(StoreError::InUse(_))), "{refused:?}");
    assert_eq!(other.shed(What::Messages, &keys, cut_ms, 9).await.unwrap().gone, 1);
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn tables_are_cleared_up_by_their_owner_beside_a_daemon() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    sent(&mut shop, &bench, "b1").await;
    let url = &bench.database.as_ref().unwrap().url;
    let mut owner = bench.database.as_ref().unwrap().connection().await;
    let role = format!("looker_{}", Uuid::now_v7().simple());
    let grant =
        format!("CREATE ROLE {role} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}");
    owner.execute(AssertSqlSafe(grant)).await.unwrap();
    let as_role = url.replace("//bellhop@", &format!("//{role}@"));
    let refused = Store::vacuum_postgres(&as_role).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    let [before, after] = Store::vacuum_postgres(url).await.unwrap();
    assert!(before > 0 && after > 0, "{before} {after}");
    let vacuumed = "SELECT count(*) FROM pg_class WHERE relname = 'messages' AND reltuples = 1";
    assert_eq!(bench.store.count(vacuumed).await, 1);
    bench.write(&[&shop.book("b2")]).await.unwrap();
    let gone = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    owner.execute(AssertSqlSafe(gone)).await.unwrap();
}
