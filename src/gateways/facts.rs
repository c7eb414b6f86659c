//! What a request may say of a message.

use jiff::Timestamp;

/// What a gateway carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    Sms,
    /// Notifications, a request for each device.
    Push,
    /// What stands in an app's mailbox.
    Inbox,
}

impl Medium {
    /// What it is called where something is said of its providers.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Push => "push",
            Self::Inbox => "inbox",
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
    /// Whole seconds until the deadline, none once it has passed.
    pub fn ttl(&self) -> Option<u64> {
        let left = self.deadline.map(|deadline| deadline.duration_since(self.now).as_secs());
        left.map(|left| u64::try_from(left).unwrap_or(0))
    }

    /// What an app is given with a notification beside what its reader reads; nothing of other
    /// messages.
    pub fn data(&self) -> Vec<(&'static str, &str)> {
        let Content::Push { client, collapse, booking, link, .. } = self.content else {
            return Vec::new();
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
        there.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
    }
}

#[cfg(test)]
pub mod tests {
    //! A message of a salon's, an hour before its deadline.

    use super::*;

    /// Its id.
    pub const MESSAGE: &str = "0190163d-8694-739b-aea5-966c26f8ad91";
    /// What a notification is told by from others.
    pub const COLLAPSE: &str = "5f0c2b8e9d1a4c37b6e2f1a09c8d7e6f";

    /// An hour before the deadline.
    pub fn now() -> Timestamp {
        "2026-12-01T09:00:00Z".parse().unwrap()
    }

    /// As a text message, of which no receipt is wanted.
    pub fn sms<'a>(text: &'a str, from: Option<&'a str>) -> Facts<'a> {
        carrying(Content::Sms { to: "+393331234567", from, text, segments: 1, encoding: "gsm" })
    }

    /// As a notification.
    pub fn push<'a>(token: &'a str, text: &'a str, link: Option<&'a str>) -> Facts<'a> {
        carrying(Content::Push {
            client: "c1",
            token,
            title: "Ciao \"Anna\"",
            text,
            collapse: COLLAPSE,
            booking: Some("b1"),
            link,
        })
    }

    fn carrying(content: Content<'_>) -> Facts<'_> {
        Facts {
            message: MESSAGE,
            tenant: "salon-uno",
            kind: "booking.confirmed",
            content,
            deadline: "2026-12-01T10:00:00Z".parse().ok(),
            now: now(),
            callback: None,
        }
    }
}
