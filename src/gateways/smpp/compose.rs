//! A message as the PDUs that carry it.

use rusmpp_core::pdus::owned::SubmitSm;
use rusmpp_core::values::{EsmClass, Npi, Ton};

use super::addresses::{Numbering, recipient, sender};
use super::letter::Letter;
use super::manners::Manners;
use super::submit::{submits, validity};
use super::text::spell;
use crate::domain::message::MessageId;

/// A text message, as far as an SMSC cares.
#[derive(Debug, Clone, Copy)]
pub struct Addressed<'a> {
    pub message: MessageId,
    /// A number or a name; the SMSC's own where absent.
    pub from: Option<&'a str>,
    /// E.164, with its `+`.
    pub to: &'a str,
    pub text: &'a str,
    /// For how many seconds it is worth something.
    pub seconds_left: Option<u64>,
}

/// The PDUs of a message.
///
/// # Errors
/// Where it does not fit them. Repeats nothing of it.
pub fn compose(message: &Addressed<'_>, manners: &Manners) -> Result<Letter, String> {
    let (looks, source) = sender(message.from)?;
    let source_as = manners.source.unwrap_or(looks);
    let (looks, destination) = recipient(message.to)?;
    let destination_as = manners.destination.unwrap_or(looks);
    let mut blank = SubmitSm::builder()
        .source_addr_ton(ton(source_as))
        .source_addr_npi(npi(source_as))
        .source_addr(source)
        .dest_addr_ton(ton(destination_as))
        .dest_addr_npi(npi(destination_as))
        .destination_addr(destination)
        // The codec's default is another kind of message.
        .esm_class(EsmClass::from(0))
        .build();
    if let Some(seconds) = message.seconds_left {
        blank.validity_period = validity(seconds);
    }
    let spelled = spell(message.text, manners.alphabet);
    // The same on every attempt, so that a phone never puts parts of two attempts side by side.
    let [.., reference] = *message.message.0.as_bytes();
    let parts = submits(&blank, &spelled, manners.long_text, reference)?;
    Ok(Letter::new(message.message, parts))
}

fn ton(of: Numbering) -> Ton {
    Ton::from(of.ton)
}

fn npi(of: Numbering) -> Npi {
    Npi::from(of.npi)
}
