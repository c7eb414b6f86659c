//! In-app payments, and sales put on a client's profile.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::command::{self, Command};
use crate::domain::id::{ClientId, PaymentId};
use crate::domain::secret::SecretLink;
use crate::wire::field::FieldError;
use crate::wire::scalar::Parsed;
use crate::wire::scalar::text::Line;
use crate::wire::scalar::url::WebUrl;

use super::money::{Amount, Balance};

/// Asks a client for an in-app payment, or charges it at once where it is direct.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestPayment {
    /// The payment's id, chosen by the upstream app; the reference on the receipt.
    payment: Parsed<PaymentId>,
    /// Who pays.
    client: Parsed<ClientId>,
    /// How much; more than nothing.
    #[schemars(extend(
        "properties" = {"amount": {"pattern": "[1-9]", "not": {"pattern": "^-"}}}
    ))]
    amount: Amount,
    /// What for.
    reason: Parsed<Line>,
    /// Whether it is charged without asking; the tenant's setting where left out.
    direct: Option<bool>,
    /// Where the client approves or declines it, in the app or on a page; in the app where left
    /// out, and of no use where it is direct. A secret: forgotten after the last attempt.
    url: Option<Parsed<WebUrl>>,
}

/// Puts a sale on a client's profile.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordSale {
    /// Whose profile.
    client: Parsed<ClientId>,
    /// What was sold.
    description: Parsed<Line>,
    /// What it cost.
    amount: Option<Amount>,
    /// What the client has left afterwards: in words, or an amount of money.
    balance: Option<Balance>,
}

commands! {
    RequestPayment "payment.request"
        r#"{"payment":"p1","client":"c1","amount":{"amount":"12.50","currency":"EUR"},"reason":"Lezione di prova"}"#
        |data| {
            if !data.amount.is_positive() {
                return Err(FieldError::new("data.amount.amount", "must be more than 0"));
            }
            Command::RequestPayment(command::RequestPayment {
                payment: data.payment.0,
                client: data.client.0,
                amount: data.amount.0,
                reason: data.reason.0.0,
                direct: data.direct,
                url: data.url.map(|Parsed(WebUrl(url))| SecretLink::new(url)),
            })
        };
    RecordSale "sale.record"
        r#"{"client":"c1","description":"10 lezioni","amount":{"amount":"90.00","currency":"EUR"},"balance":"10 lezioni"}"#
        |data| Command::RecordSale {
            client: data.client.0,
            description: data.description.0.0,
            amount: data.amount.map(|Amount(money)| money),
            balance: data.balance.map(|Balance(text)| text),
        };
}

commands_by_id! {
    /// The client approved the payment: the receipt follows.
    AcceptPayment "payment.accept" payment: PaymentId = "p1" => Command::AcceptPayment;
    /// The client refused the payment.
    DeclinePayment "payment.decline" payment: PaymentId = "p1" => Command::DeclinePayment;
}
