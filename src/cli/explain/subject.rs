//! What is asked about.

use anyhow::bail;
use clap::Args;
use uuid::Uuid;

use crate::cli::ids;
use crate::domain::TenantState;
use crate::domain::decision::Telling;
use crate::domain::id::{BookingId, ClientId};
use crate::domain::message::MessageId;

/// What it is about: exactly one.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct AboutArgs {
    /// Which booking.
    #[arg(long, value_parser = ids::booking)]
    booking: Option<BookingId>,
    /// Which client.
    #[arg(long, value_parser = ids::client)]
    client: Option<ClientId>,
    /// Which message: its id, as events and the outbox have it.
    #[arg(long, value_parser = message)]
    message: Option<Uuid>,
}

fn message(text: &str) -> Result<Uuid, String> {
    let example = "0190163d-8694-739b-aea5-966c26f8ad91";
    text.parse().map_err(|_| format!("a message's id looks like {example}"))
}

/// What is to be explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A booking.
    Booking(BookingId),
    /// A client.
    Client(ClientId),
    /// A message.
    Message(MessageId),
}

impl Subject {
    /// The one that is asked about.
    pub fn of(args: &AboutArgs) -> anyhow::Result<Self> {
        match args {
            AboutArgs { booking: Some(id), .. } => Ok(Self::Booking(id.clone())),
            AboutArgs { client: Some(id), .. } => Ok(Self::Client(id.clone())),
            AboutArgs { message: Some(id), .. } => Ok(Self::Message(MessageId(*id))),
            _ => bail!("one of --booking, --client and --message is required"),
        }
    }

    /// What it is called.
    pub fn noun(&self) -> &'static str {
        match self {
            Subject::Booking(_) => "booking",
            Subject::Client(_) => "client",
            Subject::Message(_) => "message",
        }
    }

    /// Its id.
    pub fn id(&self) -> String {
        match self {
            Subject::Booking(id) => id.to_string(),
            Subject::Client(id) => id.to_string(),
            Subject::Message(id) => id.to_string(),
        }
    }

    pub fn is_of(&self, telling: &Telling) -> bool {
        match self {
            Subject::Booking(id) => telling.booking() == Some(id),
            Subject::Client(id) => telling.client == *id,
            Subject::Message(_) => false,
        }
    }

    pub fn is_known(&self, state: &TenantState) -> bool {
        match self {
            Subject::Booking(id) => state.booking(id).is_some(),
            Subject::Client(id) => state.client(id).is_some(),
            Subject::Message(_) => false,
        }
    }
}
