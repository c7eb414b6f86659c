//! Plain text in HTML.

use minijinja::Value;

/// The text escaped, with its line ends as `<br>`.
pub(super) fn to_html(text: &str) -> Value {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' => html.push_str("<br>\n"),
            c => html.push(c),
        }
    }
    Value::from_safe_string(html)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_end_is_the_only_markup_and_a_link_stays_readable() {
        let html = to_html("<b>1\n2 & \"3\" '4' https://a.example/?b=c");
        let escaped = "&lt;b&gt;1<br>\n2 &amp; &quot;3&quot; &#39;4&#39; https://a.example/?b=c";
        assert!(html.is_safe());
        assert_eq!(html.as_str(), Some(escaped));
    }
}
