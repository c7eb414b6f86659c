//! Why a value could not be taken.

/// A value that breaks the rules of its type. The caller knows which field held it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(pub String);

impl Invalid {
    /// `why` completes the sentence "<field>: …".
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}

/// The longest free text (names, reasons, notes) in characters.
pub const TEXT_MAX_CHARS: usize = 2000;

/// Checks free text that may reach a header or a person: bounded, no control characters but
/// line feed and tab.
///
/// # Errors
/// Says what is wrong with the text.
pub fn check_text(text: &str) -> Result<(), Invalid> {
    if text.chars().count() > TEXT_MAX_CHARS {
        return Err(Invalid::new(format!("longer than {TEXT_MAX_CHARS} characters")));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Invalid::new("contains a control character"));
    }
    Ok(())
}

/// Like [`check_text`], for text of one line such as a name: not empty, no line break either.
///
/// # Errors
/// Says what is wrong with the text.
pub fn check_line(text: &str) -> Result<(), Invalid> {
    check_text(text)?;
    if text.trim().is_empty() {
        return Err(Invalid::new("is empty"));
    }
    if text.contains(['\n', '\t']) {
        return Err(Invalid::new("contains a line break or tab"));
    }
    Ok(())
}
