//! A statement, and what belongs into its gaps, before it is known which database answers.

use std::borrow::Cow;

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::channel::Channel;
use crate::domain::id::{BookingId, ClientId, TenantId};
use crate::domain::kind::Lane;
use crate::domain::message::MessageId;

/// What belongs into a gap.
#[derive(Debug, Clone)]
pub enum Value {
    Int(Option<i64>),
    Real(f64),
    Text(Option<String>),
    Id(Option<Uuid>),
    /// Any of these, for [`Question::among`].
    Texts(Vec<String>),
    /// Likewise.
    Ids(Vec<Uuid>),
    /// Likewise.
    Ints(Vec<i64>),
}

/// A statement. Its gaps are `$1` and so on; the same statement has the same text each time, so
/// that it is prepared once.
#[derive(Debug, Clone)]
pub struct Question {
    pub text: Cow<'static, str>,
    pub values: Vec<Value>,
}

impl Question {
    /// What is asked; the gaps are filled in order.
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), values: Vec::new() }
    }

    /// Fills the next gap.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Goes on with a text.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Goes on with a gap, and fills it.
    pub fn push_bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        let gap = format!("${}", self.values.len());
        self.push(&gap)
    }
}

macro_rules! values {
    ($($given:ident: $type:ty => $value:expr;)*) => {
        $(impl From<$type> for Value {
            fn from($given: $type) -> Self {
                $value
            }
        })*
    };
}
values! {
    given: i64 => Value::Int(Some(given));
    given: u32 => Value::Int(Some(given.into()));
    given: u16 => Value::Int(Some(given.into()));
    given: usize => Value::Int(Some(i64::try_from(given).unwrap_or(i64::MAX)));
    given: Option<i64> => Value::Int(given);
    given: f64 => Value::Real(given);
    given: &str => Value::Text(Some(given.to_owned()));
    given: String => Value::Text(Some(given));
    given: &String => Value::Text(Some(given.clone()));
    given: Option<String> => Value::Text(given);
    given: Uuid => Value::Id(Some(given));
    given: MessageId => Value::Id(Some(given.0));
    given: Option<MessageId> => Value::Id(given.map(|id| id.0));
    given: Timestamp => Value::Int(Some(given.as_millisecond()));
    given: &TenantId => Value::Text(Some(given.to_string()));
    given: &ClientId => Value::Text(Some(given.to_string()));
    given: &BookingId => Value::Text(Some(given.to_string()));
    given: Channel => Value::Text(Some(given.as_str().to_owned()));
    given: Lane => Value::Text(Some(given.as_str().to_owned()));
    given: Vec<String> => Value::Texts(given);
    given: Vec<Uuid> => Value::Ids(given);
    given: Vec<i64> => Value::Ints(given);
    given: &[MessageId] => Value::Ids(given.iter().map(|id| id.0).collect());
}
