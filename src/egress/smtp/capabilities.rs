//! What a server offers (RFC 5321 §4.1.1.1, the reply to EHLO).

use super::reply::Reply;

/// The extensions that Bellhop knows to use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Capabilities {
    /// RFC 2920: several commands in one flight.
    pub pipelining: bool,
    /// RFC 3207.
    pub starttls: bool,
    /// RFC 6531 with RFC 6152: addresses and headers in UTF-8.
    pub smtputf8: bool,
    /// RFC 4616.
    pub auth_plain: bool,
    /// The older mechanism that some servers offer alone.
    pub auth_login: bool,
}

impl Capabilities {
    /// Reads the lines after the first, which is a greeting.
    pub fn of(reply: &Reply) -> Self {
        let (mut offers, mut utf8, mut eight_bit) = (Self::default(), false, false);
        for line in reply.lines.iter().skip(1) {
            let mut words = line.text.split_ascii_whitespace();
            let Some(keyword) = words.next().map(str::to_ascii_uppercase) else {
                continue;
            };
            match keyword.as_str() {
                "PIPELINING" => offers.pipelining = true,
                "STARTTLS" => offers.starttls = true,
                "SMTPUTF8" => utf8 = true,
                "8BITMIME" => eight_bit = true,
                "AUTH" => words.for_each(|mechanism| offers.add_mechanism(mechanism)),
                _ => {}
            }
        }
        offers.smtputf8 = utf8 && eight_bit;
        offers
    }

    fn add_mechanism(&mut self, name: &str) {
        self.auth_plain |= name.eq_ignore_ascii_case("PLAIN");
        self.auth_login |= name.eq_ignore_ascii_case("LOGIN");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_after_the_greeting_are_offers() {
        let bytes = b"250-PIPELINING.example greets you\r\n250-pipelining\r\n250-SIZE 1000\r\n\
                      250-AUTH CRAM-MD5 plain\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n";
        let (reply, _) = Reply::parse(bytes).unwrap().unwrap();
        let offers = Capabilities::of(&reply);
        assert!(offers.pipelining && offers.smtputf8 && offers.auth_plain);
        assert!(!offers.starttls && !offers.auth_login);
        let (bare, _) = Reply::parse(b"250 PIPELINING\r\n").unwrap().unwrap();
        assert_eq!(Capabilities::of(&bare), Capabilities::default());
    }
}
