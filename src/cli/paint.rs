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
    /// How wide the screen is; nothing where it is none.
    columns: Option<usize>,
    coloured: bool,
}

/// Columns of a terminal that does not say how many it has.
const COLUMNS_DEFAULT: u16 = 80;

impl Paint {
    /// For what goes to standard output: colours on a terminal, unless
    /// [`NO_COLOR`](https://no-color.org) is set.
    pub fn for_stdout() -> Self {
        let on_terminal = std::io::stdout().is_terminal();
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let columns = on_terminal.then(|| usize::from(columns()));
        Self { columns, coloured: on_terminal && !refused && !dumb }
    }

    /// For files and tests.
    #[cfg(test)]
    pub const fn none() -> Self {
        Self { columns: None, coloured: false }
    }

    /// The same for a screen of so many columns, without colours.
    #[cfg(test)]
    pub const fn wide(columns: usize) -> Self {
        Self { columns: Some(columns), coloured: false }
    }

    /// Beyond so many columns lines would be broken by the screen; nothing where it is none.
    pub fn columns(self) -> Option<usize> {
        self.columns
    }

    /// The text in this ink.
    pub fn ink(self, ink: Ink, text: &str) -> String {
        match ink.code().filter(|_| self.coloured) {
            Some(code) => format!("\x1b[{code}m{text}\x1b[0m"),
            None => text.to_owned(),
        }
    }
}

fn columns() -> u16 {
    let size = rustix::termios::tcgetwinsize(std::io::stdout());
    size.map(|size| size.ws_col).ok().filter(|columns| *columns > 0).unwrap_or(COLUMNS_DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_it_is_seen() {
        assert_eq!(Paint::none().ink(Ink::Good, "sent"), "sent");
        let seen = Paint { columns: Some(80), coloured: true };
        assert_eq!(seen.ink(Ink::Good, "sent"), "\x1b[32msent\x1b[0m");
        assert_eq!(seen.ink(Ink::Plain, "sent"), "sent");
    }
}
