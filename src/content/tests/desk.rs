//! A letter's parts, owned, for a test to bend.

use jiff::SignedDuration;
use uuid::Uuid;

use super::*;
use crate::content::{InboxParts, PushParts};
use crate::domain::client::{Client, Contact};
use crate::domain::id::{BookingId, ClientId, EntryId, PaymentId, SessionId, TenantId};
use crate::domain::kind::Profile;
use crate::domain::message::{
    BookingFacts, LinkFacts, MessageId, NoticeFacts, Occasion, PaymentFacts, QueueFacts,
    ReviewFacts, SaleFacts, WinBackFacts,
};
use crate::domain::money::Money;
use crate::domain::secret::SecretLink;
use crate::domain::settings::Settings;
use crate::domain::template::CustomText;

/// Facts, settings and client of a letter.
pub(super) struct Desk {
    pub tenant: TenantId,
    pub settings: Settings,
    pub client: Client,
    pub facts: BookingFacts,
    /// What is not about a booking.
    pub aside: Aside,
    pub custom: Option<CustomText>,
    pub from: EmailAddress,
    pub unsubscribe: Option<&'static str>,
    pub link: Option<&'static str>,
}

/// Facts that bookings have not.
pub(super) struct Aside {
    pub until: Option<Timestamp>,
    pub shared: bool,
    pub passed_on: bool,
    pub direct: bool,
    /// Whether the app said where it is approved.
    pub pays_by_link: bool,
    pub amount: Option<Money>,
    pub balance: Option<String>,
    pub link: String,
    /// Every other free text: what is paid or sold, a notice's title.
    pub words: String,
    pub body: String,
}

impl Desk {
    /// A haircut in Rome, everything known.
    pub fn full() -> Self {
        let mut settings = Settings::of_profile("Salone Uno", Profile::Appointments);
        settings.timezone = Zone::parse("Europe/Rome").unwrap();
        settings.sender.email = Some(EmailAddress::parse("ciao@salone-uno.example").unwrap());
        let mut client = Client::named(ClientId::parse("c1").unwrap(), "Anna Rossi");
        client.email = Contact::Known(EmailAddress::parse("anna@example.com").unwrap());
        let facts = BookingFacts {
            ends_at: Some(at("2026-12-03T09:45:00Z")),
            service: Some("Haircut".to_owned()),
            location: Some("Via Roma 1, Milano".to_owned()),
            free_until: Some(at("2026-12-02T17:00:00Z")),
            accepted: true,
            ..BookingFacts::bare("b1", at("2026-12-03T09:00:00Z"))
        };
        let aside = Aside {
            until: Some(at("2026-12-02T17:30:00Z")),
            shared: false,
            passed_on: false,
            direct: false,
            pays_by_link: false,
            amount: Some(Money::parse("12.5", "EUR").unwrap()),
            balance: Some("8 lessons".to_owned()),
            link: "https://app.example.com/l/3f9a2c".to_owned(),
            words: "10 lessons".to_owned(),
            body: "We are closed on Friday.\n\nSee you on Monday!".to_owned(),
        };
        let tenant = TenantId::parse("salon-uno").unwrap();
        let from = EmailAddress::parse("ciao@salone-uno.example").unwrap();
        let (custom, unsubscribe, link) = (None, None, None);
        Self { tenant, settings, client, facts, aside, custom, from, unsubscribe, link }
    }

    /// The same, with nothing known but what must be.
    pub fn bare() -> Self {
        let mut desk = Self::full();
        (desk.facts.ends_at, desk.facts.service, desk.facts.location) = (None, None, None);
        desk.settings.sender.email = None;
        desk.client.name = String::new();
        (desk.aside.amount, desk.aside.balance) = (None, None);
        desk
    }

    pub fn cancelled_by(mut self, party: Party, reason: Option<&str>) -> Self {
        self.facts.cancelled_by = Some(party);
        self.facts.reason = reason.map(str::to_owned);
        self
    }

    pub fn in_language(mut self, tag: &str) -> Self {
        self.client.locale = Some(Locale::parse(tag).unwrap());
        self
    }

    /// So many more weeks of the same series.
    pub fn with_others(mut self, weeks: i64) -> Self {
        let later = |at: Timestamp, week| at + SignedDuration::from_hours(7 * 24 * week);
        let other = |week| Occasion {
            booking: BookingId::parse(&format!("w{week}")).unwrap(),
            starts_at: later(self.facts.starts_at, week),
            ends_at: self.facts.ends_at.map(|end| later(end, week)),
            service: self.facts.service.clone(),
            location: self.facts.location.clone(),
            sequence: 0,
        };
        self.facts.others = (1..=weeks).map(other).collect();
        self
    }

    pub fn facts_of(&self, kind: Kind) -> Facts {
        let Self { facts, aside, .. } = self;
        let words = || aside.words.clone();
        match kind {
            Kind::QueueOffered | Kind::QueueExpired | Kind::QueueClosed => {
                Facts::Queue(QueueFacts {
                    entry: EntryId::parse("e1").unwrap(),
                    session: SessionId::parse("s1").unwrap(),
                    activity: facts.service.clone().unwrap_or_else(|| "Yoga".to_owned()),
                    starts_at: facts.starts_at,
                    ends_at: facts.ends_at.unwrap_or(facts.starts_at),
                    location: facts.location.clone(),
                    until: aside.until,
                    shared: aside.shared,
                    passed_on: aside.passed_on,
                    cancelled: facts.too_few || facts.reason.is_some(),
                    reason: facts.reason.clone(),
                })
            }
            Kind::PaymentRequested | Kind::PaymentReceipt => Facts::Payment(PaymentFacts {
                payment: PaymentId::parse("P-1042").unwrap(),
                amount: aside.amount.clone().unwrap_or(Money::parse("5", "DKK").unwrap()),
                reason: words(),
                direct: aside.direct,
                url: (kind == Kind::PaymentRequested && aside.pays_by_link && !aside.direct)
                    .then(|| SecretLink::new(aside.link.clone())),
            }),
            Kind::SaleRecorded => Facts::Sale(SaleFacts {
                description: words(),
                amount: aside.amount.clone(),
                balance: aside.balance.clone(),
            }),
            Kind::AccountWelcome => Facts::Account,
            Kind::AccountPasswordReset | Kind::AccountMagicLink | Kind::AccountVerifyEmail => {
                Facts::Link(LinkFacts {
                    url: SecretLink::new(aside.link.clone()),
                    expires_at: aside.until,
                })
            }
            Kind::ReviewRequested => Facts::Review(ReviewFacts {
                booking: facts.booking.clone(),
                starts_at: facts.starts_at,
                service: facts.service.clone(),
                url: aside.link.clone(),
            }),
            Kind::NoticeManual | Kind::InboxMessage | Kind::InboxBoard => {
                Facts::Notice(NoticeFacts { title: words(), body: aside.body.clone(), board: None })
            }
            Kind::ClientWinBack => Facts::WinBack(WinBackFacts { last_visit: facts.starts_at }),
            _ => Facts::Booking(facts.clone()),
        }
    }

    pub fn message(&self, kind: Kind, channel: Channel) -> Message {
        Message {
            id: MessageId(Uuid::nil()),
            kind,
            channel,
            client: self.client.id.clone(),
            due: due(),
            deadline: None,
            segments: 0,
            fallback_of: None,
            link_code: None,
            facts: self.facts_of(kind),
        }
    }

    pub fn write(&self, kind: Kind, channel: Channel) -> Rendered {
        CATALOGUE.write(&self.letter(&self.message(kind, channel))).unwrap()
    }

    pub fn letter<'a>(&'a self, message: &'a Message) -> Letter<'a> {
        let Self { tenant, settings, client, custom, from, unsubscribe, link, .. } = self;
        let (custom, unsubscribe, link) = (custom.as_ref(), *unsubscribe, *link);
        Letter { tenant, message, settings, client, custom, from, unsubscribe, link }
    }

    pub fn email(&self, kind: Kind) -> EmailParts {
        let Rendered::Email(parts) = self.write(kind, Channel::Email) else { unreachable!() };
        parts
    }

    pub fn sms(&self, kind: Kind) -> SmsText {
        let Rendered::Sms(text) = self.write(kind, Channel::Sms) else { unreachable!() };
        text
    }

    pub fn push(&self, kind: Kind) -> PushParts {
        let Rendered::Push(parts) = self.write(kind, Channel::Push) else { unreachable!() };
        parts
    }

    pub fn inbox(&self, kind: Kind) -> InboxParts {
        let Rendered::Inbox(parts) = self.write(kind, Channel::Inbox) else { unreachable!() };
        parts
    }

    /// Subject and text of the email as one reads them.
    pub fn read(&self, kind: Kind) -> String {
        let email = self.email(kind);
        format!("Subject: {}\n\n{}", email.subject, email.text)
    }

    /// Every channel as one reads it.
    pub fn read_all(&self, kind: Kind) -> String {
        let (sms, push, inbox) = (self.sms(kind), self.push(kind), self.inbox(kind));
        let SmsText { text, segments, encoding } = sms;
        format!(
            "Email: {}\n\nSMS ({segments} × {encoding:?}): {text}\n\n\
             Push: {}\n{}\n\nInbox: {}\n{}\n",
            self.read(kind).trim_start_matches("Subject: "),
            push.title,
            push.body,
            inbox.title,
            inbox.body,
        )
    }

    pub fn calendar(&self, kind: Kind) -> String {
        self.email(kind).calendar.unwrap().body.replace("\r\n ", "")
    }
}
