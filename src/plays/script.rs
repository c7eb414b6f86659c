//! The commands of a rehearsal, as they stand in a file.
//!
//! One CloudEvent a line, or one JSON array of them. Blank lines and lines that begin with `#`
//! are for the reader. What is no command stays in the script, so that the rehearsal can say why it
//! is refused; a line that is not even JSON does, too, and is counted.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::id::TenantId;
use crate::wire::{Received, Unreadable, UnreadableReason, read_command, split_batch};

/// Stands for standard input.
const STDIN: &str = "-";
/// The longest script, in bytes: it is held in memory, because it is sorted.
const SCRIPT_MAX_BYTES: u64 = 1 << 30;
/// The most commands of a script that is one array.
const ARRAY_MAX_COMMANDS: usize = 10_000_000;
const COMMENT: u8 = b'#';
/// Some editors begin a file with it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A command, or what is wrong with it, and when it is its turn.
#[derive(Debug)]
pub struct Cue {
    /// The line, or the place in the array, from 1.
    pub number: usize,
    /// Its `time`; of what has none that can be read, the time of the command before it.
    pub at: Timestamp,
    pub asked: Result<Received, Unreadable>,
}

impl Cue {
    /// Whose it is, where that can be read.
    pub fn tenant(&self) -> Option<&TenantId> {
        match &self.asked {
            Ok(received) => Some(&received.tenant),
            Err(unreadable) => unreadable.tenant.as_ref(),
        }
    }
}

/// What is to be played.
#[derive(Debug, Default)]
pub struct Script {
    /// The commands in the order of their times; those of one instant as they stand in the file.
    pub cues: Vec<Cue>,
    /// How many stood behind a later one.
    pub moved: usize,
    /// The lines that are not JSON.
    pub garbled: Vec<usize>,
}

impl Script {
    /// Reads a file, or standard input for `-`.
    ///
    /// # Errors
    /// If it cannot be read, is too long, or begins as an array and is none.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let mut text = Vec::new();
        let read = if path.as_os_str() == STDIN {
            std::io::stdin().lock().take(SCRIPT_MAX_BYTES + 1).read_to_end(&mut text)
        } else {
            std::fs::File::open(path)
                .and_then(|file| file.take(SCRIPT_MAX_BYTES + 1).read_to_end(&mut text))
        };
        let read = read.with_context(|| format!("cannot read {}", path.display()))?;
        if read as u64 > SCRIPT_MAX_BYTES {
            bail!("{} is longer than {SCRIPT_MAX_BYTES} bytes", path.display());
        }
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    /// Reads a text.
    ///
    /// # Errors
    /// If it begins as an array and is none.
    pub fn parse(text: &[u8]) -> anyhow::Result<Self> {
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let mut reader = Reader::default();
        if is_array(text) {
            let array = lines(text).map(|(_, line)| line).collect::<Vec<_>>().join(&b'\n');
            let commands = split_batch(&array, ARRAY_MAX_COMMANDS)?;
            for (index, command) in commands.into_iter().enumerate() {
                reader.read(index + 1, command.get().as_bytes());
            }
        } else {
            for (number, line) in lines(text) {
                reader.read(number, line);
            }
        }
        Ok(reader.script())
    }
}

/// The lines that hold something for the machine, with their numbers from 1.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let numbered = lines.enumerate().map(|(index, line)| (index + 1, line));
    numbered.filter(|(_, line)| !line.is_empty() && line.first() != Some(&COMMENT))
}

fn is_array(text: &[u8]) -> bool {
    lines(text).next().is_some_and(|(_, line)| line.starts_with(b"["))
}

/// A command under way from text to cue.
struct Asked {
    number: usize,
    time: Option<Timestamp>,
    asked: Result<Received, Unreadable>,
}

impl Asked {
    fn is_garbled(&self) -> bool {
        let reason = self.asked.as_ref().err().map(|unreadable| unreadable.reason);
        reason == Some(UnreadableReason::NotJson)
    }
}

#[derive(Default)]
struct Reader(Vec<Asked>);

impl Reader {
    fn read(&mut self, number: usize, text: &[u8]) {
        let asked = read_command(text, None);
        let time = match &asked {
            Ok(received) => received.time,
            Err(_) => time_of(text),
        };
        let asked = asked.and_then(|received| match received.time {
            Some(_) => Ok(received),
            None => Err(without_time(received)),
        });
        self.0.push(Asked { number, time, asked });
    }

    fn script(self) -> Script {
        let first = self.0.iter().find_map(|read| read.time).unwrap_or(Timestamp::UNIX_EPOCH);
        let (mut before, mut latest, mut moved) = (first, first, 0);
        let mut cues = Vec::with_capacity(self.0.len());
        let garbled = self.0.iter().filter(|asked| asked.is_garbled());
        let garbled = garbled.map(|asked| asked.number).collect();
        for Asked { number, time, asked } in self.0 {
            let at = time.unwrap_or(before);
            moved += usize::from(at < latest);
            latest = latest.max(at);
            before = at;
            cues.push(Cue { number, at, asked });
        }
        cues.sort_by_key(|cue| cue.at);
        Script { cues, moved, garbled }
    }
}

/// When something that is no command says that it happened.
fn time_of(text: &[u8]) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Timed {
        time: String,
    }
    serde_json::from_slice::<Timed>(text).ok()?.time.parse().ok()
}

fn without_time(received: Received) -> Unreadable {
    Unreadable {
        reason: UnreadableReason::InvalidEnvelope,
        field: Some("time".to_owned()),
        detail: "is required in a rehearsal".to_owned(),
        tenant: Some(received.tenant),
        id: Some(received.id),
        type_name: Some(received.command.type_name().to_owned()),
        trace: received.trace.map(Box::new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(id: &str, time: &str) -> String {
        format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"/t","type":"client.delete","time":"{time}","tenant":"t1","data":{{"client":"c1"}}}}"#
        )
    }

    fn told(script: &Script) -> Vec<(usize, &str)> {
        let id = |cue: &Cue| cue.asked.as_ref().unwrap().id.clone();
        let ids: Vec<_> = script.cues.iter().map(|cue| (cue.number, id(cue))).collect();
        ids.into_iter()
            .map(|(n, id)| (n, &*Box::leak(id.as_str().to_owned().into_boxed_str())))
            .collect()
    }

    #[test]
    fn comments_and_blank_lines_count_as_lines_only() {
        let text = format!(
            "\u{feff}# a day\n\n  {}  \r\n   # and\n{}",
            command("a", "2026-12-01T09:00:00Z"),
            command("b", "2026-12-01T10:00:00+01:00"),
        );
        let script = Script::parse(text.as_bytes()).unwrap();
        assert_eq!((told(&script), script.moved), (vec![(3, "a"), (5, "b")], 0));
    }

    #[test]
    fn times_decide_and_equal_ones_stay_in_place() {
        let at = ["12", "09", "12", "09"].map(|hour| format!("2026-12-01T{hour}:00:00Z"));
        let lines: Vec<_> =
            at.iter().zip(["a", "b", "c", "d"]).map(|(at, id)| command(id, at)).collect();
        for text in [lines.join("\n"), format!("# all\n[{}\n]", lines.join(",\n"))] {
            let script = Script::parse(text.as_bytes()).unwrap();
            let ids: Vec<_> = told(&script).into_iter().map(|(_, id)| id).collect();
            assert_eq!((ids, script.moved), (vec!["b", "d", "a", "c"], 2));
        }
    }

    #[test]
    fn what_is_no_command_is_kept() {
        let good = command("a", "2026-12-01T09:00:00Z");
        let text = good.replace(r#""time":"2026-12-01T09:00:00Z","#, "")
            + "\n"
            + &good.replace("client.delete", "client.forget")
            + "\n7";
        let script = Script::parse(text.as_bytes()).unwrap();
        let why = script.cues.iter().map(|cue| cue.asked.as_ref().unwrap_err().reason);
        use UnreadableReason::{InvalidEnvelope, UnknownType};
        assert_eq!(why.collect::<Vec<_>>(), [InvalidEnvelope, UnknownType, InvalidEnvelope]);
        let nine = "2026-12-01T09:00:00Z".parse().unwrap();
        assert!(script.cues.iter().all(|cue| cue.at == nine));
        assert_eq!(script.garbled, [0; 0]);
    }

    #[test]
    fn a_line_that_is_not_json_is_refused_like_any_other() {
        let good = command("a", "2026-12-01T09:00:00Z");
        let script = Script::parse(format!("{good}\n\nhello\n{good}").as_bytes()).unwrap();
        assert_eq!((script.cues.len(), &*script.garbled), (3, &[3][..]));
        let why = script.cues[1].asked.as_ref().unwrap_err();
        assert_eq!(why.to_string(), "not_json: is no JSON from column 1");
        assert!(Script::parse(format!("[{good}, hello]").as_bytes()).is_err());
    }
}
