//! Values from outside, made fit to stand in a sentence.

use std::borrow::Cow;

/// One line: line breaks, tabs and control characters become single spaces, and characters that
/// turn the direction of what follows (Unicode UAX #9 §2) are dropped.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    let clean = !text.contains(|c| is_break(c) || is_dropped(c)) && text.trim() == text;
    if clean {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len());
    for word in text.split(|c| is_break(c) || c == ' ').filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().filter(|c| !is_dropped(*c)));
    }
    Cow::Owned(line)
}

/// Several lines: line ends become `\n`, at most one of two lines is empty, and what [`one_line`]
/// drops or turns into spaces is dropped or turned here.
pub(super) fn lines(text: &str) -> Cow<'_, str> {
    let clean = text.trim() == text
        && !text.contains(|c| (is_break(c) && c != '\n') || is_dropped(c))
        && !text.contains("\n\n\n");
    if clean {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    let mut kept = String::with_capacity(text.len());
    let mut breaks = 0;
    for line in text.split('\n').map(one_line) {
        if line.is_empty() {
            breaks += 1;
            continue;
        }
        if !kept.is_empty() {
            kept.push_str(if breaks > 0 { "\n\n" } else { "\n" });
        }
        kept.push_str(&line);
        breaks = 0;
    }
    Cow::Owned(kept)
}

/// The text with a full stop behind it, where it does not end in a sign that ends a sentence: what
/// comes from outside does as its writer likes.
pub(super) fn stopped(text: &str) -> String {
    let ends = text.ends_with(['.', '!', '?', '…', '。', '！', '？']);
    format!("{text}{}", if ends { "" } else { "." })
}

/// The text as an SMS carries it best: typographic signs as a typewriter writes them, because a
/// single one of them would halve what a segment holds. Letters stay as they are. Of the control
/// characters only the line feed is left.
pub(super) fn typewritten(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => written.push('\n'),
            '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' => written.push(' '),
            '‘' | '’' | '‚' | '′' => written.push('\''),
            '“' | '”' | '„' | '«' | '»' | '″' => written.push('"'),
            '‐' | '‑' | '‒' | '–' | '—' | '−' => written.push('-'),
            '•' | '·' => written.push('-'),
            '…' => written.push_str("..."),
            '\u{ad}' | '\u{200b}' => {}
            c if is_dropped(c) => {}
            c if is_break(c) => written.push(' '),
            c => written.push(c),
        }
    }
    written
}

fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

fn is_dropped(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// One line in which no mail program finds a link.
///
/// For what a client wrote: anybody can register a stranger's address under a "name" that is an
/// advertisement, and the mail would carry its link in the tenant's name.
pub(super) fn without_links(text: &str) -> Cow<'_, str> {
    let line = one_line(text);
    if !line.contains('.') && !line.contains("://") {
        return line;
    }
    let mut apart = String::with_capacity(line.len() + 8);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        apart.push(c);
        let glued = match (c, chars.peek()) {
            ('.', Some(next)) => next.is_alphanumeric(),
            (':', Some(next)) => *next == '/',
            _ => false,
        };
        if glued {
            apart.push(' ');
        }
    }
    Cow::Owned(apart)
}

/// At most `max_chars` characters, the last one an ellipsis where something was cut.
pub(super) fn clip(text: &str, max_chars: usize) -> Cow<'_, str> {
    if text.chars().nth(max_chars).is_none() {
        return Cow::Borrowed(text);
    }
    let kept: String = text.chars().take(max_chars.saturating_sub(1)).collect();
    Cow::Owned(format!("{}…", kept.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_line_is_borrowed_as_it_is() {
        assert!(matches!(one_line("Anna Rossi, d'Età"), Cow::Borrowed(_)));
        assert!(matches!(without_links("Anna Rossi"), Cow::Borrowed(_)));
    }

    #[test]
    fn breaks_and_controls_become_spaces() {
        assert_eq!(one_line(" a\r\nBcc: b@c\t\u{0}d\u{2028}e "), "a Bcc: b@c d e");
        assert_eq!(one_line("a\u{202e}cod.exe\u{feff}"), "acod.exe");
        assert_eq!(one_line("\r\n"), "");
    }

    #[test]
    fn lines_stay_lines() {
        assert!(matches!(lines("One.\nTwo.\n\nThree."), Cow::Borrowed(_)));
        assert_eq!(
            lines(" One.\r\n\tTwo.\r\r\n\n\u{7}\nThree.\u{2028}Four\u{202e}.\n"),
            "One.\nTwo.\n\nThree.\nFour."
        );
        assert_eq!(lines("\r\n\n"), "");
    }

    #[test]
    fn a_typewriter_has_no_curly_quotes_and_all_letters() {
        assert_eq!(typewritten("“L’été” – 12,50\u{a0}€…"), "\"L'été\" - 12,50 €...");
        assert_eq!(typewritten("çá\u{0}\r\tb\nc\u{ad}\u{202e}"), "çá   b\nc");
    }

    #[test]
    fn links_fall_apart_and_initials_survive() {
        assert_eq!(without_links("https://evil.example/x"), "https: //evil. example/x");
        assert_eq!(without_links("me@evil.example"), "me@evil. example");
        assert_eq!(without_links("J.R. Smith Jr."), "J. R. Smith Jr.");
    }

    #[test]
    fn clipping_counts_characters() {
        assert_eq!(clip("ééé", 3), "ééé");
        assert_eq!(clip("éééé", 3), "éé…");
        assert_eq!(clip("ab cd", 4), "ab…");
    }
}
