//! Links that let a person into an account.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A link that is a secret: its `Debug` shows nothing of it, so that no log, no panic and no
/// derived `Debug` around it can. On disk and on the wire it is an ordinary string.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretLink(String);

impl SecretLink {
    /// Takes a link that is checked already.
    pub fn new(link: impl Into<String>) -> Self {
        Self(link.into())
    }

    /// The link itself: for the message that carries it only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::broadcast::{Broadcast, BroadcastContent, BroadcastId};
    use crate::domain::command::{Command, LinkPurpose};
    use crate::domain::id::{ClientId, CommandId};
    use crate::domain::message::{Facts, LinkFacts};

    const LINK: &str = "https://example.com/in?t=s3cret";

    #[test]
    fn whatever_holds_it_does_not_show_it() {
        let link = || SecretLink::new(LINK);
        let client = ClientId::parse("anna").unwrap();
        let send = |purpose| Command::SendLink {
            client: client.clone(),
            purpose,
            url: link(),
            expires_at: None,
        };
        let id = BroadcastId::VerifyAll(CommandId::parse("c1").unwrap());
        let content = BroadcastContent::VerifyAll { url_template: link() };
        for shown in [
            format!("{:?}", send(LinkPurpose::PasswordReset)),
            format!("{:?}", send(LinkPurpose::MagicLink)),
            format!("{:#?}", send(LinkPurpose::VerifyEmail)),
            format!("{:?}", Command::VerifyAllEmails { url_template: link() }),
            format!("{:?}", Facts::Link(LinkFacts { url: link(), expires_at: None })),
            format!("{:#?}", Broadcast { id, content }),
        ] {
            assert!(shown.contains('…') && !shown.contains("example.com"), "{shown}");
        }
    }

    #[test]
    fn it_is_stored_as_the_string_that_it_is() {
        let json = serde_json::to_string(&SecretLink::new(LINK)).unwrap();
        assert_eq!(json, format!("{LINK:?}"));
        assert_eq!(serde_json::from_str::<SecretLink>(&json).unwrap().expose(), LINK);
    }
}
