//! A text as `submit_sm` (SMPP 3.4 §4.4.1), one for each part.

use rusmpp_core::pdus::owned::SubmitSm;
use rusmpp_core::tlvs::owned::MessageSubmissionRequestTlvValue as Tlv;
use rusmpp_core::types::owned::{AnyOctetString, EmptyOrFullCOctetString, OctetString};
use rusmpp_core::values::owned::MessagePayload;
use rusmpp_core::values::{DataCoding, EsmClass, RegisteredDelivery};

use super::text::Spelled;

/// What is looked at of a message's time to live: longer is this long.
const VALIDITY_MAX_DAYS: u64 = 30;
/// A receipt is asked for, whatever becomes of it (SMPP 3.4 §5.2.17).
const RECEIPT: u8 = 1;
/// The text begins with a header (SMPP 3.4 §5.2.12).
const HEADER: u8 = 0x40;
/// The most parts of a text: they are counted in an octet.
const PARTS_MAX: usize = 255;

/// How a text travels that is longer than one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LongText {
    /// In parts, each with a header in its text (3GPP TS 23.040 §9.2.3.24.1).
    Udh,
    /// Whole, in `message_payload` (SMPP 3.4 §5.3.2.32); the SMSC parts it.
    Payload,
    /// In parts, with `sar_…` beside each (SMPP 3.4 §5.3.2.22).
    Sar,
}

/// A `submit_sm` for each part. `blank` has all but the text; parts of one text have the same
/// `reference`.
///
/// # Errors
/// Where there would be too many.
pub(super) fn submits(
    blank: &SubmitSm,
    spelled: &Spelled,
    long_text: LongText,
    reference: u8,
) -> Result<Vec<SubmitSm>, String> {
    let mut blank = blank.clone();
    blank.data_coding = DataCoding::from(spelled.data_coding);
    blank.registered_delivery = RegisteredDelivery::from(RECEIPT);
    let total = spelled.parts.len();
    if total > 1 && long_text == LongText::Payload {
        let payload = MessagePayload::new(AnyOctetString::from_vec(spelled.parts.concat()));
        let mut whole = blank;
        whole.push_tlv(Tlv::MessagePayload(payload));
        return Ok(vec![whole]);
    }
    let count = u8::try_from(total).ok().filter(|_| total <= PARTS_MAX);
    let count = count.ok_or("the text has more parts than can be counted")?;
    let numbered = (1..=count).zip(&spelled.parts);
    let part = |(number, octets): (u8, &Vec<u8>)| {
        let place = Place { reference, number, count };
        place.submit(blank.clone(), octets, long_text)
    };
    numbered.map(part).collect()
}

/// A part's place among the others.
struct Place {
    reference: u8,
    /// From 1.
    number: u8,
    count: u8,
}

impl Place {
    fn submit(
        &self,
        mut submit: SubmitSm,
        octets: &[u8],
        long_text: LongText,
    ) -> Result<SubmitSm, String> {
        let Self { reference, number, count } = *self;
        let is_part = count > 1;
        let mut text = Vec::with_capacity(octets.len());
        if is_part && long_text == LongText::Udh {
            submit.esm_class = EsmClass::from(HEADER);
            // Five octets: concatenation, of three octets.
            text.extend([5, 0, 3, reference, count, number]);
        }
        text.extend(octets);
        let text = OctetString::from_vec(text).map_err(|_| "a part is too long")?;
        submit.set_short_message(text);
        if is_part && long_text == LongText::Sar {
            submit.push_tlv(Tlv::SarMsgRefNum(u16::from(reference)));
            submit.push_tlv(Tlv::SarTotalSegments(count));
            submit.push_tlv(Tlv::SarSegmentSeqnum(number));
        }
        Ok(submit)
    }
}

/// A span as `validity_period`, from now on, so that it does not matter whose clock is right
/// (SMPP 3.4 §7.1.1.2): days, hours, minutes, seconds.
pub(super) fn validity(seconds: u64) -> EmptyOrFullCOctetString<17> {
    let seconds = seconds.clamp(1, VALIDITY_MAX_DAYS * 86_400);
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    let text = format!("0000{days:02}{hours:02}{minutes:02}{seconds:02}000R");
    EmptyOrFullCOctetString::from_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_written_from_now_on() {
        for (seconds, text) in [
            (0, "000000000001000R"),
            (59, "000000000059000R"),
            (3600 + 62, "000000010102000R"),
            (86_400 * 2 + 3, "000002000003000R"),
            (86_400 * 400, "000030000000000R"),
        ] {
            assert_eq!(validity(seconds).as_str(), text);
        }
    }
}
