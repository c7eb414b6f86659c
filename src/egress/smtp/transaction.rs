//! One message over an open connection (RFC 5321 §3.3).

use std::time::Duration;

use tokio::sync::oneshot;

use crate::config::Smtp;
use crate::egress::mail::Mail;
use crate::egress::tried::{UNWANTED, Wanted};

use super::connection::Connection;
use super::dot::write_data;
use super::envelope::{ENVELOPE, Envelope};
use super::failure::Failure;
use super::pool::Next;
use super::progress::Progress;
use super::reply::{Malformed, Reply};
use super::stage::{Cause, Stage};

/// What became of the message, and the connection if it can serve another.
pub(super) struct Delivery {
    pub result: Result<Reply, Failure>,
    pub connection: Option<Connection>,
    /// Whose envelope is on its way over the connection.
    pub next: Option<oneshot::Sender<Connection>>,
}

/// What is sent, and what may go along with it.
pub(super) struct Load<'a> {
    pub mail: &'a Mail,
    pub envelope: &'a Envelope,
    /// Asked before its envelope goes out, and before its body.
    pub wanted: Wanted<'a>,
    /// How much of it the kernel has.
    pub progress: &'a Progress,
    /// Asked when the message goes out: who is next?
    pub next: &'a (dyn Fn(&Connection) -> Option<Next> + Sync),
}

/// A failure, and whether the connection is ready for another message all the same.
struct Ended {
    failure: Failure,
    in_step: bool,
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self { failure, in_step: false }
    }
}

impl Connection {
    /// Delivers a message. Where the server offers PIPELINING, the next one's envelope goes in
    /// the flight that ends this one (RFC 2920 §3.1), which saves a round trip.
    pub async fn deliver(mut self, load: &Load<'_>, smtp: &Smtp) -> Delivery {
        let mut next = None;
        let ended = self.transact(load, smtp, &mut next).await;
        self.served = self.served.saturating_add(1);
        let in_step = ended.as_ref().map_or_else(|ended| ended.in_step, |_| true);
        self.ahead = next.is_some();
        // A reply that nobody asked for would be the next message's first.
        let reusable = in_step && (self.ahead || self.unread.is_empty());
        Delivery {
            result: ended.map_err(|ended| ended.failure),
            connection: reusable.then_some(self),
            next,
        }
    }

    async fn transact(
        &mut self,
        load: &Load<'_>,
        smtp: &Smtp,
        next: &mut Option<oneshot::Sender<Connection>>,
    ) -> Result<Reply, Ended> {
        let Load { mail, envelope, .. } = load;
        if envelope.needs_utf8 && !self.offers.smtputf8 {
            let cause = Cause::Unable("the server does not offer SMTPUTF8, which an address needs");
            return Err(Ended { failure: Failure::new(Stage::Mail, cause), in_step: true });
        }
        if !self.ahead && !load.wanted.is_wanted() {
            let unwanted = Failure::new(Stage::Mail, Cause::KeptBack(UNWANTED));
            return Err(Ended { failure: unwanted, in_step: true });
        }
        if self.offers.pipelining {
            self.envelope_in_one_flight(envelope, smtp).await?;
        } else {
            self.envelope_step_by_step(envelope, smtp).await?;
        }
        if let Err(why) = load.wanted.leaves().await {
            // The server waits for a body, and would deliver whatever ends by a dot.
            return Err(Failure::new(Stage::Data, Cause::KeptBack(why)).into());
        }
        // A verdict that is there before the message is on somebody else's.
        self.expect_silence(Stage::Data)?;
        self.flight.clear();
        write_data(&mail.raw, &mut self.flight);
        let end = self.flight.len();
        if self.offers.pipelining
            && let Some(Next { envelope, hand }) = (load.next)(self)
        {
            self.flight.extend_from_slice(envelope.whole());
            *next = Some(hand);
        }
        let reply = self.send_data(end, load.progress, smtp.final_timeout).await?;
        if next.is_none() && reply.is_done() && self.is_contradicted() {
            // Which of them is the verdict nobody can tell.
            let cause = Cause::Malformed(Malformed("two verdicts that disagree"));
            return Err(Failure::new(Stage::Final, cause).into());
        }
        expect(Stage::Final, reply).map_err(|failure| {
            let in_step = failure.leaves_in_step();
            Ended { failure, in_step }
        })
    }

    async fn envelope_step_by_step(
        &mut self,
        envelope: &Envelope,
        smtp: &Smtp,
    ) -> Result<(), Ended> {
        for (stage, command) in envelope.each() {
            self.expect_silence(stage)?;
            self.flight.clear();
            self.flight.extend_from_slice(command);
            self.send(stage, smtp.command_timeout).await?;
            let reply = self.reply(stage, limit(stage, smtp)).await?;
            if let Err(failure) = expect(stage, reply) {
                let in_step = failure.leaves_in_step() && self.reset(smtp).await;
                return Err(Ended { failure, in_step });
            }
        }
        Ok(())
    }

    /// RFC 2920 §3.1: every reply is read, and DATA may go on although the recipient was refused.
    async fn envelope_in_one_flight(
        &mut self,
        envelope: &Envelope,
        smtp: &Smtp,
    ) -> Result<(), Ended> {
        if !std::mem::take(&mut self.ahead) {
            self.flight.clear();
            self.flight.extend_from_slice(envelope.whole());
            self.send(Stage::Mail, smtp.command_timeout).await?;
        }
        let mut first: Option<Failure> = None;
        let mut waits_for_message = false;
        for stage in ENVELOPE {
            let reply = match self.reply(stage, limit(stage, smtp)).await {
                Ok(reply) => reply,
                // The first refusal was definite, whatever became of the connection then.
                Err(broken) => return Err(first.unwrap_or(broken).into()),
            };
            let closing = reply.code == 421;
            waits_for_message = stage == Stage::Data && reply.code == 354;
            if let Err(failure) = expect(stage, reply) {
                first.get_or_insert(failure);
            }
            if closing {
                break;
            }
        }
        let Some(failure) = first else { return Ok(()) };
        let in_step = failure.leaves_in_step()
            && match (failure.stage, waits_for_message) {
                (_, false) => self.reset(smtp).await,
                (Stage::Rcpt, true) => self.send_nothing(smtp).await,
                (_, true) => false,
            };
        Err(Ended { failure, in_step })
    }

    /// Ends a DATA that has no recipient by a lone dot.
    async fn send_nothing(&mut self, smtp: &Smtp) -> bool {
        let reply = self.command(Stage::Reset, b".", smtp.command_timeout).await;
        reply.is_ok_and(|reply| matches!(reply.code, 200..300 | 400.. if reply.code != 421))
    }

    /// Whether the server has forgotten the refused message and is ready for another.
    async fn reset(&mut self, smtp: &Smtp) -> bool {
        let reply = self.command(Stage::Reset, b"RSET", smtp.command_timeout).await;
        reply.is_ok_and(|reply| reply.is_done())
    }
}

fn expect(stage: Stage, reply: Reply) -> Result<Reply, Failure> {
    let hoped_for = match stage {
        Stage::Data => reply.code == 354,
        _ => reply.is_done(),
    };
    if hoped_for { Ok(reply) } else { Err(Failure::new(stage, Cause::Answered(reply))) }
}

fn limit(stage: Stage, smtp: &Smtp) -> Duration {
    if stage == Stage::Data { smtp.data_timeout } else { smtp.command_timeout }
}
