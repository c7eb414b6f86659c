//! Where something stands in a distributed trace: W3C Trace Context, level 1.
//!
//! An upstream app says of a command in which trace it was sent, as a `traceparent`
//! (<https://www.w3.org/TR/trace-context-1/#traceparent-header>). Whatever follows from the command
//! has the same trace id, and a span of its own. Spans have their ids by name, so that nothing need
//! be kept of one to name it again after a crash.

use std::fmt;

use serde::{Serialize, Serializer};

use super::id::TenantId;
use super::message::MessageId;
use super::named;

/// The one version whose form is fixed: `00-<32 digits>-<16 digits>-<2 digits>`.
const VERSION: &str = "00";
/// A version that is none.
const NO_VERSION: u8 = 0xff;
/// How long a traceparent of this version is, in bytes. One of a later version begins like it.
const LENGTH: usize = 55;
/// The only flag that this version knows: whoever sent it keeps the trace.
const SAMPLED: u8 = 1;

/// A trace, the span in it that something follows from, and whether it is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceContext {
    trace: TraceId,
    span: SpanId,
    sampled: bool,
}

/// Names a trace. Never nothing but zeros.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId([u8; 16]);

/// Names a step of a trace. Never nothing but zeros.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId([u8; 8]);

impl TraceContext {
    /// Reads a `traceparent`. `None` of one that is malformed: it counts as if none had come. Of
    /// flags that this version does not know nothing is handed on, and a later version is read as
    /// this one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (head, rest) = bytes.split_at_checked(LENGTH)?;
        let [version] = hex(&head[..2])?;
        let ends = match version {
            NO_VERSION => false,
            0 => rest.is_empty(),
            _ => rest.is_empty() || rest[0] == b'-',
        };
        let dashes = [2, 35, 52].into_iter().all(|at| head[at] == b'-');
        let (trace, span) = (hex(&head[3..35])?, hex(&head[36..52])?);
        let [flags] = hex(&head[53..])?;
        let is_sound = ends && dashes && trace != [0; 16] && span != [0; 8];
        let sampled = flags & SAMPLED != 0;
        is_sound.then_some(Self { trace: TraceId(trace), span: SpanId(span), sampled })
    }

    /// By which all that belongs together is found.
    pub fn trace_id(self) -> TraceId {
        self.trace
    }

    /// The span that things follow from.
    pub fn span_id(self) -> SpanId {
        self.span
    }

    /// Whether the trace is kept by whoever began it.
    pub fn is_sampled(self) -> bool {
        self.sampled
    }

    /// What follows from this in the span of deciding upon a cause: a command, or what stands for
    /// a timer that fired.
    #[must_use]
    pub fn deciding(self, tenant: &TenantId, cause: &str) -> Self {
        self.within(SpanId::named(&["cause", tenant.as_str(), cause]))
    }

    /// What follows from this in the span of a message: it has the last 16 digits of its id.
    #[must_use]
    pub fn telling(self, message: MessageId) -> Self {
        let [.., a, b, c, d, e, f, g, h] = message.0.into_bytes();
        self.within(SpanId::of([a, b, c, d, e, f, g, h]))
    }

    /// What follows from this in the span of an attempt at a message, which began so many
    /// nanoseconds after 1970.
    #[must_use]
    pub fn attempting(self, message: MessageId, began: i128) -> Self {
        self.within(SpanId::named(&["attempt", &message.to_string(), &began.to_string()]))
    }

    fn within(self, span: SpanId) -> Self {
        Self { span, ..self }
    }
}

impl SpanId {
    fn named(name: &[&str]) -> Self {
        Self::of(named::first(name))
    }

    fn of(bytes: [u8; 8]) -> Self {
        // Zeros are no id.
        Self(if bytes == [0; 8] { [0, 0, 0, 0, 0, 0, 0, 1] } else { bytes })
    }
}

/// As many bytes as there are pairs of lower-case digits.
fn hex<const COUNT: usize>(digits: &[u8]) -> Option<[u8; COUNT]> {
    let digit = |of: u8| match of {
        b'0'..=b'9' => Some(of - b'0'),
        b'a'..=b'f' => Some(of - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; COUNT];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

/// As a `traceparent`.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trace, span, sampled } = self;
        write!(f, "{VERSION}-{trace}-{span}-{:02x}", u8::from(*sampled))
    }
}

impl Serialize for TraceContext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

macro_rules! shown {
    ($($name:ident)*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        })*
    };
}
shown! { TraceContext TraceId SpanId }

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const KEPT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn read(text: &str) -> Option<String> {
        TraceContext::parse(text).map(|context| context.to_string())
    }

    fn context() -> TraceContext {
        TraceContext::parse(KEPT).unwrap()
    }

    #[test]
    fn what_is_sound_is_read_and_written_the_same() {
        assert_eq!(read(KEPT).as_deref(), Some(KEPT));
        let dropped = KEPT.replace("-01", "-00");
        assert_eq!(read(&dropped), Some(dropped));
        assert_eq!(context().trace_id().to_string(), TRACE);
        assert_eq!(context().span_id().to_string(), "00f067aa0ba902b7");
        assert_eq!(format!("{:?}", context()), KEPT);
    }

    #[test]
    fn flags_of_another_level_are_not_handed_on() {
        for (flags, handed_on) in [("03", "01"), ("02", "00"), ("ff", "01"), ("fe", "00")] {
            let of = |flags: &str| format!("00-{TRACE}-00f067aa0ba902b7-{flags}");
            assert_eq!(read(&of(flags)), Some(of(handed_on)), "{flags}");
        }
    }

    #[test]
    fn a_later_version_is_read_as_this_one() {
        for later in ["01", "cc", "fe"] {
            let of = |tail: &str| format!("{later}-{TRACE}-00f067aa0ba902b7-01{tail}");
            assert_eq!(read(&of("")).as_deref(), Some(KEPT), "{later}");
            assert_eq!(read(&of("-")).as_deref(), Some(KEPT), "{later}");
            assert_eq!(read(&of("-what-the-future-brings é")).as_deref(), Some(KEPT), "{later}");
            assert_eq!(read(&of("x")), None, "{later}: flags are two digits");
            assert_eq!(read(&of("0-")), None, "{later}");
        }
    }

    #[test]
    fn what_is_malformed_is_as_if_it_had_not_come() {
        let zeros = "0".repeat(32);
        for malformed in [
            "",
            "00",
            "null",
            &KEPT[..54],
            &format!("{KEPT}-"),
            &format!("{KEPT}-00"),
            &format!(" {KEPT}"),
            &format!("{KEPT} "),
            &format!("{KEPT},{KEPT}"),
            &KEPT.to_uppercase(),
            &KEPT.replace("4bf9", "4BF9"),
            &KEPT.replace("-01", "-0A"),
            &KEPT.replace("-01", "-1"),
            &KEPT.replace("-01", "-001"),
            &KEPT.replacen("00-", "ff-", 1),
            &KEPT.replacen("00-", "0-", 1),
            &KEPT.replacen("00-", "0x-", 1),
            &KEPT.replace('-', "_"),
            &KEPT.replace('-', ""),
            &KEPT.replace(TRACE, &zeros),
            &KEPT.replace("00f067aa0ba902b7", &zeros[..16]),
            &KEPT.replace(TRACE, &TRACE[..31]),
            &KEPT.replace("4b", "4g"),
            &KEPT.replace("4b", "é"),
            &KEPT.replace("4b", "+4"),
        ] {
            assert_eq!(read(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn whatever_follows_keeps_the_trace_and_has_a_span_that_is_for_ever() {
        let tenant = TenantId::parse("salon-uno").unwrap();
        let message = MessageId("0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap());
        let command = context().deciding(&tenant, "k1");
        assert_eq!(command.to_string(), format!("00-{TRACE}-17777f96b135bf16-01"));
        assert_eq!(command.deciding(&tenant, "k1"), command, "the same cause, the same span");
        let told = command.telling(message);
        assert_eq!(told.to_string(), format!("00-{TRACE}-aea5966c26f8ad91-01"));
        let attempts = [1, 2].map(|began| told.attempting(message, began));
        assert_eq!(attempts[0], told.attempting(message, 1));
        assert!(attempts[0] != attempts[1] && attempts[0] != told);
        assert!(attempts.iter().all(|of| of.trace_id() == context().trace_id()));
    }

    #[test]
    fn no_span_is_nothing_but_zeros() {
        let nobody = context().telling(MessageId(uuid::Uuid::nil()));
        assert_eq!(TraceContext::parse(&nobody.to_string()), Some(nobody));
    }

    proptest! {
        /// Whatever is read is written in a form that is read again, and reads the same.
        #[test]
        fn what_is_read_can_be_handed_on(
            text in "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?",
        ) {
            let sound = TraceContext::parse(&text);
            let none = text.starts_with("ff") || text.starts_with("00") && text.len() > 55;
            let zeros = text[3..35].bytes().all(|b| b == b'0') || text[36..52].bytes().all(|b| b == b'0');
            prop_assert_eq!(sound.is_none(), none || zeros);
            if let Some(context) = sound {
                let written = context.to_string();
                prop_assert_eq!(written.len(), 55);
                prop_assert_eq!(&written[3..52], &text[3..52]);
                prop_assert_eq!(TraceContext::parse(&written), Some(context));
            }
        }

        #[test]
        fn nothing_that_comes_is_too_much(text in "\\PC{0,80}") {
            if let Some(context) = TraceContext::parse(&text) {
                prop_assert_eq!(&context.to_string()[3..52], &text[3..52]);
            }
        }
    }
}
