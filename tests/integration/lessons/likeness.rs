//! Whether what was said is like what the page shows: ids, numbers and dates are others each time,
//! and `…` stands for what the page leaves out, in a line or as a line.

use regex::Regex;

const UUID: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const DAY: &str = "(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?";
const MONTH: &str = "(Jan(uary)?|Feb(ruary)?|Mar(ch)?|Apr(il)?|May|June?|July?|Aug(ust)?|\
                     Sep(tember)?|Oct(ober)?|Nov(ember)?|Dec(ember)?)";

/// See the module.
pub fn is_like(shown: &str, said: &str) -> bool {
    let lines = plain(shown).lines().map(pattern).collect::<String>();
    Regex::new(&format!("^{lines}$")).unwrap().is_match(&plain(said))
}

/// A line as an expression, or any lines.
fn pattern(line: &str) -> String {
    match line.trim() {
        "…" => "(.*\n)*?".to_owned(),
        line => regex::escape(line).replace('…', ".*") + "\n",
    }
}

/// Without what is another each time.
fn plain(text: &str) -> String {
    let mut plain = text.trim_end().to_owned();
    for (what, to) in [
        (UUID.to_owned(), "id"),
        (format!(r"\b{DAY}\b"), "day"),
        (format!(r"\b{MONTH}\b"), "month"),
        ("[0-9]+".to_owned(), "0"),
        // Columns are as wide as what is in them.
        (" +".to_owned(), " "),
        ("(?m)^ | $".to_owned(), ""),
    ] {
        plain = Regex::new(&what).unwrap().replace_all(&plain, to).into_owned();
    }
    plain + "\n"
}

#[test]
fn what_is_another_each_time_is_alike_and_all_else_is_not() {
    let shown = "Sunday 2 May 2026\n  …\n  10:07  sent, said: 0190163d-8694-739b-aea5-966c26f8ad91.eml\n\
                 34 played…";
    let like = "Monday 3 December 2026\n a\n b\n 9:07 sent, said: \
                1190163d-8694-739b-aea5-966c26f8ad91.eml\n7 played: all";
    assert!(is_like(shown, like));
    assert!(!is_like(shown, &like.replace("sent", "dead")));
    assert!(!is_like(shown, &format!("{like}\nmore")));
    assert!(!is_like("a\nb", "a"));
}
