//! One message over an open connection (RFC 5321 §3.3).

use std::time::Duration;

use crate::config::Smtp;
use crate::egress::mail::Mail;

use super::connection::Connection;
use super::dot::write_data;
use super::failure::{Cause, Failure, Stage};
use super::reply::Reply;

/// The commands before the message itself, in their order.
const ENVELOPE: [Stage; 3] = [Stage::Mail, Stage::Rcpt, Stage::Data];

/// What became of the message, and the connection if it can serve another.
pub(super) struct Delivery {
    pub result: Result<Reply, Failure>,
    pub connection: Option<Connection>,
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
    /// Delivers `mail`.
    pub async fn deliver(mut self, mail: &Mail, smtp: &Smtp) -> Delivery {
        let ended = self.transact(mail, smtp).await;
        self.served = self.served.saturating_add(1);
        let in_step = ended.as_ref().map_or_else(|ended| ended.in_step, |_| true);
        // A reply that nobody asked for would be the next message's first.
        let reusable = in_step && self.unread.is_empty();
        Delivery {
            result: ended.map_err(|ended| ended.failure),
            connection: reusable.then_some(self),
        }
    }

    async fn transact(&mut self, mail: &Mail, smtp: &Smtp) -> Result<Reply, Ended> {
        if mail.needs_utf8 && !self.offers.smtputf8 {
            let cause = Cause::Unaddressable("the server does not offer SMTPUTF8");
            return Err(Ended { failure: Failure::new(Stage::Mail, cause), in_step: true });
        }
        if self.offers.pipelining {
            self.envelope_in_one_flight(mail, smtp).await?;
        } else {
            self.envelope_step_by_step(mail, smtp).await?;
        }
        self.flight.clear();
        write_data(&mail.raw, &mut self.flight);
        let reply = self.send_data(smtp.final_timeout).await?;
        expect(Stage::Final, reply).map_err(|failure| {
            let in_step = failure.leaves_in_step();
            Ended { failure, in_step }
        })
    }

    async fn envelope_step_by_step(&mut self, mail: &Mail, smtp: &Smtp) -> Result<(), Ended> {
        for stage in ENVELOPE {
            self.flight.clear();
            self.write_command(stage, mail);
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
    async fn envelope_in_one_flight(&mut self, mail: &Mail, smtp: &Smtp) -> Result<(), Ended> {
        self.flight.clear();
        for stage in ENVELOPE {
            self.write_command(stage, mail);
        }
        self.send(Stage::Mail, smtp.command_timeout).await?;
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

    fn write_command(&mut self, stage: Stage, mail: &Mail) {
        let mut put = |words: &str| self.flight.extend_from_slice(words.as_bytes());
        match stage {
            Stage::Mail => {
                put("MAIL FROM:<");
                put(mail.from.as_str());
                put(if mail.needs_utf8 { "> BODY=8BITMIME SMTPUTF8\r\n" } else { ">\r\n" });
            }
            Stage::Rcpt => {
                put("RCPT TO:<");
                put(mail.to.as_str());
                put(">\r\n");
            }
            _ => put("DATA\r\n"),
        }
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
