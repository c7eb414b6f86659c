//! The envelope around every command: CloudEvents 1.0 in structured JSON mode.
//!
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::domain::command::Command;
use crate::domain::id::{CommandId, TenantId};
use crate::domain::trace::TraceContext;

use super::canonical::{BodyHash, parse_tree};
use super::command::CommandType;
use super::field::FieldError;
use super::json_fault::json_fault;
use super::quote::quoted;
use super::scalar::Scalar;
use super::scalar::url::is_url_byte;
use super::shape::Object;
use super::unreadable::{Unreadable, UnreadableReason as Reason};

/// The longest `source`, in bytes.
pub const SOURCE_MAX_BYTES: usize = 1024;

/// A command as it came: readable and well formed. Whether it may happen is the domain's affair.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// Whose business it is.
    pub tenant: TenantId,
    /// The idempotency key, within the tenant.
    pub id: CommandId,
    /// When the upstream app says it happened.
    pub time: Option<Timestamp>,
    /// Tells a retry from another command under the same id.
    pub body_hash: BodyHash,
    /// The trace in which it was sent, if it says so or the transport does.
    pub trace: Option<TraceContext>,
    /// What is asked for.
    pub command: Command,
}

impl Received {
    /// The same, sent in this trace as far as it does not say itself in which.
    #[must_use]
    pub fn sent_in(self, trace: Option<TraceContext>) -> Self {
        Self { trace: self.trace.or(trace), ..self }
    }
}

/// Reads one command.
///
/// `route` is the tenant to which the transport already bound the message (an AMQP routing key);
/// without one the body's own `tenant` holds and is required. The caller bounds the size of
/// `body`.
///
/// # Errors
/// Whatever can be told of a body that is no command.
pub fn read_command(body: &[u8], route: Option<&TenantId>) -> Result<Received, Unreadable> {
    let envelope = Envelope::parse(body).map_err(|error| error.of_tenant(route))?;
    envelope.read(route).map_err(|error| envelope.identify(error, route))
}

/// The attributes, each still as JSON: one that is malformed must not hide the others. Unknown
/// ones are CloudEvents extensions and are left alone; null counts as absent (§2.2).
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    specversion: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    source: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    type_name: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow)]
    tenant: Option<&'a RawValue>,
    #[serde(borrow)]
    datacontenttype: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    data_base64: Option<&'a RawValue>,
    #[serde(borrow)]
    traceparent: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    fn parse(body: &'a [u8]) -> Result<Self, Unreadable> {
        let text = std::str::from_utf8(body)
            .map_err(|_| Unreadable::new(Reason::NotJson, "is not UTF-8"))?;
        match serde_json::from_str(text) {
            Ok(Object(envelope)) => Ok(envelope),
            Err(error) => Err(refuse_text(&error)),
        }
    }

    fn read(&self, route: Option<&TenantId>) -> Result<Received, Unreadable> {
        let tenant = self.tenant(route)?;
        let envelope = |error| Unreadable::at(Reason::InvalidEnvelope, error);
        let id = self.id().map_err(envelope)?;
        self.check_specversion().map_err(envelope)?;
        self.check_source().map_err(envelope)?;
        let time = self.time().map_err(envelope)?;
        let type_name = self.type_name().map_err(envelope)?;
        let Some(command_type) = CommandType::find(&type_name) else {
            let unknown = format!("{} is not a command type", quoted(&type_name));
            return Err(Unreadable::at(Reason::UnknownType, FieldError::new("type", unknown)));
        };
        let raw = self.data().map_err(envelope)?;
        let data_error = |error| Unreadable::at(Reason::InvalidData, error);
        let data = parse_tree(raw).map_err(data_error)?;
        Ok(Received {
            tenant,
            id,
            time,
            body_hash: BodyHash::of(&type_name, &data),
            trace: self.trace(),
            command: command_type.read(&data).map_err(data_error)?,
        })
    }

    /// Adds to an error what else the envelope says.
    fn identify(&self, error: Unreadable, route: Option<&TenantId>) -> Unreadable {
        let tenant = route.cloned().or_else(|| self.tenant(None).ok());
        let error = Unreadable {
            id: self.id().ok(),
            trace: self.trace().map(Box::new),
            ..error.of_tenant(tenant.as_ref())
        };
        match self.type_name() {
            Ok(name) => error.of_type(&name),
            Err(_) => error,
        }
    }

    fn tenant(&self, route: Option<&TenantId>) -> Result<TenantId, Unreadable> {
        let invalid = |error| Unreadable::at(Reason::InvalidEnvelope, error);
        let given = optional("tenant", self.tenant).map_err(invalid)?;
        match (given, route) {
            (None, Some(route)) => Ok(route.clone()),
            (Some(text), Some(route)) if text == route.as_str() => Ok(route.clone()),
            (Some(_), Some(_)) => Err(Unreadable::at(
                Reason::ForeignTenant,
                FieldError::new("tenant", "is not the tenant of the routing key"),
            )),
            (Some(text), None) => parse_attribute("tenant", &text).map_err(invalid),
            (None, None) => Err(invalid(FieldError::missing("tenant"))),
        }
    }

    fn id(&self) -> Result<CommandId, FieldError> {
        parse_attribute("id", &required("id", self.id)?)
    }

    fn type_name(&self) -> Result<Cow<'a, str>, FieldError> {
        required("type", self.type_name)
    }

    fn time(&self) -> Result<Option<Timestamp>, FieldError> {
        optional("time", self.time)?.map(|text| parse_attribute("time", &text)).transpose()
    }

    /// Whatever is wrong with it: it counts as if it were not there (W3C Trace Context §3.2.2).
    fn trace(&self) -> Option<TraceContext> {
        let traceparent = self.traceparent?;
        TraceContext::parse(serde_json::from_str::<&str>(traceparent.get()).ok()?)
    }

    fn check_specversion(&self) -> Result<(), FieldError> {
        if required("specversion", self.specversion)? == "1.0" {
            return Ok(());
        }
        Err(FieldError::new("specversion", "must be \"1.0\""))
    }

    /// A URI-reference; as other specifications' tools write them, letters beyond ASCII pass.
    fn check_source(&self) -> Result<(), FieldError> {
        let source = required("source", self.source)?;
        let letter = |c: char| {
            u8::try_from(c).is_ok_and(is_url_byte) || (!c.is_ascii() && c.is_alphanumeric())
        };
        if !source.is_empty() && source.len() <= SOURCE_MAX_BYTES && source.chars().all(letter) {
            return Ok(());
        }
        let wanted = format!("must be a URI-reference of 1 to {SOURCE_MAX_BYTES} bytes");
        Err(FieldError::new("source", wanted))
    }

    fn data(&self) -> Result<&'a RawValue, FieldError> {
        if self.data_base64.is_some() {
            return Err(FieldError::new("data_base64", "is not taken: give data as a JSON object"));
        }
        if optional("datacontenttype", self.datacontenttype)?.is_some_and(|text| !is_json(&text)) {
            return Err(FieldError::new("datacontenttype", "must be application/json"));
        }
        match self.data {
            None => Err(FieldError::missing("data")),
            Some(raw) if raw.get().starts_with('{') => Ok(raw),
            Some(_) => Err(FieldError::new("data", "must be an object")),
        }
    }
}

fn optional<'a>(name: &str, raw: Option<&'a RawValue>) -> Result<Option<Cow<'a, str>>, FieldError> {
    let Some(raw) = raw else { return Ok(None) };
    // Only a text with escapes needs a copy.
    if let Ok(text) = serde_json::from_str::<&str>(raw.get()) {
        return Ok(Some(Cow::Borrowed(text)));
    }
    match serde_json::from_str::<String>(raw.get()) {
        Ok(text) => Ok(Some(Cow::Owned(text))),
        Err(_) => Err(FieldError::new(name, "must be a string")),
    }
}

fn required<'a>(name: &str, raw: Option<&'a RawValue>) -> Result<Cow<'a, str>, FieldError> {
    optional(name, raw)?.ok_or_else(|| FieldError::missing(name))
}

fn parse_attribute<T: Scalar>(name: &str, text: &str) -> Result<T, FieldError> {
    T::parse(text).map_err(|invalid| FieldError::new(name, invalid.0))
}

/// `application/json`, or any `…+json`, with or without parameters.
fn is_json(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media == "application/json" || media == "text/json" || media.ends_with("+json")
}

fn refuse_text(error: &serde_json::Error) -> Unreadable {
    let text = error.to_string();
    match error.classify() {
        Category::Data if text.starts_with("duplicate field `") => {
            let name = text.split('`').nth(1).unwrap_or_default();
            Unreadable::at(Reason::InvalidEnvelope, FieldError::new(name, "is given twice"))
        }
        Category::Data => Unreadable::new(Reason::InvalidEnvelope, "must be a JSON object"),
        Category::Syntax | Category::Eof | Category::Io => {
            Unreadable::new(Reason::NotJson, json_fault(error))
        }
    }
}
