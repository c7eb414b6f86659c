//! Requests: what the operator's templates make of a message.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use ::http::header::CONTENT_TYPE;
use ::http::uri::PathAndQuery;
use ::http::{HeaderName, HeaderValue, Method};
use minijinja::Value;
use secrecy::ExposeSecret as _;
use serde::de::IgnoredAny;

use super::plan::Plan;
use super::template::{BODY, Format, Templates, URL};
use super::variables::{samples, values, variables};
use crate::gateways::facts::{Facts, Medium};
use crate::gateways::fault::Fault;
use crate::gateways::outgoing::{Outgoing, Unwritable};
use crate::gateways::target::{Misplaced, Target};

/// The largest url, header or body, in bytes. A text message has at most a few thousand.
pub const REQUEST_MAX_BYTES: usize = 64 * 1024;
/// The most headers.
const HEADERS_MAX: usize = 32;
/// What a body is that begins like JSON, where no header says.
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// What the connection is kept by (RFC 9110 §7.6.1, RFC 9112 §6).
const NOT_TO_BE_SET: [&str; 11] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "accept-encoding",
];
/// What is nothing but a secret.
const SECRET_HEADERS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// Writes requests.
pub(super) struct Writer {
    method: Method,
    target: Target,
    headers: Vec<HeaderName>,
    body: Option<Format>,
    templates: Templates,
    secrets: Value,
}

/// Shows none of the secrets.
impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Writer({} {})", self.method, self.target)
    }
}

impl Writer {
    /// Checks and compiles; sample messages are written, so that what cannot be is found here.
    pub fn compile(plan: &Plan, medium: Medium) -> Result<Self, Fault> {
        let method = method(plan)?;
        let (target, rest) = target(plan)?;
        let headers = headers(plan)?;
        let body = format(plan)?;
        let known = known(plan, medium);
        let mut templates = Templates::new(body.unwrap_or(Format::Other));
        let mut add = |key: &str, name: &str, source: &str| {
            templates.add(name, source, &known).map_err(|why| Fault::new(key, why))
        };
        add("url", URL, &rest)?;
        for (name, source) in &plan.headers {
            add(&header_key(name), &name.to_ascii_lowercase(), source)?;
        }
        if let Some(source) = &plan.body {
            add("body", BODY, source)?;
        }
        let secrets = plan.secrets.iter();
        let secrets = secrets.map(|(name, secret)| (name.clone(), secret.expose_secret()));
        let secrets = Value::from_pairs(secrets);
        let writer = Self { method, target, headers, body, templates, secrets };
        for sample in samples(medium) {
            writer.write(&sample).map_err(|(key, why)| Fault::new(key, why))?;
        }
        Ok(writer)
    }

    /// Where requests go.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The request for a message.
    pub fn request(&self, facts: &Facts<'_>) -> Result<Outgoing<'_>, Unwritable> {
        self.write(facts).map_err(|(key, why)| Unwritable { why: format!("the {key} {why}") })
    }

    fn write(&self, facts: &Facts<'_>) -> Result<Outgoing<'_>, (String, String)> {
        let values = values(facts, &self.secrets);
        let at = |key: &str| {
            let key = key.to_owned();
            move |why: String| (key, why)
        };
        let body = self.body(&values).map_err(at("body"))?;
        let place = self.place(&values).map_err(at("url"))?;
        let target = Cow::Borrowed(&self.target);
        let mut outgoing = Outgoing::new(target, self.method.clone(), place, body);
        let headers = outgoing.request.headers_mut();
        if self.body.is_some() {
            headers.insert(CONTENT_TYPE, JSON);
        }
        for name in &self.headers {
            let value = self.header(name, &values).map_err(at(&header_key(name.as_str())))?;
            headers.insert(name, value);
        }
        Ok(outgoing)
    }

    fn place(&self, values: &Value) -> Result<PathAndQuery, String> {
        let place = self.templates.render(URL, values, REQUEST_MAX_BYTES)?;
        // A fragment stays with who wrote it (RFC 3986 §3.5).
        if place.contains('#') {
            return Err("must not contain a #".to_owned());
        }
        let path = place.split('?').next().unwrap_or_default();
        if path.split('/').any(is_dots) {
            return Err("leads elsewhere: a part of its path is . or ..".to_owned());
        }
        PathAndQuery::try_from(place)
            .map_err(|_| "is no URL once a message stands in it".to_owned())
    }

    fn header(&self, name: &HeaderName, values: &Value) -> Result<HeaderValue, String> {
        let text = self.templates.render(name.as_str(), values, REQUEST_MAX_BYTES)?;
        let value = HeaderValue::from_bytes(text.as_bytes());
        let mut value =
            value.map_err(|_| "would hold a line break or another control character")?;
        // It may hold a secret, or whom the message is for.
        value.set_sensitive(true);
        Ok(value)
    }

    fn body(&self, values: &Value) -> Result<Vec<u8>, String> {
        let Some(format) = self.body else { return Ok(Vec::new()) };
        let body = self.templates.render(BODY, values, REQUEST_MAX_BYTES)?;
        if format == Format::Json && serde_json::from_str::<IgnoredAny>(&body).is_err() {
            return Err("is no JSON once a message stands in it: {{ to|tojson }} brings its own \
                        quotes"
                .to_owned());
        }
        Ok(body.into_bytes())
    }
}

fn is_dots(part: &str) -> bool {
    let part = part.to_ascii_lowercase().replace("%2e", ".");
    part == "." || part == ".."
}

fn header_key(name: &str) -> String {
    format!("headers.{name}")
}

fn method(plan: &Plan) -> Result<Method, Fault> {
    let method = match plan.method.as_str() {
        "GET" => Method::GET,
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "PATCH" => Method::PATCH,
        _ => return Err(Fault::new("method", "must be GET, POST, PUT or PATCH")),
    };
    if method == Method::GET && plan.body.is_some() {
        return Err(Fault::new("body", "has no meaning in a GET (RFC 9110 §9.3.1)"));
    }
    Ok(method)
}

fn target(plan: &Plan) -> Result<(Target, String), Fault> {
    Target::split(&plan.url, plan.base_url.as_deref()).map_err(|misplaced| match misplaced {
        Misplaced::Url(why) => Fault::new("url", why),
        Misplaced::BaseUrl(why) => Fault::new("base_url", why),
    })
}

fn headers(plan: &Plan) -> Result<Vec<HeaderName>, Fault> {
    if plan.headers.len() > HEADERS_MAX {
        return Err(Fault::new("headers", format!("must be at most {HEADERS_MAX}")));
    }
    let mut names: Vec<HeaderName> = Vec::new();
    for (name, source) in &plan.headers {
        let wrong = |why: &str| Fault::new(header_key(name), why);
        let parsed = HeaderName::try_from(name.as_str());
        let parsed = parsed.map_err(|_| wrong("is no name of a header (RFC 9110 §5.1)"))?;
        if NOT_TO_BE_SET.contains(&parsed.as_str()) {
            return Err(wrong("is Bellhop's own to write"));
        }
        if source.chars().any(char::is_control) {
            return Err(wrong("must not contain a line break or another control character"));
        }
        if SECRET_HEADERS.contains(&parsed.as_str()) && !source.contains("secrets.") {
            let why = "must take its secret from `secrets`, as {{ secrets.key }}: the rest of a \
                       configuration is shown";
            return Err(wrong(why));
        }
        if names.contains(&parsed) {
            return Err(wrong("is there twice"));
        }
        names.push(parsed);
    }
    Ok(names)
}

/// What the body is made of: as its header says, else JSON, if it looks so.
fn format(plan: &Plan) -> Result<Option<Format>, Fault> {
    let Some(body) = &plan.body else { return Ok(None) };
    let is_type = |name: &str| name.eq_ignore_ascii_case(CONTENT_TYPE.as_str());
    let said = plan.headers.iter().find(|(name, _)| is_type(name));
    match said {
        Some((_, content_type)) => Ok(Some(Format::of(content_type))),
        None if body.trim_start().starts_with('[') => Ok(Some(Format::Json)),
        None if body.trim_start().starts_with('{') => Ok(Some(Format::Json)),
        None => Err(Fault::new("headers", "must say the body's content-type")),
    }
}

fn known(plan: &Plan, medium: Medium) -> BTreeSet<String> {
    let secrets = plan.secrets.keys().map(|name| format!("secrets.{name}"));
    variables(medium).into_iter().chain(secrets).collect()
}
