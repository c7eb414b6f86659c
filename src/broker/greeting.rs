//! What the broker says of itself at the beginning of a connection, which the client library
//! keeps to itself: `connection.start` (AMQP 0-9-1 §1.4.2.1).

use super::properties::Bytes;

/// The class `connection` and its method `start`.
const START: [u8; 4] = [0, 10, 0, 10];
/// Of the protocol, major and minor.
const PROTOCOL_BYTES: usize = 2;
/// Longer than any version.
const VERSION_MAX_BYTES: usize = 64;

/// The broker's version, such as `3.10.8`, from the payload of a method frame; nothing in any
/// other method.
pub fn version(payload: &[u8]) -> Option<String> {
    let mut rest = Bytes(payload.strip_prefix(&START)?);
    rest.take(PROTOCOL_BYTES).ok()?;
    let mut properties = Bytes(rest.long().ok()?);
    loop {
        let name = properties.short().ok()?;
        let value = match properties.take(1).ok()? {
            b"S" | b"F" => properties.long().ok()?,
            b"t" => properties.take(1).ok()?,
            b"I" => properties.take(4).ok()?,
            // RabbitMQ sends nothing else.
            _ => return None,
        };
        if name == b"version" {
            let text = std::str::from_utf8(value).ok()?;
            return (text.len() <= VERSION_MAX_BYTES).then(|| text.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long(bytes: &[u8]) -> Vec<u8> {
        [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
    }

    #[test]
    fn the_version_is_found_among_the_rest() {
        let properties = [
            &b"\x0ccapabilitiesF"[..],
            &long(b"\x0abasic.nackt\x01"),
            b"\x07productS",
            &long(b"RabbitMQ"),
            b"\x07versionS",
            &long(b"3.10.8"),
        ]
        .concat();
        let start = [&START[..], &[0, 9], &long(&properties), &long(b"PLAIN")].concat();
        assert_eq!(version(&start).as_deref(), Some("3.10.8"));
        for cut in 0..start.len() - 9 {
            assert_eq!(version(&start[..cut]), None, "{cut}");
        }
        assert_eq!(version(&[0, 10, 0, 30]), None);
    }
}
