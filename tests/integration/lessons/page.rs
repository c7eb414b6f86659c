//! The samples of a page.

use std::path::{Path, PathBuf};

/// See the module.
pub struct Page {
    file: PathBuf,
    pub samples: Vec<Sample>,
}

/// What is typed, and what it is to say.
pub struct Sample {
    /// Where it begins on the page.
    pub line: usize,
    pub typed: String,
    /// None where nothing is shown.
    pub expected: Option<String>,
}

impl Page {
    /// The samples between two lines.
    ///
    /// # Panics
    /// Without the file or one of the lines.
    pub fn read(file: &Path, from: &str, to: &str) -> Self {
        let text = std::fs::read_to_string(file).unwrap();
        let at = |line: &str| text.lines().position(|known| known == line);
        let (from, to) = (at(from).unwrap(), at(to).unwrap());
        let mut samples: Vec<Sample> = Vec::new();
        let mut lines = text.lines().enumerate().skip(from).take(to - from);
        while let Some((i, line)) = lines.next() {
            let Some(language) = line.strip_prefix("```") else { continue };
            let body: Vec<&str> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            let body = body.join("\n");
            match (language, samples.last_mut()) {
                ("sh", _) => samples.push(Sample { line: i + 1, typed: body, expected: None }),
                ("text", Some(sample)) if sample.expected.is_none() => sample.expected = Some(body),
                _ => {}
            }
        }
        Self { file: file.to_owned(), samples }
    }

    /// Has the page say what was said.
    pub fn write(&mut self, sample: usize, said: &str) {
        let text = std::fs::read_to_string(&self.file).unwrap();
        let Sample { typed, expected, .. } = &self.samples[sample];
        let (before, behind) = text.split_once(&format!("```sh\n{typed}\n```\n")).unwrap();
        let old = match expected.as_deref().unwrap_or_default() {
            "" => "```text\n```".to_owned(),
            expected => format!("```text\n{expected}\n```"),
        };
        let new = format!("```text\n{}\n```", said.trim_end());
        let behind = behind.replacen(&old, &new, 1);
        std::fs::write(&self.file, format!("{before}```sh\n{typed}\n```\n{behind}")).unwrap();
        self.samples[sample].expected = Some(said.trim_end().to_owned());
    }
}
