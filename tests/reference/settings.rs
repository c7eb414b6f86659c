//! The page of configuration: the commented file, table by table.
//!
//! In that file a comment is about the line below it. Behind `#` without a space stand keys without
//! a default, and tables that show how something is done. A comment that ends with dashes begins a
//! part.

use crate::markdown::{code, head, prose, sample, table};
use crate::schemas::capitalized;

const ABOUT: &str = "Every key, as `config/bellhop.toml` has it, which is built into the binary. Your \
file needs only the keys that differ. An environment variable goes over it: \
`BELLHOP__HTTP__LISTEN=0.0.0.0:8025` sets `listen` in `[http]`. Spans are ISO 8601 (`PT30S`, `PT5M`) \
or plain (`30s`, `5m`); sizes are bytes; relative paths start from the working directory. Secrets may \
be files: `{ file = \"…\" }`. [How the layers go together](../operations.md#configuration); \
`bellhop check-config` prints what is in force.";

pub fn page(file: &str) -> String {
    let mut page = Page { text: head("Configuration", ABOUT), ..Page::default() };
    // The head of the file says what `ABOUT` says.
    let (_, tables) = file.split_once("\n\n\n").unwrap();
    for line in tables.lines() {
        page.read(line);
    }
    page.end_of_table();
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
    /// Of whatever stands below.
    comment: Vec<String>,
    /// The keys of the table at hand, not yet written.
    keys: Vec<[String; 3]>,
}

impl Page {
    fn read(&mut self, line: &str) {
        if let Some(comment) = line.strip_prefix("# ").or((line == "#").then_some("")) {
            self.comment.push(comment.to_owned());
        } else if line.is_empty() {
            self.say();
        } else {
            let shown = line.strip_prefix('#').unwrap_or(line);
            if shown.starts_with('[') {
                self.begin_table(shown);
            } else {
                self.key(shown, line.starts_with('#'));
            }
        }
    }

    fn key(&mut self, line: &str, is_optional: bool) {
        let (key, value) = line.split_once(" = ").unwrap();
        let value = code(value);
        let default = if is_optional { format!("–, such as {value}") } else { value };
        let about = said(&std::mem::take(&mut self.comment).join(" "));
        self.keys.push([code(key), default, about]);
    }

    fn begin_table(&mut self, name: &str) {
        let comment = std::mem::take(&mut self.comment);
        self.end_of_table();
        self.text += &format!("\n### `{name}`\n");
        self.comment = comment;
        self.say();
    }

    /// A comment that is about no key.
    fn say(&mut self) {
        let comment = std::mem::take(&mut self.comment);
        let Some(last) = comment.last() else { return };
        self.end_of_table();
        if last.ends_with("---") {
            let part = comment.join(" ");
            let part = part.trim_end_matches('-').trim_end();
            let end = part.find([':', '.']).unwrap_or(part.len());
            let (title, more) = part.split_at(end);
            let more = said(more.trim_start_matches([':', '.', ' ']));
            self.text += &format!("\n## {}\n", prose(title));
            if !more.is_empty() {
                self.text += &format!("\n{}\n", capitalized(&more));
            }
            return;
        }
        // What is set out in columns stays so.
        for block in comment.chunk_by(|a, b| a.starts_with("  ") == b.starts_with("  ")) {
            let text = match block[0].starts_with("  ") {
                true => sample("text", &block.join("\n")),
                false => format!("{}\n", said(&block.join(" "))),
            };
            self.text += &format!("\n{text}");
        }
    }

    fn end_of_table(&mut self) {
        let rows = std::mem::take(&mut self.keys);
        if !rows.is_empty() {
            self.text += &format!("\n{}", table(["key", "default", "what"], &rows));
        }
    }
}

/// Prose in which pages are linked.
fn said(comment: &str) -> String {
    let words = prose(comment);
    let mut pieces = words.split("docs/");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |said, piece| match piece.split_once(".md") {
        Some((page, rest)) => format!("{said}[{page}](../{page}.md){rest}"),
        None => format!("{said}docs/{piece}"),
    })
}
