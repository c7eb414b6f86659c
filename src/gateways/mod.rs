//! Gateways: what is sent to a provider that speaks HTTP, and what it says. Pure: nothing here
//! connects, and the time is a parameter. ([`smpp`] is another world.)
//!
//! ```text
//!  Facts of a message ──────────────request──▶ Outgoing: a target, a method, headers, a body
//!  status, headers, body of the answer ──read────▶ Verdict: Outcome, the provider's own id
//!  a Call at our own address ──trusts, hears─▶ Heard: a receipt, or what a client wrote
//!  (where requests need one: a Credential, which is asked for like anything else; where the
//!  provider can be asked for a message in doubt: Asks)
//! ```
//!
//! [`Gateway`] is the seam. Behind it each kind of gateway is a file or a folder of its own;
//! [`http`] is the one that the operator describes by templates and rules. In front of it nobody
//! knows which kind it is: `config` has the table of kinds, `egress` sends and reads, `ingress`
//! hands in what providers tell.

mod answer;
mod asks;
mod bodies;
mod certificate;
mod credential;
mod facts;
mod fault;
pub mod fcm;
mod fit;
mod gateway;
mod heard;
mod hex;
pub mod http;
mod jwt;
mod keys;
mod meaning;
mod outgoing;
mod place;
mod public;
mod reach;
mod retry_after;
pub mod ses;
pub mod smpp;
mod target;
pub mod twilio;
pub mod vonage;
pub mod webpush;
mod words;

pub use answer::{ANSWER_MAX_BYTES, Answer, Verdict};
pub use asks::Asks;
pub use certificate::Certificate;
pub use credential::{Credential, Denied, Grant};
pub use facts::{Content, Facts, Medium};
pub use fault::Fault;
pub use gateway::Gateway;
pub use heard::{Call, Heard, Hears, REPORTS_MAX, Subscription, Trusted, Unreadable};
pub use keys::{Keys, Reader, Secret};
pub use outgoing::{Outgoing, Unwritable};
pub use place::Place;
pub use reach::{Network, Reach};
pub use target::Target;
