//! SMTP replies, parsed strictly (RFC 5321 §4.2, RFC 2034, RFC 3463).

use std::fmt;

/// The longest reply line, in bytes, with its CRLF. RFC 5321 §4.5.3.1.5 says 512; some servers
/// explain themselves at more length.
pub(super) const REPLY_LINE_MAX_BYTES: usize = 2048;
/// The most lines of one reply.
pub(super) const REPLY_LINES_MAX: usize = 128;

/// The longest name of a mail that a server gives it, in characters.
const ID_MAX_CHARS: usize = 128;
/// What stands before it, but for `Ok`.
const QUEUED_AS: &str = "queued as ";

/// A complete reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// 200 to 599.
    pub code: u16,
    /// At least one.
    pub lines: Vec<Line>,
}

/// One line of a reply, without the reply code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The line's own enhanced status code, if it has one.
    pub enhanced: Option<Enhanced>,
    /// The rest.
    pub text: String,
}

/// `class.subject.detail` (RFC 3463 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Enhanced {
    /// 2 success, 4 transient, 5 permanent.
    pub class: u8,
    /// What it is about: 1 address, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7
    /// policy.
    pub subject: u16,
    /// Which problem.
    pub detail: u16,
}

/// What came is no SMTP reply; says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed(pub &'static str);

impl Reply {
    /// The codes, without a word of the text.
    pub fn codes(&self) -> String {
        match self.lines.first().and_then(|line| line.enhanced) {
            Some(enhanced) => format!("{} {enhanced}", self.code),
            None => self.code.to_string(),
        }
    }

    /// 2yz: done.
    pub fn is_done(&self) -> bool {
        self.code / 100 == 2
    }

    /// What the server calls the mail that it took: `Ok`, and its id, as Amazon SES says it, or
    /// `queued as`, as many do.
    pub fn id(&self) -> Option<&str> {
        let text = &self.lines.last()?.text;
        let queued = text.split_once(QUEUED_AS).map(|(_, id)| id);
        let after_ok = || {
            let (ok, id) = text.split_once(' ')?;
            ok.eq_ignore_ascii_case("ok").then_some(id)
        };
        let id = queued.or_else(after_ok)?;
        let is_id = (1..=ID_MAX_CHARS).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        (self.is_done() && is_id).then_some(id)
    }

    /// Takes the first reply out of `bytes`: the reply and its length, or nothing while it is
    /// incomplete.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, Malformed> {
        let mut reply: Option<Self> = None;
        let mut at = 0;
        for _ in 0..REPLY_LINES_MAX {
            let rest = &bytes[at..];
            let window = &rest[..rest.len().min(REPLY_LINE_MAX_BYTES)];
            let Some(end) = window.iter().position(|byte| *byte == b'\n') else {
                if window.len() == REPLY_LINE_MAX_BYTES {
                    return Err(Malformed("a reply line is too long"));
                }
                return Ok(None);
            };
            let line = window[..end].strip_suffix(b"\r").ok_or(Malformed("a bare line feed"))?;
            at += end + 1;
            let Raw { code, last, text } = Raw::parse(line)?;
            let line = Line::of(&text);
            match &mut reply {
                None => reply = Some(Self { code, lines: vec![line] }),
                Some(reply) if reply.code == code => reply.lines.push(line),
                Some(_) => return Err(Malformed("a reply changes its code")),
            }
            if last {
                return Ok(reply.map(|reply| (reply, at)));
            }
        }
        Err(Malformed("a reply has too many lines"))
    }
}

/// As the server said it, but that a code is not repeated (RFC 2034 §4).
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.codes())?;
        let mut said = self.lines.first().and_then(|line| line.enhanced);
        let mut separator = ' ';
        for line in &self.lines {
            if let Some(enhanced) = line.enhanced.filter(|enhanced| said != Some(*enhanced)) {
                write!(f, "{separator}{enhanced}")?;
                (said, separator) = (line.enhanced, ' ');
            }
            if !(line.text.is_empty() && self.lines.len() == 1) {
                write!(f, "{separator}{}", line.text)?;
            }
            separator = '\n';
        }
        Ok(())
    }
}

impl Line {
    fn of(text: &str) -> Self {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        match Enhanced::parse(word) {
            Some(enhanced) => Self { enhanced: Some(enhanced), text: rest.trim_start().to_owned() },
            None => Self { enhanced: Enhanced::in_brackets(text), text: text.to_owned() },
        }
    }
}

impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// A line as it came.
struct Raw<'a> {
    code: u16,
    last: bool,
    text: std::borrow::Cow<'a, str>,
}

impl<'a> Raw<'a> {
    fn parse(line: &'a [u8]) -> Result<Self, Malformed> {
        let [hundreds @ b'2'..=b'5', tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = line
        else {
            return Err(Malformed("a line without a reply code"));
        };
        let (last, text) = match rest {
            [] => (true, rest),
            [b' ', text @ ..] => (true, text),
            [b'-', text @ ..] => (false, text),
            _ => return Err(Malformed("a reply code runs into its text")),
        };
        let digits = [hundreds, tens, ones];
        let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(**digit - b'0'));
        Ok(Self { code, last, text: String::from_utf8_lossy(text) })
    }
}

impl Enhanced {
    /// `(#5.1.1)` within or behind the text, as qmail has it (<https://cr.yp.to/proto/hcmssc.txt>).
    fn in_brackets(text: &str) -> Option<Self> {
        let (_, code) = text.rsplit_once("(#")?;
        Self::parse(code.split_once(')')?.0)
    }

    fn parse(word: &str) -> Option<Self> {
        let mut numbers = word.split('.').map(|part| {
            let sound = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            if sound { part.parse::<u16>().ok() } else { None }
        });
        let (class, subject, detail) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let class = u8::try_from(class).ok().filter(|class| matches!(class, 2 | 4 | 5))?;
        numbers.next().is_none().then_some(Self { class, subject, detail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(bytes: &str) -> Reply {
        let (reply, length) = Reply::parse(bytes.as_bytes()).unwrap().unwrap();
        assert_eq!(length, bytes.len());
        reply
    }

    fn codes(reply: &Reply) -> Vec<String> {
        let codes = reply.lines.iter().filter_map(|line| line.enhanced);
        codes.map(|enhanced| enhanced.to_string()).collect()
    }

    #[test]
    fn a_reply_has_a_code_an_enhanced_code_and_text() {
        let reply = one("550 5.1.1 no such user\r\n");
        assert_eq!(reply.code, 550);
        assert_eq!(codes(&reply), ["5.1.1"]);
        assert_eq!(reply.to_string(), "550 5.1.1 no such user");
        assert_eq!(reply.codes(), "550 5.1.1");
        assert_eq!(one("250\r\n").to_string(), "250");
        assert_eq!(codes(&one("250 2.0.0\r\n")), ["2.0.0"]);
        for bare in ["220 mail.example 3.2.1 ready\r\n", "250 192.168.0.1 at your service\r\n"] {
            assert!(codes(&one(bare)).is_empty(), "{bare}");
        }
    }

    #[test]
    fn each_line_has_a_code_of_its_own_and_none_is_said_twice() {
        let reply = one("452-4.2.2 over quota\r\n452-4.2.2 \r\n452 4.2.2 see help\r\n");
        assert_eq!(codes(&reply), ["4.2.2"; 3]);
        assert_eq!(reply.to_string(), "452 4.2.2 over quota\n\nsee help");
        let reply = one("550-5.1.1 unknown\r\n550-or so\r\n550 5.7.1 not welcome\r\n");
        assert_eq!(codes(&reply), ["5.1.1", "5.7.1"]);
        assert_eq!(reply.to_string(), "550 5.1.1 unknown\nor so\n5.7.1 not welcome");
        assert_eq!(one("250-a\r\n250-b c\r\n250 d\r\n").to_string(), "250 a\nb c\nd");
        assert_eq!(codes(&one("553 sorry, not my host (#5.7.1)\r\n")), ["5.7.1"]);
    }

    #[test]
    fn a_mail_that_was_taken_may_have_a_name() {
        let id = "0000014644fe5ef6-9a483358-9170-4cb4-a269-f5dcdf415321-000000";
        assert_eq!(one(&format!("250 Ok {id}\r\n")).id(), Some(id));
        assert_eq!(one(&format!("250 2.0.0 OK {id}\r\n")).id(), Some(id));
        assert_eq!(one("250 2.0.0 Ok: queued as 4F1\r\n").id(), Some("4F1"));
        assert_eq!(one("250 Message queued as a_b-1\r\n").id(), Some("a_b-1"));
        let refused = format!("554 Ok {id}\r\n");
        for nameless in
            ["250 Ok\r\n", "250 2.0.0 Ok: queued as 4 F1\r\n", "250 Ok a b\r\n", &refused]
        {
            assert_eq!(one(nameless).id(), None, "{nameless}");
        }
    }

    #[test]
    fn an_incomplete_reply_waits_and_a_second_one_stays() {
        for part in ["", "2", "250", "250 ok", "250 ok\r", "250-a\r\n", "250-a\r\n250"] {
            assert_eq!(Reply::parse(part.as_bytes()), Ok(None), "{part:?}");
        }
        let (reply, length) = Reply::parse(b"250 a\r\n354 b\r\n").unwrap().unwrap();
        assert_eq!((reply.code, length), (250, 7));
    }

    #[test]
    fn what_is_no_smtp_is_refused_and_never_collected_without_end() {
        let long = format!("250 {}", "x".repeat(REPLY_LINE_MAX_BYTES));
        let many = "250-x\r\n".repeat(REPLY_LINES_MAX);
        for bad in [
            "HTTP/1.1 400\r\n",
            "250 ok\n",
            "99 x\r\n",
            "650 x\r\n",
            "250x\r\n",
            "250-a\r\n550 b\r\n",
        ]
        .into_iter()
        .chain([long.as_str(), many.as_str()])
        {
            assert!(Reply::parse(bad.as_bytes()).is_err(), "{bad:.40}");
        }
    }
}
