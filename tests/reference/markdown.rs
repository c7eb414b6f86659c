//! Text as Markdown.

/// The first lines of a page.
pub fn head(title: &str, about: &str) -> String {
    format!(
        "<!-- Made from the code by tests/reference; do not edit. -->\n\n# {title}\n\n{about}\n"
    )
}

/// A table; nothing without rows.
pub fn table<const N: usize>(columns: [&str; N], rows: &[[String; N]]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut table = line(&columns.map(str::to_owned));
    table += &format!("|{}\n", "---|".repeat(N));
    for row in rows {
        table += &line(&row.each_ref().map(|cell| cell.replace('|', "\\|")));
    }
    table
}

/// A list of names, each as code.
pub fn codes<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(code).collect::<Vec<_>>().join(", ")
}

/// As code, also where there is a backtick in it.
pub fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// A sample of a language.
pub fn sample(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```\n", text.trim_end())
}

/// Prose on one line, in which `<`, `*` and `_` stand for themselves but in code.
pub fn prose(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let pieces = words.split('`').enumerate().map(|(i, piece)| match i % 2 {
        0 => piece.replace('<', "&lt;").replace('*', "\\*").replace('_', "\\_"),
        _ => piece.to_owned(),
    });
    pieces.collect::<Vec<_>>().join("`")
}
