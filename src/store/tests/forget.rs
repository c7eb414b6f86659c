//! What must be forgotten is nowhere in the store afterwards.

use super::records::telling;
use super::*;
use crate::domain::address::PhoneNumber;
use crate::domain::broadcast::Audience;
use crate::domain::command::SendNotice;
use crate::domain::id::{NoticeId, PaymentId};
use crate::domain::message::{LinkFacts, MessageId, PaymentFacts};
use crate::domain::money::Money;
use crate::domain::secret::SecretLink;
use crate::domain::settings::QuietHours;

on_every_backend! {
    a_secret_is_forgotten_with_the_last_attempt
    a_payment_is_still_asked_for_when_its_link_is_forgotten
    a_secret_is_kept_while_it_may_still_be_sent
    a_secret_that_cannot_be_read_is_forgotten_once_it_is_of_no_use
    what_is_no_secret_stays
    an_erased_person_is_nowhere
    what_providers_said_of_an_erased_person_is_told_to_nobody_any_more
    what_a_provider_says_later_of_an_erased_person_is_not_kept
    what_was_written_to_an_erased_person_alone_is_forgotten
    what_was_counted_of_an_erased_person_stays
    what_was_to_be_sent_to_an_erased_person_is_withdrawn
    a_person_is_erased_in_the_batch_that_made_them_known
    somebody_new_of_the_same_id_is_not_erased
    another_s_client_of_the_same_id_is_not_erased
}

const LINK: &str = "https://example.com/login?token=s3cr3t";

fn link(shop: &mut Shop) -> Unit {
    let expires_at = Some(shop.now + minutes(15));
    let facts = Facts::Link(LinkFacts { url: SecretLink::new(LINK), expires_at });
    let decision = telling(facts, shop.now);
    leased(shop.decides(decision))
}

async fn a_secret_is_forgotten_with_the_last_attempt(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    for end in MessageStatus::ALL {
        if matches!(end, MessageStatus::Ready | MessageStatus::Sending) {
            continue;
        }
        let unit = link(&mut shop);
        bench.write(&[&unit]).await.unwrap();
        assert_eq!(bench.tables_with("s3cr3t").await, ["messages"]);
        assert_eq!(bench.settle(&[&settled(&unit, end)]).await, [0]);
        assert_eq!(bench.tables_with("s3cr3t").await, [""; 0], "{}", end.as_str());
        assert_eq!(bench.status(message(&unit), &shop).await, end.as_str());
    }
    // What is left is still about the same.
    bench.vandalize("UPDATE messages SET status = 'ready' WHERE status = 'dead'").await;
    let claimed = bench.due(shop.now + minutes(99), 1).await;
    let left = LinkFacts { url: SecretLink::new(""), expires_at: None };
    assert_eq!(claimed[0].stored.message.facts, Facts::Link(left));
}

/// A payment to be approved behind [`LINK`].
fn charge(shop: &mut Shop) -> Unit {
    let facts = PaymentFacts {
        payment: PaymentId::parse("p1").unwrap(),
        amount: Money::parse("12.50", "EUR").unwrap(),
        reason: "Ten lessons".to_owned(),
        direct: false,
        url: Some(SecretLink::new(LINK)),
    };
    let mut decision = telling(Facts::Payment(facts), shop.now);
    decision.messages[0].kind = Kind::PaymentRequested;
    leased(shop.decides(decision))
}

async fn a_payment_is_still_asked_for_when_its_link_is_forgotten(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let [unit, unreadable] = [charge(&mut shop), charge(&mut shop)];
    bench.write(&[&unit, &unreadable]).await.unwrap();
    assert_eq!(bench.tables_with("s3cr3t").await, ["messages"]);
    let id = message(&unreadable).id;
    bench.vandalize(&format!("UPDATE messages SET facts = 's3cr3t' WHERE message = '{id}'")).await;
    let outcomes = [settled(&unit, MessageStatus::Dead), settled(&unreadable, MessageStatus::Dead)];
    bench.settle(&[&outcomes[0], &outcomes[1]]).await;
    assert_eq!(bench.tables_with("s3cr3t").await, [""; 0]);
    bench.vandalize("UPDATE messages SET status = 'ready' WHERE status = 'dead'").await;
    let claimed = bench.due(shop.now + minutes(99), 9).await;
    let left = claimed.iter().find(|one| one.stored.message.id == message(&unit).id).unwrap();
    let Facts::Payment(asked) = &message(&unit).facts else { unreachable!() };
    let expected = Facts::Payment(PaymentFacts { url: None, ..asked.clone() });
    assert_eq!(left.stored.message.facts, expected);
}

#[tokio::test]
async fn a_secret_is_not_left_in_the_files() {
    let bench = Bench::sqlite().await;
    let mut shop = Shop::open("salon", &bench).await;
    // One that fits into a page, and one that spills over.
    for length in [10, 5000] {
        let url = SecretLink::new(format!("{LINK}{}", "x".repeat(length)));
        let facts = Facts::Link(LinkFacts { url, expires_at: None });
        let decision = telling(facts, shop.now);
        let unit = leased(shop.decides(decision));
        bench.write(&[&unit]).await.unwrap();
        assert!(bench.files_hold("s3cr3t") && bench.files_hold("xxxxxxxxxx"));
        bench.settle(&[&settled(&unit, MessageStatus::Sent)]).await;
        // Nothing more is written: the log must be emptied by itself.
        bench.files_forget("s3cr3t").await;
        bench.files_forget("xxxxxxxxxx").await;
    }
}

async fn a_secret_is_kept_while_it_may_still_be_sent(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = link(&mut shop);
    bench.write(&[&unit]).await.unwrap();
    assert_eq!(bench.settle(&[&settled(&unit, MessageStatus::Ready)]).await, [0]);
    let claimed = bench.due(shop.now + minutes(99), 1).await;
    assert_eq!(claimed[0].stored.message.facts, message(&unit).facts);
}

async fn a_secret_that_cannot_be_read_is_forgotten_once_it_is_of_no_use(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let over = shop.now + minutes(15);
    let mut unit = Unit { leased: Vec::new(), ..link(&mut shop) };
    unit.decision.messages[0].deadline = Some(over);
    bench.write(&[&unit]).await.unwrap();
    bench.vandalize("UPDATE messages SET shape = 99").await;
    for (now, kept) in [(shop.now, &["messages"][..]), (over, &[])] {
        bench.recover(bench.lease, now).await;
        assert!(bench.due(now, 9).await.is_empty());
        assert_eq!(bench.status(message(&unit), &shop).await, "unreadable");
        assert_eq!(bench.tables_with("s3cr3t").await, kept, "at {now}");
        // A version that can read it starts.
        if now == over {
            bench.recover(bench.lease, now).await;
            assert_eq!(bench.due(now, 9).await.len(), 1);
        }
    }
}

async fn what_is_no_secret_stays(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b-open-secret"));
    bench.write(&[&unit]).await.unwrap();
    bench.settle(&[&settled(&unit, MessageStatus::Dead)]).await;
    bench.vandalize("UPDATE messages SET status = 'ready' WHERE status = 'dead'").await;
    assert_eq!(bench.claim(shop.now + minutes(99), 9).await, ["b-open-secret"]);
}

pub(super) const PERSONAL: [&str; 4] =
    ["Zoë Über", "zoe@example.org", "+393331234567", "device-of-zoe"];

impl Shop {
    pub(super) fn register_zoe(&mut self) -> Unit {
        let profile = ClientFields {
            email: Some(Contact::Known(EmailAddress::parse(PERSONAL[1]).unwrap())),
            phone: Some(Contact::Known(PhoneNumber::parse(PERSONAL[2]).unwrap())),
            push_tokens: Some(vec![PERSONAL[3].to_owned()]),
            ..ClientFields::default()
        };
        let (client, name) = (zoe(), PERSONAL[0].to_owned());
        let register = RegisterClient { client, name, profile, by: None };
        self.does(&Command::RegisterClient(Box::new(register)))
    }

    /// Written to her alone, with her name in it; she sleeps until the afternoon.
    fn write_to_zoe(&mut self) -> [Unit; 2] {
        let mut settings = (**self.state.settings().unwrap()).clone();
        let hour = |hour| jiff::civil::Time::constant(hour, 0, 0, 0);
        settings.quiet_hours = Some(QuietHours { from: hour(10), to: hour(15) });
        let audience = Audience { clients: Some([zoe()].into()), ..Audience::default() };
        let notice = Command::SendNotice(Box::new(SendNotice {
            notice: NoticeId::parse("n1").unwrap(),
            title: PERSONAL[0].to_owned(),
            body: format!("Dear {}", PERSONAL[0]),
            channels: Channels::of(&[Channel::Email]),
            audience,
        }));
        [self.does(&Command::ConfigureTenant(Box::new(settings))), self.does(&notice)]
    }

    pub(super) fn erase_zoe(&mut self) -> Unit {
        let unit = self.does(&Command::EraseClient(zoe()));
        assert_eq!(unit.decision.erased, Some(zoe()));
        unit
    }
}

fn zoe() -> ClientId {
    ClientId::parse("zoe").unwrap()
}

/// A message to Zoë with her name in its facts.
pub(super) fn personal(shop: &mut Shop) -> Unit {
    let facts = Facts::Link(LinkFacts { url: SecretLink::new(PERSONAL[0]), expires_at: None });
    let mut decision = telling(facts, shop.now);
    decision.messages[0].client = zoe();
    decision.tellings[0].client = zoe();
    shop.decides(decision)
}

pub(super) async fn assert_forgotten(bench: &Bench) {
    for text in PERSONAL {
        assert_eq!(bench.tables_with(text).await, [""; 0], "{text}");
    }
}

async fn an_erased_person_is_nowhere(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [
        shop.register_zoe(),
        leased(personal(&mut shop)),
        personal(&mut shop),
        shop.book_for("b1", "zoe", None),
        shop.book("annas"),
    ];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let (reply, tried) = (PERSONAL[1].to_owned(), said(&units[1], PERSONAL[1]));
    let sent = Settled { reply, tried, ..settled(&units[1], MessageStatus::Sent) };
    bench.settle(&[&Settled { event: None, ..sent }]).await;
    for text in PERSONAL {
        assert_ne!(bench.tables_with(text).await, [""; 0], "{text}");
    }
    let sent = message(&units[1]).id.to_string();
    let ids = [sent.as_str(), "somebody else's"];
    assert_eq!(bench.store.forgotten(&ids).await.unwrap(), [""; 0]);
    bench.write(&[&shop.erase_zoe()]).await.unwrap();
    assert_forgotten(&bench).await;
    for text in PERSONAL {
        bench.files_forget(text).await;
    }
    assert_eq!(bench.store.forgotten(&ids).await.unwrap(), [sent.as_str()]);
    let loaded = bench.store.load_tenant(&shop.tenant).await.unwrap();
    assert_eq!((loaded.revision, &loaded.state), (shop.revision, &shop.state));
    assert!(loaded.state.client(&zoe()).is_none());
}

/// An outcome in which the provider speaks of Zoë.
pub(super) fn spoken_of(unit: &Unit, status: MessageStatus) -> Settled {
    let reply = format!("554 {} is bad", PERSONAL[0]);
    let mut settled = settled(unit, status);
    let Some(Event::Message(event)) = &mut settled.event else { panic!("{settled:?}") };
    event.reply.clone_from(&reply);
    Settled { tried: said(unit, &reply), reply, ..settled }
}

async fn what_providers_said_of_an_erased_person_is_told_to_nobody_any_more(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [
        shop.register_zoe(),
        leased(personal(&mut shop)),
        leased(shop.book("annas")),
        leased(personal(&mut shop)),
    ];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    // Tried twice, with others in between and on the same page.
    bench.settle(&[&spoken_of(&units[1], MessageStatus::Ready)]).await;
    bench
        .settle(&[
            &settled(&units[2], MessageStatus::Sent),
            &spoken_of(&units[3], MessageStatus::Dead),
        ])
        .await;
    bench.due(shop.now + minutes(99), 9).await;
    bench.settle(&[&spoken_of(&units[1], MessageStatus::Dead)]).await;
    let before = bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap();
    let tables = ["attempts", "event_pages", "messages", "records"];
    assert_eq!(bench.tables_with(PERSONAL[0]).await, tables);
    bench.write(&[&shop.erase_zoe()]).await.unwrap();
    assert_forgotten(&bench).await;
    let after = bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap();
    for (before, after) in before.iter().zip(&after) {
        let unspoken = before.body.replace(&format!("554 {} is bad", PERSONAL[0]), "");
        assert_eq!((&*after.body, &after.id), (&*unspoken, &before.id), "and nothing else");
    }
    let spoken = |body: &str| body.contains(r#""reply":"250 ok""#);
    assert_eq!(after.iter().filter(|event| spoken(&event.body)).count(), 1, "of somebody else");
    bench.files_forget(PERSONAL[0]).await;
}

async fn what_a_provider_says_later_of_an_erased_person_is_not_kept(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [shop.register_zoe(), leased(personal(&mut shop)), leased(personal(&mut shop))];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let erase = shop.erase_zoe();
    let first = spoken_of(&units[1], MessageStatus::Sent);
    let batch = Batch { number: 0, units: vec![&erase], settled: vec![&first] };
    assert_eq!(bench.store.commit(&batch, bench.lease).await.unwrap().held, [0]);
    assert_forgotten(&bench).await;
    assert_eq!(bench.settle(&[&spoken_of(&units[2], MessageStatus::Sent)]).await, [0]);
    assert_forgotten(&bench).await;
    let sent = [message(&units[1]), message(&units[2])].map(|message| message.id.to_string());
    let ids = [sent[0].as_str(), sent[1].as_str()];
    assert_eq!(bench.store.forgotten(&ids).await.unwrap().len(), 2);
}

async fn what_was_written_to_an_erased_person_alone_is_forgotten(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let zoe = shop.register_zoe();
    let [quiet, notice] = shop.write_to_zoe();
    bench.write(&[&zoe, &quiet, &notice]).await.unwrap();
    assert_eq!(bench.tables_with("Dear Zoë").await, ["records"]);
    bench.write(&[&shop.erase_zoe()]).await.unwrap();
    assert_forgotten(&bench).await;
    bench.files_forget("Dear Zoë").await;
    let loaded = bench.store.load_tenant(&shop.tenant).await.unwrap();
    assert_eq!((loaded.revision, &loaded.state), (shop.revision, &shop.state));
}

async fn what_was_counted_of_an_erased_person_stays(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [shop.register_zoe(), shop.book_for("b1", "zoe", None)];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    let told = bench.store.tellings_of_client(&shop.tenant, &zoe()).await.unwrap();
    let sent = bench.store.messages_of_client(&shop.tenant, &zoe()).await.unwrap();
    bench.write(&[&shop.erase_zoe()]).await.unwrap();
    let after = bench.store.tellings_of_client(&shop.tenant, &zoe()).await.unwrap();
    assert_eq!(after[..told.len()], told[..]);
    let messages = bench.store.messages_of_client(&shop.tenant, &zoe()).await.unwrap();
    assert_eq!(messages.len(), sent.len());
}

async fn what_was_to_be_sent_to_an_erased_person_is_withdrawn(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [shop.register_zoe(), personal(&mut shop), leased(personal(&mut shop))];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    bench.settle(&[&settled(&units[2], MessageStatus::Ready)]).await;
    bench.write(&[&shop.erase_zoe()]).await.unwrap();
    let claimed = bench.due(shop.now, 9).await;
    let superseded: Vec<MessageId> = claimed
        .iter()
        .filter(|one| one.stored.superseded)
        .map(|one| one.stored.message.id)
        .collect();
    for unit in &units[1..] {
        assert!(superseded.contains(&message(unit).id), "due at once, to be withdrawn");
    }
    assert!(claimed.iter().all(|one| one.client.is_none() || !one.stored.superseded));
}

async fn a_person_is_erased_in_the_batch_that_made_them_known(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [
        shop.register_zoe(),
        personal(&mut shop),
        leased(personal(&mut shop)),
        shop.erase_zoe(),
        shop.annotate("none", "a bystander"),
    ];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    assert_forgotten(&bench).await;
    let claimed = bench.due(shop.now, 9).await;
    let mine = claimed.iter().find(|one| one.stored.message.id == message(&units[1]).id).unwrap();
    assert!(mine.stored.superseded);
    let sent = settled(&units[2], MessageStatus::Sent);
    assert_eq!(bench.settle(&[&sent]).await, [0], "it was on its way");
    assert_forgotten(&bench).await;
}

async fn somebody_new_of_the_same_id_is_not_erased(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [
        shop.register_zoe(),
        shop.erase_zoe(),
        shop.register("zoe", "Another"),
        shop.book_for("hers", "zoe", None),
    ];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    assert_forgotten(&bench).await;
    let loaded = bench.store.load_tenant(&shop.tenant).await.unwrap();
    assert_eq!((loaded.revision, &loaded.state), (shop.revision, &shop.state));
    let claimed = bench.due(shop.now, 9).await;
    let hers = claimed.iter().find(|one| one.stored.message.id == message(&units[3]).id).unwrap();
    assert!(!hers.stored.superseded);
    assert_eq!(hers.stored.message.facts, message(&units[3]).facts);
    assert_eq!(hers.client.as_ref().unwrap().name, "Another");
}

async fn another_s_client_of_the_same_id_is_not_erased(bench: Bench) {
    let (mut one, mut two) = (Shop::open("one", &bench).await, Shop::open("two", &bench).await);
    let mine = [one.register_zoe(), personal(&mut one)];
    let theirs = [two.register("zoe", "Another"), two.book_for("b1", "zoe", None)];
    bench.write(&[&mine[0], &mine[1], &theirs[0], &theirs[1]]).await.unwrap();
    bench.write(&[&one.erase_zoe()]).await.unwrap();
    let loaded = bench.store.load_tenant(&two.tenant).await.unwrap();
    assert_eq!((loaded.revision, &loaded.state), (two.revision, &two.state));
    let claimed = bench.due(two.now, 9).await;
    let theirs = claimed.iter().find(|c| c.stored.message.id == message(&theirs[1]).id).unwrap();
    assert!(!theirs.stored.superseded && theirs.stored.message.booking().is_some());
}
