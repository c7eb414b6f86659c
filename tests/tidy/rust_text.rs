//! Rust read as text: enough to see which names the production code of a file uses.

/// What stands before whatever is compiled for tests only.
const FOR_TESTS: &str = "#[cfg(test)]";

/// A word, `::`, or one other character.
pub struct Token {
    pub line: usize,
    pub text: String,
}

pub fn text(tokens: &[Token], i: usize) -> &str {
    tokens.get(i).map_or("", |token| &token.text)
}

/// True inside a path, where a name is not a crate: `store::sqlx`, but not `use ::sqlx`.
pub fn is_after_path(tokens: &[Token], i: usize) -> bool {
    i >= 2
        && tokens[i - 1].text == "::"
        && tokens[i - 2].text != "use"
        && tokens[i - 2].text.starts_with(is_word)
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

pub fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (i, line) in code.lines().enumerate() {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let end = if is_word(first) {
                rest.find(|character| !is_word(character)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (text, after) = rest.split_at(end);
            if !first.is_whitespace() {
                tokens.push(Token { line: i + 1, text: text.to_owned() });
            }
            rest = after;
        }
    }
    tokens
}

/// The code without comments, literals and whatever is `#[cfg(test)]`; lines keep their numbers.
pub fn production_code(text: &str) -> String {
    let mut code = without_literals(text);
    while let Some(start) = code.find(FOR_TESTS) {
        let end = end_of_item(&code, start + FOR_TESTS.len());
        blank(&mut code, start, end);
    }
    code
}

/// Behind an item, a field, a variant or an arm of a `match` that begins there.
fn end_of_item(code: &str, from: usize) -> usize {
    let mut depth = 0;
    let mut last = ' ';
    for (i, character) in code[from..].char_indices().map(|(i, c)| (from + i, c)) {
        match character {
            '(' | '[' | '<' => depth += 1,
            ')' | ']' => depth -= 1,
            '>' if !['-', '='].contains(&last) => depth -= 1,
            '{' if depth <= 0 => return closing_brace(code, i) + 1,
            ';' | ',' if depth <= 0 => return i + 1,
            '}' => return i,
            _ => {}
        }
        last = character;
    }
    code.len()
}

fn closing_brace(code: &str, open: usize) -> usize {
    let mut depth = 0;
    for (i, character) in code.char_indices().skip_while(|(i, _)| *i < open) {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return i;
        }
    }
    code.len() - 1
}

/// Replaces all but line ends by spaces.
fn blank(code: &mut String, start: usize, end: usize) {
    let blanks: String =
        code[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
    code.replace_range(start..end, &blanks);
}

/// Blanks comments, strings and characters.
fn without_literals(text: &str) -> String {
    let mut code = text.to_owned();
    let mut at = 0;
    while at < code.len() {
        let rest = &code[at..];
        let length = literal_length(rest, at > 0 && code[..at].ends_with(is_word));
        if length == 0 {
            at += rest.chars().next().map_or(1, char::len_utf8);
        } else {
            let end = at + length;
            blank(&mut code, at, end);
            // Blanking may shorten what was not ASCII: go on from the next line or blank.
            at += code[at..].find(|c: char| !c.is_whitespace()).unwrap_or(code.len() - at);
        }
    }
    code
}

/// The strings in the code.
pub fn literals(text: &str) -> impl Iterator<Item = &str> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let rest = &text[at..];
            let length = literal_length(rest, text[..at].ends_with(is_word));
            at += length.max(rest.chars().next().map_or(1, char::len_utf8));
            if length > 0 && rest.starts_with(['"', 'r']) {
                return Some(&rest[..length]);
            }
        }
        None
    })
}

/// The length of the comment or literal that begins here, or 0.
fn literal_length(rest: &str, is_inside_word: bool) -> usize {
    let until = |end: &str, from: usize| {
        rest[from..].find(end).map_or(rest.len(), |found| from + found + end.len())
    };
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return until("*/", 2);
    }
    if rest.starts_with('"') {
        return quoted_length(rest, '"');
    }
    if rest.starts_with("'\\") {
        return quoted_length(rest, '\'');
    }
    let mut characters = rest.chars();
    if characters.next() == Some('\'') {
        // A lifetime has no closing quote.
        let inside = characters.next().map_or(0, char::len_utf8);
        return if characters.next() == Some('\'') { inside + 2 } else { 0 };
    }
    if !is_inside_word && rest.starts_with('r') {
        let hashes = rest[1..].len() - rest[1..].trim_start_matches('#').len();
        if rest[1 + hashes..].starts_with('"') {
            return until(&format!("\"{}", "#".repeat(hashes)), 2 + hashes);
        }
    }
    0
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (i, character) in rest.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if character == quote => return i + 1,
            _ => {}
        }
    }
    rest.len()
}
