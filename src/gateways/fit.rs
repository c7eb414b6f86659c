//! Notifications that must not be larger than so much: what does not fit of their text is left out.

use std::borrow::Cow;

/// What stands where something was left out.
const CUT: char = '…';

/// As much of a title and a text as fits: of the text what it takes, then of the title. `size` says
/// how many bytes both make with all that is around them, and never fewer for more of them. Nothing
/// if what is around them is too much alone.
pub(super) fn fit<'t>(
    title: &'t str,
    text: &'t str,
    max_bytes: usize,
    size: impl Fn(&str, &str) -> usize,
) -> Option<(Cow<'t, str>, Cow<'t, str>)> {
    let text = longest(text, |short| size(title, short) <= max_bytes);
    let title = longest(title, |short| size(short, &text) <= max_bytes);
    (size(&title, &text) <= max_bytes).then_some((title, text))
}

/// The longest beginning that fits, or nothing of it.
fn longest(text: &str, fits: impl Fn(&str) -> bool) -> Cow<'_, str> {
    if fits(text) {
        return Cow::Borrowed(text);
    }
    let ends: Vec<usize> = text.char_indices().map(|(end, _)| end).collect();
    let fitting = ends.partition_point(|end| fits(&cut(text, *end)));
    fitting.checked_sub(1).map_or(Cow::Borrowed(""), |last| cut(text, ends[last]))
}

fn cut(text: &str, end: usize) -> Cow<'_, str> {
    match text[..end].trim_end() {
        "" => Cow::Borrowed(""),
        rest => Cow::Owned(format!("{rest}{CUT}")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn size(title: &str, text: &str) -> usize {
        json!({ "title": title, "body": text }).to_string().len()
    }

    #[test]
    fn what_fits_stays_and_what_does_not_ends_in_dots() {
        let fitted = |max| {
            let (title, text) = fit("Ciao", "A domani, alle dieci", max, size)?;
            Some((title.into_owned(), text.into_owned()))
        };
        let both = |title: &str, text: &str| Some((title.to_owned(), text.to_owned()));
        assert_eq!(size("Ciao", "A domani, alle dieci"), 46);
        assert_eq!(fitted(46), both("Ciao", "A domani, alle dieci"));
        assert_eq!(fitted(45), both("Ciao", "A domani, alle d…"));
        assert_eq!(fitted(39), both("Ciao", "A domani,…"), "without the space before");
        assert_eq!(fitted(26), both("Ciao", ""));
        assert_eq!(fitted(25), both("", ""), "no letter of it and dots");
        assert_eq!(fitted(21), None);
    }

    proptest! {
        #[test]
        fn it_fits_and_begins_as_it_began(
            title in any::<String>(), text in any::<String>(), max in 22usize..120
        ) {
            let (short_title, short_text) = fit(&title, &text, max, size).unwrap();
            prop_assert!(size(&short_title, &short_text) <= max);
            prop_assert!(text.starts_with(short_text.trim_end_matches(CUT)));
            if size(&title, &text) <= max {
                prop_assert_eq!((&*short_title, &*short_text), (&*title, &*text));
            }
        }
    }
}
