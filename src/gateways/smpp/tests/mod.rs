//! Sessions, against an SMSC that is made of bytes.

mod chaos;
mod dialogue;
mod letters;
mod vectors;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusmpp_core::CommandId;
use rusmpp_core::pdus::owned::{BindTransceiverResp, DeliverSm, Pdu, SubmitSm, SubmitSmResp};
use rusmpp_core::types::owned::{COctetString, OctetString};
use rusmpp_core::values::EsmClass;
use uuid::Uuid;

use super::frames::{Frames, bytes};
use super::*;
use crate::clock;
use crate::domain::message::MessageId;

const SECOND: Duration = Duration::from_secs(1);

fn manners() -> Manners {
    Manners {
        system_id: "bellhop".to_owned(),
        password: "s3cret".into(),
        system_type: String::new(),
        window: 3,
        enquire_link: 30 * SECOND,
        answer_timeout: 20 * SECOND,
        alphabet: Alphabet::Gsm,
        long_text: LongText::Udh,
        ids: Ids::Exact,
        source: None,
        destination: None,
    }
}

fn message(number: u128) -> MessageId {
    MessageId(Uuid::from_u128(number))
}

/// A message of so many parts.
fn letter(number: u128, parts: usize) -> Letter {
    let text = match parts {
        1 => "Ciao".to_owned(),
        parts => "a".repeat(153 * parts),
    };
    let message = Addressed {
        message: message(number),
        from: Some("SalonUno"),
        to: "+393331234567",
        text: &text,
        seconds_left: Some(3600),
    };
    compose(&message, &manners()).unwrap()
}

/// A session, the time, and what was written of it so far.
struct Talk {
    session: Session,
    now: Instant,
    frames: Frames,
}

impl Talk {
    fn with(manners: Manners) -> Self {
        let now = clock::instant();
        let session = Session::new(Arc::new(manners), now);
        Self { session, now, frames: Frames::default() }
    }

    /// Let in.
    fn bound() -> Self {
        let mut talk = Self::with(manners());
        assert_eq!(talk.written(), [(CommandId::BindTransceiver, 0, 1)]);
        talk.says(0, 1, BindTransceiverResp::default());
        assert_eq!(talk.events(), [Event::Bound]);
        talk
    }

    /// The SMSC says this.
    fn says(&mut self, status: u32, sequence: u32, pdu: impl Into<Pdu>) {
        self.session.reads(&bytes(status, sequence, pdu), self.now);
    }

    /// It takes what it was asked under this number.
    fn took(&mut self, sequence: u32, id: &str) {
        let resp = SubmitSmResp::builder();
        let id = COctetString::from_string(id.to_owned()).unwrap();
        self.says(0, sequence, resp.message_id(id).build());
    }

    /// It does not.
    fn refuses(&mut self, sequence: u32, status: u32) {
        self.says(status, sequence, SubmitSmResp::default());
    }

    fn tells(&mut self, sequence: u32, esm_class: u8, text: &str) {
        let text = OctetString::from_slice(text.as_bytes()).unwrap();
        let deliver = DeliverSm::builder().esm_class(EsmClass::from(esm_class));
        self.says(0, sequence, deliver.short_message(text).build());
    }

    fn passes(&mut self, span: Duration) {
        self.now += span;
        self.session.passes(self.now);
    }

    fn takes(&mut self, ticket: u64, parts: usize) {
        let letter = letter(u128::from(ticket), parts);
        self.session.takes(Ticket(ticket), letter, self.now);
    }

    /// What was written since: id, status and number.
    fn written(&mut self) -> Vec<(CommandId, u32, u32)> {
        while let Some(chunk) = self.session.chunk() {
            self.frames.takes(&chunk.bytes);
        }
        let frames = std::iter::from_fn(|| self.frames.next().unwrap());
        frames.map(|frame| (frame.id, frame.status, frame.sequence)).collect()
    }

    /// The numbers of what was submitted since.
    fn submitted(&mut self) -> Vec<u32> {
        let written = self.written().into_iter();
        let submits = written.filter(|(id, ..)| *id == CommandId::SubmitSm);
        submits.map(|(.., sequence)| sequence).collect()
    }

    fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.session.event()).collect()
    }

    /// What came of messages since: ticket, outcome, id.
    fn came(&mut self) -> Vec<(u64, Came)> {
        let events = self.events().into_iter();
        let came = events.filter_map(|event| match event {
            Event::Came(Ticket(ticket), came) => Some((ticket, came)),
            _ => None,
        });
        came.collect()
    }
}

fn submit(bytes: &[u8]) -> SubmitSm {
    let mut frames = Frames::default();
    frames.takes(bytes);
    match frames.next().unwrap().unwrap().body {
        Some(Pdu::SubmitSm(submit)) => submit,
        other => panic!("{other:?}"),
    }
}
