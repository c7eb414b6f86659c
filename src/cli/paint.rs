//! Colours, where somebody is there to see them.

use std::io::IsTerminal as _;

/// What a piece of text is, and so how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    Plain,
    /// A heading.
    Strong,
    /// Of less weight than what surrounds it.
    Faint,
    /// Went well.
    Good,
    /// Did not happen, for a reason.
    Warning,
    /// Went wrong.
    Bad,
}

impl Ink {
    /// Select Graphic Rendition (ECMA-48 §8.3.117).
    fn code(self) -> Option<&'static str> {
        match self {
            Ink::Plain => None,
            Ink::Strong => Some("1"),
            Ink::Faint => Some("2"),
            Ink::Good => Some("32"),
            Ink::Warning => Some("33"),
            Ink::Bad => Some("31"),
        }
    }
}

/// Paints text, or leaves it alone.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    on_terminal: bool,
    coloured: bool,
}

impl Paint {
    /// For what goes to standard output: colours on a terminal, unless
    /// [`NO_COLOR`](https://no-color.org) is set.
    pub fn for_stdout() -> Self {
        let on_terminal = std::io::stdout().is_terminal();
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { on_terminal, coloured: on_terminal && !refused && !dumb }
    }

    /// For files and tests.
    #[cfg(test)]
    pub const fn none() -> Self {
        Self { on_terminal: false, coloured: false }
    }

    /// Whether long lines would be broken by the screen.
    pub fn on_terminal(self) -> bool {
        self.on_terminal
    }

    /// The text in this ink.
    pub fn ink(self, ink: Ink, text: &str) -> String {
        match ink.code().filter(|_| self.coloured) {
            Some(code) => format!("\x1b[{code}m{text}\x1b[0m"),
            None => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_it_is_seen() {
        assert_eq!(Paint::none().ink(Ink::Good, "sent"), "sent");
        let seen = Paint { on_terminal: true, coloured: true };
        assert_eq!(seen.ink(Ink::Good, "sent"), "\x1b[32msent\x1b[0m");
        assert_eq!(seen.ink(Ink::Plain, "sent"), "sent");
    }
}
