//! A gateway for text messages that speaks HTTP and does as it is told.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use ring::hmac;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

/// What the gateway does with one request.
#[derive(Debug, Clone)]
pub enum Does {
    /// Answers with this status, these headers and this body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Closes the connection.
    Cut,
    /// Nothing, for ever.
    Hang,
}

impl Does {
    /// Takes the message.
    pub fn take() -> Self {
        Self::Answer(200, Vec::new(), r#"{"id":"gw-1"}"#.to_owned())
    }

    /// Answers with nothing but a status.
    pub fn say(status: u16) -> Self {
        Self::Answer(status, Vec::new(), String::new())
    }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// When.
    pub at: std::time::Instant,
    /// What the clock said then.
    pub time: jiff::Timestamp,
    /// How.
    pub method: Method,
    /// For what.
    pub uri: Uri,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body; what is no JSON is one text.
    pub body: Value,
}

impl Asked {
    /// Our id of the message.
    pub fn reference(&self) -> &str {
        self.body["ref"].as_str().unwrap()
    }
}

/// See the module. Stopped on drop.
#[derive(Debug)]
pub struct Gateway {
    /// Its address, without a final slash.
    pub url: String,
    state: Arc<Mutex<State>>,
    _task: AbortOnDropHandle<()>,
}

#[derive(Debug)]
struct State {
    script: Vec<Does>,
    asked: Vec<Asked>,
}

impl Gateway {
    /// Does each of these in turn, the last one for ever.
    pub async fn that(script: Vec<Does>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { script, asked: Vec::new() }));
        let shared = state.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { url, state, _task: AbortOnDropHandle::new(task) }
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.state).asked.clone()
    }

    /// From now on it does this.
    pub fn now(&self, does: Does) {
        lock(&self.state).script = vec![does];
    }

    /// The provider's table in the configuration, with more keys.
    pub fn provider(&self, more: &str) -> String {
        Self::table(&self.url, more)
    }

    /// The same, where it is asked by way of another port.
    pub fn provider_at(&self, port: u16) -> String {
        Self::table(&format!("http://127.0.0.1:{port}"), "")
    }

    fn table(url: &str, more: &str) -> String {
        format!(
            "[[sms.providers]]\nname = \"gw\"\nkind = \"http\"\nid = \"/id\"\n\
             url = \"{url}/send?to={{{{ to }}}}\"\n\
             body = '{{\"to\":{{{{ to|tojson }}}},\"text\":{{{{ text|tojson }}}},\
             \"ref\":{{{{ message|tojson }}}},\"ttl\":{{{{ ttl|tojson }}}},\
             \"callback\":{{{{ callback|tojson }}}}}}'\n{more}\n"
        )
    }
}

/// Posts a report, signed with HMAC-SHA256 in the header `x-signature`; the status.
pub async fn signed(url: &str, body: &Value, secret: &str) -> u16 {
    let body = body.to_string();
    let signature = signature(&body, secret);
    let request = super::http::client().post(url).header("x-signature", signature).body(body);
    super::http::ask(request).await.status
}

/// The HMAC-SHA256 of a body, in hexadecimal.
pub fn signature(body: &str, secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, body.as_bytes());
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>) {
    let service = service_fn(move |request| answer(request, state.clone()));
    // An error is how a connection is cut.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let (at, time) = (std::time::Instant::now(), jiff::Timestamp::now());
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let text = || Value::String(String::from_utf8_lossy(&body).into_owned());
    let body = serde_json::from_slice(&body).unwrap_or_else(|_| text());
    let does = {
        let mut state = lock(&state);
        let number = state.asked.len().min(state.script.len() - 1);
        let (method, uri, headers) = (head.method, head.uri, head.headers);
        state.asked.push(Asked { at, time, method, uri, headers, body });
        state.script[number].clone()
    };
    match does {
        Does::Cut => Err(std::io::ErrorKind::ConnectionAborted.into()),
        Does::Hang => {
            std::future::pending::<Infallible>().await;
            Err(std::io::ErrorKind::TimedOut.into())
        }
        Does::Answer(status, headers, body) => {
            let mut answer = Response::builder().status(status);
            for (name, value) in headers {
                answer = answer.header(name, value);
            }
            Ok(answer.body(Full::new(Bytes::from(body))).unwrap())
        }
    }
}

/// How long the gateway was left alone between its requests.
pub fn gaps(asked: &[Asked]) -> Vec<Duration> {
    asked.windows(2).map(|pair| pair[1].at.saturating_duration_since(pair[0].at)).collect()
}
