//! Plain text in HTML.

use minijinja::{HtmlEscape, Value};

/// The text escaped, with its line ends as `<br>`.
pub(super) fn lines_to_html(text: &str) -> Value {
    if text.contains('\n') {
        let escaped = HtmlEscape(text).to_string();
        return Value::from_safe_string(escaped.replace('\n', "<br>\n"));
    }
    Value::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_end_is_the_only_markup() {
        let html = lines_to_html("<b>1\n2 & \"3\"");
        assert!(html.is_safe());
        assert_eq!(html.as_str(), Some("&lt;b&gt;1<br>\n2 &amp; &quot;3&quot;"));
        assert!(!lines_to_html("<b>").is_safe());
    }
}
