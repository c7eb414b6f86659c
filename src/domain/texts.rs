//! What deciding must know of texts, without writing them.

use std::fmt;

use jiff::Timestamp;

use super::client::Client;
use super::id::TenantId;
use super::kind::Kind;
use super::message::{Facts, MessageId};
use super::settings::Settings;
use super::template::{CustomText, TemplateFault, TemplateKey};

/// Answers questions about texts. Pure: the same question has the same answer.
pub trait Texts: fmt::Debug + Send + Sync {
    /// How many SMS segments this takes (3GPP TS 23.040), from 1, as it will be sent.
    fn sms_segments(&self, said: &Said<'_>) -> u32;

    /// The code of the short link that this has as a text message, where it has a link.
    fn link_code(&self, _said: &Said<'_>, _message: MessageId) -> Option<String> {
        None
    }

    /// Whether a tenant's own text can be used.
    ///
    /// # Errors
    /// What is wrong, with its line and column.
    fn check(&self, key: &TemplateKey, text: &CustomText) -> Result<(), TemplateFault>;
}

/// A message before it is written.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    pub tenant: &'a TenantId,
    pub settings: &'a Settings,
    pub client: &'a Client,
    pub kind: Kind,
    pub facts: &'a Facts,
    /// The tenant's own text, where it is to be used.
    pub custom: Option<&'a CustomText>,
    /// When it is told.
    pub due: Timestamp,
}
