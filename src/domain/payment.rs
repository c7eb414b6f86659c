//! An in-app payment and its life.
//!
//! ```text
//!   requested ──accept──▶ paid
//!        └─────decline──▶ declined
//! ```
//!
//! A direct charge is paid at once.

use serde::{Deserialize, Serialize};

use super::id::{ClientId, PaymentId};
use super::money::Money;

/// The steps of a payment, from the request to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// The client is asked.
    Requested,
    /// It went through.
    Paid,
    /// The client refused.
    Declined,
}

impl PaymentState {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PaymentState::Requested => "requested",
            PaymentState::Paid => "paid",
            PaymentState::Declined => "declined",
        }
    }
}

/// One payment of one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Chosen by the upstream app; the reference on the receipt.
    pub id: PaymentId,
    pub client: ClientId,
    pub amount: Money,
    pub reason: String,
    /// Whether it was charged without asking.
    pub direct: bool,
    pub state: PaymentState,
    /// Whether its client was erased: whoever has their id by now is somebody else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub erased: bool,
}

impl Payment {
    /// What is left of it once its client is erased: it stays counted, and not what for.
    pub fn forgotten(&self) -> Self {
        Self { reason: String::new(), erased: true, ..self.clone() }
    }
}
