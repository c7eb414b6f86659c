//! What an SMSC says.

use std::time::{Duration, Instant};

use rusmpp_core::CommandId;
use rusmpp_core::pdus::owned::{DataSmResp, DeliverSmResp, Pdu};

use super::{Session, Stage};
use crate::domain::part::Named;
use crate::gateways::smpp::event::{Event, Over};
use crate::gateways::smpp::frames::Frame;
use crate::gateways::smpp::manners::Manners;
use crate::gateways::smpp::status;
use crate::gateways::smpp::told::{Told, of_data, of_deliver};
use crate::gateways::smpp::window::Which;

/// How long nothing is asked of an SMSC that is asked for too much: at first, and at most, where it
/// stays so.
const THROTTLE_PAUSE: Duration = Duration::from_secs(1);
const THROTTLE_PAUSE_MAX: Duration = Duration::from_secs(60);
/// So many things may it tell before the first is kept; the next is to be told again.
const TOLD_MAX: usize = 64;
/// The bit that makes an answer of a request's id (SMPP 3.4 §5.1.2.1).
const ANSWER: u32 = 0x8000_0000;

impl Session {
    pub(super) fn hears(&mut self, frame: Frame, now: Instant) {
        let Frame { id, status, sequence, body } = frame;
        match (id, body) {
            (CommandId::EnquireLink, _) => {
                self.answers_with(status::OK, sequence, Pdu::EnquireLinkResp);
            }
            (CommandId::Unbind, _) => {
                self.answers_with(status::OK, sequence, Pdu::UnbindResp);
                self.ends(Over::Unbound);
            }
            (CommandId::BindTransceiverResp, _) => self.is_let_in(status),
            (CommandId::UnbindResp, _) if matches!(self.stage, Stage::Leaving { .. }) => {
                self.ends(Over::Left);
            }
            (CommandId::GenericNack, _) => self.is_nacked(status, sequence, now),
            (CommandId::SubmitSmResp, body) => {
                let id = self.id_in(body.as_ref());
                self.was_answered(sequence, status, id, now);
            }
            (CommandId::DeliverSm | CommandId::DataSm, body) => {
                let told = self.told_in(body.as_ref());
                self.is_told(id, sequence, told);
            }
            (CommandId::AlertNotification | CommandId::Outbind, _) => {}
            (other, _) if u32::from(other) & ANSWER == 0 => {
                self.answers_with(status::UNKNOWN_COMMAND, sequence, Pdu::GenericNack);
            }
            // An answer to nothing that we asked.
            _ => {}
        }
    }

    /// It did not understand what we asked under this number; the first is our bind's.
    fn is_nacked(&mut self, status: u32, sequence: u32, now: Instant) {
        let status = if status == status::OK { status::UNKNOWN } else { status };
        match self.stage {
            Stage::Binding { .. } => self.is_let_in(status),
            _ => self.was_answered(sequence, status, None, now),
        }
    }

    fn id_in(&self, body: Option<&Pdu>) -> Option<String> {
        let Some(Pdu::SubmitSmResp(resp)) = body else { return None };
        self.manners.ids.of_answer(resp.message_id().as_str())
    }

    fn told_in(&self, body: Option<&Pdu>) -> Option<Told> {
        let Manners { alphabet, ids, .. } = *self.manners;
        match body? {
            Pdu::DeliverSm(pdu) => Some(of_deliver(pdu, alphabet, ids)),
            Pdu::DataSm(pdu) => Some(of_data(pdu, alphabet, ids)),
            _ => None,
        }
    }

    fn is_let_in(&mut self, status: u32) {
        match (self.stage, status) {
            (Stage::Binding { .. }, status::OK) => {
                self.stage = Stage::Bound;
                self.events.push_back(Event::Bound);
            }
            (Stage::Binding { .. }, refusal) => self.ends(Over::Refused(refusal)),
            _ => {}
        }
    }

    fn was_answered(&mut self, sequence: u32, status: u32, id: Option<String>, now: Instant) {
        let pause = match status {
            status::OK => {
                self.pauses = 0;
                None
            }
            status::THROTTLED => Some(self.is_throttled(now)),
            _ => None,
        };
        let which = self.window.answered(sequence, status, id.as_ref(), pause, now);
        if let (Some(which), Some(reference), status::OK) = (which, id, status) {
            let Which { message, part, parts } = which;
            self.events.push_back(Event::Named(Named { message, part, parts, reference }));
        }
    }

    /// It is asked for too much; how long it is left alone. What is answered meanwhile was asked
    /// before.
    fn is_throttled(&mut self, now: Instant) -> Duration {
        if let Some(until) = self.paused.filter(|until| now < *until) {
            return until.saturating_duration_since(now);
        }
        let pause = THROTTLE_PAUSE * 2_u32.saturating_pow(self.pauses.min(16));
        let pause = pause.min(THROTTLE_PAUSE_MAX);
        (self.paused, self.pauses) = (Some(now + pause), self.pauses.saturating_add(1));
        self.events.push_back(Event::Throttled(pause));
        pause
    }

    /// What cannot be read is not told again: it would come for ever.
    fn is_told(&mut self, id: CommandId, sequence: u32, told: Option<Told>) {
        match told {
            None => self.answers_told(id, sequence, status::REJECTED),
            Some(Told::Nothing) => self.answers_told(id, sequence, status::OK),
            Some(_) if self.told.len() >= TOLD_MAX => {
                self.answers_told(id, sequence, status::NOT_NOW);
            }
            Some(told) => {
                self.told.insert(sequence, id);
                self.events.push_back(Event::Told(sequence, told));
            }
        }
    }

    pub(super) fn answers_told(&mut self, id: CommandId, sequence: u32, status: u32) {
        match id {
            CommandId::DataSm => self.answers_with(status, sequence, DataSmResp::default()),
            _ => self.answers_with(status, sequence, DeliverSmResp::default()),
        }
    }
}
