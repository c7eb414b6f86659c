//! A plain HTTP client.

use std::{sync::OnceLock, time::Duration};

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

use super::{eventually::eventually, publish::Command};

/// A request that takes longer is a failure.
const TIMEOUT: Duration = Duration::from_secs(10);
/// An event that has not come by then never will.
const EVENT_DEADLINE: Duration = Duration::from_secs(30);
/// Events on one page.
const EVENTS_PAGE: usize = 500;

/// The content type of one command.
pub const ONE: &str = "application/cloudevents+json";
/// The content type of many.
pub const MANY: &str = "application/cloudevents-batch+json";

/// The client of one test process.
pub fn client() -> reqwest::Client {
    static PROVIDER: OnceLock<()> = OnceLock::new();
    // The TLS library wants its cryptography named even for plain HTTP.
    PROVIDER.get_or_init(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    // Not shared: a connection belongs to the runtime of the test that opened it.
    reqwest::Client::builder().timeout(TIMEOUT).build().unwrap()
}

/// Status and body of a GET, or nothing if nobody answers.
pub async fn get(url: &str) -> Option<(u16, String)> {
    let response = client().get(url).send().await.ok()?;
    let status = response.status().as_u16();
    Some((status, response.text().await.ok()?))
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null if it is not JSON.
    pub body: Value,
}

/// Sends a request that must be answered.
pub async fn ask(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or(Value::Null);
    Answer { status, headers, body }
}

/// Status and JSON of a GET.
pub async fn read(url: &str) -> (u16, Value) {
    let answer = ask(client().get(url)).await;
    (answer.status, answer.body)
}

/// POSTs a body to `/v1/commands`.
pub async fn post(base: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
    let url = format!("{base}/v1/commands");
    ask(client().post(url).header(CONTENT_TYPE, content_type).body(body)).await
}

/// POSTs one command.
pub async fn post_one(base: &str, command: &Command) -> Answer {
    post(base, ONE, command.body()).await
}

/// POSTs commands as one batch; returns what became of each.
pub async fn post_many(base: &str, commands: &[Command]) -> Vec<Value> {
    let batch: Vec<&Value> = commands.iter().map(|command| &command.envelope).collect();
    let answer = post(base, MANY, serde_json::to_vec(&batch).unwrap()).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.body["results"].as_array().unwrap().clone()
}

/// POSTs commands of which each must be accepted.
pub async fn take(base: &str, commands: &[Command]) {
    for result in post_many(base, commands).await {
        assert_eq!(result["result"], "accepted", "{result}");
    }
}

/// Every event so far.
pub async fn events(base: &str) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        let after = events.last().map_or(0, sequence);
        let url = format!("{base}/v1/events?after={after}&limit={EVENTS_PAGE}");
        let (status, page) = read(&url).await;
        assert_eq!(status, 200, "{page}");
        let page = page.as_array().unwrap();
        events.extend_from_slice(page);
        if page.len() < EVENTS_PAGE {
            return events;
        }
    }
}

/// Every event of one type so far.
pub async fn events_of_type(base: &str, kind: &str) -> Vec<Value> {
    events(base).await.into_iter().filter(|event| event["type"] == kind).collect()
}

/// The data of the first event of one type, once there is one.
pub async fn first_of_type(base: &str, kind: &str) -> Value {
    eventually(kind, EVENT_DEADLINE, || async {
        let mut events = events_of_type(base, kind).await.into_iter();
        events.next().map(|event| event["data"].clone())
    })
    .await
}

/// The extension attribute `sequence`, a string of digits.
fn sequence(event: &Value) -> u64 {
    event["sequence"].as_str().unwrap().parse().unwrap()
}
