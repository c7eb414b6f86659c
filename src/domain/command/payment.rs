//! What is asked of payments.

use crate::domain::id::{ClientId, PaymentId};
use crate::domain::money::Money;
use crate::domain::secret::SecretLink;

/// A new payment.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestPayment {
    /// Chosen by the upstream app.
    pub payment: PaymentId,
    pub client: ClientId,
    pub amount: Money,
    pub reason: String,
    /// Whether it is charged without asking; the tenant's setting where absent.
    pub direct: Option<bool>,
    /// Where the client approves or declines; in the app where absent.
    pub url: Option<SecretLink>,
}
