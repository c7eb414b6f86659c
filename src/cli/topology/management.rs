//! The broker's management API (<https://www.rabbitmq.com/docs/http-api-reference>), as far as the
//! check needs it.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::{Client, RequestBuilder, StatusCode, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::broker::{Definition, client_config};
use crate::config::Amqp;

const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest answer, in bytes.
const ANSWER_MAX_BYTES: usize = 16 << 20;
/// The most that is shown of why it refuses.
const REASON_MAX_CHARS: usize = 200;

/// What was asked for, or why it could not be seen.
pub type Seen<T> = Result<T, String>;

/// One node of the cluster.
#[derive(Debug, Clone, Deserialize)]
pub struct Node {
    pub name: String,
    #[serde(default)]
    pub running: bool,
    #[serde(default)]
    pub mem_alarm: bool,
    #[serde(default)]
    pub disk_free_alarm: bool,
    /// Nodes from which it is cut off.
    #[serde(default)]
    pub partitions: Vec<Value>,
}

/// A user's policy, or an operator's.
#[derive(Debug, Clone, Deserialize)]
pub struct Standing {
    pub name: String,
    pub pattern: String,
    #[serde(rename = "apply-to")]
    pub apply_to: String,
    #[serde(default)]
    pub priority: i64,
    pub definition: Definition,
}

/// What a user may do in the virtual host, by regular expressions.
#[derive(Debug, Clone, Deserialize)]
pub struct Permission {
    pub user: String,
    pub configure: String,
    pub write: String,
    pub read: String,
}

/// To which topics of an exchange a user is kept.
#[derive(Debug, Clone, Deserialize)]
pub struct TopicPermission {
    pub user: String,
    pub exchange: String,
}

/// A user, and what the broker takes him for.
#[derive(Debug, Clone, Deserialize)]
pub struct User {
    pub name: String,
    #[serde(default)]
    tags: Value,
}

/// A binding of an exchange.
#[derive(Debug, Clone, Deserialize)]
pub struct Bound {
    pub destination: String,
    pub destination_type: String,
    pub routing_key: String,
    /// By which it is known among those of the same two ends.
    pub properties_key: String,
}

/// A queue's replicas.
#[derive(Debug, Clone, Deserialize)]
pub struct Replicas {
    pub name: String,
    #[serde(default)]
    pub members: Vec<String>,
    #[serde(default)]
    pub online: Vec<String>,
}

/// A switch of the broker's.
#[derive(Debug, Clone, Deserialize)]
pub struct Feature {
    pub name: String,
    pub state: String,
}

impl User {
    /// Its tags: a list, or before RabbitMQ 3.9 a text with commas.
    pub fn tags(&self) -> Vec<&str> {
        match &self.tags {
            Value::Array(tags) => tags.iter().filter_map(Value::as_str).collect(),
            Value::String(tags) => tags.split(',').filter(|tag| !tag.is_empty()).collect(),
            _ => Vec::new(),
        }
    }
}

/// The API of one broker.
pub struct Management {
    client: Client,
    base: Url,
}

impl Management {
    /// The one that is configured, if there is one.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn of(settings: &Amqp) -> anyhow::Result<Option<Self>> {
        let Some(url) = &settings.management else { return Ok(None) };
        let base = Url::parse(url.expose()).context("[amqp] management is no URL")?;
        let tls = client_config(settings.trust.as_ref())?;
        let client = Client::builder()
            .tls_backend_preconfigured((*tls).clone())
            .timeout(REQUEST_TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            // The password is for this address alone.
            .redirect(redirect::Policy::none())
            .build()?;
        Ok(Some(Self { client, base }))
    }

    /// Where it is, user and password included.
    pub fn url(&self) -> &Url {
        &self.base
    }

    /// Asks for what is below `/api/`; `query` in the form of a URL's.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn get<T: DeserializeOwned>(&self, path: &[&str], query: Option<&str>) -> Seen<T> {
        let mut url = self.below(path)?;
        url.set_query(query);
        let body = answer(self.client.get(url)).await?;
        serde_json::from_slice(&body).map_err(|why| format!("the management API: {why}"))
    }

    /// Puts something there.
    ///
    /// # Errors
    /// Why it is not taken.
    pub async fn put(&self, path: &[&str], body: &Value) -> Seen<()> {
        answer(self.client.put(self.below(path)?).json(body)).await.map(drop)
    }

    fn below(&self, path: &[&str]) -> Seen<Url> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| "[amqp] management has no path".to_owned())?
            .pop_if_empty()
            .push("api")
            .extend(path);
        Ok(url)
    }
}

async fn answer(request: RequestBuilder) -> Seen<Vec<u8>> {
    let gone = |error: reqwest::Error| {
        let mut said = error.without_url().to_string();
        said.insert_str(0, "the management API: ");
        said
    };
    let mut response = request.send().await.map_err(gone)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(gone)? {
        if body.len() + chunk.len() > ANSWER_MAX_BYTES {
            return Err("the management API: the answer is too long".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    match response.status() {
        status if status.is_success() => Ok(body),
        StatusCode::NOT_FOUND => Err("the management API: there is no such thing".to_owned()),
        status => Err(format!("the management API: {status}{}", reason(&body))),
    }
}

/// Such as `, Not administrator user`.
fn reason(body: &[u8]) -> String {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let reason = said.get("reason").and_then(Value::as_str).unwrap_or_default();
    let reason: String = reason.trim().chars().take(REASON_MAX_CHARS).collect();
    if reason.is_empty() { reason } else { format!(", {reason}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_as_a_list_or_as_text() {
        for (tags, read) in [
            (r#"["administrator","impersonator"]"#, vec!["administrator", "impersonator"]),
            (r#""administrator,monitoring""#, vec!["administrator", "monitoring"]),
            (r#""""#, vec![]),
        ] {
            let text = format!(r#"{{"name":"a","tags":{tags}}}"#);
            let user: User = serde_json::from_str(&text).unwrap();
            assert_eq!(user.tags(), read);
        }
    }

    #[test]
    fn the_broker_says_why_it_refuses() {
        let body = br#"{"error":"not_authorised","reason":"Not administrator user"}"#;
        assert_eq!(reason(body), ", Not administrator user");
        assert_eq!(reason(b"<html>"), "");
    }
}
