//! What deciding asks of texts.

use super::catalogue::Catalogue;
use super::matter::Matter;
use crate::domain::template::{CustomText, TemplateFault, TemplateKey};
use crate::domain::texts::{Said, Texts};

impl Catalogue {
    /// How many SMS segments it takes with this link by which the client can act. A text that
    /// cannot be written counts one: what is wrong with it is told when it is to be sent.
    pub fn segments(&self, said: &Said<'_>, link: Option<&str>) -> u32 {
        let Said { settings, client, kind, facts, custom, due, .. } = *said;
        let matter = Matter { kind, due, facts, settings, client, custom, link };
        let text = self.writer(matter).and_then(|writer| writer.sms());
        text.map_or(1, |text| text.segments)
    }
}

/// Of an installation without links.
impl Texts for Catalogue {
    fn sms_segments(&self, said: &Said<'_>) -> u32 {
        self.segments(said, None)
    }

    fn check(&self, key: &TemplateKey, text: &CustomText) -> Result<(), TemplateFault> {
        self.custom.check(key, text)
    }
}
