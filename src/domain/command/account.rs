//! Links to a client's account.

/// What a link of an account message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// To set a new password.
    PasswordReset,
    /// To sign in.
    MagicLink,
    /// To prove that an address is the client's.
    VerifyEmail,
}
