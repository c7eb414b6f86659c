//! Makes a provider's words fit to be kept: short, on one line, and without what belongs to a
//! person: addresses, phone numbers, and what stands behind a host in a URL, which may be the link
//! by which somebody signs in.
//!
//! Rather too much is masked than too little; our own words are none of a provider's, and stay.

use crate::domain::outcome::REPLY_MAX_CHARS;

use super::personal::Personal;
use super::quoted::{MASK, mask_quoted};
use super::said::Said;

/// A row of so many digits is taken for a phone number; a date has eight.
const PHONE_MIN_DIGITS: usize = 9;
/// With a `+` before it a shorter one is, too (E.164 has no least length; a country's are 7).
const INTERNATIONAL_MIN_DIGITS: usize = 7;

/// Masks in the other side's words what is of this message's own and what looks personal, makes
/// all one line, and cuts to [`REPLY_MAX_CHARS`]; in this order, so that no half of an address is
/// left at the end.
pub(super) fn redact(said: &Said, personal: &Personal) -> String {
    let mut out = one_line(&said.ours);
    // While it is still in lines, which may break a link.
    let line = one_line(&mask_quoted(&said.theirs, personal));
    let line = mask_phones(&mask_quoted_addresses(&line));
    for word in line.split_inclusive(char::is_whitespace) {
        let (bare, space) = word.split_at(word.trim_end().len());
        mask_word(bare, &mut out);
        out.push_str(space);
    }
    match out.char_indices().nth(REPLY_MAX_CHARS) {
        Some((cut, _)) => out.truncate(cut),
        None => out.truncate(out.trim_end().len()),
    }
    out
}

fn one_line(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// `"anna rossi"@example.com` (RFC 5321 §4.1.2) has a space in it.
fn mask_quoted_addresses(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(end) = rest.find("\"@") {
        let begin = rest[..end].rfind('"').unwrap_or(end);
        out.push_str(&rest[..begin]);
        out.push_str(MASK);
        let domain = &rest[end + 2..];
        rest = &domain[domain.find(is_delimiter).unwrap_or(domain.len())..];
    }
    out.push_str(rest);
    out
}

/// Numbers with a `+`, spaced or not, and long rows of digits that are no part of a word.
fn mask_phones(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let (mut rest, mut before) = (line, ' ');
    while let Some(c) = rest.chars().next() {
        let is_fresh = !before.is_alphanumeric() && !"._-".contains(before);
        let number = match c {
            '+' if is_fresh => international(rest),
            '0'..='9' if is_fresh => national(rest),
            _ => None,
        };
        let taken = match number {
            Some(length) => {
                out.push_str(MASK);
                length
            }
            None => {
                out.push(c);
                c.len_utf8()
            }
        };
        before = rest[..taken].chars().next_back().unwrap_or(' ');
        rest = &rest[taken..];
    }
    out
}

/// How long a number is that begins with a `+`.
fn international(text: &str) -> Option<usize> {
    let part = |c: char| c.is_ascii_digit() || " -.()/\u{a0}".contains(c);
    let end = text[1..].find(|c| !part(c)).map_or(text.len(), |end| end + 1);
    let number = text[..end].trim_end_matches(|c: char| !c.is_ascii_digit());
    let digits = number.chars().filter(char::is_ascii_digit).count();
    (digits >= INTERNATIONAL_MIN_DIGITS).then_some(number.len())
}

/// How long a number is that is nothing but digits. Ten that begin with a 1 are the time of day as
/// computers tell it until 2033, and no number of the United States.
fn national(text: &str) -> Option<usize> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let goes_on = text[end..].starts_with(|c: char| c.is_alphabetic() || "-_".contains(c));
    let is_time = end == 10 && text.starts_with('1');
    (end >= PHONE_MIN_DIGITS && !goes_on && !is_time).then_some(end)
}

/// A word has no white space in it.
fn mask_word(word: &str, out: &mut String) {
    if let Some(scheme_end) = word.find("://") {
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        let begin = word[..scheme_end]
            .rfind(|c| !is_scheme(c))
            .map_or(0, |at| at + word[at..].chars().next().map_or(1, char::len_utf8));
        mask_word(&word[..begin], out);
        let host = scheme_end + "://".len();
        let end = word[host..].find(is_end_of_url).map_or(word.len(), |end| host + end);
        out.push_str(&word[begin..host]);
        mask_behind_host(&word[host..end], out);
        mask_word(&word[end..], out);
        return;
    }
    let mut rest = word;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(rest.find(is_delimiter).unwrap_or(rest.len()));
        mask_piece(piece, out);
        let mut chars = tail.chars();
        out.extend(chars.next());
        rest = chars.as_str();
    }
}

fn mask_piece(piece: &str, out: &mut String) {
    let lower = piece.to_lowercase();
    if ["@", "＠", "%40", "=40", "&#64"].iter().any(|at| lower.contains(at)) {
        out.push_str(MASK);
    } else if host_of(piece).is_some() {
        mask_behind_host(piece, out);
    } else {
        out.push_str(piece);
    }
}

/// The host of a URL that says no scheme: `app.example/reset/x`.
fn host_of(piece: &str) -> Option<&str> {
    let host = &piece[..piece.find(['/', '?', '#'])?];
    let sound = |c: char| c.is_alphanumeric() || ".-:".contains(c);
    let begins = host.starts_with(char::is_alphanumeric);
    (begins && host.contains('.') && host.chars().all(sound)).then_some(host)
}

/// Of `host/path?query` the host, and nothing where a user stands before it.
fn mask_behind_host(url: &str, out: &mut String) {
    let end = url.find(['/', '?', '#']).unwrap_or(url.len());
    let (host, rest) = url.split_at(end);
    out.push_str(if host.contains('@') { MASK } else { host });
    if rest.len() > 1 {
        out.push('/');
        out.push_str(MASK);
    } else {
        out.push_str(rest);
    }
}

/// What cannot be part of an address as providers echo it. `=` and `:` would be legal in one, or
/// stand before it (`rcpt=anna@…`): they count as part.
fn is_delimiter(c: char) -> bool {
    c.is_whitespace() || "<>()[]{},;\"`|".contains(c)
}

/// What ends a URL. Commas, brackets and semicolons may be part of its query.
fn is_end_of_url(c: char) -> bool {
    c.is_whitespace() || "<>\"`".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(words: &str) -> String {
        redact(&Said::by_them(words), &Personal::default())
    }

    #[test]
    fn addresses_are_masked_and_the_rest_stays() {
        for (words, expected) in [
            ("550 5.1.1 <anna@example.com>: unknown", "550 5.1.1 <***>: unknown"),
            ("no anna+x@example.com here", "no *** here"),
            ("rcpt=anna@example.com;x", "***;x"),
            ("\"jörg@exämple.de\" (b@c,d@e)", "\"***\" (***,***)"),
            ("\"anna rossi\"@example.com unknown", "*** unknown"),
            ("to anna%40example.com, anna=40example.com", "to ***, ***"),
            ("two\r\nlines\u{7}", "two  lines"),
            ("250 ok", "250 ok"),
            ("250 2.0.0 Ok: queued as 4F1B22C3D", "250 2.0.0 Ok: queued as 4F1B22C3D"),
            ("250 ok 1733043600 qp 24343", "250 ok 1733043600 qp 24343"),
            ("454 4.7.1 192.168.100.200 listed", "454 4.7.1 192.168.100.200 listed"),
            ("250 OK id=1rXyZ2-000000001Ab-3c", "250 OK id=1rXyZ2-000000001Ab-3c"),
        ] {
            assert_eq!(redacted(words), expected, "{words:?}");
        }
    }

    #[test]
    fn of_urls_only_scheme_and_host_stay() {
        for (words, expected) in [
            ("554 https://app.example/reset?token=abc", "554 https://app.example/***"),
            ("(https://app.example/r;t=a,b[1](2))", "(https://app.example/***"),
            ("<https://u:p@app.example/x>, see", "<https://***/***>, see"),
            ("url:http://app.example:8080?x=y", "url:http://app.example:8080/***"),
            ("see https://help.example for help", "see https://help.example for help"),
            ("https://help.example/", "https://help.example/"),
            ("app.example/reset/abc, www.a.example?t=1", "app.example/***, www.a.example/***"),
            (
                "https://a.example/x\r\nhttps://b.example/y",
                "https://a.example/***  https://b.example/***",
            ),
            ("mailto://x https://", "mailto://x https://"),
            ("and/or 5.7.1/x", "and/or 5.7.1/***"),
            ("outbox ./var/outbox: full", "outbox ./var/outbox: full"),
        ] {
            assert_eq!(redacted(words), expected, "{words:?}");
        }
    }

    #[test]
    fn phone_numbers_are_masked_however_they_are_written() {
        for (words, expected) in [
            ("no route to +393331234567", "no route to ***"),
            ("no route to +39 333 123-45.67, sorry", "no route to ***, sorry"),
            ("to=393331234567 failed", "to=*** failed"),
            ("to 00393331234567.", "to ***."),
            ("since 20261201", "since 20261201"),
            ("+1 only", "+1 only"),
        ] {
            assert_eq!(redacted(words), expected, "{words:?}");
        }
    }

    #[test]
    fn whom_it_is_for_is_masked_in_their_words_and_never_in_ours() {
        let personal = Personal::default()
            .with_name("connect.refused")
            .with_name("refused@example.com")
            .with_name("data")
            .with_phone("+4512345678");
        for (ours, theirs, expected) in [
            ("connect mail.example:25: refused", "", "connect mail.example:25: refused"),
            ("data: ", "550 data refused", "data: 550 *** ***"),
            ("", "550 user=refused: unknown", "550 user=***: unknown"),
            ("", "number 012345678 is off", "number *** is off"),
            ("", "the database", "the database"),
        ] {
            let said = Said { ours: ours.to_owned(), theirs: theirs.to_owned() };
            assert_eq!(redact(&said, &personal), expected);
        }
    }

    #[test]
    fn what_is_quoted_of_the_message_is_masked_over_broken_lines() {
        let link = "https://app.example/reset/S3cretT0ken";
        let personal = Personal::default().with_link(link).with_name("Anna Rossi");
        for (words, expected) in [
            (
                "554 5.7.1 https://app.example/reset/\nS3cretT0ken",
                "554 5.7.1 https://app.example/***",
            ),
            (
                "554 5.7.1 https://app.example/reset/S3cret\nT0ken bad",
                "554 5.7.1 https://app.example/*** bad",
            ),
            ("554 /reset/S3cretT0ken to Anna\nRossi", "554 /*** to ***"),
        ] {
            assert_eq!(redact(&Said::by_them(words), &personal), expected);
        }
    }

    #[test]
    fn long_words_are_cut_by_characters_after_masking() {
        assert_eq!(redacted(&"é".repeat(400)).chars().count(), REPLY_MAX_CHARS);
        let at_the_cut = format!("{} anna@example.com", "x".repeat(REPLY_MAX_CHARS - 3));
        let cut = redacted(&at_the_cut);
        assert!(cut.ends_with(" **") && !cut.contains("anna"), "{cut}");
    }

    proptest::proptest! {
        #[test]
        fn no_word_makes_it_stumble_or_keeps_an_address(
            before in "\\PC{0,30}", name in "[a-z]{4,9}", after in "\\PC{0,30}",
        ) {
            let words = format!("{before} {name}@x.example https://x.example/{name} {name} {after}");
            let personal = Personal::default().with_name(&name);
            let kept = redact(&Said::by_them(words), &personal);
            proptest::prop_assert!(!kept.contains(&format!("{name}@")), "{}", kept);
            proptest::prop_assert!(!kept.contains(&format!("/{name} ")), "{}", kept);
        }
    }
}
