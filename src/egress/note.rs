//! Messages other than email, as they leave.

use std::marker::PhantomData;
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use crate::content::SmsEncoding;
use crate::domain::address::PhoneNumber;
use crate::domain::id::{BookingId, CauseId, ClientId, TenantId};
use crate::domain::kind::Kind;
use crate::domain::message::MessageId;
use crate::domain::outcome::{Outcome, Scope};
use crate::domain::trace::TraceContext;
use crate::store::{Mailbox, NewItem, Posted};

use super::outbox::Outbox;
use super::providers::Transport;
use super::said::Said;
use super::tried::{Tried, Wanted};

/// What stands above every such message.
#[derive(Clone, Serialize)]
pub struct Heading {
    /// Which message it is, the same on every attempt.
    pub message: MessageId,
    /// Who writes.
    pub tenant: TenantId,
    pub client: ClientId,
    pub kind: Kind,
    /// After this it is worthless.
    #[serde(skip)]
    pub deadline: Option<Timestamp>,
    /// Proves that a report of it answers to us; absent: nobody is to report.
    #[serde(skip)]
    pub code: Option<String>,
    /// The trace that it belongs to, and the span of this attempt.
    #[serde(rename = "traceparent", skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
}

/// A text message.
#[derive(Clone, Serialize)]
#[serde(tag = "channel", rename = "sms")]
pub struct Sms {
    /// What stands above it.
    #[serde(flatten)]
    pub heading: Heading,
    /// A number or up to 11 characters; the provider's own where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    pub to: PhoneNumber,
    pub text: String,
    /// How many segments that takes (3GPP TS 23.040).
    pub segments: u32,
    /// How it travels.
    #[serde(skip)]
    pub encoding: SmsEncoding,
}

/// A notification on all of a client's devices.
#[derive(Clone, Serialize)]
#[serde(tag = "channel", rename = "push")]
pub struct Push {
    /// What stands above it.
    #[serde(flatten)]
    pub heading: Heading,
    /// The tokens of the devices.
    pub to: Vec<String>,
    /// The headline.
    pub title: String,
    pub text: String,
    /// The same for what takes each other's place on the screen; fits wherever that is asked for.
    pub collapse: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking: Option<BookingId>,
    /// Where it leads: in the tenant's app, or where a payment is approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// A message in the app's own mailbox, or on its board.
#[derive(Clone, Serialize)]
#[serde(tag = "channel", rename = "inbox")]
pub struct InboxItem {
    /// What stands above it.
    #[serde(flatten)]
    pub heading: Heading,
    /// The client whose mailbox it is.
    pub to: ClientId,
    /// The headline.
    pub title: String,
    /// What it says, in lines.
    pub text: String,
    /// What stands on the board for all, if it is a post there.
    #[serde(skip)]
    pub board: Option<BoardPost>,
    /// Whether it has a link that must not outlast it.
    #[serde(skip)]
    pub is_secret: bool,
}

/// A post on the board, in the words of whoever posted it.
#[derive(Debug, Clone)]
pub struct BoardPost {
    /// Which one, whomever a message brings it to.
    pub post: CauseId,
    pub title: String,
    pub body: String,
}

impl InboxItem {
    fn kept(&self) -> NewItem {
        match &self.board {
            Some(BoardPost { post, title, body }) => NewItem {
                mailbox: Mailbox::Board,
                post: Posted::Once(post.clone()),
                title: title.clone(),
                body: body.clone(),
            },
            None => NewItem {
                mailbox: Mailbox::Client(self.to.clone()),
                post: Posted::Message(self.heading.message),
                title: self.title.clone(),
                body: self.text.clone(),
            },
        }
    }

    /// It is kept in the store, in the very transaction that writes down that it was sent: until
    /// then nothing of it has left.
    pub(super) fn put(&self) -> Tried {
        if self.is_secret {
            let why = Said::by_us("its link is a secret, which no mailbox keeps");
            return Tried::message(Outcome::Permanent(Scope::Provider), why);
        }
        let item = Some(Box::new(self.kept()));
        Tried { item, ..Tried::message(Outcome::Accepted, Said::by_us("kept in the store")) }
    }
}

/// A message that can be written down as JSON.
pub trait Note: Serialize + Send + Sync {
    /// What stands above it.
    fn heading(&self) -> &Heading;
}

impl Note for Sms {
    fn heading(&self) -> &Heading {
        &self.heading
    }
}

impl Note for Push {
    fn heading(&self) -> &Heading {
        &self.heading
    }
}

impl Note for InboxItem {
    fn heading(&self) -> &Heading {
        &self.heading
    }
}

/// Messages into a folder, as `.json` files.
pub struct Notes<N> {
    outbox: Outbox,
    kind: PhantomData<fn(&N)>,
}

impl<N> Notes<N> {
    pub(super) fn into_folder(folder: &Path) -> Self {
        Self { outbox: Outbox::new(folder), kind: PhantomData }
    }
}

impl<N: Note> Transport for Notes<N> {
    type Load = N;

    async fn send(&self, note: &N, wanted: Wanted<'_>) -> Option<Tried> {
        let Ok(raw) = serde_json::to_vec_pretty(note) else {
            let why = Said::by_us("cannot be written as JSON");
            return Some(Tried::message(Outcome::Permanent(Scope::Message), why));
        };
        if let Err(why) = wanted.leaves().await {
            return Some(Tried::kept_back(why));
        }
        Some(self.outbox.write(note.heading().message, "json", raw).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn heading() -> Heading {
        Heading {
            message: MessageId("0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap()),
            tenant: TenantId::parse("salon-uno").unwrap(),
            client: ClientId::parse("c1").unwrap(),
            kind: Kind::BookingReminder,
            deadline: None,
            code: Some("c0de".to_owned()),
            trace: None,
        }
    }

    fn item(title: &str) -> InboxItem {
        InboxItem {
            heading: heading(),
            to: heading().client,
            title: title.to_owned(),
            text: "Ciao Ada".to_owned(),
            board: None,
            is_secret: false,
        }
    }

    #[test]
    fn what_is_kept_is_a_client_s_or_stands_on_the_board_in_its_own_words() {
        let tried = item("Domani").put();
        let kept = tried.item.unwrap();
        assert_eq!(
            (tried.outcome, &kept.mailbox),
            (Outcome::Accepted, &Mailbox::Client(heading().client))
        );
        assert_eq!(kept.post, Posted::Message(heading().message));
        assert_eq!((&*kept.title, &*kept.body), ("Domani", "Ciao Ada"));

        let post = CauseId::parse("p1").unwrap();
        let board =
            BoardPost { post: post.clone(), title: "Chiusi".into(), body: "Lunedì".into() };
        let kept = InboxItem { board: Some(board), ..item("Domani") }.put().item.unwrap();
        assert_eq!((&kept.mailbox, &kept.post), (&Mailbox::Board, &Posted::Once(post)));
        assert_eq!((&*kept.title, &*kept.body), ("Chiusi", "Lunedì"), "nothing of whom it is to");

        let secret = InboxItem { is_secret: true, ..item("Domani") }.put();
        assert_eq!(secret.outcome, Outcome::Permanent(Scope::Provider));
        assert!(secret.item.is_none());
    }

    async fn written<N: Note>(note: &N) -> Value {
        let dir = tempfile::tempdir().unwrap();
        let sent = Notes::into_folder(dir.path()).send(note, &|| true).await;
        let Tried { outcome, said: Said { ours: file, .. }, .. } = sent.unwrap();
        assert_eq!(outcome, Outcome::Accepted);
        assert!(file.ends_with("-0190163d-8694-739b-aea5-966c26f8ad91.json"), "{file}");
        serde_json::from_slice(&std::fs::read(dir.path().join(file)).unwrap()).unwrap()
    }

    fn with_heading(channel: &str, mut rest: Value) -> Value {
        for (key, value) in [
            ("message", "0190163d-8694-739b-aea5-966c26f8ad91"),
            ("tenant", "salon-uno"),
            ("client", "c1"),
            ("kind", "booking.reminder"),
            ("channel", channel),
        ] {
            rest[key] = value.into();
        }
        rest
    }

    #[tokio::test]
    async fn every_channel_is_written_with_what_it_says_and_to_whom() {
        let to = PhoneNumber::parse("+393331234567").unwrap();
        let text = "Domani alle 10".to_owned();
        let sms = Sms {
            heading: heading(),
            from: None,
            to,
            text: text.clone(),
            segments: 1,
            encoding: SmsEncoding::Gsm7,
        };
        let wanted = json!({ "to": "+393331234567", "text": text, "segments": 1 });
        assert_eq!(written(&sms).await, with_heading("sms", wanted));

        let (title, to) = ("Domani".to_owned(), vec!["t1".to_owned(), "t2".to_owned()]);
        let push = Push {
            heading: heading(),
            to,
            title: title.clone(),
            text: text.clone(),
            collapse: "c0".to_owned(),
            booking: BookingId::parse("b1").ok(),
            link: None,
        };
        let wanted = json!({
            "to": ["t1", "t2"], "title": title, "text": text, "collapse": "c0", "booking": "b1",
        });
        assert_eq!(written(&push).await, with_heading("push", wanted));

        let to = heading().client;
        let item = InboxItem { to, text: text.clone(), ..item(&title) };
        let wanted = json!({ "to": "c1", "title": title, "text": text });
        assert_eq!(written(&item).await, with_heading("inbox", wanted));
    }
}
