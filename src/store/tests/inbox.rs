//! What is known of a command.

use super::*;
use crate::domain::id::CommandId;

on_every_backend! {
    each_key_is_answered_in_its_place
    a_refusal_is_remembered_with_its_reason
    an_id_is_a_tenant_s_own
}

/// The id of the command that a unit answers.
pub fn command(unit: &Unit) -> CommandId {
    CommandId::parse(unit.cause.as_str()).unwrap()
}

async fn each_key_is_answered_in_its_place(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let mut units: Vec<Unit> = (0..150).map(|n| shop.book(&format!("b{n}"))).collect();
    for (n, unit) in units.iter_mut().enumerate() {
        let body_hash = BodyHash([u8::try_from(n).unwrap(); 16]);
        let trigger = Trigger::Command(InboxEntry { body_hash, ..entry(unit) });
        unit.claim.as_mut().unwrap().trigger = trigger;
    }
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let unknown = CommandId::parse("never sent").unwrap();
    // Backwards, an unknown one between any two, one asked twice.
    let asked: Vec<CommandId> = units.iter().rev().chain([&units[3]]).map(command).collect();
    let mut keys: Vec<InboxKey<'_>> = Vec::new();
    let mut expected = Vec::new();
    for (unit, known) in units.iter().rev().chain([&units[3]]).zip(&asked) {
        keys.extend([(&unit.tenant, known), (&shop.tenant, &unknown)]);
        expected.extend([Some(entry(unit)), None]);
    }
    assert_eq!(bench.store.lookup(&keys).await.unwrap(), expected);
    assert_eq!(bench.store.lookup(&[]).await.unwrap(), []);
}

async fn a_refusal_is_remembered_with_its_reason(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = shop.cancel("no such ‘booking’");
    bench.write(&[&unit]).await.unwrap();
    let known = bench.store.lookup(&[(&unit.tenant, &command(&unit))]).await.unwrap().remove(0);
    let rejection = known.unwrap().rejection.unwrap();
    assert_eq!(rejection.reason, RejectionReason::UnknownBooking);
    assert_eq!(Some(rejection), entry(&unit).rejection);
}

async fn an_id_is_a_tenant_s_own(bench: Bench) {
    let (mut one, mut two) = (Shop::open("one", &bench).await, Shop::open("two", &bench).await);
    let unit = one.book("b1");
    bench.write(&[&unit]).await.unwrap();
    let known = bench.store.lookup(&[(&two.tenant, &command(&unit))]).await.unwrap();
    assert_eq!(known, [None]);
    let same_id = two.book("b1");
    assert_eq!(same_id.cause, unit.cause);
    bench.write(&[&same_id]).await.unwrap();
}
