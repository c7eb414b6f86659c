//! A gateway as the operator wrote it.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Serialize;

use super::reports::{ReceiptsPlan, RepliesPlan};
use super::shown::redacted;

/// What a provider's table says of requests and answers, not yet looked at. Written down, it holds
/// no secret.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Plan {
    /// `GET`, `POST`, `PUT` or `PATCH`.
    pub method: String,
    /// A template: `https://host/path?to={{ to }}`, or only the path where there is a `base_url`.
    pub url: String,
    /// Takes the place of the url's scheme and host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Templates by header.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// A template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// What templates name as `secrets.…`.
    #[serde(serialize_with = "redacted", skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, SecretString>,
    /// Where in an answer the provider's own id of a message stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What answers mean, the first that fits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<RulePlan>,
    /// How delivery receipts are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipts: Option<ReceiptsPlan>,
    /// How messages of clients are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replies: Option<RepliesPlan>,
}

/// One of `outcomes`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RulePlan {
    /// `200`, or `4xx` for all of a hundred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Where in the answer to look; what is there must be something other than null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// What must stand there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    /// What must stand anywhere in the answer's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// What it means.
    pub outcome: String,
}
