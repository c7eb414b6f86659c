//! What a gateway is asked to carry.

use std::borrow::Cow;

use super::note::{Heading, InboxItem, Push, Sms};
use crate::content::SmsEncoding;
use crate::domain::id::BookingId;
use crate::gateways::Content;

/// One request at a gateway.
pub(super) trait Errand: Sync {
    /// What stands above the message.
    fn heading(&self) -> &Heading;

    /// The variables of its request that are its own.
    fn content(&self) -> Content<'_>;

    /// What its reader reads, and no answer is to quote.
    fn text(&self) -> Cow<'_, str>;
}

impl Errand for Sms {
    fn heading(&self) -> &Heading {
        &self.heading
    }

    fn content(&self) -> Content<'_> {
        Content::Sms {
            to: self.to.as_str(),
            from: self.from.as_deref(),
            text: &self.text,
            segments: self.segments,
            encoding: match self.encoding {
                SmsEncoding::Gsm7 => "gsm",
                SmsEncoding::Ucs2 => "ucs2",
            },
        }
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::from(&self.text)
    }
}

impl Errand for InboxItem {
    fn heading(&self) -> &Heading {
        &self.heading
    }

    fn content(&self) -> Content<'_> {
        Content::Inbox { client: self.to.as_str(), title: &self.title, body: &self.text }
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::from(format!("{}\n{}", self.title, self.text))
    }
}

/// A notification on one of its client's devices.
pub(super) struct PushTo<'a> {
    pub push: &'a Push,
    /// The device's.
    pub token: &'a str,
}

impl Errand for PushTo<'_> {
    fn heading(&self) -> &Heading {
        &self.push.heading
    }

    fn content(&self) -> Content<'_> {
        let Push { heading, title, text, collapse, booking, link, .. } = self.push;
        Content::Push {
            client: heading.client.as_str(),
            token: self.token,
            title,
            text,
            collapse,
            booking: booking.as_ref().map(BookingId::as_str),
            link: link.as_deref(),
        }
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::from(format!("{}\n{}", self.push.title, self.push.text))
    }
}
