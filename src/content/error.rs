//! What can go wrong with a text.

use crate::domain::kind::Kind;

/// Why there is no text. No variant holds a client's data.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// A built-in file is malformed: do not start.
    #[error("built-in text {file}: {reason}")]
    Broken {
        /// The file, and the phrase where one is to blame.
        file: String,
        /// What the reader of the file found.
        reason: String,
    },
    /// There is no text for this kind: the message can never be sent.
    #[error("no text for {}", kind.as_str())]
    NoText {
        /// What the message is about.
        kind: Kind,
    },
    /// Even with every name cut it is longer than an SMS may be: the message can never be sent.
    #[error("the text of {} takes more segments than an SMS may", kind.as_str())]
    TooLong {
        /// What the message is about.
        kind: Kind,
    },
    /// The facts lack what the text tells: the message can never be sent.
    #[error("the text of {} does not fit its facts", kind.as_str())]
    Unfit {
        /// What the message is about.
        kind: Kind,
        /// The template engine's account.
        #[source]
        source: minijinja::Error,
    },
}
