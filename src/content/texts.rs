//! What deciding asks of texts.

use jiff::Timestamp;

use super::catalogue::Catalogue;
use super::matter::Matter;
use crate::domain::client::Client;
use crate::domain::kind::Kind;
use crate::domain::message::Facts;
use crate::domain::settings::Settings;
use crate::domain::template::{CustomText, TemplateFault, TemplateKey};
use crate::domain::texts::Texts;

impl Texts for Catalogue {
    /// A text that cannot be written counts one segment: what is wrong with it is told when it is
    /// to be sent.
    fn sms_segments(
        &self,
        settings: &Settings,
        client: &Client,
        kind: Kind,
        facts: &Facts,
        custom: Option<&CustomText>,
        due: Timestamp,
    ) -> u32 {
        let matter = Matter { kind, due, facts, settings, client, custom };
        let text = self.writer(matter).and_then(|writer| writer.sms());
        text.map_or(1, |text| text.segments)
    }

    fn check(&self, key: &TemplateKey, text: &CustomText) -> Result<(), TemplateFault> {
        self.custom.check(key, text)
    }
}
