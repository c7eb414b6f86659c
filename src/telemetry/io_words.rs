//! What the system says, in words.

use std::io::{Error, ErrorKind};

/// What the standard library calls a kind that it does not tell from others, and hides.
const UNCATEGORIZED: &str = "uncategorized error";

/// A few words without addresses or file names, the same on every system.
pub fn io_words(error: &Error) -> String {
    let words = match error.kind() {
        ErrorKind::ConnectionRefused => "refused",
        ErrorKind::TimedOut => "timed out",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "unreachable",
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => "connection closed",
        ErrorKind::NotFound => "not found",
        kind if kind.to_string() != UNCATEGORIZED => return kind.to_string(),
        // The system has no words of anybody's.
        _ => return plain(error),
    };
    words.to_owned()
}

/// Without the number.
fn plain(error: &Error) -> String {
    let words = error.to_string();
    words.split(" (os error ").next().unwrap_or_default().to_owned()
}

/// Whether a name could not be looked up, as whoever connects says it.
pub const NO_HOST: ErrorKind = ErrorKind::NotFound;

/// The same for an error of connecting.
pub fn connect_words(error: &Error) -> String {
    if error.kind() == NO_HOST { "no such host".to_owned() } else { io_words(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_a_library_s() {
        for (kind, words) in [
            (ErrorKind::NotFound, "not found"),
            (ErrorKind::ConnectionReset, "connection closed"),
            (ErrorKind::NotADirectory, "not a directory"),
        ] {
            assert_eq!(io_words(&kind.into()), words);
        }
        assert_eq!(io_words(&Error::from_raw_os_error(24)), "Too many open files");
        assert_eq!(connect_words(&NO_HOST.into()), "no such host");
        assert_eq!(connect_words(&ErrorKind::ConnectionRefused.into()), "refused");
    }
}
