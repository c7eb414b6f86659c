//! Made up: a salon, its client, and what it might write to them about.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::address::{EmailAddress, PhoneNumber};
use crate::domain::booking::Party;
use crate::domain::client::{Client, Contact};
use crate::domain::id::{BookingId, ClientId, EntryId, PaymentId, SessionId, TenantId};
use crate::domain::kind::{Kind, Profile};
use crate::domain::locale::Locale;
use crate::domain::message::{
    BookingFacts, Facts, LinkFacts, NoticeFacts, PaymentFacts, QueueFacts, ReviewFacts, SaleFacts,
    StaffFacts, WinBackFacts,
};
use crate::domain::money::Money;
use crate::domain::secret::SecretLink;
use crate::domain::settings::Settings;
use crate::domain::zone::Zone;

const START: &str = "2026-12-10T18:00:00+01:00";
const END: &str = "2026-12-10T19:00:00+01:00";
const EARLIER: &str = "2026-12-09T10:00:00+01:00";
const UNTIL: &str = "2026-12-10T12:00:00+01:00";
const LINK: &str = "https://salon.example/a/b?c=d";

/// A salon in Rome.
///
/// # Errors
/// None: it is well formed.
pub fn tenant() -> anyhow::Result<(TenantId, Arc<Settings>)> {
    let mut settings = Settings::of_profile("Salone Uno", Profile::Appointments);
    settings.timezone = Zone::parse("Europe/Rome")?;
    settings.plan = "pro".to_owned();
    Ok((TenantId::parse("salon-uno")?, Arc::new(settings)))
}

/// A client who reads this language.
///
/// # Errors
/// None: all of it is well formed.
pub fn client(locale: Locale) -> anyhow::Result<Client> {
    Ok(Client {
        email: Contact::Known(EmailAddress::parse("anna@example.com")?),
        phone: Contact::Known(PhoneNumber::parse("+393331234567")?),
        push_tokens: vec!["phone-of-anna".to_owned()],
        email_verified: true,
        locale: Some(locale),
        ..Client::named(ClientId::parse("anna")?, "Anna Rossi")
    })
}

/// What a message of this kind might tell.
///
/// # Errors
/// If it is an alert for staff: those have no texts of a tenant's own.
pub fn facts(kind: Kind) -> anyhow::Result<Facts> {
    Ok(match kind {
        Kind::BookingPending
        | Kind::BookingConfirmed
        | Kind::BookingDeclined
        | Kind::BookingCancelled
        | Kind::BookingRescheduled
        | Kind::BookingReminder
        | Kind::SessionCancelled
        | Kind::QueueAccepted
        | Kind::AttendanceCheck => Facts::Booking(booking(kind)?),
        Kind::QueueOffered | Kind::QueueExpired | Kind::QueueClosed => Facts::Queue(queue()?),
        Kind::PaymentRequested | Kind::PaymentReceipt => Facts::Payment(PaymentFacts {
            payment: PaymentId::parse("P-1042")?,
            amount: Money::parse("12.50", "EUR")?,
            reason: "Trial class".to_owned(),
            direct: false,
            url: (kind == Kind::PaymentRequested).then(|| SecretLink::new(LINK)),
        }),
        Kind::SaleRecorded => Facts::Sale(SaleFacts {
            description: "10 classes".to_owned(),
            amount: Some(Money::parse("90.00", "EUR")?),
            balance: Some("10 classes left".to_owned()),
        }),
        Kind::AccountWelcome => Facts::Account,
        Kind::AccountPasswordReset | Kind::AccountMagicLink | Kind::AccountVerifyEmail => {
            Facts::Link(LinkFacts { url: SecretLink::new(LINK), expires_at: Some(UNTIL.parse()?) })
        }
        Kind::ReviewRequested => Facts::Review(ReviewFacts {
            booking: BookingId::parse("b1")?,
            starts_at: START.parse()?,
            service: Some("Haircut".to_owned()),
            url: LINK.to_owned(),
        }),
        Kind::NoticeManual | Kind::InboxMessage | Kind::InboxBoard => Facts::Notice(NoticeFacts {
            title: "Closed on Friday".to_owned(),
            body: "We are back on Monday.".to_owned(),
            board: None,
        }),
        Kind::StaffBookingRequested => staff(Facts::Booking(booking(kind)?))?,
        Kind::StaffBookingCancelled => staff(Facts::Booking(BookingFacts {
            cancelled_by: Some(Party::Client),
            ..booking(kind)?
        }))?,
        Kind::StaffQueueAccepted => staff(facts(Kind::QueueAccepted)?)?,
        Kind::StaffQueueJoined => staff(facts(Kind::QueueClosed)?)?,
        Kind::StaffPaymentAccepted | Kind::StaffPaymentDeclined => {
            staff(facts(Kind::PaymentReceipt)?)?
        }
        Kind::ClientWinBack => Facts::WinBack(WinBackFacts { last_visit: START.parse()? }),
    })
}

fn staff(of: Facts) -> anyhow::Result<Facts> {
    let to = EmailAddress::parse("desk@salon.example")?;
    Ok(Facts::Staff(StaffFacts { to, of: Box::new(of) }))
}

fn booking(kind: Kind) -> anyhow::Result<BookingFacts> {
    let instant = |is_told: bool, at: &str| -> anyhow::Result<Option<Timestamp>> {
        Ok(if is_told { Some(at.parse()?) } else { None })
    };
    let is_over =
        matches!(kind, Kind::BookingDeclined | Kind::BookingCancelled | Kind::SessionCancelled);
    Ok(BookingFacts {
        booking: BookingId::parse("b1")?,
        starts_at: START.parse()?,
        ends_at: Some(END.parse()?),
        service: Some("Haircut".to_owned()),
        location: Some("Via Roma 1, Milano".to_owned()),
        bring: Some("A towel".to_owned()),
        moved_from: instant(kind == Kind::BookingRescheduled, EARLIER)?,
        cancelled_by: (kind == Kind::BookingCancelled).then_some(Party::Staff),
        reason: is_over.then(|| "Marco is ill".to_owned()),
        sequence: 0,
        awaits_confirmation: kind == Kind::BookingPending,
        session: None,
        free_until: instant(kind == Kind::AttendanceCheck, UNTIL)?,
        too_few: false,
        accepted: kind == Kind::QueueAccepted,
        others: Vec::new(),
    })
}

fn queue() -> anyhow::Result<QueueFacts> {
    Ok(QueueFacts {
        entry: EntryId::parse("e1")?,
        session: SessionId::parse("s1")?,
        activity: "Yoga".to_owned(),
        starts_at: START.parse()?,
        ends_at: END.parse()?,
        location: Some("Room 2".to_owned()),
        until: Some(UNTIL.parse()?),
        shared: false,
        passed_on: true,
        cancelled: false,
        reason: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{Catalogue, Letter};
    use crate::domain::channel::Channel;
    use crate::domain::message::{Message, MessageId};

    #[test]
    fn there_is_something_to_say_of_every_kind_on_every_channel() {
        let alerts = Kind::STAFF.iter().map(|kind| (*kind, Channel::Email));
        let others = Kind::ALL.iter().flat_map(|kind| Channel::ALL.map(|channel| (*kind, channel)));
        let catalogue = Catalogue::built_in().unwrap();
        let (tenant, settings) = tenant().unwrap();
        let client = client(Locale::english()).unwrap();
        for (kind, channel) in others.chain(alerts) {
            let message = Message {
                id: MessageId(uuid::Uuid::nil()),
                kind,
                channel,
                client: client.id.clone(),
                due: Timestamp::UNIX_EPOCH,
                deadline: None,
                segments: 0,
                fallback_of: None,
                link_code: None,
                facts: facts(kind).unwrap(),
            };
            let letter = Letter {
                tenant: &tenant,
                message: &message,
                settings: &settings,
                client: &client,
                custom: None,
                from: &EmailAddress::parse("post@bellhop.example").unwrap(),
                unsubscribe: None,
                link: None,
            };
            assert!(catalogue.write(&letter).is_ok(), "{} {channel:?}", kind.as_str());
        }
    }
}
