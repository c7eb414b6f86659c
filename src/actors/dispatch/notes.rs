//! What goes to an app: notifications, and items of mailboxes, as they leave.

use crate::content::{InboxParts, PushParts};
use crate::domain::client::Client;
use crate::domain::message::{Facts, Message, NoticeFacts};
use crate::domain::named;
use crate::domain::settings::Settings;
use crate::egress::{BoardPost, Heading, InboxItem, Push};

/// A notification on these devices.
pub fn push(
    heading: Heading,
    parts: PushParts,
    message: &Message,
    settings: &Settings,
    devices: &[String],
) -> Push {
    Push {
        to: devices.to_vec(),
        title: parts.title,
        text: parts.body,
        collapse: collapse(&heading, message),
        booking: message.booking().cloned(),
        link: settings.app_link(message.kind, message.booking()).or_else(|| asked_at(message)),
        heading,
    }
}

/// Where a payment is approved or declined, if the app said where.
fn asked_at(message: &Message) -> Option<String> {
    let Facts::Payment(facts) = &message.facts else { return None };
    facts.url.as_ref().map(|url| url.expose().to_owned())
}

/// An item of a client's mailbox, or of the board.
pub fn item(heading: Heading, parts: InboxParts, message: &Message, client: &Client) -> InboxItem {
    InboxItem {
        heading,
        to: client.id.clone(),
        title: parts.title,
        text: parts.body,
        board: board(&message.facts),
        is_secret: message.facts.is_secret(),
    }
}

/// What takes each other's place on a screen is about the same thing; what is about nothing, only
/// itself. 32 characters that fit wherever such a key is asked for.
fn collapse(heading: &Heading, message: &Message) -> String {
    let Some(topic) = message.facts.about() else { return message.id.0.simple().to_string() };
    let (what, which) = topic.name();
    named::uuid(&["collapse", heading.tenant.as_str(), what, which]).simple().to_string()
}

/// What stands on the board, of what everybody is told who reads it.
fn board(facts: &Facts) -> Option<BoardPost> {
    let Facts::Notice(NoticeFacts { title, body, board: Some(post) }) = facts else { return None };
    Some(BoardPost { post: post.clone(), title: title.clone(), body: body.clone() })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::channel::Channel;
    use crate::domain::id::{ClientId, PaymentId, TenantId};
    use crate::domain::kind::{Kind, Profile};
    use crate::domain::message::{MessageId, PaymentFacts};
    use crate::domain::money::Money;
    use crate::domain::secret::SecretLink;

    const PAGE: &str = "https://gym.example/pay?t=s3cret";

    fn pushed(settings: &Settings, url: Option<&str>) -> Push {
        let client = ClientId::parse("anna").unwrap();
        let kind = Kind::PaymentRequested;
        let message = Message {
            id: MessageId(uuid::Uuid::nil()),
            kind,
            channel: Channel::Push,
            client: client.clone(),
            due: Timestamp::UNIX_EPOCH,
            deadline: None,
            facts: Facts::Payment(PaymentFacts {
                payment: PaymentId::parse("p1").unwrap(),
                amount: Money::parse("12.50", "EUR").unwrap(),
                reason: "Towels".to_owned(),
                direct: false,
                url: url.map(SecretLink::new),
            }),
            segments: 0,
            fallback_of: None,
            link_code: None,
        };
        let heading = Heading {
            message: message.id,
            tenant: TenantId::parse("gym").unwrap(),
            client,
            kind,
            deadline: None,
            code: None,
            trace: None,
        };
        let parts = PushParts { title: "Towels".to_owned(), body: "Approve it.".to_owned() };
        push(heading, parts, &message, settings, &[])
    }

    #[test]
    fn a_push_leads_where_a_payment_is_approved_unless_the_app_says_where() {
        let mut settings = Settings::of_profile("Gym", Profile::Classes);
        assert_eq!(pushed(&settings, None).link, None);
        assert_eq!(pushed(&settings, Some(PAGE)).link.as_deref(), Some(PAGE));
        settings.app_links.insert(Kind::PaymentRequested, "gym://payments".to_owned());
        assert_eq!(pushed(&settings, Some(PAGE)).link.as_deref(), Some("gym://payments"));
    }
}
