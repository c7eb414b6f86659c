//! What can be told of a message's properties before the client library reads them.
//!
//! The library reads nested tables by recursion, takes its own end for the process's when the
//! stack is spent, and gives the whole connection up at a short string that is not UTF-8. The
//! broker passes both on. So whatever comes in is walked here first, in a loop, and a message
//! that the library could not stomach is named.
//!
//! AMQP 0-9-1 §4.2.5 and §4.2.6, with RabbitMQ's types
//! (<https://www.rabbitmq.com/amqp-0-9-1-errata#section_3>).

/// Tables and lists within each other, the headers themselves being the first.
pub const DEPTH_MAX: usize = 16;

/// Set by quorum queues (<https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling>).
const RETURNS: &str = "x-delivery-count";

/// In the order of their flags, from the highest bit; what follows `cluster_id` does not exist.
const PROPERTIES: [Form; 14] = {
    use Form::{Bytes, Headers, Short, User};
    [
        Short,    // content_type
        Short,    // content_encoding
        Headers,  // headers
        Bytes(1), // delivery_mode
        Bytes(1), // priority
        Short,    // correlation_id
        Short,    // reply_to
        Short,    // expiration
        Short,    // message_id
        Bytes(8), // timestamp
        Short,    // type
        User,     // user_id
        Short,    // app_id
        Short,    // cluster_id
    ]
};

#[derive(Clone, Copy)]
enum Form {
    Short,
    User,
    Headers,
    Bytes(usize),
}

/// Why the client library must not see a message's properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// A short string, such as the routing key or a header's name, is not UTF-8.
    NotUtf8,
    /// Tables and lists are nested more than [`DEPTH_MAX`] deep.
    TooDeep,
    /// A length leads outside, or a type does not exist.
    Malformed,
    /// They are larger than a frame.
    TooLong,
}

/// The properties of a delivery, as far as anybody here reads them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The publisher, as validated by the broker.
    pub user: Option<String>,
    /// How often the broker took the message back from a consumer that was gone. On its first
    /// delivery that is the publisher's to say.
    pub returns: u64,
    /// The first flaw, if there is any.
    pub flaw: Option<Flaw>,
}

/// Walks the property flags and list of a content header (§4.2.6.1).
pub fn examine(bytes: &[u8]) -> Found {
    let mut found = Found::default();
    if let Err(flaw) = walk(bytes, &mut found) {
        found.flaw.get_or_insert(flaw);
    }
    found
}

/// Goes on behind a flaw whose end is known: the user may stand there.
fn walk(bytes: &[u8], found: &mut Found) -> Result<(), Flaw> {
    let mut rest = Bytes(bytes);
    let flags = rest.number(2)?;
    for (place, form) in PROPERTIES.iter().enumerate() {
        if flags & (1 << (15 - place)) == 0 {
            continue;
        }
        let flaw = match form {
            Form::Bytes(count) => rest.take(*count).map(|_| ()).err(),
            Form::Short => text(rest.short()?).err(),
            Form::User => match text(rest.short()?) {
                Ok(user) => {
                    found.user = Some(user.to_owned());
                    None
                }
                Err(flaw) => Some(flaw),
            },
            Form::Headers => match walk_table(rest.long()?) {
                Ok(returns) => {
                    found.returns = returns;
                    None
                }
                Err(flaw) => Some(flaw),
            },
        };
        found.flaw = found.flaw.or(flaw);
    }
    let unknown = flags & 0b11 != 0;
    if unknown || !rest.0.is_empty() { Err(Flaw::Malformed) } else { Ok(()) }
}

/// A table or list that is being walked, as far as it is left.
struct Open<'a> {
    rest: Bytes<'a>,
    is_table: bool,
}

/// Returns how often the broker took the message back.
fn walk_table(table: &[u8]) -> Result<u64, Flaw> {
    let mut returns = 0;
    let mut open = vec![Open { rest: Bytes(table), is_table: true }];
    while let Some(innermost) = open.last_mut() {
        let rest = &mut innermost.rest;
        if rest.0.is_empty() {
            open.pop();
            continue;
        }
        let name = if innermost.is_table { text(rest.short()?)? } else { "" };
        let kind = rest.number(1)?.try_into().unwrap_or_default();
        let width = match kind {
            b'V' => 0,
            b't' | b'b' | b'B' => 1,
            b's' | b'u' | b'U' => 2,
            b'I' | b'i' | b'f' => 4,
            b'D' => 5,
            b'l' | b'L' | b'd' | b'T' => 8,
            b'S' | b'x' => {
                rest.long()?;
                continue;
            }
            b'F' | b'A' => {
                let inner = Open { rest: Bytes(rest.long()?), is_table: kind == b'F' };
                if open.len() == DEPTH_MAX {
                    return Err(Flaw::TooDeep);
                }
                open.push(inner);
                continue;
            }
            _ => return Err(Flaw::Malformed),
        };
        let number = rest.number(width)?;
        if name == RETURNS && open.len() == 1 {
            returns = number;
        }
    }
    Ok(returns)
}

fn text(bytes: &[u8]) -> Result<&str, Flaw> {
    std::str::from_utf8(bytes).map_err(|_| Flaw::NotUtf8)
}

/// What is left to read; whatever leads outside is malformed.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Flaw> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Flaw::Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    /// Big-endian, of at most eight bytes.
    pub(super) fn number(&mut self, bytes: usize) -> Result<u64, Flaw> {
        Ok(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    pub(super) fn short(&mut self) -> Result<&'a [u8], Flaw> {
        let length = self.number(1)?;
        self.take(usize::try_from(length).map_err(|_| Flaw::Malformed)?)
    }

    pub(super) fn long(&mut self) -> Result<&'a [u8], Flaw> {
        let length = self.number(4)?;
        self.take(usize::try_from(length).map_err(|_| Flaw::Malformed)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with(flag: usize, value: &[u8]) -> Vec<u8> {
        let flags: u16 = 1 << (15 - flag);
        [&flags.to_be_bytes()[..], value].concat()
    }

    fn long(bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).unwrap();
        [&length.to_be_bytes()[..], bytes].concat()
    }

    /// Headers with so many tables within each other, themselves included.
    fn nested(depth: usize) -> Vec<u8> {
        let innermost = b"\x01kV".to_vec();
        let table = (1..depth).fold(innermost, |inner, _| [&b"\x00F"[..], &long(&inner)].concat());
        with(2, &long(&table))
    }

    fn flaw(properties: &[u8]) -> Option<Flaw> {
        examine(properties).flaw
    }

    #[test]
    fn what_is_sound_passes() {
        assert_eq!(examine(&[0, 0]), Found::default());
        let fields =
            b"\x01at\x01\x01bI\x00\x00\x00\x01\x01cS\x00\x00\x00\x01\xff\x01dA\x00\x00\x00\x01V";
        assert_eq!(flaw(&with(2, &long(fields))), None);
        assert_eq!(flaw(&with(0, "\u{4}tëxt".as_bytes())), Some(Flaw::Malformed));
        assert_eq!(flaw(&with(0, "\u{5}tëxt".as_bytes())), None);
        assert_eq!(examine(&with(11, b"\x03app")).user.as_deref(), Some("app"));
    }

    #[test]
    fn returns_are_counted_by_the_broker_at_the_top_alone() {
        let counted = b"\x10x-delivery-countl\x00\x00\x00\x00\x00\x00\x00\x07";
        assert_eq!(examine(&with(2, &long(counted))).returns, 7);
        let nested = [&b"\x01kF"[..], &long(counted)].concat();
        assert_eq!(examine(&with(2, &long(&nested))), Found::default());
    }

    #[test]
    fn depth_is_bounded_whatever_it_is() {
        assert_eq!(flaw(&nested(DEPTH_MAX)), None);
        assert_eq!(flaw(&nested(DEPTH_MAX + 1)), Some(Flaw::TooDeep));
        assert_eq!(flaw(&nested(20_000)), Some(Flaw::TooDeep));
        let lists = (0..20_000).fold(Vec::new(), |inner, _| [&b"A"[..], &long(&inner)].concat());
        assert_eq!(flaw(&with(2, &long(&[b"\x01k", &lists[..]].concat()))), Some(Flaw::TooDeep));
    }

    #[test]
    fn every_short_string_must_be_utf_8() {
        for place in [0, 1, 5, 6, 7, 8, 10, 11, 12, 13] {
            assert_eq!(flaw(&with(place, b"\x02\xffa")), Some(Flaw::NotUtf8), "{place}");
        }
        assert_eq!(flaw(&with(2, &long(b"\x01\xffV"))), Some(Flaw::NotUtf8));
    }

    #[test]
    fn the_user_is_known_in_spite_of_what_stands_before() {
        let flags: u16 = 1 << 10 | 1 << 4;
        let both = [&flags.to_be_bytes()[..], b"\x01\xff\x03app"].concat();
        let user = Some("app".to_owned());
        assert_eq!(examine(&both), Found { user, flaw: Some(Flaw::NotUtf8), ..Found::default() });
    }

    proptest! {
        /// Nothing panics, and nothing that the library refuses is let through.
        #[test]
        fn what_passes_the_library_reads(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let library = lapin::protocol::basic::parse_properties(&bytes[..]);
            if flaw(&bytes).is_none() {
                prop_assert!(matches!(library, Ok((rest, _)) if rest.is_empty()));
            }
        }

        #[test]
        fn tables_that_pass_the_library_reads(fields in proptest::collection::vec(field(), 0..6)) {
            let properties = with(2, &long(&fields.concat()));
            let library = lapin::protocol::basic::parse_properties(&properties[..]);
            let readable = matches!(library, Ok((rest, _)) if rest.is_empty());
            prop_assert_eq!(flaw(&properties).is_none(), readable);
        }
    }

    /// A name, any type and so many bytes as may suit it.
    fn field() -> impl Strategy<Value = Vec<u8>> {
        let name = prop_oneof![Just(b"\x01k".to_vec()), Just(b"\x01\xff".to_vec())];
        let types = proptest::sample::select(&b"tbBsuUIifDlLdTSxFAVz"[..]);
        let values = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..9),
            Just(long(b"")),
            Just(long(b"\x01kV")),
        ];
        (name, types, values).prop_map(|(name, kind, value)| [&name[..], &[kind], &value].concat())
    }
}
