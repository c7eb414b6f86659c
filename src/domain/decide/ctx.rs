//! What a decision is made of beside the tenant's state.

use jiff::Timestamp;

use crate::domain::channel::{Channel, Channels};
use crate::domain::client::Client;
use crate::domain::command::Command;
use crate::domain::fallen::Fallen;
use crate::domain::id::{CauseId, ClientId, TenantId};
use crate::domain::letter::{JobId, Letter};
use crate::domain::message::MessageId;
use crate::domain::plan::Plans;
use crate::domain::receipt::Reported;
use crate::domain::texts::Texts;
use crate::domain::timer::{DueTimer, Outage};

/// Everything outside the tenant's state that a decision depends on.
#[derive(Debug, Clone, Copy)]
pub struct Ctx<'a> {
    /// Whose input it is.
    pub tenant: &'a TenantId,
    /// The command's id, or one that stands for the timer: message ids derive from it.
    pub cause: &'a CauseId,
    /// The instant of deciding.
    pub now: Timestamp,
    pub plans: &'a Plans,
    /// The channels for which this installation has a provider.
    pub provided: Channels,
    /// What texts would be like.
    pub texts: &'a dyn Texts,
    /// When the daemon did not run, as far as it may still matter.
    pub outages: &'a [Outage],
    /// How many SMS segments this installation may still send today.
    pub sms_left: u32,
    /// How many of a session's people one decision reaches; at least one.
    pub page: usize,
}

/// What there is to decide.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// An upstream app asks for something.
    Command(&'a Command),
    /// The time has come to look at something again.
    Timer(&'a DueTimer),
    /// A provider says that a client's address does not exist or is not to be written to.
    Bounced {
        /// Whose address, as they were known when it was written to.
        client: &'a Client,
        channel: Channel,
    },
    /// A provider says that devices of a client are no more.
    DevicesGone {
        client: &'a ClientId,
        /// The tokens of the devices.
        tokens: &'a [String],
    },
    /// A text message that was counted is given up, or never left: nobody took it.
    Unspent {
        message: MessageId,
        /// Who was to read it.
        client: &'a ClientId,
        /// The segments that were counted for it.
        segments: u32,
    },
    /// A provider says what became of a message that it took.
    Reported(&'a Reported),
    /// A message is given up, and may go another way.
    Fallen(&'a Fallen),
    /// An operator wants a dead letter to be tried again.
    Replay {
        letter: &'a Letter,
        /// On whose behalf.
        job: Option<JobId>,
    },
}
