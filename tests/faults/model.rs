//! What must come of commands, written down a second time: nothing of Bellhop's own code is used.
//!
//! A [`Model`] is one tenant. It thinks up its next command, says what must be answered, and knows
//! what must stand in the store in the end.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::seed::Chance;
use crate::support::{Command, command};

/// Where a booking of the model stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    pub client: String,
    /// As the store says: `confirmed` or `cancelled`.
    pub state: &'static str,
    /// RFC 3339, in whole seconds of UTC.
    pub starts_at: String,
    pub session: Option<String>,
}

/// One place in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub session: String,
    pub client: String,
    /// The order of joining, from 1.
    pub place: u64,
    /// As the store says.
    pub state: &'static str,
}

/// A session with seats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub capacity: usize,
    pub starts_at: String,
    pub cancelled: bool,
    pub joined: u64,
}

/// What is asked next, and what must come of it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub command: Command,
    pub fate: Fate,
}

/// What must become of a command that reached the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is in the inbox, and took effect.
    Taken,
    /// It is in the inbox, refused for this reason.
    Refused(&'static str),
    /// Nobody can read it: it is in the dead queue.
    LaidAside,
    /// Taken, if it arrived: it is published once, whatever becomes of it.
    Perhaps,
}

/// One tenant, as it must be.
#[derive(Debug)]
pub struct Model {
    pub tenant: String,
    /// Stands in whatever the tenant's people are called, and nowhere else.
    pub mark: String,
    pub bookings: BTreeMap<String, Booking>,
    pub sessions: BTreeMap<String, Session>,
    pub entries: BTreeMap<String, Entry>,
    /// To whom a seat was offered, in order: the entry, and the command that made it free.
    pub offers: Vec<(String, String)>,
    /// Likewise, once more with another time, if they had not heard of it yet.
    pub again: Vec<(String, String)>,
    /// Whether clients have one.
    pub with_phones: bool,
    pub(super) clients: Vec<String>,
    pub(super) chance: Chance,
    made: usize,
    classes: bool,
}

const UNREADABLE: usize = 2;
const FEW: usize = 6;

impl Model {
    /// A salon, or a studio with classes.
    pub fn new(number: usize, classes: bool, mut chance: Chance) -> Self {
        let mark = format!("zq{:06}x{number}q", chance.below(1_000_000));
        Self {
            tenant: format!("{}-{number}", if classes { "studio" } else { "salon" }),
            mark,
            bookings: BTreeMap::new(),
            sessions: BTreeMap::new(),
            entries: BTreeMap::new(),
            offers: Vec::new(),
            again: Vec::new(),
            with_phones: false,
            clients: Vec::new(),
            chance,
            made: 0,
            classes,
        }
    }

    /// The next command. The first few make the tenant.
    pub fn next(&mut self) -> Asked {
        self.made += 1;
        match self.made {
            1 => return self.configure(),
            2..=FEW => return self.register(Fate::Taken),
            _ => {}
        }
        match self.chance.below(100) {
            0..UNREADABLE => self.unreadable(),
            2..5 => self.configure(),
            5..10 => self.register(Fate::Taken),
            // Of nobody whom anything else is about, so that it may be there or not.
            10..13 => self.register(Fate::Perhaps),
            _ if self.classes => self.in_studio(),
            _ => self.in_salon(),
        }
    }

    /// A new id of this tenant.
    pub(super) fn id(&self, of: &str) -> String {
        format!("{of}{}", self.made)
    }

    pub(super) fn asked(&self, kind: &str, data: Value, fate: Fate) -> Asked {
        Asked { command: command(&self.tenant, &self.id("m"), kind, data), fate }
    }

    /// Somebody who is there.
    pub(super) fn somebody(&mut self) -> String {
        self.chance.one_of(&self.clients).cloned().unwrap_or_default()
    }

    fn configure(&mut self) -> Asked {
        let profile = if self.classes { "classes" } else { "appointments" };
        let settings = json!({
            "name": format!("{} {}", self.mark, self.made), "profile": profile, "plan": "pro",
            "locale": "en", "timezone": "Europe/Rome", "approval": "automatic", "reminders": [],
            "require_verified_email": false,
        });
        self.asked("tenant.configure", settings, Fate::Taken)
    }

    fn register(&mut self, fate: Fate) -> Asked {
        let id = self.id("c");
        if fate == Fate::Taken {
            self.clients.push(id.clone());
        }
        let mut data = json!({
            "client": id, "name": format!("Ada {}", self.mark), "email_verified": true,
            "email": format!("{id}@{}.{}.example", self.tenant, self.mark),
        });
        if self.with_phones {
            data["phone"] = json!(phone(&self.tenant, &id));
        }
        self.asked("client.register", data, fate)
    }

    fn unreadable(&mut self) -> Asked {
        let data = json!({ "booking": self.id("b"), "cliemt": "c1", "by": "client" });
        self.asked("booking.request", data, Fate::LaidAside)
    }
}

/// A client's number: the tenant's, then the client's.
pub fn phone(tenant: &str, client: &str) -> String {
    let number = |name: &str| -> usize {
        name.trim_start_matches(|letter: char| !letter.is_ascii_digit()).parse().unwrap()
    };
    format!("+39333{}{:06}", number(tenant), number(client))
}
