//! What an SMSC tells of its own accord: receipts, and what clients write.

use rusmpp_core::pdus::owned::{DataSm, DeliverSm};
use rusmpp_core::tlvs::owned::{Tlv, TlvValue};

use super::alphabet::{Alphabet, ucs2_text};
use super::ids::Ids;
use super::receipt::{Receipt, of_word, word_of};
use super::text::UCS2;
use crate::domain::named;
use crate::domain::receipt::Report;

/// The bits of `esm_class` that say what kind of message it is (SMPP 3.4 §5.2.12).
const KIND: u8 = 0x3C;
/// What the SMSC says of a message at last.
const RECEIPT: u8 = 0x04;
/// A word on the way.
const ON_THE_WAY: u8 = 0x20;
/// The text begins with a header.
const HEADER: u8 = 0x40;

/// One thing that an SMSC tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// What became of a message, or a part of one.
    Receipt {
        /// The SMSC's, as its answers have it.
        id: String,
        /// What it means; nothing where that is a word on the way.
        report: Option<Report>,
        /// The SMSC's word.
        said: String,
    },
    /// What a client wrote.
    Written(Writing),
    /// Nothing that anybody would want to know.
    Nothing,
}

/// A text from a client, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    pub from: String,
    /// To which number.
    pub to: String,
    pub text: String,
    /// What is the same where it is told again: a digest of what came.
    pub mark: String,
    /// Its place among others, if it is a part.
    pub(super) piece: Option<Piece>,
}

/// A part's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// The same for all parts of a text.
    pub reference: u16,
    /// From 1.
    pub number: u8,
    pub count: u8,
}

/// Whether what was told is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is durable, or nothing that is to be kept.
    Yes,
    /// It is to be told again later.
    NotNow,
}

/// What a PDU brings, whichever it is.
struct Brought<'a> {
    from: &'a str,
    to: &'a str,
    esm_class: u8,
    data_coding: u8,
    octets: Vec<u8>,
    tlvs: &'a [Tlv],
}

/// What a `deliver_sm` tells (SMPP 3.4 §4.6.1).
pub(super) fn of_deliver(pdu: &DeliverSm, alphabet: Alphabet, ids: Ids) -> Told {
    let short = pdu.short_message().clone().into_vec();
    Brought {
        from: pdu.source_addr.as_str(),
        to: pdu.destination_addr.as_str(),
        esm_class: pdu.esm_class.into(),
        data_coding: pdu.data_coding.into(),
        octets: if short.is_empty() { payload(pdu.tlvs()) } else { short },
        tlvs: pdu.tlvs(),
    }
    .told(alphabet, ids)
}

/// What a `data_sm` tells (SMPP 3.4 §4.7.1).
pub(super) fn of_data(pdu: &DataSm, alphabet: Alphabet, ids: Ids) -> Told {
    Brought {
        from: pdu.source_addr.as_str(),
        to: pdu.destination_addr.as_str(),
        esm_class: pdu.esm_class.into(),
        data_coding: pdu.data_coding.into(),
        octets: payload(pdu.tlvs()),
        tlvs: pdu.tlvs(),
    }
    .told(alphabet, ids)
}

fn payload(tlvs: &[Tlv]) -> Vec<u8> {
    let found = values(tlvs).find_map(|value| match value {
        TlvValue::MessagePayload(payload) => Some(payload.value.clone().into_vec()),
        _ => None,
    });
    found.unwrap_or_default()
}

fn values(tlvs: &[Tlv]) -> impl Iterator<Item = &TlvValue> {
    tlvs.iter().filter_map(Tlv::value)
}

impl Brought<'_> {
    fn told(self, alphabet: Alphabet, ids: Ids) -> Told {
        let id = values(self.tlvs).find_map(|value| match value {
            TlvValue::ReceiptedMessageId(id) => Some(id.as_str().to_owned()),
            _ => None,
        });
        let state = values(self.tlvs).find_map(|value| match value {
            TlvValue::MessageState(state) => Some(u8::from(*state)),
            _ => None,
        });
        match self.esm_class & KIND {
            RECEIPT | ON_THE_WAY => self.receipt(id, state, ids),
            // Some forget to say that it is one.
            0 if id.is_some() && state.is_some() => self.receipt(id, state, ids),
            0 => Told::Written(self.written(alphabet)),
            _ => Told::Nothing,
        }
    }

    /// What stands beside the text goes before what stands in it.
    fn receipt(&self, id: Option<String>, state: Option<u8>, ids: Ids) -> Told {
        let text = Receipt::read(&Alphabet::Ascii.text(&self.octets));
        let id = id.and_then(|id| ids.of_receipt(&id));
        let Some(id) = id.or_else(|| ids.of_receipt(&text.id?)) else { return Told::Nothing };
        let word = state.map(|state| word_of(state).to_owned()).or(text.word);
        let said = word.unwrap_or_else(|| word_of(u8::MAX).to_owned());
        let said: String = said.chars().filter(char::is_ascii_graphic).collect();
        let is_final = self.esm_class & KIND != ON_THE_WAY;
        Told::Receipt { id, report: of_word(&said).filter(|_| is_final), said }
    }

    fn written(&self, alphabet: Alphabet) -> Writing {
        let (header, octets) = match self.esm_class & HEADER {
            0 => (None, &self.octets[..]),
            _ => split(&self.octets),
        };
        let text = match self.data_coding {
            UCS2 => ucs2_text(octets),
            1 => Alphabet::Ascii.text(octets),
            3 => Alphabet::Latin1.text(octets),
            0 => alphabet.of_default().text(octets),
            _ => Alphabet::Gsm.text(octets),
        };
        let piece = header.and_then(Piece::of_header).or_else(|| Piece::of_tlvs(self.tlvs));
        let (from, to) = (self.from.to_owned(), self.to.to_owned());
        Writing { from, to, text, mark: self.mark(piece), piece }
    }

    /// The time that it was written is not in it: no SMSC has to say that. Some number their texts.
    fn mark(&self, piece: Option<Piece>) -> String {
        let number = values(self.tlvs).find_map(|value| match value {
            TlvValue::UserMessageReference(number) => Some(number.value.to_string()),
            _ => None,
        });
        let (esm_class, data_coding) = (self.esm_class.to_string(), self.data_coding.to_string());
        let octets: String = self.octets.iter().copied().map(char::from).collect();
        let (number, piece) = (number.unwrap_or_default(), format!("{piece:?}"));
        let (from, to) = (self.from, self.to);
        let what = ["smpp", from, to, &esm_class, &data_coding, &number, &piece, &octets];
        named::uuid(&what).to_string()
    }
}

/// The header of a text and the rest: its first octet says how long it is. One that is longer than
/// the text is none.
fn split(octets: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let Some((length, rest)) = octets.split_first() else { return (None, octets) };
    match rest.split_at_checked(usize::from(*length)) {
        Some((header, text)) => (Some(header), text),
        None => (None, octets),
    }
}

impl Piece {
    /// Of its elements the one for parts (3GPP TS 23.040 §9.2.3.24.1, §9.2.3.24.8).
    fn of_header(mut header: &[u8]) -> Option<Self> {
        while let [kind, length, rest @ ..] = header {
            let (value, others) = rest.split_at_checked(usize::from(*length))?;
            match (kind, value) {
                (0, [reference, count, number]) => {
                    return Self::sound(u16::from(*reference), *number, *count);
                }
                (8, [high, low, count, number]) => {
                    return Self::sound(u16::from_be_bytes([*high, *low]), *number, *count);
                }
                _ => header = others,
            }
        }
        None
    }

    fn of_tlvs(tlvs: &[Tlv]) -> Option<Self> {
        let (mut reference, mut number, mut count) = (None, None, None);
        for value in values(tlvs) {
            match value {
                TlvValue::SarMsgRefNum(value) => reference = Some(*value),
                TlvValue::SarSegmentSeqnum(value) => number = Some(*value),
                TlvValue::SarTotalSegments(value) => count = Some(*value),
                _ => {}
            }
        }
        Self::sound(reference?, number?, count?)
    }

    fn sound(reference: u16, number: u8, count: u8) -> Option<Self> {
        let is_sound = count > 1 && (1..=count).contains(&number);
        is_sound.then_some(Self { reference, number, count })
    }
}

#[cfg(test)]
mod tests {
    use rusmpp_core::types::owned::{AnyOctetString, COctetString, OctetString};
    use rusmpp_core::values::owned::MessagePayload;
    use rusmpp_core::values::{DataCoding, EsmClass, MessageState};

    use super::*;
    use crate::domain::receipt::Failure;

    fn deliver(esm_class: u8, data_coding: u8, octets: &[u8], tlvs: Vec<TlvValue>) -> Told {
        let pdu = DeliverSm::builder()
            .source_addr(COctetString::from_static_slice(b"393331234567\0").unwrap())
            .destination_addr(COctetString::from_static_slice(b"4455\0").unwrap())
            .esm_class(EsmClass::from(esm_class))
            .data_coding(DataCoding::from(data_coding))
            .short_message(OctetString::from_slice(octets).unwrap())
            .build();
        let tlvs: Vec<Tlv> = tlvs.into_iter().map(Tlv::new).collect();
        Brought {
            from: pdu.source_addr.as_str(),
            to: pdu.destination_addr.as_str(),
            esm_class: pdu.esm_class.into(),
            data_coding: pdu.data_coding.into(),
            octets: if octets.is_empty() { payload(&tlvs) } else { octets.to_vec() },
            tlvs: &tlvs,
        }
        .told(Alphabet::Gsm, Ids::Exact)
    }

    fn receipt(id: &str, report: Option<Report>, said: &str) -> Told {
        Told::Receipt { id: id.to_owned(), report, said: said.to_owned() }
    }

    fn id(text: &str) -> TlvValue {
        TlvValue::ReceiptedMessageId(COctetString::from_string(text.to_owned()).unwrap())
    }

    #[test]
    fn what_stands_beside_a_receipt_goes_before_its_text() {
        let text = b"id:7 stat:UNDELIV err:001 text:";
        let failed = Some(Report::Undelivered(Failure::Failed));
        let delivered = TlvValue::MessageState(MessageState::Delivered);
        let payload = TlvValue::MessagePayload(MessagePayload::new(AnyOctetString::from_slice(
            b"id:9 stat:DELIVRD",
        )));
        for (esm_class, octets, tlvs, told) in [
            (0x04, &text[..], vec![], receipt("7", failed, "UNDELIV")),
            (
                0x04,
                &text[..],
                vec![id("8"), delivered.clone()],
                receipt("8", Some(Report::Delivered), "DELIVRD"),
            ),
            (0x04, &b""[..], vec![payload], receipt("9", Some(Report::Delivered), "DELIVRD")),
            (0x00, &b"x"[..], vec![id("8"), delivered.clone()], {
                receipt("8", Some(Report::Delivered), "DELIVRD")
            }),
            (0x20, &b""[..], vec![id("8"), delivered], receipt("8", None, "DELIVRD")),
            (0x04, &b"id:7"[..], vec![], receipt("7", None, "UNKNOWN")),
            (0x04, &b"stat:DELIVRD"[..], vec![], Told::Nothing),
            (0x08, &b"id:7"[..], vec![], Told::Nothing),
        ] {
            assert_eq!(deliver(esm_class, 0, octets, tlvs), told, "{esm_class:#x}");
        }
    }

    #[test]
    fn texts_of_clients_are_read_in_their_alphabet() {
        for (data_coding, octets, text) in [
            (0, &b"STOP"[..], "STOP"),
            (0, &[0x04, 0x1B, 0x65][..], "è€"),
            (8, &[0x00, 0xE7, 0xD8, 0x3D, 0xDE, 0x00][..], "ç😀"),
            (3, &[0xE7][..], "ç"),
            (0xF1, &b"OK"[..], "OK"),
        ] {
            let Told::Written(written) = deliver(0, data_coding, octets, vec![]) else { panic!() };
            assert_eq!((written.text.as_str(), written.piece), (text, None));
            assert_eq!((&*written.from, &*written.to), ("393331234567", "4455"));
        }
    }

    #[test]
    fn what_is_told_again_has_the_same_mark() {
        let mark = |esm_class, data_coding, octets: &[u8], number: u16| {
            let number = vec![TlvValue::UserMessageReference(number.into())];
            let told = deliver(esm_class, data_coding, octets, number);
            let Told::Written(written) = told else { panic!("{told:?}") };
            written.mark
        };
        let one = mark(0x40, 0, &[5, 0, 3, 9, 2, 1, b'A'], 7);
        assert_eq!(mark(0x40, 0, &[5, 0, 3, 9, 2, 1, b'A'], 7), one);
        assert_ne!(mark(0x40, 0, &[5, 0, 3, 9, 2, 2, b'A'], 7), one, "another part");
        assert_ne!(mark(0x40, 0, &[5, 0, 3, 9, 2, 1, b'A'], 8), one, "another number");
        assert_ne!(mark(0x40, 8, &[5, 0, 3, 9, 2, 1, b'A'], 7), one, "another alphabet");
    }

    #[test]
    fn a_part_is_known_by_its_header_or_by_what_stands_beside_it() {
        let piece = |reference, number, count| Some(Piece { reference, number, count });
        let beside = vec![
            TlvValue::SarMsgRefNum(300),
            TlvValue::SarTotalSegments(2),
            TlvValue::SarSegmentSeqnum(2),
        ];
        for (esm_class, octets, tlvs, text, wanted) in [
            (0x40, &[5, 0, 3, 9, 2, 1, b'A'][..], vec![], "A", piece(9, 1, 2)),
            (0x40, &[6, 8, 4, 1, 44, 3, 3, b'A'][..], vec![], "A", piece(300, 3, 3)),
            // Ports first, then the part.
            (0x40, &[9, 4, 2, 1, 2, 0, 3, 9, 2, 2, b'A'][..], vec![], "A", piece(9, 2, 2)),
            (0x00, &b"A"[..], beside, "A", piece(300, 2, 2)),
            // No such part, and a header longer than all there is.
            (0x40, &[5, 0, 3, 9, 2, 3, b'A'][..], vec![], "A", None),
            (0x40, &[99, b'A'][..], vec![], "cA", None),
        ] {
            let Told::Written(written) = deliver(esm_class, 0, octets, tlvs) else { panic!() };
            assert_eq!((written.text.as_str(), written.piece), (text, wanted));
        }
    }
}
