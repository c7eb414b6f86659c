//! Links to a client's account.

use jiff::Timestamp;

use super::draft::Draft;
use super::tell::Say;
use crate::domain::command::LinkPurpose;
use crate::domain::id::ClientId;
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, LinkFacts};
use crate::domain::rejection::Rejection;
use crate::domain::secret::SecretLink;

/// At once; worthless when the link is dead. Whose address is proved needs no link to prove it.
pub fn send_link(
    draft: &mut Draft<'_>,
    client: &ClientId,
    purpose: LinkPurpose,
    url: &SecretLink,
    expires_at: Option<Timestamp>,
) -> Result<(), Rejection> {
    let client = draft.living_client(client)?;
    if purpose == LinkPurpose::VerifyEmail && client.email_verified {
        draft.already_done();
        return Ok(());
    }
    let kind = match purpose {
        LinkPurpose::PasswordReset => Kind::AccountPasswordReset,
        LinkPurpose::MagicLink => Kind::AccountMagicLink,
        LinkPurpose::VerifyEmail => Kind::AccountVerifyEmail,
    };
    let facts = Facts::Link(LinkFacts { url: url.clone(), expires_at });
    let say = Say::new(kind, &client, facts);
    draft.say(match expires_at {
        Some(end) => say.until(end),
        None => say,
    });
    Ok(())
}
