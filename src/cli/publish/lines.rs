//! A file of commands, line by line.

use std::io::{self, BufRead, Read as _};

use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;

use crate::domain::id::TenantId;
use crate::wire::command::CommandType;
use crate::wire::json_fault;

/// The longest line, in bytes; no daemon takes a longer command.
pub const LINE_MAX_BYTES: u64 = 16 << 20;

/// The most that is shown of a type that there is not, in characters.
const TYPE_SHOWN_MAX: usize = 100;

/// One command, untouched but for the white space around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its line, from 1.
    pub number: u64,
    pub tenant: TenantId,
    pub id: String,
    /// The whole of it, JSON text.
    pub body: String,
}

/// A line that is no command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Its line, from 1.
    pub number: u64,
    pub why: Fault,
}

/// What is wrong with a line, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be sent.
    Unreadable(String),
    /// No command has such a type: whoever wrote the file meant something else.
    UnknownType(String),
}

impl Fault {
    /// For people.
    pub fn words(&self) -> &str {
        match self {
            Fault::Unreadable(why) | Fault::UnknownType(why) => why,
        }
    }
}

/// What was found on a line that is not blank.
pub type Found = Result<Line, Flaw>;

/// Reads lines; blank ones are passed over.
pub struct Lines<R> {
    reader: R,
    number: u64,
    /// Bytes read so far.
    pub bytes: u64,
}

impl<R: BufRead> Lines<R> {
    /// From the first line on.
    pub fn new(reader: R) -> Self {
        Self { reader, number: 0, bytes: 0 }
    }

    /// The next command, or the number of a line that is none and what is wrong with it.
    ///
    /// # Errors
    /// If the file cannot be read any further.
    pub fn read(&mut self) -> io::Result<Option<Found>> {
        loop {
            let mut text = Vec::new();
            let room = LINE_MAX_BYTES + 1;
            let read = (&mut self.reader).take(room).read_until(b'\n', &mut text)? as u64;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            self.bytes += read;
            if read == room && text.last() != Some(&b'\n') {
                self.bytes += skip_line(&mut self.reader)?;
                let why = format!("is longer than {LINE_MAX_BYTES} bytes");
                return Ok(Some(Err(Flaw { number: self.number, why: Fault::Unreadable(why) })));
            }
            if !text.iter().all(u8::is_ascii_whitespace) {
                let number = self.number;
                return Ok(Some(parse(number, &text).map_err(|why| Flaw { number, why })));
            }
        }
    }
}

fn skip_line(reader: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let chunk = reader.fill_buf()?;
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(chunk.len(), |end| end + 1);
        skipped += used as u64;
        let is_over = end.is_some() || chunk.is_empty();
        reader.consume(used);
        if is_over {
            return Ok(skipped);
        }
    }
}

/// What is needed to send a command anywhere; the rest is the daemon's to judge.
#[derive(Deserialize)]
struct Head {
    id: Option<Value>,
    tenant: Option<Value>,
    #[serde(rename = "type")]
    type_name: Option<Value>,
}

fn parse(number: u64, text: &[u8]) -> Result<Line, Fault> {
    let (line, type_name) = read(number, text).map_err(Fault::Unreadable)?;
    if CommandType::find(&type_name).is_some() {
        return Ok(line);
    }
    let type_name = type_name.chars().take(TYPE_SHOWN_MAX).collect::<String>();
    Err(Fault::UnknownType(format!("type: there is no {type_name}")))
}

fn read(number: u64, text: &[u8]) -> Result<(Line, String), String> {
    let body = std::str::from_utf8(text).map_err(|_| "is not UTF-8".to_owned())?.trim();
    // A byte order mark, as some editors put it first.
    let body = body.trim_start_matches('\u{feff}');
    let head: Head = serde_json::from_str(body).map_err(|error| match error.classify() {
        Category::Data => "is not a JSON object with each name once".to_owned(),
        _ => json_fault(&error),
    })?;
    let tenant = text_of("tenant", head.tenant)?;
    let tenant = TenantId::parse(&tenant).map_err(|error| format!("tenant: {error}"))?;
    let id = text_of("id", head.id)?;
    let type_name = text_of("type", head.type_name)?;
    Ok((Line { number, tenant, id, body: body.to_owned() }, type_name))
}

fn text_of(name: &str, value: Option<Value>) -> Result<String, String> {
    match value {
        Some(Value::String(text)) => Ok(text),
        Some(Value::Null) | None => Err(format!("has no {name}")),
        Some(_) => Err(format!("{name}: must be a string")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Vec<Found> {
        let mut lines = Lines::new(io::BufReader::with_capacity(7, text));
        let mut found = Vec::new();
        while let Some(next) = lines.read().unwrap() {
            found.push(next);
        }
        assert_eq!(lines.bytes, text.len() as u64);
        found
    }

    #[test]
    fn commands_keep_their_text_and_their_line_number() {
        let text =
            b"\n  {\"tenant\":\"t\",\"id\":\"1\", \"type\":\"client.erase\", \"x\": 1.0}  \r\n\n\
            {\"id\":\"2\",\"tenant\":\"u\",\"type\":\"client.delete\"}";
        let found: Vec<Line> = all(text).into_iter().map(Result::unwrap).collect();
        let body = "{\"tenant\":\"t\",\"id\":\"1\", \"type\":\"client.erase\", \"x\": 1.0}";
        assert_eq!(found[0].body, body);
        let told: Vec<_> =
            found.iter().map(|l| (l.number, l.tenant.as_str(), l.id.as_str())).collect();
        assert_eq!(told, [(2, "t", "1"), (4, "u", "2")]);
    }

    #[test]
    fn what_cannot_be_sent_is_told_by_line() {
        for (text, why) in [
            (&b"{\"tenant\":\"t\""[..], "breaks off at column 13"),
            (b"hello", "is no JSON from column 1"),
            (b"[1]", "is not a JSON object with each name once"),
            (b"7", "is not a JSON object with each name once"),
            (b"\xff", "is not UTF-8"),
            (b"{\"id\":\"1\"}", "has no tenant"),
            (b"{\"id\":\"1\",\"tenant\":null}", "has no tenant"),
            (b"{\"id\":\"1\",\"tenant\":7}", "tenant: must be a string"),
            (b"{\"id\":\"1\",\"tenant\":\"A B\"}", "tenant: must match [a-z0-9][a-z0-9_-]{0,62}"),
            (b"{\"tenant\":\"t\"}", "has no id"),
            (b"{\"tenant\":\"t\",\"id\":\"1\"}", "has no type"),
            (b"{\"tenant\":\"t\",\"id\":\"1\",\"type\":7}", "type: must be a string"),
            (b"{\"tenant\":\"t\",\"tenant\":\"u\"}", "is not a JSON object with each name once"),
        ] {
            let text = [b"\n", text].concat();
            let flaw = Flaw { number: 2, why: Fault::Unreadable(why.to_owned()) };
            assert_eq!(all(&text), [Err(flaw)], "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn a_type_that_no_command_has_is_another_flaw() {
        let text = b"{\"tenant\":\"t\",\"id\":\"1\",\"type\":\"client.forget\"}";
        let why = Fault::UnknownType("type: there is no client.forget".to_owned());
        assert_eq!(all(text), [Err(Flaw { number: 1, why })]);
    }

    #[test]
    fn a_line_without_end_costs_no_memory_and_not_the_next() {
        let mut text = vec![b'x'; usize::try_from(LINE_MAX_BYTES).unwrap() + 5];
        text.extend(b"\n{\"tenant\":\"t\",\"id\":\"1\",\"type\":\"client.erase\"}\n");
        let found = all(&text);
        assert_eq!(found[0].as_ref().unwrap_err().number, 1);
        assert_eq!(found[1].as_ref().unwrap().number, 2);
    }
}
