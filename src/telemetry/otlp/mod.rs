//! Spans to a collector: OTLP over HTTP, in JSON
//! (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>). Compiled in with the cargo feature
//! `otlp`.
//!
//! Whoever ends a span never waits: a span for which there is no room is dropped and counted. So is
//! a batch that the collector does not take in [`TRIES`] tries.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;

use super::record;
use super::span::Span;
use super::spell::Told;
use crate::clock;

/// So many spans wait for the collector at most.
const QUEUE_MAX: usize = 4096;
/// So many go in one request at most.
const BATCH_MAX: usize = 512;
/// How long the first of a batch waits for others.
const GATHER: Duration = Duration::from_secs(1);
/// How long the collector may take for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a batch is offered that may be taken later, and the pause before it is offered again,
/// doubled each time.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_secs(1);

/// Where spans are sent to by the standard's variables, of which the first that is set counts: the
/// whole address, or what `/v1/traces` is put behind.
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_PATH: &str = "/v1/traces";

/// Where spans go, once there is a collector.
static QUEUE: OnceLock<Sender<Span>> = OnceLock::new();

/// Whether spans are collected.
pub(super) fn is_collected() -> bool {
    QUEUE.get().is_some()
}

/// Queues a span up that is over; never waits.
pub(super) fn hand_over(span: Span) {
    let full = QUEUE.get().is_some_and(|queue| queue.try_send(span).is_err());
    if full {
        record::spans("dropped", 1);
    }
}

/// Where spans are to go: as configured, else as the standard's variables say; nothing where
/// neither does. Both are base addresses, but for the variable that is about traces alone.
pub fn address(
    configured: Option<&str>,
    variable: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let of = |name| variable(name).filter(|value| !value.trim().is_empty());
    let behind = |base: &str| format!("{}{TRACES_PATH}", base.trim_end_matches('/'));
    match configured {
        Some(base) => Some(behind(base)),
        None => of(TRACES_ENDPOINT).or_else(|| of(ENDPOINT).map(|base| behind(&base))),
    }
}

/// From now on spans are collected.
pub struct Collecting {
    stop: CancellationToken,
    sending: tokio::task::JoinHandle<()>,
}

impl Collecting {
    /// Sends them to this address until [finished](Self::finish). Only the first of a process does
    /// anything.
    ///
    /// # Errors
    /// If no client can be made.
    pub fn begin(address: String) -> Result<Option<Self>, reqwest::Error> {
        let carrier = Carrier::to(address)?;
        let (queue, spans) = mpsc::channel(QUEUE_MAX);
        if QUEUE.set(queue).is_err() {
            return Ok(None);
        }
        let stop = CancellationToken::new();
        let sending = tokio::spawn(carrier.run(spans, stop.clone()));
        Ok(Some(Self { stop, sending }))
    }

    /// Sends what is left, for at most so long.
    pub async fn finish(self, within: Duration) {
        self.stop.cancel();
        let abort = self.sending.abort_handle();
        if tokio::time::timeout(within, self.sending).await.is_err() {
            abort.abort();
            tracing::warn!("spans are left that the collector did not take in time");
        }
    }
}

/// What became of a batch.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Taken,
    /// It may be taken another time.
    NotNow(String),
    Refused(String),
}

struct Carrier {
    client: Client,
    address: String,
    pause: Duration,
    trouble: Told,
}

impl Carrier {
    fn to(address: String) -> Result<Self, reqwest::Error> {
        let builder = Client::builder().redirect(Policy::none()).timeout(PATIENCE);
        // Without TLS it needs no list of authorities.
        let is_plain = address.starts_with("http:");
        let builder = if is_plain { builder.tls_certs_only([]).no_proxy() } else { builder };
        let trouble = Told::new("spans cannot be sent to the collector", "spans are sent again");
        Ok(Self { client: builder.build()?, address, pause: PAUSE, trouble })
    }

    async fn run(self, mut spans: Receiver<Span>, stop: CancellationToken) {
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                biased;
                count = spans.recv_many(&mut batch, BATCH_MAX) => {
                    if count == 0 {
                        return;
                    }
                }
                () = stop.cancelled() => return,
            }
            if batch.len() < BATCH_MAX {
                tokio::select! {
                    () = tokio::time::sleep(GATHER) => {}
                    () = stop.cancelled() => {}
                }
            }
            while batch.len() < BATCH_MAX
                && let Ok(span) = spans.try_recv()
            {
                batch.push(span);
            }
            self.send(&batch).await;
            batch.clear();
        }
    }

    /// Offers a batch until it is taken, or for good not.
    async fn send(&self, batch: &[Span]) {
        let body = written(batch).to_string();
        let mut pause = self.pause;
        for tries in 1..=TRIES {
            let why = match self.offer(body.clone()).await {
                Fate::Taken => {
                    self.trouble.worked(clock::instant());
                    return record::spans("sent", batch.len());
                }
                Fate::NotNow(why) if tries < TRIES => {
                    self.trouble.failed(clock::instant(), &why);
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                    continue;
                }
                Fate::NotNow(why) | Fate::Refused(why) => why,
            };
            self.trouble.failed(clock::instant(), &why);
            return record::spans("dropped", batch.len());
        }
    }

    async fn offer(&self, body: String) -> Fate {
        let request = self.client.post(&self.address).header(CONTENT_TYPE, "application/json");
        let status = match request.body(body).send().await {
            Ok(answer) => answer.status(),
            Err(error) => return Fate::NotNow(error.without_url().to_string()),
        };
        let later = [
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::BAD_GATEWAY,
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::GATEWAY_TIMEOUT,
        ];
        match status {
            status if status.is_success() => Fate::Taken,
            status if later.contains(&status) => Fate::NotNow(format!("it answers {status}")),
            status => Fate::Refused(format!("it answers {status}")),
        }
    }
}

/// An `ExportTraceServiceRequest`.
fn written(batch: &[Span]) -> Value {
    let version = env!("CARGO_PKG_VERSION");
    let resource = [("service.name", "bellhop"), ("service.version", version)];
    let resource: Vec<Value> = resource.into_iter().map(attribute).collect();
    let spans: Vec<Value> = batch.iter().map(span).collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": resource },
        "scopeSpans": [{ "scope": { "name": "bellhop", "version": version }, "spans": spans }],
    }] })
}

fn span(of: &Span) -> Value {
    let Span { trace, parent, role, name, began, ended, attributes, fault } = of;
    let attributes = attributes.iter().map(|(name, value)| attribute((name, value.as_str())));
    let mut span = json!({
        "traceId": trace.trace_id().to_string(),
        "spanId": trace.span_id().to_string(),
        "parentSpanId": parent.to_string(),
        // Sampled; whether the parent is another process's is not said.
        "flags": 1,
        "name": name,
        "kind": *role as u8,
        "startTimeUnixNano": began.as_nanosecond().to_string(),
        "endTimeUnixNano": ended.as_nanosecond().to_string(),
        "attributes": attributes.collect::<Vec<_>>(),
    });
    if let Some(fault) = fault {
        // STATUS_CODE_ERROR.
        span["status"] = json!({ "code": 2, "message": fault });
    }
    span
}

fn attribute((name, value): (&str, &str)) -> Value {
    json!({ "key": name, "value": { "stringValue": value } })
}

#[cfg(test)]
mod tests;
