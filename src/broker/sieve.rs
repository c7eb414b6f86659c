//! Between the broker and the client library: every frame is looked at before the library is.
//!
//! Frames pass as they are, but for two: a delivery's names that are not UTF-8 get question
//! marks, which no tenant has in its name, and properties that the library could not read are
//! left out, with the flaw written down beside the delivery's tag. So the library always finds
//! what it can read, deliveries keep their order, and nothing is lost but what nobody can read.

use std::io;
use std::sync::Arc;

use super::arrivals::{Arrival, Arrivals};
use super::greeting::version;
use super::properties::{Bytes, Flaw, examine};

/// Type, channel and length before the payload (AMQP 0-9-1 §4.2.3).
const HEAD_BYTES: usize = 7;
const METHOD: u8 = 1;
const HEADER: u8 = 2;
const HEARTBEAT: u8 = 8;
const END: u8 = 206;
/// The class `basic` and its method `deliver`.
const DELIVER: [u8; 4] = [0, 60, 0, 60];
/// Class, weight and body size before the properties (§4.2.6.1).
const SIZES_BYTES: usize = 12;
/// No broker sends larger ones: RabbitMQ's own limit is 128 KiB, to which it may add headers.
const FRAME_MAX: usize = 4 << 20;

/// A frame that says that the connection lives.
pub const HEARTBEAT_FRAME: [u8; HEAD_BYTES + 1] = [HEARTBEAT, 0, 0, 0, 0, 0, 0, END];

/// Looks through what the broker sends on one connection.
pub struct Sieve {
    arrivals: Arc<Arrivals>,
    /// A frame that has not come whole yet.
    begun: Vec<u8>,
    /// The delivery whose header comes next.
    delivery: Option<Delivery>,
    /// The first frame is behind us, in which the broker greets.
    greeted: bool,
}

struct Delivery {
    channel: [u8; 2],
    tag: u64,
    /// Not the first time.
    again: bool,
    flaw: Option<Flaw>,
}

impl Sieve {
    /// Writes down what comes in.
    pub fn new(arrivals: Arc<Arrivals>) -> Self {
        Self { arrivals, begun: Vec::new(), delivery: None, greeted: false }
    }

    /// Takes what came from the socket, and appends to `out` what the library may read: whole
    /// frames.
    ///
    /// # Errors
    /// `InvalidData` if that is no AMQP.
    pub fn pass(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        self.begun.extend_from_slice(bytes);
        let mut begun = std::mem::take(&mut self.begun);
        let mut at = 0;
        while let Some(length) = frame_length(&begun[at..])? {
            let frame = &mut begun[at..at + length];
            self.pass_frame(frame, out);
            at += length;
        }
        begun.drain(..at);
        self.begun = begun;
        Ok(())
    }

    fn pass_frame(&mut self, frame: &mut [u8], out: &mut Vec<u8>) {
        let payload = HEAD_BYTES..frame.len() - 1;
        let channel = [frame[1], frame[2]];
        if !std::mem::replace(&mut self.greeted, true)
            && let Some(version) = version(&frame[payload.clone()])
        {
            self.arrivals.greeted(version);
        }
        match frame[0] {
            METHOD if frame[payload.clone()].starts_with(&DELIVER) => {
                self.delivery = read_delivery(channel, &mut frame[payload]);
            }
            HEADER if payload.len() >= SIZES_BYTES => {
                let mine = |delivery: &mut Delivery| delivery.channel == channel;
                if let Some(delivery) = self.delivery.take_if(mine) {
                    return self.pass_header(&delivery, frame, out);
                }
            }
            _ => {}
        }
        out.extend_from_slice(frame);
    }

    fn pass_header(&self, delivery: &Delivery, frame: &[u8], out: &mut Vec<u8>) {
        let (sizes, properties) = frame[HEAD_BYTES..frame.len() - 1].split_at(SIZES_BYTES);
        let found = examine(properties);
        let too_long = frame.len() > self.arrivals.frame_max();
        let flaw = delivery.flaw.or(found.flaw).or(too_long.then_some(Flaw::TooLong));
        let body_bytes = Bytes(&sizes[4..]).number(8).unwrap_or_default();
        let bytes = body_bytes + properties.len() as u64;
        let returns = if delivery.again { found.returns } else { 0 };
        let arrival = Arrival { bytes, flaw, returns, user: found.user };
        self.arrivals.opened(delivery.tag, arrival);
        if flaw.is_none() {
            return out.extend_from_slice(frame);
        }
        const NO_PROPERTIES: [u8; 2] = [0, 0];
        out.extend_from_slice(&frame[..3]);
        out.extend_from_slice(&[0, 0, 0, SIZES_BYTES as u8 + 2]);
        out.extend_from_slice(sizes);
        out.extend_from_slice(&NO_PROPERTIES);
        out.push(END);
    }
}

/// The length of the first frame, once it is there.
fn frame_length(bytes: &[u8]) -> io::Result<Option<usize>> {
    let no_amqp = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why);
    if bytes.first() == Some(&b'A') {
        return Err(no_amqp("the server speaks another version of AMQP"));
    }
    let Some(head) = bytes.get(..HEAD_BYTES) else { return Ok(None) };
    let payload = Bytes(&head[3..]).number(4).ok().and_then(|length| usize::try_from(length).ok());
    let length = payload.unwrap_or(usize::MAX).saturating_add(HEAD_BYTES + 1);
    if length > FRAME_MAX {
        return Err(no_amqp("what the server sends is no AMQP, or a frame too large"));
    }
    match bytes.get(length - 1) {
        None => Ok(None),
        Some(&END) => Ok(Some(length)),
        Some(_) => Err(no_amqp("a frame without its end")),
    }
}

/// Reads `basic.deliver` (consumer tag, delivery tag, redelivered, exchange, routing key), and
/// makes its names UTF-8 in their place.
fn read_delivery(channel: [u8; 2], payload: &mut [u8]) -> Option<Delivery> {
    let names = names_of(payload).ok()?;
    let mut rest = Bytes(&payload[names[0].end..]);
    let (tag, again) = (rest.number(8).ok()?, rest.number(1).ok()? != 0);
    let mut flaw = None;
    for name in names {
        while let Err(error) = std::str::from_utf8(&payload[name.clone()]) {
            payload[name.start + error.valid_up_to()] = b'?';
            flaw = Some(Flaw::NotUtf8);
        }
    }
    Some(Delivery { channel, tag, again, flaw })
}

fn names_of(payload: &[u8]) -> Result<[std::ops::Range<usize>; 3], Flaw> {
    let mut rest = Bytes(payload);
    let whole = payload.len();
    rest.take(DELIVER.len())?;
    let mut name = |skip: usize| {
        rest.take(skip)?;
        let length = rest.short()?.len();
        let end = whole - rest.0.len();
        Ok(end - length..end)
    };
    Ok([name(0)?, name(9)?, name(0)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&[kind, 0, 1], &length[..], payload, &[END]].concat()
    }

    fn deliver(tag: u8, routing_key: &[u8]) -> Vec<u8> {
        let length = [u8::try_from(routing_key.len()).unwrap()];
        let tag = [0, 0, 0, 0, 0, 0, 0, tag, 0];
        frame(METHOD, &[&DELIVER[..], b"\x01c", &tag, b"\x01x", &length, routing_key].concat())
    }

    fn header(body_bytes: u8, properties: &[u8]) -> Vec<u8> {
        let sizes = [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, body_bytes];
        frame(HEADER, &[&sizes[..], properties].concat())
    }

    /// Passes the bytes in pieces of each size; what comes out must not depend on it.
    fn passed(bytes: &[u8]) -> (Vec<u8>, Arc<Arrivals>) {
        let mut results = [1, 7, bytes.len()].map(|size| {
            let arrivals = Arc::new(Arrivals::new(u64::MAX));
            arrivals.bound_frames(500);
            let mut sieve = Sieve::new(arrivals.clone());
            let mut out = Vec::new();
            for piece in bytes.chunks(size) {
                sieve.pass(piece, &mut out).unwrap();
            }
            (out, arrivals)
        });
        assert!(results.iter().all(|(out, _)| *out == results[0].0));
        std::mem::replace(&mut results[0], (Vec::new(), Arc::new(Arrivals::new(0))))
    }

    #[test]
    fn what_is_sound_passes_untouched() {
        let sound = [
            HEARTBEAT_FRAME.to_vec(),
            deliver(7, b"cmd.salon"),
            header(3, b"\x00\x10\x03app"),
            frame(3, b"\xff\xff\xff"),
            frame(METHOD, &[0, 60, 0, 80, 0]),
        ]
        .concat();
        let (out, arrivals) = passed(&sound);
        assert_eq!(out, sound);
        let user = Some("app".to_owned());
        assert_eq!(arrivals.get(7), Arrival { bytes: 9, user, ..Arrival::default() });
    }

    #[test]
    fn what_the_library_cannot_read_is_left_out_and_named() {
        let long = [&b"\x20\x00\x00\x00\x01\xfa\x01kS\x00\x00\x01\xf3"[..], &[0; 499]].concat();
        let cases: [(&[u8], Flaw); 3] = [
            (b"\x80\x00\x01\xff", Flaw::NotUtf8),
            (b"\x20\x00\x00\x00\x00\x03\x01kz", Flaw::Malformed),
            (&long, Flaw::TooLong),
        ];
        for (properties, flaw) in cases {
            let (out, arrivals) = passed(&[deliver(9, b"cmd.a"), header(3, properties)].concat());
            assert_eq!(out, [deliver(9, b"cmd.a"), header(3, b"\x00\x00")].concat());
            assert_eq!(arrivals.get(9).flaw, Some(flaw));
        }
    }

    #[test]
    fn names_become_utf_8_and_the_delivery_is_marked() {
        let sent = [deliver(1, b"cmd.\xc3\xa9\xff\xc3"), header(0, b"\x00\x00")].concat();
        let (out, arrivals) = passed(&sent);
        assert_eq!(out, [deliver(1, b"cmd.\xc3\xa9??"), header(0, b"\x00\x00")].concat());
        assert_eq!(arrivals.get(1).flaw, Some(Flaw::NotUtf8));
    }

    #[test]
    fn only_the_broker_says_how_often_something_came_back() {
        let mut again = deliver(8, b"cmd.a");
        let redelivered = again.iter().position(|byte| *byte == 8).unwrap() + 1;
        again[redelivered] = 1;
        let counted = header(0, b"\x20\x00\x00\x00\x00\x13\x10x-delivery-countb\x03");
        // A first delivery's count is the publisher's own word.
        let sent = [deliver(7, b"cmd.a"), counted.clone(), again, counted].concat();
        let (out, arrivals) = passed(&sent);
        assert_eq!(out, sent);
        assert_eq!([7, 8].map(|tag| arrivals.get(tag).returns), [0, 3]);
    }

    #[test]
    fn what_is_no_amqp_ends_the_connection() {
        for bytes in
            [&b"AMQP\x00\x01\x00\x00"[..], b"HTTP/1.1 400", b"\x01\x00\x01\x00\x00\x00\x00\x00"]
        {
            let mut sieve = Sieve::new(Arc::new(Arrivals::new(0)));
            let refused = sieve.pass(bytes, &mut Vec::new()).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
        }
    }
}
