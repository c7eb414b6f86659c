//! A tenant's own texts go with the messages that are claimed.

use std::sync::Arc;

use super::*;
use crate::domain::decision::{Change, Record};
use crate::domain::locale::Locale;

on_every_backend! {
    a_claimed_message_brings_the_text_for_its_reader
    a_text_for_something_else_is_not_brought
    an_unreadable_text_does_not_hold_up_the_message
    messages_of_one_claim_share_what_they_need
}

fn text(kind: Kind, channel: Channel, locale: &str) -> Change {
    let locale = Locale::parse(locale).unwrap();
    let body = format!("{}/{}/{}", kind.as_str(), channel.as_str(), locale.as_str());
    let text = CustomText { subject: None, body };
    Record::Template(TemplateKey { kind, channel, locale }, Arc::new(text)).into()
}

/// Writes the texts and a booking, claims its message and says which text came with it.
async fn brought(bench: &Bench, tenant: &str, changes: Vec<Change>) -> Option<String> {
    let mut shop = Shop::open(tenant, bench).await;
    let texts = Decision { changes, ..Decision::default() };
    let units = [shop.decides(texts), shop.book("b1")];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    let mut claimed = bench.due(shop.now, 9).await;
    claimed.retain(|claimed| claimed.stored.message.id == message(&units[1]).id);
    assert_eq!(claimed.len(), 1);
    claimed.remove(0).custom.map(|text| text.body.clone())
}

async fn a_claimed_message_brings_the_text_for_its_reader(bench: Bench) {
    let confirmed = |locale| text(Kind::BookingConfirmed, Channel::Email, locale);
    assert_eq!(brought(&bench, "none", Vec::new()).await, None);
    let texts = vec![confirmed("fr"), confirmed("en"), confirmed("it")];
    let own = brought(&bench, "some", texts).await;
    assert_eq!(own.as_deref(), Some("booking.confirmed/email/en"));
}

async fn a_text_for_something_else_is_not_brought(bench: Bench) {
    let texts = vec![
        text(Kind::BookingConfirmed, Channel::Sms, "en"),
        text(Kind::BookingCancelled, Channel::Email, "en"),
        text(Kind::BookingConfirmed, Channel::Email, "da"),
    ];
    assert_eq!(brought(&bench, "salon", texts).await, None);
    let theirs = vec![text(Kind::BookingConfirmed, Channel::Email, "en")];
    assert!(brought(&bench, "other", theirs).await.is_some());
    assert_eq!(brought(&bench, "third", Vec::new()).await, None);
}

async fn an_unreadable_text_does_not_hold_up_the_message(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let changes = vec![text(Kind::BookingConfirmed, Channel::Email, "en")];
    let texts = Decision { changes, ..Decision::default() };
    let units = [shop.decides(texts), shop.book("b1")];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    bench.vandalize("UPDATE records SET body = '{' WHERE kind = 'template'").await;
    let claimed = bench.due(shop.now, 9).await;
    assert!(claimed.iter().any(|claimed| claimed.stored.message.id == message(&units[1]).id));
    assert!(claimed.iter().all(|claimed| claimed.custom.is_none()));
}

async fn messages_of_one_claim_share_what_they_need(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let confirmed = |locale| text(Kind::BookingConfirmed, Channel::Email, locale);
    let changes = vec![confirmed("en"), confirmed("it"), confirmed("fr")];
    let texts = Decision { changes, ..Decision::default() };
    let units = [shop.decides(texts), shop.book("b1"), shop.book("b2")];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let mut claimed = bench.due(shop.now, 9).await;
    claimed.retain(|claimed| claimed.stored.message.booking().is_some());
    let [one, other] = claimed.try_into().unwrap();
    assert!(Arc::ptr_eq(&one.custom.unwrap(), &other.custom.unwrap()));
    assert!(Arc::ptr_eq(&one.client.unwrap(), &other.client.unwrap()));
    assert!(Arc::ptr_eq(&one.settings.unwrap(), &other.settings.unwrap()));
}
