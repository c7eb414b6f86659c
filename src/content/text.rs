//! Paragraphs of plain text.

/// How much is set aside for a text, in bytes; an ordinary one fits.
const ORDINARY_BYTES: usize = 1024;

/// Paragraphs with an empty line between them.
pub(super) struct Paragraphs(String);

impl Paragraphs {
    pub fn new() -> Self {
        Self(String::with_capacity(ORDINARY_BYTES))
    }

    /// Adds a paragraph made of these parts; none where they say nothing.
    pub fn add<'t>(&mut self, parts: impl IntoIterator<Item = &'t str>) {
        let before = self.0.len();
        if before > 0 {
            self.0.push_str("\n\n");
        }
        let start = self.0.len();
        self.0.extend(parts);
        if self.0.len() == start {
            self.0.truncate(before);
        }
    }

    /// The text.
    pub fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_paragraph_leaves_no_trace() {
        let mut text = Paragraphs::new();
        text.add([""]);
        text.add(["One", " and\n", "a half."]);
        text.add(["", ""]);
        text.add(["Two."]);
        text.add([]);
        assert_eq!(text.finish(), "One and\na half.\n\nTwo.");
    }
}
