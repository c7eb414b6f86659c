//! What takes the place of a message that was given up is written with its fate, and once.

use std::collections::BTreeMap;

use super::*;
use crate::domain::fallen::Fallen;

on_every_backend! {
    what_takes_a_place_is_written_with_the_fate_of_the_other
    a_message_that_is_not_leased_any_more_is_given_up_by_nobody
    no_message_has_two_that_take_its_place
    a_letter_knows_whether_another_took_its_place
}

/// A shop whose email goes by the app's inbox when it is given up, and a message that is leased.
async fn given_up(bench: &Bench) -> (Shop, Unit) {
    let mut shop = Shop::open("salon", bench).await;
    shop.provided = Channels::ALL;
    let settings = Settings {
        fallback: BTreeMap::from([(Channel::Email, Channel::Inbox)]),
        plan: "pro".to_owned(),
        ..Settings::of_profile("salon", Profile::Appointments)
    };
    let settings = shop.does(&Command::ConfigureTenant(Box::new(settings)));
    let booked = leased(shop.book("b1"));
    bench.write(&[&settings, &booked]).await.unwrap();
    (shop, booked)
}

/// What follows from the message's having been given up, under the same cause.
fn falls(shop: &mut Shop, booked: &Unit) -> Unit {
    let message = message(booked).clone();
    let client = shop.state.client(&message.client).unwrap().clone();
    let (id, bounced, unspent, said_on) = (message.id, false, 0, Channels::NONE);
    let fallen = Fallen { message, client, bounced, unspent, said_on };
    let decision = shop.decide(&booked.cause, Input::Fallen(&fallen)).unwrap();
    shop.concludes(booked.cause.clone(), Trigger::GivenUp(id), decision)
}

fn dead(booked: &Unit) -> Settled {
    Settled { reason: Some("permanent"), ..settled(booked, MessageStatus::Dead) }
}

async fn writes(bench: &Bench, unit: &Unit, settled: &Settled) -> Result<Committed, CommitError> {
    let batch = Batch { units: vec![unit], settled: vec![settled], ..Batch::default() };
    bench.store.commit(&batch, bench.lease).await
}

async fn what_takes_a_place_is_written_with_the_fate_of_the_other(bench: Bench) {
    let (mut shop, booked) = given_up(&bench).await;
    let unit = falls(&mut shop, &booked);
    let committed = writes(&bench, &unit, &dead(&booked)).await.unwrap();
    assert_eq!(committed.held, [0]);
    let (first, spare) = (message(&booked), message(&unit));
    assert_eq!(bench.status(first, &shop).await, "dead");
    let view = bench.view(spare, &shop).await;
    let old = first.id.to_string();
    assert_eq!((view.status.as_str(), view.channel.as_str()), ("ready", "inbox"));
    assert_eq!(view.fallback_of.as_deref(), Some(old.as_str()));
    let telling = bench.store.telling_of_message(&shop.tenant, spare.id).await.unwrap().unwrap();
    assert_eq!(telling.channels[0].fallback_of.as_deref(), Some(old.as_str()));
    // Whoever is to send it knows that it falls back no further.
    let bench = bench.reopened().await;
    let open = bench.store.open_message(&shop.tenant, spare.id).await.unwrap().unwrap();
    assert_eq!(open.stored.message.fallback_of, Some(first.id));

    let spoken = bench.store.spoken(&shop.tenant, &[first.id]).await.unwrap();
    let spoken: Vec<_> = spoken.iter().map(|one| (one.channel, one.fallback_of.clone())).collect();
    assert_eq!(spoken, [(Channel::Email, None), (Channel::Inbox, Some(old))]);
}

async fn a_message_that_is_not_leased_any_more_is_given_up_by_nobody(bench: Bench) {
    let (mut shop, booked) = given_up(&bench).await;
    bench.store.give_back(bench.lease, Channel::Email, &[]).await.unwrap();
    let unit = falls(&mut shop, &booked);
    let refused = writes(&bench, &unit, &dead(&booked)).await.unwrap_err();
    assert!(matches!(&refused, CommitError::Stale(of) if of[..] == [shop.tenant.clone()]));
    assert_eq!(bench.status(message(&booked), &shop).await, "ready");
    let spoken = bench.store.spoken(&shop.tenant, &[message(&booked).id]).await.unwrap();
    assert_eq!(spoken.len(), 1, "nothing took its place");
}

async fn no_message_has_two_that_take_its_place(bench: Bench) {
    let (mut shop, booked) = given_up(&bench).await;
    let unit = falls(&mut shop, &booked);
    writes(&bench, &unit, &dead(&booked)).await.unwrap();
    // Tried again by an operator, leased and given up once more, by somebody who knows nothing.
    bench.vandalize("UPDATE messages SET status = 'ready' WHERE status = 'dead'").await;
    assert_eq!(bench.claim(shop.now + minutes(30), 1).await, ["b1"]);
    shop.now += minutes(31);
    let again = falls(&mut shop, &booked);
    let refused = writes(&bench, &again, &dead(&booked)).await.unwrap_err();
    assert!(matches!(refused, CommitError::Store(StoreError::Refused(_))), "{refused:?}");
}

async fn a_letter_knows_whether_another_took_its_place(bench: Bench) {
    let (mut shop, booked) = given_up(&bench).await;
    let unit = falls(&mut shop, &booked);
    writes(&bench, &unit, &dead(&booked)).await.unwrap();
    let replaced = async || {
        let letters = bench.store.letters(&LetterFilter::default(), None, 10).await.unwrap();
        let letters = letters.into_iter().filter_map(|found| found.letter);
        letters.map(|letter| letter.replaced).collect::<Vec<_>>()
    };
    assert_eq!(replaced().await, [true]);
    bench.vandalize("UPDATE messages SET status = 'expired' WHERE channel = 'inbox'").await;
    assert_eq!(replaced().await, [false], "the other was given up as well");
}
