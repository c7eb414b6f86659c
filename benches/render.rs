//! How many messages are written in a second on one core, channel by channel, and how many emails
//! are made ready for the wire?
//!
//! ```text
//! cargo bench --bench render                    # a second a row
//! cargo bench --bench render -- --seconds 5 --channel email
//! ```
//!
//! Each letter is another one: clients, hours and languages change, as they do in a daemon.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bellhop::content::{Catalogue, EmailParts, Letter};
use bellhop::domain::address::EmailAddress;
use bellhop::domain::channel::Channel;
use bellhop::domain::client::{Client, Contact};
use bellhop::domain::id::{ClientId, TenantId};
use bellhop::domain::kind::{Kind, Profile};
use bellhop::domain::locale::Locale;
use bellhop::domain::message::{Facts, Message, MessageId};
use bellhop::domain::settings::Settings;
use bellhop::domain::template::CustomText;
use bellhop::domain::zone::Zone;
use bellhop::egress::{Letterhead, compose};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

/// As in the daemon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many letters a row goes round.
const LETTERS: usize = 1000;
const LANGUAGES: [&str; 5] = ["en", "it", "fr", "da", "es"];

const OWN_BODY: &str = "Ciao {{ client }},\n\nla prenotazione{% if service %} per {{ service }}\
    {% endif %} di {{ when.full }} è confermata.\n\nA presto,\n{{ tenant }}";

fn main() {
    let option = |name: &str| std::env::args().skip_while(|word| word != name).nth(1);
    let only = option("--channel");
    let seconds = option("--seconds").map_or(1, |seconds| seconds.parse().expect("a number"));
    let limit = Duration::from_secs(seconds);
    let catalogue = Catalogue::built_in().unwrap();
    let own = CustomText { subject: Some("{{ tenant }}".to_owned()), body: OWN_BODY.to_owned() };
    println!("render: one core, {LETTERS} letters in {} languages", LANGUAGES.len());
    for kind in [Kind::BookingConfirmed, Kind::BookingPending, Kind::AccountMagicLink] {
        for channel in [Channel::Email, Channel::Sms, Channel::Push, Channel::Inbox] {
            if only.as_deref().is_none_or(|only| only == channel.as_str()) {
                report(kind.as_str(), channel, rate(&catalogue, kind, channel, None, limit));
            }
        }
    }
    let (kind, channel) = (Kind::BookingConfirmed, Channel::Email);
    report("a tenant's own text", channel, rate(&catalogue, kind, channel, Some(&own), limit));
    report("composed with a file", channel, compose_rate(&catalogue, kind, limit));
    let kind = Kind::BookingPending;
    report("composed without", channel, compose_rate(&catalogue, kind, limit));
}

fn report(what: &str, channel: Channel, per_second: f64) {
    println!("{what:<22} {:<6} {per_second:>9.0}/s", channel.as_str());
}

fn rate(
    catalogue: &Catalogue,
    kind: Kind,
    channel: Channel,
    custom: Option<&CustomText>,
    limit: Duration,
) -> f64 {
    let (tenant, settings) = tenant();
    let from = settings.sender.email.as_ref().unwrap();
    let letters = letters(kind, channel);
    per_second(&letters, limit, |(client, message)| {
        let letter = Letter {
            tenant: &tenant,
            message,
            settings: &settings,
            client,
            custom,
            from,
            unsubscribe: None,
            link: None,
        };
        black_box(catalogue.write(&letter).unwrap());
    })
}

/// What is left to do with rendered emails before they go over the wire.
fn compose_rate(catalogue: &Catalogue, kind: Kind, limit: Duration) -> f64 {
    let (tenant, settings) = tenant();
    let from = settings.sender.email.as_ref().unwrap();
    let letters = letters(kind, Channel::Email);
    let emails: Vec<(&Client, &Message, EmailParts)> = letters
        .iter()
        .map(|(client, message)| {
            let (tenant, settings, custom) = (&tenant, &settings, None);
            let (unsubscribe, link) = (None, None);
            let letter =
                Letter { tenant, message, settings, client, custom, from, unsubscribe, link };
            (client, message, catalogue.email(&letter).unwrap())
        })
        .collect();
    per_second(&emails, limit, |(client, message, parts)| {
        let head = Letterhead {
            id: message.id,
            from,
            from_name: &settings.name,
            reply_to: None,
            to: client.email.known().unwrap(),
            to_name: &client.name,
            date: message.due,
            unsubscribe: None,
            return_path: None,
            feedback_id: None,
            trace: None,
        };
        black_box(compose(&head, parts).unwrap());
    })
}

fn tenant() -> (TenantId, Settings) {
    let mut settings = Settings::of_profile("Salone Uno", Profile::Appointments);
    settings.timezone = Zone::parse("Europe/Rome").unwrap();
    settings.sender.email = Some(EmailAddress::parse("ciao@salone-uno.example").unwrap());
    (TenantId::parse("salon-uno").unwrap(), settings)
}

fn letters(kind: Kind, channel: Channel) -> Vec<(Client, Message)> {
    (0..LETTERS).map(|number| letter(number, kind, channel)).collect()
}

/// How often `work` is done in a second of this thread's own time.
fn per_second<T>(items: &[T], limit: Duration, work: impl Fn(&T)) -> f64 {
    let mut done = 0_usize;
    let (started, cpu_started) = (Instant::now(), cpu_time());
    while started.elapsed() < limit {
        items.iter().for_each(&work);
        done += items.len();
    }
    let busy = cpu_time().zip(cpu_started).map(|(now, then)| now.saturating_sub(then));
    done as f64 / busy.unwrap_or_else(|| started.elapsed()).as_secs_f64()
}

/// How long this thread had a core, which others may want too.
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(stat.split(' ').next()?.parse().ok()?))
}

fn letter(number: usize, kind: Kind, channel: Channel) -> (Client, Message) {
    let id = ClientId::parse(&format!("c{number}")).unwrap();
    let mut client = Client::named(id.clone(), &format!("Anna Rossi {number}"));
    client.locale = Some(Locale::parse(LANGUAGES[number % LANGUAGES.len()]).unwrap());
    client.email = Contact::Known(EmailAddress::parse("anna@example.com").unwrap());
    let first: Timestamp = "2026-12-03T09:00:00Z".parse().unwrap();
    let hours = i64::try_from(number).unwrap();
    let starts_at = first + SignedDuration::from_hours(hours);
    let message = Message {
        id: MessageId(Uuid::from_u128(number as u128)),
        kind,
        channel,
        client: id,
        due: first,
        deadline: None,
        segments: 0,
        fallback_of: None,
        link_code: None,
        facts: facts(kind, number, starts_at),
    };
    (client, message)
}

/// Through the persisted form, so that a new fact with a default does not touch this bench.
fn facts(kind: Kind, number: usize, starts_at: Timestamp) -> Facts {
    let facts = match kind {
        Kind::AccountMagicLink => json!({
            "about": "link", "expires_at": starts_at,
            "url": format!("https://app.example.com/sign-in/{number:032x}"),
        }),
        _ => json!({
            "about": "booking", "booking": format!("b{number}"), "starts_at": starts_at,
            "ends_at": starts_at + SignedDuration::from_mins(45), "service": "Haircut",
            "location": "Via Roma 1, Milano", "moved_from": null, "cancelled_by": null,
            "reason": null, "sequence": 0,
        }),
    };
    serde_json::from_value(facts).unwrap()
}
