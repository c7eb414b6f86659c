//! Commands over HTTP, as an upstream app would send them.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::client::client_for;

/// Content type of one command.
const ONE: &str = "application/cloudevents+json";
/// Content type of several
/// (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#4-json-batch-format>).
const MANY: &str = "application/cloudevents-batch+json";
/// A request without an answer after this is given up; the daemon's own limit is shorter.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The most that is shown of an answer that is not Bellhop's.
const FOREIGN_ANSWER_MAX_CHARS: usize = 200;

/// The door of one daemon.
#[derive(Debug)]
pub struct Door {
    client: Client,
    url: String,
    token: Option<SecretString>,
}

/// What became of one command.
#[derive(Debug, Deserialize)]
pub struct Answer {
    /// `accepted`, `rejected` or `set_aside`.
    pub result: String,
    /// Why it was refused, by name.
    pub reason: Option<String>,
    /// Why it was refused, in words.
    pub detail: Option<String>,
}

/// Why nothing of a request was taken.
#[derive(Debug, Deserialize)]
pub struct Problem {
    /// By name.
    pub reason: String,
    /// In words.
    pub detail: String,
    /// The field that is wrong.
    pub field: Option<String>,
    /// Which of a batch it was, from 0.
    pub index: Option<usize>,
}

/// What a daemon says to a request.
#[derive(Debug)]
pub enum Reply {
    /// An answer for each command, in order.
    Answered(Vec<Answer>),
    /// Nothing was taken, and nothing would be another time.
    Refused(StatusCode, Problem),
    /// Nothing is known to have been taken: the same again, after this.
    Later(Option<Duration>, String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
    Many { results: Vec<Answer> },
    One(Answer),
    Problem(Problem),
}

impl Door {
    /// A door at this address, such as `http://127.0.0.1:8025`.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(base: &str, token: Option<SecretString>) -> anyhow::Result<Self> {
        let client = client_for(base).timeout(REQUEST_TIMEOUT).connect_timeout(CONNECT_TIMEOUT);
        let client = client.build()?;
        Ok(Self { client, url: format!("{}/v1/commands", base.trim_end_matches('/')), token })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends one command.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn one(&self, command: String) -> Result<Reply, reqwest::Error> {
        self.send(ONE, command).await
    }

    /// Sends several, each of them JSON text.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn many<'a>(
        &self,
        commands: impl Iterator<Item = &'a str>,
    ) -> Result<Reply, reqwest::Error> {
        let list: Vec<&str> = commands.collect();
        self.send(MANY, format!("[{}]", list.join(","))).await
    }

    async fn send(
        &self,
        content_type: &'static str,
        body: String,
    ) -> Result<Reply, reqwest::Error> {
        let mut request = self.client.post(&self.url).header(CONTENT_TYPE, content_type).body(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose_secret());
        }
        let response = request.send().await?;
        let status = response.status();
        let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let after = after.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        Ok(understand(status, after, &response.text().await?))
    }
}

fn understand(status: StatusCode, after: Option<Duration>, text: &str) -> Reply {
    let again = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    match serde_json::from_str(text) {
        Ok(Body::Many { results }) => Reply::Answered(results),
        Ok(Body::One(answer)) => Reply::Answered(vec![answer]),
        Ok(Body::Problem(problem)) if again => Reply::Later(after, problem.detail),
        Ok(Body::Problem(problem)) => Reply::Refused(status, problem),
        Err(_) => {
            let detail: String = text.trim().chars().take(FOREIGN_ANSWER_MAX_CHARS).collect();
            if again {
                return Reply::Later(after, detail);
            }
            let reason = status.to_string();
            Reply::Refused(status, Problem { reason, detail, field: None, index: None })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, text: &str) -> Reply {
        understand(StatusCode::from_u16(status).unwrap(), Some(Duration::from_secs(1)), text)
    }

    #[test]
    fn answers_of_a_daemon() {
        let batch = r#"{"results":[{"id":"1","result":"accepted"},
            {"id":"2","result":"rejected","reason":"unknown_client","detail":"no client c9"}]}"#;
        let Reply::Answered(answers) = read(202, batch) else { panic!() };
        assert_eq!(answers[1].reason.as_deref(), Some("unknown_client"));
        let Reply::Answered(answers) = read(422, r#"{"id":"1","result":"rejected"}"#) else {
            panic!()
        };
        assert_eq!(answers[0].result, "rejected");
        let problem = r#"{"reason":"invalid_data","detail":"is missing","field":"by","index":3}"#;
        let Reply::Refused(_, problem) = read(422, problem) else { panic!() };
        assert_eq!((problem.index, problem.field.as_deref()), (Some(3), Some("by")));
        let busy = r#"{"reason":"too_busy","detail":"again"}"#;
        assert!(matches!(read(429, busy), Reply::Later(Some(_), _)));
        assert!(matches!(read(503, busy), Reply::Later(Some(_), _)));
    }

    #[test]
    fn answers_of_somebody_else() {
        assert!(matches!(read(503, "<html>"), Reply::Later(..)));
        let Reply::Refused(_, problem) = read(401, "a bearer token is required\n") else {
            panic!()
        };
        assert_eq!(problem.detail, "a bearer token is required");
    }
}
