//! What stands in the app: in the mailboxes of clients, and on the board.

use super::*;
use crate::domain::decision::ItemRead;

on_every_backend! {
    an_item_stands_there_once_it_is_sent_and_only_once
    a_mailbox_is_read_page_by_page_the_latest_first
    what_is_read_stays_read_until_somebody_says_otherwise
    a_post_on_the_board_stands_there_once_whoever_it_goes_to
    the_latest_are_kept
    a_mailbox_goes_with_who_was_erased
}

/// The outcome of a unit's message that is put into Anna's mailbox.
pub(super) fn kept(unit: &Unit, title: &str) -> Settled {
    let message = message(unit);
    let item = NewItem {
        mailbox: Mailbox::Client(message.client.clone()),
        post: Posted::Message(message.id),
        title: title.to_owned(),
        body: format!("{title}!"),
    };
    Settled { item: Some(item), ..settled(unit, MessageStatus::Sent) }
}

/// The same on the board, where that post stands once.
fn posted(unit: &Unit, post: &str) -> Settled {
    let item = NewItem {
        mailbox: Mailbox::Board,
        post: Posted::Once(CauseId::parse(post).unwrap()),
        title: post.to_owned(),
        body: "For all".to_owned(),
    };
    Settled { item: Some(item), ..settled(unit, MessageStatus::Sent) }
}

pub(super) fn anna() -> ClientId {
    ClientId::parse("anna").unwrap()
}

impl Bench {
    async fn items(&self, mailbox: &Mailbox) -> Vec<ItemView> {
        let tenant = TenantId::parse("salon").unwrap();
        let found = self.store.mailbox(&tenant, mailbox, None, PAGE_MAX).await.unwrap();
        found.into_iter().map(|(_, item)| item).collect()
    }

    async fn titles(&self, mailbox: &Mailbox) -> Vec<String> {
        self.items(mailbox).await.into_iter().map(|item| item.title).collect()
    }
}

async fn an_item_stands_there_once_it_is_sent_and_only_once(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b1"));
    bench.write(&[&unit]).await.unwrap();
    let annas = Mailbox::Client(anna());
    assert_eq!(bench.items(&annas).await, []);
    let outcome = kept(&unit, "Hello");
    assert_eq!(bench.settle(&[&outcome]).await, [0]);
    // Its lease is gone: nothing is written again.
    assert_eq!(bench.settle(&[&kept(&unit, "Hello again")]).await, [0; 0]);
    let item = ItemView {
        message: message(&unit).id.to_string(),
        title: "Hello".to_owned(),
        body: "Hello!".to_owned(),
        at: outcome.at,
        read: false,
    };
    assert_eq!(bench.items(&annas).await, [item]);
    assert_eq!(bench.status(message(&unit), &shop).await, "sent");
    // Nor where it is sent once more, as a dead letter may be.
    bench.vandalize("UPDATE messages SET status = 'ready'").await;
    assert_eq!(bench.due(shop.now + minutes(99), 9).await.len(), 1);
    assert_eq!(bench.settle(&[&kept(&unit, "Hello again")]).await, [0]);
    assert_eq!(bench.titles(&annas).await, ["Hello"]);
    assert_eq!(bench.items(&Mailbox::Board).await, []);
}

async fn a_mailbox_is_read_page_by_page_the_latest_first(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let mut other = Shop::open("other", &bench).await;
    let mut units: Vec<Unit> = (0..5).map(|n| leased(shop.book(&format!("b{n}")))).collect();
    units.push(leased(other.book("b0")));
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    for (number, unit) in units.iter().enumerate() {
        bench.settle(&[&kept(unit, &number.to_string())]).await;
    }
    let annas = Mailbox::Client(anna());
    assert_eq!(bench.titles(&annas).await, ["4", "3", "2", "1", "0"]);
    let page = async |after| bench.store.mailbox(&shop.tenant, &annas, after, 2).await.unwrap();
    let first = page(None).await;
    let second = page(Some(first[1].0)).await;
    let titles: Vec<&str> =
        first.iter().chain(&second).map(|(_, item)| item.title.as_str()).collect();
    assert_eq!(titles, ["4", "3", "2", "1"]);
}

async fn what_is_read_stays_read_until_somebody_says_otherwise(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [leased(shop.book("b1")), leased(shop.book("b2"))];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    bench.settle(&[&kept(&units[0], "one"), &kept(&units[1], "two")]).await;
    let id = message(&units[0]).id;
    let tenant = shop.tenant.clone();
    let is_read = async |client: &str| {
        let client = ClientId::parse(client).unwrap();
        bench.store.is_read(&tenant, &client, id).await.unwrap()
    };
    let reads = |client: &str, at| {
        let client = ClientId::parse(client).unwrap();
        let events = vec![Event::InboxRead { client: client.clone(), message: id }];
        let read = Some(ItemRead { client, message: id });
        let decision = Decision { events, read, ..Decision::default() };
        let cause = CauseId::parse(&format!("read {at}")).unwrap();
        Unit { tenant: tenant.clone(), cause, at, claim: None, decision, leased: Vec::new() }
    };
    let annas = Mailbox::Client(anna());
    let read =
        async || bench.items(&annas).await.iter().map(|item| item.read).collect::<Vec<bool>>();
    assert_eq!((is_read("anna").await, is_read("ben").await), (Some(false), None));
    for unit in [reads("anna", shop.now), reads("anna", shop.now + minutes(9))] {
        bench.write(&[&unit]).await.unwrap();
        assert_eq!(read().await, [false, true]);
    }
    assert_eq!(is_read("anna").await, Some(true));
    let first =
        format!("SELECT count(*) FROM mailbox_items WHERE read_ms = {}", shop.now.as_millisecond());
    assert_eq!(bench.store.count(first.leak()).await, 1, "when it was first read");
    let unread = async |client: &str| {
        let client = ClientId::parse(client).unwrap();
        bench.store.mark_unread(&tenant, &client, id).await.unwrap()
    };
    assert!(!unread("ben").await, "it is not theirs");
    assert!(unread("anna").await && unread("anna").await, "again");
    assert_eq!(read().await, [false, false]);
}

async fn a_post_on_the_board_stands_there_once_whoever_it_goes_to(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = ["b1", "b2", "b3"].map(|booking| leased(shop.book(booking)));
    bench.write(&[&units[0], &units[1], &units[2]]).await.unwrap();
    bench.settle(&[&posted(&units[0], "closed"), &posted(&units[1], "closed")]).await;
    bench.settle(&[&posted(&units[2], "open")]).await;
    assert_eq!(bench.titles(&Mailbox::Board).await, ["open", "closed"]);
    assert_eq!(bench.items(&Mailbox::Client(anna())).await, []);
}

async fn the_latest_are_kept(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let count = ITEMS_MAX as usize + 3;
    let units: Vec<Unit> = (0..count).map(|n| leased(shop.book(&format!("b{n}")))).collect();
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let outcomes: Vec<Settled> =
        units.iter().enumerate().map(|(n, unit)| kept(unit, &n.to_string())).collect();
    bench.settle(&outcomes.iter().collect::<Vec<_>>()).await;
    let annas = "SELECT count(*) FROM mailbox_items WHERE mailbox = 'anna'";
    assert_eq!(bench.store.count(annas).await, i64::from(ITEMS_MAX));
    let gone = "SELECT count(*) FROM mailbox_items WHERE CAST(title AS INTEGER) < 3";
    assert_eq!(bench.store.count(gone).await, 0);
}

async fn a_mailbox_goes_with_who_was_erased(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = ["b1", "b2", "b3"].map(|booking| leased(shop.book(booking)));
    bench.write(&[&units[0], &units[1], &units[2]]).await.unwrap();
    bench.settle(&[&kept(&units[0], "her s3cret"), &posted(&units[1], "closed")]).await;
    let erase = shop.does(&Command::EraseClient(anna()));
    bench.write(&[&erase]).await.unwrap();
    // What was on its way meanwhile is not kept.
    assert_eq!(bench.settle(&[&kept(&units[2], "her s3cret")]).await, [0]);
    assert_eq!(bench.items(&Mailbox::Client(anna())).await, []);
    assert_eq!(bench.titles(&Mailbox::Board).await, ["closed"]);
    assert_eq!(bench.tables_with("s3cret").await, [""; 0]);
    bench.files_forget("s3cret").await;
}
