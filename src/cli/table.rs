//! Aligned columns.

use super::paint::{Ink, Paint};

const INDENT: usize = 2;
const GAP: usize = 2;
/// Stands where text was cut off.
const CUT: char = '…';

/// One cell: its text, and how it looks.
#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    ink: Ink,
}

impl Cell {
    /// A cell. What would move the cursor (a provider's reply can hold anything) is a space.
    pub fn new(ink: Ink, text: impl AsRef<str>) -> Self {
        Self { text: printable(text.as_ref()), ink }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(Ink::Plain, text)
    }
}

/// The text with a space for each control character.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Rows under headings; each column is as wide as its widest cell.
#[derive(Debug)]
pub struct Table {
    heads: Vec<Cell>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty table; the last column is cut where it would leave the screen.
    pub fn new(heads: &[&str]) -> Self {
        Self { heads: heads.iter().map(|head| Cell::new(Ink::Faint, head)).collect(), rows: vec![] }
    }

    /// Adds a row, with as many cells as there are headings.
    pub fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// Adds a line over all columns.
    pub fn section(&mut self, title: &str) {
        self.rows.push(vec![Cell::new(Ink::Strong, title)]);
    }

    /// Adds an empty line.
    pub fn gap(&mut self) {
        self.rows.push(Vec::new());
    }

    /// The lines, each ended. Nothing is cut where the text is not going to a screen.
    pub fn render(&self, paint: Paint) -> String {
        let limit = paint.columns();
        let mut text = String::new();
        for row in std::iter::once(&self.heads).chain(&self.rows) {
            text.push_str(&self.line(row, paint, limit));
            text.push('\n');
        }
        text
    }

    fn line(&self, row: &[Cell], paint: Paint, limit: Option<usize>) -> String {
        let mut line = " ".repeat(INDENT);
        let mut column = INDENT;
        for (index, cell) in row.iter().enumerate() {
            let is_last = index + 1 == row.len();
            if is_last {
                let room = limit.map(|limit| limit.saturating_sub(column).max(1));
                line.push_str(&paint.ink(cell.ink, &cut(&cell.text, room)));
                break;
            }
            let width = self.width(index);
            line.push_str(&paint.ink(cell.ink, &cell.text));
            line.push_str(&" ".repeat(width - count(&cell.text) + GAP));
            column += width + GAP;
        }
        line.truncate(line.trim_end().len());
        line
    }

    fn width(&self, index: usize) -> usize {
        let rows = std::iter::once(&self.heads).chain(&self.rows);
        let cells = rows.filter(|row| row.len() > 1).filter_map(|row| row.get(index));
        cells.map(|cell| count(&cell.text)).max().unwrap_or(0)
    }
}

fn count(text: &str) -> usize {
    text.chars().count()
}

/// As much of the text as there is room for, in characters.
pub fn cut(text: &str, room: Option<usize>) -> String {
    match room {
        Some(room) if count(text) > room => {
            let kept: String = text.chars().take(room - 1).collect();
            format!("{}{CUT}", kept.trim_end())
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["WHO", "WHAT"]);
        table.section("a long title over all columns");
        table.row(vec!["anna".into(), "hello".into()]);
        table.gap();
        table.row(vec!["é".into(), "".into()]);
        table
    }

    #[test]
    fn columns_are_as_wide_as_they_must_and_no_line_ends_in_spaces() {
        let lines = "  WHO   WHAT\n  a long title over all columns\n  anna  hello\n\n  é\n";
        assert_eq!(table().render(Paint::none()), lines);
    }

    #[test]
    fn a_long_last_cell_is_cut_on_a_screen_only() {
        let row = ["é".to_owned(), "x".repeat(200)].map(Cell::from);
        let seen = table().line(&row, Paint::none(), Some(20));
        assert_eq!(seen, format!("  é     {}…", "x".repeat(11)));
        assert_eq!(count(&seen), 20);
        assert_eq!(count(&table().line(&row, Paint::none(), None)), 208);
    }

    #[test]
    fn nothing_in_a_cell_can_steer_the_terminal() {
        assert_eq!(Cell::from("a\x1b[2J\nb").text, "a [2J b");
    }
}
