//! What the road is measured against.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bellhop::broker::{Ack, Delivered};
use bellhop::config::Config;
use bellhop::content::{Catalogue, Letter};
use bellhop::domain::channel::Channel;
use bellhop::domain::client::{Client, Contact};
use bellhop::domain::command::Command;
use bellhop::domain::kind::{Kind, Profile};
use bellhop::domain::message::{BookingFacts, Facts, Message, MessageId};
use bellhop::domain::outcome::Outcome;
use bellhop::domain::settings::Settings;
use bellhop::egress::{EmailProviders, Letterhead, Personal, compose};
use bellhop::wire::{Received, read_command};
use tokio::sync::Semaphore;

use super::CONNECTIONS;
use super::broker::PrivateBroker;

/// Empties the queue.
pub async fn consume_and_ack(broker: &PrivateBroker, commands: usize) -> Duration {
    let started = Instant::now();
    let (link, _publisher) = broker.open().await;
    let mut subscription = link.subscribe(&broker.amqp()).await.unwrap();
    let mut left = commands;
    while left > 0 {
        let deliveries = subscription.next().await.unwrap();
        left = left.saturating_sub(deliveries.len());
        subscription.ack(Ack::UpTo(deliveries.last().unwrap().tag)).await.unwrap();
    }
    link.close().await;
    started.elapsed()
}

struct Press {
    catalogue: Catalogue,
    email: EmailProviders,
    from: bellhop::domain::address::EmailAddress,
    settings: Settings,
}

/// Consume, parse, render, send, ack: no state, no store, no events.
pub async fn pipe(broker: &PrivateBroker, sink: u16, commands: usize) -> Duration {
    let config = Config::parse(
        "bench",
        &format!(
            "[[email.providers]]\nname = \"sink\"\nkind = \"smtp\"\n\
             url = \"smtp://127.0.0.1:{sink}\"\nconnections = {CONNECTIONS}\n"
        ),
    )
    .unwrap();
    let press = Arc::new(Press {
        catalogue: Catalogue::built_in().unwrap(),
        email: EmailProviders::new(&config.email).unwrap(),
        from: config.email.from.clone(),
        settings: Settings::of_profile("Salone", Profile::Appointments),
    });
    let started = Instant::now();
    let (link, _publisher) = broker.open().await;
    let mut subscription = link.subscribe(&broker.amqp()).await.unwrap();
    let slots = Arc::new(Semaphore::new(2 * CONNECTIONS));
    let mut left = commands;
    while left > 0 {
        let deliveries = subscription.next().await.unwrap();
        left = left.saturating_sub(deliveries.len());
        let last = deliveries.last().unwrap().tag;
        let mut sending = Vec::with_capacity(deliveries.len());
        for delivered in deliveries {
            let permit = slots.clone().acquire_owned().await.unwrap();
            let press = press.clone();
            sending.push(tokio::spawn(async move {
                send(&press, &delivered).await;
                drop(permit);
            }));
        }
        // The chunk before is acknowledged while this one is sent.
        for mail in sending {
            mail.await.unwrap();
        }
        subscription.ack(Ack::UpTo(last)).await.unwrap();
    }
    press.email.close().await;
    link.close().await;
    started.elapsed()
}

async fn send(press: &Press, delivered: &Delivered) {
    let Received { tenant, id, command, .. } = read_command(&delivered.body, None).unwrap();
    let Command::RequestBooking(request) = command else { panic!("only bookings") };
    let now = jiff::Timestamp::now();
    let mut client = Client::named(request.client.clone(), "Client");
    let address = format!("{}@example.com", request.client).parse_email();
    client.email = Contact::Known(address.clone());
    let kind = Kind::BookingConfirmed;
    let message = Message {
        id: MessageId::derive(now, &tenant, id.as_str(), kind, Channel::Email, &client.id, None),
        kind,
        channel: Channel::Email,
        client: client.id.clone(),
        due: now,
        deadline: None,
        segments: 0,
        fallback_of: None,
        link_code: None,
        facts: Facts::Booking(facts(&request)),
    };
    let letter = Letter {
        tenant: &tenant,
        message: &message,
        settings: &press.settings,
        client: &client,
        custom: None,
        from: &press.from,
        unsubscribe: None,
        link: None,
    };
    let parts = press.catalogue.email(&letter).unwrap();
    let head = Letterhead {
        id: message.id,
        from: &press.from,
        from_name: "Salone",
        reply_to: None,
        to: &address,
        to_name: "Client",
        date: now,
        unsubscribe: None,
        return_path: None,
        feedback_id: None,
        trace: None,
    };
    let mail = compose(&head, &parts).unwrap();
    let provider = press.email.get(0).unwrap();
    let made = provider.send(&mail, &Personal::default(), &|| true, 0).await.unwrap();
    let attempt = made.attempt;
    assert_eq!(attempt.outcome, Outcome::Accepted, "{}", attempt.reply);
}

fn facts(request: &bellhop::domain::command::RequestBooking) -> BookingFacts {
    // Through the persisted form, so that a new fact with a default does not touch this bench.
    let facts = serde_json::json!({
        "booking": request.booking, "starts_at": request.starts_at, "ends_at": request.ends_at,
        "service": "Haircut", "location": "Via Roma 1", "moved_from": null,
        "cancelled_by": null, "reason": null, "sequence": 0,
    });
    serde_json::from_value(facts).unwrap()
}

trait ParseEmail {
    fn parse_email(&self) -> bellhop::domain::address::EmailAddress;
}

impl ParseEmail for String {
    fn parse_email(&self) -> bellhop::domain::address::EmailAddress {
        bellhop::domain::address::EmailAddress::parse(self).unwrap()
    }
}
