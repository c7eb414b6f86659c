//! What a request may say of a message: the variables that templates name.

use std::collections::BTreeSet;

use jiff::Timestamp;
use minijinja::Value;

/// What a gateway carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    Sms,
    /// Notifications, a request for each device.
    Push,
    /// What stands in an app's mailbox.
    Inbox,
}

/// What every template may name, beside `secrets.…`.
const COMMON: [&str; 6] = ["callback", "deadline", "kind", "message", "tenant", "ttl"];

impl Medium {
    /// What it is called where something is said of its providers.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Push => "push",
            Self::Inbox => "inbox",
        }
    }

    /// What its templates may name, beside `secrets.…`.
    pub(super) fn variables(self) -> BTreeSet<String> {
        let own: &[&str] = match self {
            Self::Sms => &["encoding", "from", "segments", "text", "to"],
            Self::Push => &["client", "collapse", "data", "link", "text", "title", "token"],
            Self::Inbox => &["body", "client", "title"],
        };
        COMMON.iter().chain(own).map(|name| (*name).to_owned()).collect()
    }

    /// One with all that a message can have, and one with the least.
    pub(super) fn samples(self) -> [Facts<'static>; 2] {
        let least = Facts {
            message: "0190163d-8694-739b-aea5-966c26f8ad91",
            tenant: "salon-uno",
            kind: "booking.confirmed",
            content: self.sample("Ci vediamo", None),
            deadline: None,
            now: Timestamp::UNIX_EPOCH,
            callback: None,
        };
        let most = Facts {
            content: self.sample("\"Ç'est\" {1} <2> & 3/4 + 100 % …\\", Some("SalonUno")),
            deadline: Some(Timestamp::UNIX_EPOCH),
            callback: Some("https://bellhop.example/hooks/gateway?m=0190163d.c0de"),
            ..least.clone()
        };
        [least, most]
    }

    fn sample(self, text: &'static str, more: Option<&'static str>) -> Content<'static> {
        match self {
            Self::Sms => {
                Content::Sms { to: "+393331234567", from: more, text, segments: 1, encoding: "gsm" }
            }
            Self::Push => Content::Push {
                client: "c1",
                token: "d3v1ce:token",
                title: text,
                text,
                collapse: "5f0c2b8e9d1a4c37b6e2f1a09c8d7e6f",
                booking: more,
                link: more,
            },
            Self::Inbox => Content::Inbox { client: "c1", title: text, body: text },
        }
    }
}

/// What a message is, for a request.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// Our id, the same on every attempt.
    pub message: &'a str,
    /// Who writes.
    pub tenant: &'a str,
    pub kind: &'a str,
    pub content: Content<'a>,
    /// After this it is worthless.
    pub deadline: Option<Timestamp>,
    /// The time.
    pub now: Timestamp,
    /// Where a receipt is to be sent.
    pub callback: Option<&'a str>,
}

/// What a message says, and to whom.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// A text message.
    Sms {
        /// E.164, with its `+`.
        to: &'a str,
        /// A number or a name of up to 11 characters; the provider's own where absent.
        from: Option<&'a str>,
        text: &'a str,
        /// How many segments that takes.
        segments: u32,
        /// `gsm` or `ucs2`.
        encoding: &'a str,
    },
    /// A notification on one device.
    Push {
        client: &'a str,
        /// The device's.
        token: &'a str,
        title: &'a str,
        text: &'a str,
        /// The same for what takes each other's place on the screen.
        collapse: &'a str,
        booking: Option<&'a str>,
        /// Where in the tenant's app it leads.
        link: Option<&'a str>,
    },
    /// What stands in an app's mailbox.
    Inbox { client: &'a str, title: &'a str, body: &'a str },
}

impl Facts<'_> {
    /// The variables, with these secrets.
    pub(super) fn values(&self, secrets: &Value) -> Value {
        let Facts { message, tenant, kind, .. } = *self;
        let deadline = self.deadline.map(|deadline| deadline.to_string());
        let left = self.deadline.map(|deadline| deadline.duration_since(self.now).as_secs());
        let mut values: Vec<(&str, Value)> = vec![
            ("callback", Value::from(self.callback)),
            ("deadline", Value::from(deadline)),
            ("kind", Value::from(kind)),
            ("message", Value::from(message)),
            ("secrets", secrets.clone()),
            ("tenant", Value::from(tenant)),
            ("ttl", Value::from(left.map(|left| left.max(0)))),
        ];
        match self.content {
            Content::Sms { to, from, text, segments, encoding } => values.extend([
                ("encoding", Value::from(encoding)),
                ("from", Value::from(from)),
                ("segments", Value::from(segments)),
                ("text", Value::from(text)),
                ("to", Value::from(to)),
            ]),
            Content::Push { client, token, title, text, collapse, link, .. } => values.extend([
                ("client", Value::from(client)),
                ("collapse", Value::from(collapse)),
                ("data", self.data()),
                ("link", Value::from(link)),
                ("text", Value::from(text)),
                ("title", Value::from(title)),
                ("token", Value::from(token)),
            ]),
            Content::Inbox { client, title, body } => values.extend([
                ("body", Value::from(body)),
                ("client", Value::from(client)),
                ("title", Value::from(title)),
            ]),
        }
        Value::from_pairs(values)
    }

    /// What an app is given beside what its reader reads: texts, and none of them empty.
    fn data(&self) -> Value {
        let Content::Push { client, collapse, booking, link, .. } = self.content else {
            return Value::UNDEFINED;
        };
        let there = [
            ("message", Some(self.message)),
            ("tenant", Some(self.tenant)),
            ("client", Some(client)),
            ("kind", Some(self.kind)),
            ("collapse", Some(collapse)),
            ("booking", booking),
            ("link", link),
        ];
        let there = there.into_iter().filter_map(|(name, text)| Some((name, Value::from(text?))));
        Value::from_pairs(there)
    }
}
