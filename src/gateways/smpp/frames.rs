//! PDUs cut out of a stream of bytes, and written into one.

use bytes::{Buf as _, BytesMut};
use rusmpp_core::CommandId;
use rusmpp_core::command::owned::Command;
use rusmpp_core::decode::owned::DecodeWithLength as _;
use rusmpp_core::encode::{Encode as _, Length as _};
use rusmpp_core::pdus::owned::Pdu;

/// The largest PDU that is read, in bytes: a `message_payload` of 64 KiB and all that can stand
/// beside it. Whoever announces more is out of step.
pub(super) const PDU_MAX_BYTES: usize = 80 * 1024;
/// A PDU's header (SMPP 3.4 §3.2.1).
const HEADER_BYTES: usize = 16;

/// A PDU as it came.
#[derive(Debug)]
pub(super) struct Frame {
    pub id: CommandId,
    /// `command_status`, 0 where all is well.
    pub status: u32,
    pub sequence: u32,
    /// Absent where it has none, or none that can be read.
    pub body: Option<Pdu>,
}

/// What came is no PDU, nor can the next one be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutOfStep;

/// What came of a stream so far and is no whole PDU yet.
#[derive(Debug, Default)]
pub(super) struct Frames(BytesMut);

impl Frames {
    pub fn takes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The next PDU, if it is there as a whole.
    pub fn next(&mut self) -> Result<Option<Frame>, OutOfStep> {
        let Some(length) = self.0.first_chunk::<4>() else { return Ok(None) };
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if !(HEADER_BYTES..=PDU_MAX_BYTES).contains(&length) {
            return Err(OutOfStep);
        }
        if self.0.len() < length {
            return Ok(None);
        }
        let mut pdu = self.0.split_to(length);
        let mut header = pdu.clone();
        header.advance(4);
        let (id, status, sequence) = (header.get_u32(), header.get_u32(), header.get_u32());
        pdu.advance(4);
        let length = pdu.len();
        let body = Command::decode(&mut pdu, length)
            .ok()
            .and_then(|(command, size)| (size <= length).then(|| command.pdu().cloned()).flatten());
        Ok(Some(Frame { id: CommandId::from(id), status, sequence, body }))
    }
}

/// A PDU as it leaves.
pub(super) fn bytes(status: u32, sequence: u32, body: impl Into<Pdu>) -> Vec<u8> {
    let command = Command::new(status.into(), sequence, body);
    let length = command.length();
    let whole = u32::try_from(length + 4).unwrap_or(u32::MAX);
    let mut bytes = vec![0; length + 4];
    let (head, rest) = bytes.split_at_mut(4);
    head.copy_from_slice(&whole.to_be_bytes());
    command.encode(rest);
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_is_understood_where_the_rest_is_not() {
        let mut frames = Frames::default();
        // An id without its end.
        frames.takes(&[0, 0, 0, 18, 0x80, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 7, b'4', b'2']);
        let frame = frames.next().unwrap().unwrap();
        assert_eq!((frame.id, frame.status, frame.sequence), (CommandId::SubmitSmResp, 0, 7));
        assert!(frame.body.is_none() && frames.next().unwrap().is_none());
    }

    #[test]
    fn no_pdu_is_shorter_than_its_header_or_longer_than_the_longest() {
        for length in [0_u32, 15, 80 * 1024 + 1, u32::MAX] {
            let mut frames = Frames::default();
            frames.takes(&length.to_be_bytes());
            assert_eq!(frames.next().unwrap_err(), OutOfStep, "{length}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn whatever_stands_behind_a_header_is_survived(
            id in prop_oneof![
                prop::sample::select(vec![
                    0x8000_0000_u32, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xB, 0x15, 0x21, 0x102, 0x103,
                    0x111, 0x112, 0x113, 0x8000_0003, 0x8000_0004, 0x8000_0005, 0x8000_0009,
                    0x8000_0021, 0x8000_0103, 0x8000_0111, 0x8000_0112,
                ]),
                any::<u32>(),
            ],
            blank in 0_usize..20,
            body in prop::collection::vec(any::<u8>(), 0..120),
        ) {
            let body = [vec![0; blank], body].concat();
            let length = u32::try_from(16 + body.len()).unwrap();
            let head = [length, id, 0, 1].map(u32::to_be_bytes).concat();
            let mut frames = Frames::default();
            frames.takes(&[head, body].concat());
            let frame = frames.next().unwrap().unwrap();
            prop_assert_eq!((u32::from(frame.id), frame.sequence), (id, 1));
            prop_assert!(frames.next().unwrap().is_none());
        }
    }
}
