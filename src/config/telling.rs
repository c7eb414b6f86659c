//! By what a mail provider tells what became of mails.

use std::sync::Arc;

use serde::Serialize;

use super::error::ConfigError;
use super::http_templates;
use super::section::Section;
use super::sns::Sns;
use crate::bounces::ReturnPath;
use crate::gateways::Hears;
use crate::gateways::http::{ReceiptsPlan, Reports};

/// See the module.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Telling {
    /// Topics of Amazon's.
    Sns(Sns),
    /// JSON that it signs.
    Signed(Box<Signed>),
}

/// A provider that signs its JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Signed {
    #[serde(rename = "receipts")]
    written: ReceiptsPlan,
    /// The same, checked.
    #[serde(skip)]
    hears: Arc<Reports>,
}

impl Telling {
    /// Nothing where the operator has written neither.
    pub(super) fn read(
        section: &mut Section<'_>,
        return_path: Option<&ReturnPath>,
    ) -> Result<Option<Self>, ConfigError> {
        let sns = Sns::read(section, return_path)?;
        let receipts = section.optional_section("receipts", http_templates::receipts)?;
        match (sns, receipts) {
            (Some(_), Some(_)) => {
                Err(section.invalid("receipts", "has no meaning beside sns_topics"))
            }
            (Some(sns), None) => Ok(Some(Self::Sns(sns))),
            (None, Some(written)) => {
                let hears = Reports::of_mails(&written);
                let hears = hears.map_err(|fault| section.invalid(&fault.key, fault.why))?;
                let signed = Signed { written, hears: Arc::new(hears) };
                Ok(Some(Self::Signed(Box::new(signed))))
            }
            (None, None) => Ok(None),
        }
    }

    /// `sns_topics` or `receipts`: what the operator wrote.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Sns(_) => "sns_topics",
            Self::Signed(_) => "receipts",
        }
    }

    /// How it is heard.
    pub fn hears(&self) -> Arc<dyn Hears> {
        match self {
            Self::Sns(sns) => sns.hears.clone(),
            Self::Signed(signed) => signed.hears.clone(),
        }
    }
}
