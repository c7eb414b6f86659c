//! A session with an SMSC (SMPP 3.4 §2.2), without its connection.
//!
//! ```text
//!            bind_transceiver_resp            leaves: unbind          unbind_resp
//!   binding ───────────────────────▶ bound ──────────────────▶ leaving ──────────▶ over
//!      │ refused, no answer            │ its unbind, silence, out of step            ▲
//!      └───────────────────────────────┴─────────────────────────────────────────────┘
//! ```

mod hearing;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusmpp_core::CommandId;
use rusmpp_core::pdus::owned::Pdu;
use rusmpp_core::types::owned::AnyOctetString;

use crate::gateways::smpp::event::{Chunk, Event, Over};
use crate::gateways::smpp::frames::{Frames, bytes};
use crate::gateways::smpp::letter::{Letter, Ticket};
use crate::gateways::smpp::manners::Manners;
use crate::gateways::smpp::status;
use crate::gateways::smpp::told::Kept;
use crate::gateways::smpp::window::Window;

/// How long the answer to a bind may take.
pub(super) const BIND_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the answer to `enquire_link` may take.
const ENQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an SMSC may take to say farewell.
const UNBIND_TIMEOUT: Duration = Duration::from_secs(2);
/// Numbers of requests begin anew behind this one (SMPP 3.4 §3.2.1).
const SEQUENCE_MAX: u32 = 0x7FFF_FFFF;

/// See the module.
#[derive(Debug)]
pub struct Session {
    manners: Arc<Manners>,
    stage: Stage,
    frames: Frames,
    window: Window,
    sequence: u32,
    link: Link,
    /// Nothing is asked before, and how often it was put off in a row.
    paused: Option<Instant>,
    pauses: u32,
    /// What it told and what was not answered yet.
    told: BTreeMap<u32, CommandId>,
    chunks: VecDeque<Chunk>,
    events: VecDeque<Event>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Binding { until: Instant },
    Bound,
    Leaving { until: Instant },
    Over,
}

/// Whether the other side lives.
#[derive(Debug, Clone, Copy)]
enum Link {
    HeardAt(Instant),
    AskedUntil(Instant),
}

impl Session {
    /// Over a connection that was just made: it begins with a bind.
    pub fn new(manners: Arc<Manners>, now: Instant) -> Self {
        let mut session = Self {
            stage: Stage::Binding { until: now + BIND_TIMEOUT },
            frames: Frames::default(),
            window: Window::new(manners.window, manners.answer_timeout),
            sequence: 0,
            link: Link::HeardAt(now),
            paused: None,
            pauses: 0,
            told: BTreeMap::new(),
            chunks: VecDeque::new(),
            events: VecDeque::new(),
            manners,
        };
        let body = AnyOctetString::from_vec(session.manners.bind());
        session.asks(Pdu::Other { command_id: CommandId::BindTransceiver, body });
        session
    }

    /// Whether another message may be handed over.
    pub fn has_room(&self, now: Instant) -> bool {
        self.stage == Stage::Bound && !self.is_paused(now) && self.window.has_room()
    }

    /// Whether no message is on its way.
    pub fn is_idle(&self) -> bool {
        self.window.is_empty()
    }

    /// A message is to go; there is room for it. Every ticket comes once, and comes back once, in
    /// [`Event::Came`].
    pub fn takes(&mut self, ticket: Ticket, letter: Letter, now: Instant) {
        self.window.takes(ticket, letter);
        self.goes_on(now);
    }

    /// The connection brought something.
    pub fn reads(&mut self, bytes: &[u8], now: Instant) {
        self.frames.takes(bytes);
        while self.stage != Stage::Over {
            match self.frames.next() {
                Ok(Some(frame)) => {
                    self.link = Link::HeardAt(now);
                    self.hears(frame, now);
                }
                Ok(None) => break,
                Err(_) => {
                    self.answers_with(status::LENGTH, 0, Pdu::GenericNack);
                    self.ends(Over::OutOfStep);
                }
            }
        }
        self.goes_on(now);
    }

    /// Time passed.
    pub fn passes(&mut self, now: Instant) {
        match self.stage {
            Stage::Binding { until } if until <= now => self.ends(Over::NoAnswer),
            Stage::Leaving { until } if until <= now => self.ends(Over::Left),
            Stage::Bound => self.looks_after_the_link(now),
            _ => {}
        }
        self.window.passes(now);
        self.goes_on(now);
    }

    /// What was told under this number is kept, or not.
    pub fn answers(&mut self, sequence: u32, kept: Kept) {
        let Some(id) = self.told.remove(&sequence) else { return };
        let status = match kept {
            Kept::Yes => status::OK,
            Kept::NotNow => status::NOT_NOW,
        };
        self.answers_told(id, sequence, status);
    }

    /// How long the other side may be gone before that is known.
    pub fn silence_max(&self) -> Duration {
        self.manners.enquire_link + ENQUIRE_TIMEOUT
    }

    /// Takes leave, whatever is on its way.
    pub fn leaves(&mut self, now: Instant) {
        match self.stage {
            Stage::Bound => {
                self.stage = Stage::Leaving { until: now + UNBIND_TIMEOUT };
                self.asks(Pdu::Unbind);
            }
            Stage::Binding { .. } => self.ends(Over::Left),
            Stage::Leaving { .. } | Stage::Over => {}
        }
    }

    /// The connection is gone: nothing was written of these requests, and nothing more will be
    /// heard of the others.
    pub fn breaks(&mut self, unwritten: &[u32], why: &'static str) {
        self.stage = Stage::Over;
        self.window.breaks(unwritten, why);
        self.tells_what_came(true);
    }

    /// What is to be written next.
    pub fn chunk(&mut self) -> Option<Chunk> {
        self.chunks.pop_front()
    }

    /// What happened next.
    pub fn event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When time is to pass at the latest.
    pub fn wakes(&self) -> Option<Instant> {
        let stage = match self.stage {
            Stage::Binding { until } | Stage::Leaving { until } => Some(until),
            Stage::Bound => Some(match self.link {
                Link::HeardAt(at) => at + self.manners.enquire_link,
                Link::AskedUntil(until) => until,
            }),
            Stage::Over => return None,
        };
        [stage, self.window.wakes(), self.paused].into_iter().flatten().min()
    }

    fn is_paused(&self, now: Instant) -> bool {
        self.paused.is_some_and(|until| now < until)
    }

    fn looks_after_the_link(&mut self, now: Instant) {
        match self.link {
            Link::HeardAt(at) if at + self.manners.enquire_link <= now => {
                self.link = Link::AskedUntil(now + ENQUIRE_TIMEOUT);
                self.asks(Pdu::EnquireLink);
            }
            Link::AskedUntil(until) if until <= now => self.ends(Over::Silent),
            _ => {}
        }
    }

    /// Writes what may be written, and tells what came.
    fn goes_on(&mut self, now: Instant) {
        if self.paused.take_if(|until| *until <= now).is_some() {
            self.events.push_back(Event::Resumed);
        }
        while self.stage == Stage::Bound && self.paused.is_none() {
            let sequence = self.following();
            let Some(submit) = self.window.asks(sequence, now) else { break };
            self.sequence = sequence;
            let bytes = bytes(status::OK, sequence, submit);
            self.chunks.push_back(Chunk { sequence: Some(sequence), bytes });
        }
        self.tells_what_came(false);
    }

    fn tells_what_came(&mut self, is_over: bool) {
        let came = self.window.ended(is_over).into_iter();
        self.events.extend(came.map(|(ticket, came)| Event::Came(ticket, came)));
    }

    fn answers_with(&mut self, status: u32, sequence: u32, body: impl Into<Pdu>) {
        let bytes = bytes(status, sequence, body);
        self.chunks.push_back(Chunk { sequence: None, bytes });
    }

    fn asks(&mut self, body: Pdu) {
        self.sequence = self.following();
        let bytes = bytes(status::OK, self.sequence, body);
        self.chunks.push_back(Chunk { sequence: None, bytes });
    }

    fn following(&self) -> u32 {
        if self.sequence >= SEQUENCE_MAX { 1 } else { self.sequence + 1 }
    }

    fn ends(&mut self, over: Over) {
        self.stage = Stage::Over;
        self.events.push_back(Event::Over(over));
    }

    #[cfg(test)]
    pub(super) fn asked(&self) -> usize {
        self.window.asked()
    }
}
