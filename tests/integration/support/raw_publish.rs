//! A publisher of bytes: AMQP 0-9-1 spoken by hand, for properties that no client library writes.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use super::publish::COMMANDS;

const DEADLINE: Duration = Duration::from_secs(20);
const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;
const HEARTBEAT: u8 = 8;
const END: u8 = 206;
const CHANNEL: u16 = 1;
/// Class and method of what is waited for.
const START: [u8; 4] = [0, 10, 0, 10];
const TUNE: [u8; 4] = [0, 10, 0, 30];
const OPEN_OK: [u8; 4] = [0, 10, 0, 41];
const CHANNEL_OPEN_OK: [u8; 4] = [0, 20, 0, 11];
const SELECT_OK: [u8; 4] = [0, 85, 0, 11];
const ACK: [u8; 4] = [0, 60, 0, 80];

/// A connection with one channel that awaits confirms.
pub struct RawPublisher(TcpStream);

impl RawPublisher {
    /// Connects to `amqp://user:password@host:port/vhost`.
    pub fn connect(url: &str) -> Self {
        let rest = url.strip_prefix("amqp://").unwrap();
        let (user_password, rest) = rest.split_once('@').unwrap();
        let (address, vhost) = rest.split_once('/').unwrap();
        let (user, password) = user_password.split_once(':').unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut connection = Self(stream);
        connection.0.write_all(b"AMQP\x00\x00\x09\x01").unwrap();
        connection.await_method(START);
        let plain = format!("\0{user}\0{password}");
        let start_ok = [&long(b"")[..], &short(b"PLAIN"), &long(plain.as_bytes()), &short(b"C")];
        connection.method(0, [0, 10, 0, 11], &start_ok.concat());
        let tuned = connection.await_method(TUNE);
        // The broker's own limits, and no heartbeats.
        connection.method(0, [0, 10, 0, 31], &[&tuned[..6], &[0, 0]].concat());
        connection.method(0, [0, 10, 0, 40], &[&short(vhost.as_bytes())[..], &[0, 0]].concat());
        connection.await_method(OPEN_OK);
        connection.method(CHANNEL, [0, 20, 0, 10], &[0]);
        connection.await_method(CHANNEL_OPEN_OK);
        connection.method(CHANNEL, [0, 85, 0, 10], &[0]);
        connection.await_method(SELECT_OK);
        connection
    }

    /// Publishes a command with these properties: flags and list (§4.2.6.1). Waits until the
    /// broker has taken it.
    pub fn publish(&mut self, routing_key: &[u8], properties: &[u8], body: &[u8]) {
        let publish =
            [&[0, 0][..], &short(COMMANDS.as_bytes()), &short(routing_key), &[0]].concat();
        self.method(CHANNEL, [0, 60, 0, 40], &publish);
        let size = u64::try_from(body.len()).unwrap().to_be_bytes();
        self.frame(HEADER, CHANNEL, &[&[0, 60, 0, 0][..], &size, properties].concat());
        for piece in body.chunks(100_000) {
            self.frame(BODY, CHANNEL, piece);
        }
        self.await_method(ACK);
    }

    fn method(&mut self, channel: u16, name: [u8; 4], arguments: &[u8]) {
        self.frame(METHOD, channel, &[&name[..], arguments].concat());
    }

    fn frame(&mut self, kind: u8, channel: u16, payload: &[u8]) {
        let head = [&[kind][..], &channel.to_be_bytes(), &length(payload)].concat();
        self.0.write_all(&[&head[..], payload, &[END]].concat()).unwrap();
    }

    /// The arguments of the next method, which must be this one.
    fn await_method(&mut self, name: [u8; 4]) -> Vec<u8> {
        loop {
            let mut head = [0; 7];
            self.0.read_exact(&mut head).unwrap();
            let length = u32::from_be_bytes(head[3..].try_into().unwrap());
            let mut payload = vec![0; usize::try_from(length).unwrap() + 1];
            self.0.read_exact(&mut payload).unwrap();
            assert_eq!(payload.pop(), Some(END));
            if head[0] == HEARTBEAT {
                continue;
            }
            let text = String::from_utf8_lossy(&payload);
            assert!(payload.starts_with(&name), "not {name:?}: {payload:?} {text}");
            return payload.split_off(4);
        }
    }
}

/// Flags and list with one property, counted from `content_type`, 0.
pub fn property(place: u16, value: &[u8]) -> Vec<u8> {
    [&(1_u16 << (15 - place)).to_be_bytes()[..], value].concat()
}

/// Flags and list with headers, the fields of a table.
pub fn headers(fields: &[u8]) -> Vec<u8> {
    property(2, &long(fields))
}

/// A field that holds so many tables within each other.
pub fn nested_tables(depth: usize) -> Vec<u8> {
    nested(depth, b"\x00F", b"\x00V")
}

/// A field that holds so many lists within each other.
pub fn nested_lists(depth: usize) -> Vec<u8> {
    [&b"\x00"[..], &nested(depth, b"A", b"")].concat()
}

/// Built from the innermost out, the heads first, since each holds the length of the rest.
fn nested(depth: usize, head: &[u8], innermost: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for level in (0..depth).rev() {
        let inner = innermost.len() + level * (head.len() + 4);
        bytes.extend_from_slice(head);
        bytes.extend_from_slice(&u32::try_from(inner).unwrap().to_be_bytes());
    }
    bytes.extend_from_slice(innermost);
    bytes
}

/// A short string.
pub fn short(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).unwrap()][..], bytes].concat()
}

fn long(bytes: &[u8]) -> Vec<u8> {
    [&length(bytes)[..], bytes].concat()
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap().to_be_bytes()
}
