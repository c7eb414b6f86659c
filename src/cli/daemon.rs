//! A running daemon, asked over HTTP: the one that the configuration describes.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use jiff::tz::TimeZone;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::args::{ConfigArgs, Format};
use super::client::{client_for, unanswered};
use super::print::print;
use super::publish::reachable;
use super::run::install_tls;
use super::table::printable;
use super::times::moment;
use crate::config::{Http, Secrets, TOKENS_ONLY};
use crate::web::access::Role;

/// An answer that does not come is given up after this: a plan may look at many.
const PATIENCE: Duration = Duration::from_secs(120);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const BROKE_OFF: &str = "the answer broke off";
const NOBODY: &str =
    "nobody listens there; is the daemon running? Look at its log, and at [http] listen";
/// Says who asks; the daemon's audit keeps it.
const USER: &str = "x-bellhop-user";

/// Which daemon, and how its answer is printed.
#[derive(Debug, Args)]
pub struct DaemonArgs {
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// A daemon's HTTP address, and the right to ask: by the least of the tokens that is enough.
pub struct Daemon {
    client: Client,
    base: String,
    /// Nothing where only what is open to everybody is asked.
    tokens: Option<Http>,
}

impl DaemonArgs {
    /// Asks the daemon, and returns its answer.
    ///
    /// # Errors
    /// If nobody answers, or the daemon refuses: with its own words.
    pub fn ask(&self, method: &Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let daemon = Daemon::of(&self.config)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(daemon.ask(method, path, body))
    }
}

impl Daemon {
    /// The one that the configuration describes.
    pub fn of(config: &ConfigArgs) -> anyhow::Result<Self> {
        let http = config.load_for(TOKENS_ONLY)?.http;
        Ok(Self { tokens: Some(http.clone()), ..Self::at(&http, PATIENCE)? })
    }

    /// The same for what needs no token: whoever asks need not be able to read one. An answer that
    /// does not come is given up after `patience`.
    pub fn for_everybody(config: &ConfigArgs, patience: Duration) -> anyhow::Result<Self> {
        Self::at(&config.load_for(Secrets::Only(&[]))?.http, patience)
    }

    fn at(http: &Http, patience: Duration) -> anyhow::Result<Self> {
        install_tls()?;
        let connect = CONNECT_TIMEOUT.min(patience);
        let base = format!("http://{}", reachable(http.listen)?);
        let client = client_for(&base).timeout(patience).connect_timeout(connect).build()?;
        Ok(Self { client, base, tokens: None })
    }

    /// POSTs a body that needs no answer.
    ///
    /// # Errors
    /// If it is not known to be taken.
    pub fn hand_in(&self, path: &str, kind: &str, body: Vec<u8>) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let request = self.request(&Method::POST, path).header(CONTENT_TYPE, kind).body(body);
        let response = runtime.block_on(self.send(request))?;
        let status = response.status();
        anyhow::ensure!(status.is_success(), "the daemon refuses: {status}");
        Ok(())
    }

    /// Asks, and returns the answer.
    ///
    /// # Errors
    /// If nobody answers, or the daemon refuses: with its own words.
    pub async fn ask(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let (status, answer) = self.answer(method, path, body).await?;
        if !status.is_success() {
            let detail = answer.as_ref().and_then(|of| of.get("detail")).and_then(Value::as_str);
            bail!("the daemon refuses: {}", detail.unwrap_or(status.as_str()));
        }
        answer.context("the answer is not JSON")
    }

    /// Asks, and returns the answer whatever its status, with its body where that is JSON.
    ///
    /// # Errors
    /// If nobody answers, or not to the end.
    pub async fn answer(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<(StatusCode, Option<Value>)> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = self.send(request).await?;
        let status = response.status();
        let text = response.text().await.context(BROKE_OFF)?;
        Ok((status, serde_json::from_str(&text).ok()))
    }

    /// GETs what is answered in words.
    ///
    /// # Errors
    /// If nobody answers, or not with success.
    pub async fn words(&self, path: &str) -> anyhow::Result<String> {
        let response = self.send(self.request(&Method::GET, path)).await?;
        let status = response.status();
        anyhow::ensure!(status.is_success(), "the daemon answers {status}");
        response.text().await.context(BROKE_OFF)
    }

    fn request(&self, method: &Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.base));
        let needed = if *method == Method::GET { Role::Read } else { Role::Operate };
        if let Some(token) = self.tokens.as_ref().and_then(|tokens| tokens.token_for(needed)) {
            request = request.bearer_auth(token.expose_secret());
        }
        if let Some(user) = user() {
            request = request.header(USER, user);
        }
        request
    }

    async fn send(&self, request: RequestBuilder) -> anyhow::Result<Response> {
        let (client, request) = request.build_split();
        let request = request?;
        let asked = format!("{} {}", request.method(), request.url());
        client.execute(request).await.map_err(|error| match error {
            _ if error.is_connect() && !error.is_timeout() => anyhow!("{asked}: {NOBODY}"),
            _ => anyhow!("{asked}: {}; look at the daemon's log", unanswered(&error)),
        })
    }
}

/// The user of this machine who asks, as far as the environment tells: `USER`, or a number.
fn user() -> Option<String> {
    let named = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).ok();
    let plain = |name: &String| !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic());
    let uid = rustix::process::getuid();
    Some(named.filter(plain).unwrap_or_else(|| format!("uid {}", uid.as_raw())))
}

/// Prints an answer: as it came, or for people.
pub fn shown(
    answer: &Value,
    format: Format,
    told: impl Fn(&Value) -> String,
) -> anyhow::Result<()> {
    match format {
        Format::Json => print(&format!("{answer:#}\n")),
        Format::Table => print(&told(answer)),
    }
}

/// A member as text; empty where it is not there.
pub fn text(of: &Value, name: &str) -> String {
    match of.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => printable(text),
        Some(other) => other.to_string(),
    }
}

/// When it was, by UTC.
pub fn at(of: &Value) -> String {
    instant(of, "at")
}

/// A member that is an instant, by UTC; empty where it is not there.
pub fn instant(of: &Value, name: &str) -> String {
    let at = of.get(name).and_then(Value::as_str).and_then(|at| at.parse().ok());
    at.map(|at| moment(at, &TimeZone::UTC)).unwrap_or_default()
}

/// The rows of a page.
pub fn rows(page: &Value) -> &[Value] {
    page.get("items").and_then(Value::as_array).map_or(&[][..], Vec::as_slice)
}

/// How to see the next page, where there is one.
pub fn more(page: &Value) -> String {
    match text(page, "next").as_str() {
        "" => String::new(),
        next => format!("there are more: --after {next}\n"),
    }
}
