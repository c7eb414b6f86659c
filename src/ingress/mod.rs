//! Where commands come in.
//!
//! [`amqp`] consumes the broker's partition queues and acknowledges after the commit; [`http`]
//! answers after the commit. Both read a command with [`crate::wire`], refuse what cannot be
//! read with a named reason, and hand the rest to the one [`crate::actors::Intake`]. [`links`] does
//! the same for what a client wishes by following a link, and [`hooks`] for what providers report.
//! Bodies over HTTP come through [`body`].

pub mod amqp;
pub mod body;
pub mod hooks;
pub mod http;
pub mod links;
pub mod taking;

mod acks;
mod apart;
mod backlog;
mod gate;
mod laying;
mod lookout;
mod media;
mod notebook;
mod promise;
mod refusal;
mod session;
mod stall;
mod traced;
