//! What can go wrong before anything is sent. What goes wrong while sending is an
//! [`Outcome`](crate::domain::outcome::Outcome).

/// Why an email cannot be written or a provider not be set up.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// Give the message up: its content cannot stand in an email. Repeats nothing of it.
    #[error("the content does not fit the header {header}")]
    Unsendable { header: &'static str },
    /// Do not start: no TLS can be spoken.
    #[error("TLS cannot be set up: {0}")]
    NoTls(#[from] rustls::Error),
}
