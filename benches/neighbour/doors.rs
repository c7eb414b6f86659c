//! The two ways in.

use std::fmt;

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Amqp,
    Http,
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Door::Amqp => "amqp",
            Door::Http => "http",
        })
    }
}

/// Posts to one daemon.
#[derive(Clone)]
pub struct Poster {
    url: String,
    http: reqwest::Client,
}

impl Poster {
    pub fn new(base: &str) -> Self {
        Self { url: format!("{base}/v1/commands"), http: reqwest::Client::new() }
    }

    /// The answer's status; 0 where there is none.
    pub async fn post(&self, kind: &str, body: String) -> u16 {
        let request = self.http.post(&self.url).header("content-type", kind).body(body);
        match request.send().await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                let _ = answer.bytes().await;
                status
            }
            Err(_) => 0,
        }
    }

    pub async fn one(&self, body: String) -> u16 {
        self.post("application/cloudevents+json", body).await
    }

    pub async fn many(&self, bodies: &[String]) -> u16 {
        let batch = format!("[{}]", bodies.join(","));
        self.post("application/cloudevents-batch+json", batch).await
    }
}
