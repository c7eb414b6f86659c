//! Payments and sales.

use super::alert::alert;
use super::draft::Draft;
use super::tell::Say;
use crate::domain::called::called;
use crate::domain::channel::{Channel, Channels};
use crate::domain::client::Client;
use crate::domain::command::RequestPayment;
use crate::domain::decision::Record;
use crate::domain::event::Event;
use crate::domain::id::{ClientId, PaymentId};
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, PaymentFacts, SaleFacts, Topic};
use crate::domain::money::Money;
use crate::domain::payment::{Payment, PaymentState};
use crate::domain::policy::SkipReason;
use crate::domain::rejection::{Rejection, RejectionReason};

/// Asks for approval. A direct charge is paid at once: the push only informs, no email asks, and
/// the receipt follows.
pub fn request(draft: &mut Draft<'_>, request: &RequestPayment) -> Result<(), Rejection> {
    if draft.state.payment(&request.payment).is_some() {
        let payment = called("payment", request.payment.as_str());
        let detail = format!("payment: {payment} exists already");
        return Err(Rejection::new(RejectionReason::PaymentExists, detail));
    }
    let client = draft.living_client(&request.client)?;
    let direct = request.direct.unwrap_or(draft.settings.direct_charge);
    let payment = Payment {
        id: request.payment.clone(),
        client: request.client.clone(),
        amount: request.amount.clone(),
        reason: request.reason.clone(),
        direct,
        state: if direct { PaymentState::Paid } else { PaymentState::Requested },
        erased: false,
    };
    put(draft, payment.clone());
    // Of what is charged already there is nothing to approve, wherever.
    let url = request.url.as_ref().filter(|_| !direct);
    let asked = Facts::Payment(PaymentFacts { url: url.cloned(), ..facts(&payment) });
    let ask = Say::new(Kind::PaymentRequested, &client, asked.clone());
    if direct {
        let email = Channels::of(&[Channel::Email]);
        let others = Channels::ALL.with(Channel::Email, false);
        draft.say(ask.only(others));
        let unasked = Say::new(Kind::PaymentRequested, &client, asked).only(email);
        draft.say(unasked.unless(Some(SkipReason::DirectCharge)));
        receipt(draft, &payment, &client);
    } else {
        draft.say(ask);
    }
    Ok(())
}

/// It is paid: the client gets a receipt, and staff are told.
pub fn accept(draft: &mut Draft<'_>, id: &PaymentId) -> Result<(), Rejection> {
    let Some(payment) = settle(draft, id, PaymentState::Paid)? else { return Ok(()) };
    let client = draft.payer(&payment)?;
    receipt(draft, &payment, &client);
    alert(draft, Kind::StaffPaymentAccepted, &client, &Facts::Payment(facts(&payment)));
    Ok(())
}

/// The client knows: only staff are told.
pub fn decline(draft: &mut Draft<'_>, id: &PaymentId) -> Result<(), Rejection> {
    let Some(payment) = settle(draft, id, PaymentState::Declined)? else { return Ok(()) };
    let client = draft.payer(&payment)?;
    alert(draft, Kind::StaffPaymentDeclined, &client, &Facts::Payment(facts(&payment)));
    Ok(())
}

/// Something was sold at the venue, and the client is told what and for how much.
pub fn record_sale(
    draft: &mut Draft<'_>,
    client: &ClientId,
    description: &str,
    amount: Option<&Money>,
    balance: Option<&str>,
) -> Result<(), Rejection> {
    let client = draft.living_client(client)?;
    let facts = SaleFacts {
        description: description.to_owned(),
        amount: amount.cloned(),
        balance: balance.map(str::to_owned),
    };
    draft.say(Say::new(Kind::SaleRecorded, &client, Facts::Sale(facts)));
    Ok(())
}

/// The payment in its last state, or `None` if it already is there.
fn settle(
    draft: &mut Draft<'_>,
    id: &PaymentId,
    state: PaymentState,
) -> Result<Option<Payment>, Rejection> {
    let mut payment = draft.payment(id)?;
    if payment.state == state {
        draft.already_done();
        return Ok(None);
    }
    if payment.state != PaymentState::Requested {
        let called = called("payment", id.as_str());
        let detail = format!("{called} is {} already", payment.state.as_str());
        return Err(Rejection::new(RejectionReason::IllegalTransition, detail));
    }
    payment.state = state;
    draft.supersede(&Topic::Payment(id.clone()), &payment.client);
    put(draft, payment.clone());
    Ok(Some(payment))
}

fn put(draft: &mut Draft<'_>, payment: Payment) {
    draft.event(Event::PaymentChanged { payment: payment.id.clone(), state: payment.state });
    draft.put(Record::Payment(payment));
}

fn receipt(draft: &mut Draft<'_>, payment: &Payment, client: &Client) {
    draft.say(Say::new(Kind::PaymentReceipt, client, Facts::Payment(facts(payment))));
}

/// What is known of a payment. Not where it is approved: only who is asked is to know that.
fn facts(payment: &Payment) -> PaymentFacts {
    PaymentFacts {
        payment: payment.id.clone(),
        amount: payment.amount.clone(),
        reason: payment.reason.clone(),
        direct: payment.direct,
        url: None,
    }
}
