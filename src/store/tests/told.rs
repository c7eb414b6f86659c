//! What clients were told, page by page, and the tenants.

use super::*;
use crate::store::view::COUNTED_MAX;

on_every_backend! {
    what_was_told_is_read_backwards_from_a_place
    tenants_are_listed_by_id_with_what_waits
}

async fn what_was_told_is_read_backwards_from_a_place(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let mut other = Shop::open("other", &bench).await;
    let units = [
        shop.register("ben", "Ben"),
        shop.book("b1"),
        other.book("b1"),
        shop.book_for("b2", "ben", None),
        shop.cancel("b1"),
    ];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let told = async |of: &ToldOf, from, limit| {
        let found = bench.store.told(&shop.tenant, of, from, limit).await.unwrap();
        assert!(found.is_sorted_by(|(one, _), (next, _)| one > next));
        found
    };
    let kinds = |found: &[(i64, TellingView)]| {
        let of = |(_, told): &(i64, TellingView)| (told.kind.clone(), told.booking.clone());
        let is_meant = |(kind, booking): &(String, Option<String>)| {
            booking.is_some() && kind != "booking.reminder"
        };
        found.iter().map(of).filter(is_meant).collect::<Vec<_>>()
    };
    let row = |kind: &str, booking: &str| (format!("booking.{kind}"), Some(booking.to_owned()));
    let all = told(&ToldOf::default(), None, 100).await;
    let expected = [row("cancelled", "b1"), row("confirmed", "b2"), row("confirmed", "b1")];
    assert_eq!(kinds(&all), expected);
    let first = told(&ToldOf::default(), None, 1).await;
    assert_eq!(first, all[..1]);
    assert_eq!(told(&ToldOf::default(), Some(all[1].0), 100).await, all[1..]);
    let of = |client: Option<&str>, booking: Option<&str>| ToldOf {
        client: client.map(|id| ClientId::parse(id).unwrap()),
        booking: booking.map(|id| BookingId::parse(id).unwrap()),
    };
    let ben = told(&of(Some("ben"), None), None, 100).await;
    assert_eq!(kinds(&ben), [row("confirmed", "b2")]);
    let b1 = told(&of(None, Some("b1")), None, 100).await;
    assert_eq!(kinds(&b1), [row("cancelled", "b1"), row("confirmed", "b1")]);
    assert_eq!(told(&of(Some("ben"), Some("b1")), None, 100).await, []);
}

#[tokio::test]
async fn what_is_read_of_many_is_found_by_an_index() {
    let bench = Bench::sqlite().await;
    for (condition, index) in [
        ("tenant = 't' AND client = 'c'", "tellings_client"),
        ("tenant = 't' AND booking = 'b'", "tellings_booking"),
        ("tenant = 't' AND booking = 'b' AND +client = 'c'", "tellings_booking"),
    ] {
        let query = format!(
            "EXPLAIN QUERY PLAN SELECT * FROM tellings WHERE {condition} AND seq <= 9 \
             ORDER BY seq DESC LIMIT 5"
        );
        let mut behind = SqliteConnection::connect(bench.file.to_str().unwrap()).await.unwrap();
        let plan = sqlx::query(AssertSqlSafe(query)).fetch_all(&mut behind).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        assert_eq!(plan.len(), 1, "nothing is sorted: {plan:?}");
        assert!(plan[0].contains(index), "{condition}: {plan:?}");
    }
}

async fn tenants_are_listed_by_id_with_what_waits(bench: Bench) {
    let mut salon = Shop::open("salon", &bench).await;
    let mut many = Shop::open("many", &bench).await;
    let units: Vec<Unit> = (0..=COUNTED_MAX).map(|n| many.book(&format!("b{n}"))).collect();
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let unit = leased(salon.book("b1"));
    bench.write(&[&unit]).await.unwrap();
    let gone = Settled { reason: Some("permanent"), ..settled(&unit, MessageStatus::Dead) };
    bench.settle(&[&gone]).await;
    let tenants = bench.store.tenants(None, 10).await.unwrap();
    let ids: Vec<&str> = tenants.iter().map(|view| view.tenant.as_str()).collect();
    assert_eq!(ids, ["many", "salon"]);
    assert_eq!(
        (tenants[0].waiting, tenants[0].dead_letters),
        (COUNTED_MAX, 0),
        "as far as counted"
    );
    assert_eq!((tenants[1].name.as_deref(), tenants[1].dead_letters), (Some("salon"), 1));
    let due = message(&units[0]).due;
    assert!(tenants[0].oldest_due.is_some_and(|oldest| oldest <= due));
    let behind = bench.store.tenants(Some(&many.tenant), 10).await.unwrap();
    assert_eq!(behind, tenants[1..]);
    assert_eq!(bench.store.tenants(None, 1).await.unwrap(), tenants[..1]);
}
