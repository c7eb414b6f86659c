//! What deciding must know of texts, without writing them.

use std::fmt;

use jiff::Timestamp;

use super::client::Client;
use super::kind::Kind;
use super::message::Facts;
use super::settings::Settings;
use super::template::{CustomText, TemplateFault, TemplateKey};

/// Answers questions about texts. Pure: the same question has the same answer.
pub trait Texts: fmt::Debug + Send + Sync {
    /// How many SMS segments this message takes (3GPP TS 23.040), from 1.
    /// `custom` is the tenant's own text, where it is to be used; `due` is when it is told.
    fn sms_segments(
        &self,
        settings: &Settings,
        client: &Client,
        kind: Kind,
        facts: &Facts,
        custom: Option<&CustomText>,
        due: Timestamp,
    ) -> u32;

    /// Whether a tenant's own text can be used.
    ///
    /// # Errors
    /// What is wrong, with its line and column.
    fn check(&self, key: &TemplateKey, text: &CustomText) -> Result<(), TemplateFault>;
}
