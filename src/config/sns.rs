//! Where a mail provider tells what became of mails: the topics of Amazon's SNS.

use std::sync::Arc;

use serde::Serialize;

use super::error::ConfigError;
use super::section::Section;
use crate::bounces::ReturnPath;
use crate::domain::message::MessageId;
use crate::gateways::ses::{ByAddress, Ses, Topic};

/// The most topics of a provider.
const TOPICS_MAX: usize = 16;

/// A provider that is Amazon SES.
#[derive(Debug, Clone, Serialize)]
pub struct Sns {
    #[serde(rename = "sns_topics")]
    topics: Vec<String>,
    /// In place of the hosts of their regions.
    #[serde(rename = "sns_base_url", skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The same, checked: what is heard.
    #[serde(skip)]
    pub hears: Arc<Ses>,
}

impl Sns {
    /// Nothing where the operator names no topic.
    pub(super) fn read(
        section: &mut Section<'_>,
        return_path: Option<&ReturnPath>,
    ) -> Result<Option<Self>, ConfigError> {
        let as_it_is = |text: &str| Ok(text.to_owned());
        let topics = section.optional_texts("sns_topics", 1..=TOPICS_MAX, as_it_is)?;
        let base_url = section.optional_text("sns_base_url", as_it_is)?;
        let Some(topics) = topics else {
            let why = "has no meaning without sns_topics";
            return base_url.map_or(Ok(None), |_| Err(section.invalid("sns_base_url", why)));
        };
        let read = topics.iter().map(|arn| Topic::parse(arn, base_url.as_deref()));
        let read: Result<_, _> = read.collect();
        let read = read.map_err(|fault| section.invalid(&fault.key, fault.why))?;
        let hears = Arc::new(Ses::new(read, return_path.cloned().map(by_address)));
        Ok(Some(Self { topics, base_url, hears }))
    }
}

fn by_address(path: ReturnPath) -> ByAddress {
    Arc::new(move |address: &str| -> Option<MessageId> { path.message(address) })
}
