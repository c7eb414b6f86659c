//! Kind `http`: a gateway that takes what the operator's templates write.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::error::ConfigError;
use super::section::Section;
use super::values::text_of;
use crate::gateways::Medium;
use crate::gateways::http::{Plan, RULES_MAX, ReceiptsPlan, RepliesPlan, RulePlan, SignaturePlan};

/// The most words of one kind in `receipts`.
const WORDS_MAX: usize = 100;
/// Where a secret is not read. Whatever is written with it is not to be sent.
const STAND_IN: &str = "a-secret-that-was-not-read-from-its-file";

/// What the operator wrote of requests by this `method`, and of answers. `None` without a url.
pub(super) fn read(
    section: &mut Section<'_>,
    medium: Medium,
    method: String,
) -> Result<Option<Plan>, ConfigError> {
    let url = section.optional_text("url", owned)?;
    let plan = Plan {
        method,
        url: url.clone().unwrap_or_default(),
        base_url: section.optional_text("base_url", owned)?,
        headers: section.optional_section("headers", texts)?.unwrap_or_default(),
        body: section.optional_text("body", owned)?,
        secrets: section.optional_section("secrets", secrets)?.unwrap_or_default(),
        id: section.optional_text("id", owned)?,
        outcomes: section.optional_sections("outcomes", 0..=RULES_MAX, rule)?,
        receipts: section.optional_section("receipts", receipts)?,
        replies: match medium {
            Medium::Sms => section.optional_section("replies", replies)?,
            Medium::Push | Medium::Inbox => None,
        },
    };
    Ok(url.map(|_| plan))
}

fn owned(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

fn texts(section: &mut Section<'_>) -> Result<BTreeMap<String, String>, ConfigError> {
    let texts = section.rest().into_iter().map(|(name, node)| {
        let text = text_of(&format!("{}.{name}", section.name()), &node)?.to_owned();
        Ok((name, text))
    });
    texts.collect()
}

fn secrets(section: &mut Section<'_>) -> Result<BTreeMap<String, SecretString>, ConfigError> {
    let secrets = section.rest().into_iter().map(|(name, node)| {
        let secret = section.secret_of(&name, &node, STAND_IN, secret)?;
        Ok((name, secret))
    });
    secrets.collect()
}

fn secret(text: &str) -> Result<SecretString, String> {
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    Ok(SecretString::from(text))
}

fn rule(section: &mut Section<'_>) -> Result<RulePlan, ConfigError> {
    Ok(RulePlan {
        status: section.optional_scalar("status")?,
        pointer: section.optional_text("pointer", owned)?,
        equals: section.optional_scalar("equals")?,
        contains: section.optional_text("contains", owned)?,
        outcome: section.text("outcome", owned)?,
    })
}

/// `receipts`, of whatever provider tells by JSON.
pub(super) fn receipts(section: &mut Section<'_>) -> Result<ReceiptsPlan, ConfigError> {
    let mut words = |key| {
        let words = section.optional_texts(key, 0..=WORDS_MAX, owned)?;
        Ok::<_, ConfigError>(words.unwrap_or_default())
    };
    let (delivered, failed) = (words("delivered")?, words("failed")?);
    let (bad_address, complained) = (words("bad_address")?, words("complained")?);
    Ok(ReceiptsPlan {
        signature: section.optional_section("signature", signature)?,
        message: section.optional_text("message", owned)?,
        id: section.optional_text("id", owned)?,
        status: section.text("status", owned)?,
        delivered,
        failed,
        bad_address,
        complained,
    })
}

fn signature(section: &mut Section<'_>) -> Result<SignaturePlan, ConfigError> {
    Ok(SignaturePlan {
        header: section.text("header", owned)?,
        algorithm: section.text("algorithm", owned)?,
        encoding: section.text("encoding", owned)?,
        secret: section.secret("secret", STAND_IN, secret)?,
    })
}

fn replies(section: &mut Section<'_>) -> Result<RepliesPlan, ConfigError> {
    Ok(RepliesPlan {
        from: section.text("from", owned)?,
        to: section.text("to", owned)?,
        text: section.text("text", owned)?,
    })
}
