//! Whether Twilio has a message: by whom it is to and what it says
//! (<https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources>).

use std::borrow::Cow;

use ::http::Method;
use ::http::header::AUTHORIZATION;
use ::http::uri::PathAndQuery;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::Twilio;
use crate::gateways::answer::Answer;
use crate::gateways::asks::Asks;
use crate::gateways::facts::{Content, Facts};
use crate::gateways::outgoing::{Outgoing, Unwritable};

/// The latest messages to a number, as many as are looked through.
const LATEST: &str = "20";
/// How far Twilio's clock may be behind ours. A message that says the same to the same reader and
/// is not older than this is taken for ours.
const BEHIND_MAX: SignedDuration = SignedDuration::from_secs(30);

impl Asks for Twilio {
    fn question(&self, facts: &Facts<'_>) -> Result<Outgoing<'_>, Unwritable> {
        let Content::Sms { to, .. } = facts.content else {
            return Err(Unwritable { why: "Twilio carries text messages".to_owned() });
        };
        let mut query = Serializer::new(String::new());
        query.append_pair("To", to).append_pair("PageSize", LATEST);
        let place = PathAndQuery::try_from(format!("{}?{}", self.place, query.finish()));
        let place = place.map_err(|_| Unwritable { why: "the number fits no url".to_owned() })?;
        let target = Cow::Borrowed(&self.target);
        let mut outgoing = Outgoing::new(target, Method::GET, place, Vec::new());
        outgoing.request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        Ok(outgoing)
    }

    fn finds(&self, facts: &Facts<'_>, since: Timestamp, answer: Answer<'_>) -> Option<String> {
        let Content::Sms { to, text, .. } = facts.content else { return None };
        let list = answer.json().filter(|_| answer.status.is_success())?;
        let from = since.checked_sub(BEHIND_MAX).ok()?;
        let is_ours = |message: &&Value| {
            let is = |name: &str, value: &str| message[name].as_str() == Some(value);
            is("direction", "outbound-api")
                && is("to", to)
                && is("body", text)
                && created(message).is_some_and(|at| at >= from)
        };
        let found = list["messages"].as_array()?.iter().find(is_ours)?;
        found["sid"].as_str().map(str::to_owned)
    }
}

fn created(message: &Value) -> Option<Timestamp> {
    let at = rfc2822::parse(message["date_created"].as_str()?).ok()?;
    Some(at.timestamp())
}
