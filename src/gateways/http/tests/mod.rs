//! What is sent, and what answers mean.

mod answers;
mod media;
mod plans;
mod requests;

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::{Plan, Templated};
use crate::gateways::facts::tests::{MESSAGE, now};
use crate::gateways::{Answer, Content, Facts, Gateway as _, Medium, Verdict};

fn facts(text: &str) -> Facts<'_> {
    Facts {
        deadline: "2026-12-01T10:00:00.9Z".parse().ok(),
        callback: Some("https://bellhop.example/hooks/gateway?m=1.x"),
        ..crate::gateways::facts::tests::sms(text, Some("SalonUno"))
    }
}

fn sms<'a>(text: &'a str, from: Option<&'a str>) -> Content<'a> {
    Content::Sms { to: "+393331234567", from, text, segments: 1, encoding: "gsm" }
}

fn headers(headers: &[(&str, &str)]) -> BTreeMap<String, String> {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The one of the documentation.
fn documented() -> Plan {
    Plan {
        method: "POST".to_owned(),
        url: "https://gateway.example/send?to={{ to }}".to_owned(),
        headers: headers(&[
            ("authorization", "Bearer {{ secrets.key }}"),
            ("content-type", "application/json"),
        ]),
        body: Some(
            r#"{"to":{{ to|tojson }},"text":{{ text|tojson }},"ref":{{ message|tojson }},"ttl":{{ ttl|tojson }},"callback":{{ callback|tojson }}}"#
                .to_owned(),
        ),
        secrets: BTreeMap::from([("key".to_owned(), SecretString::from("s3cret-key"))]),
        id: Some("/messages/0/id".to_owned()),
        ..Plan::default()
    }
}

fn compiled(plan: &Plan) -> Templated {
    Templated::compile(plan, Medium::Sms).unwrap_or_else(|fault| panic!("{fault:?}"))
}
