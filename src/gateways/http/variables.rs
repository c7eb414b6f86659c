//! The variables that templates name, and messages to try templates with.

use std::collections::BTreeSet;

use jiff::Timestamp;
use minijinja::Value;

use crate::gateways::facts::{Content, Facts, Medium};

/// What every template may name, beside `secrets.…`.
const COMMON: [&str; 6] = ["callback", "deadline", "kind", "message", "tenant", "ttl"];

/// What a medium's templates may name, beside `secrets.…`.
pub(super) fn variables(medium: Medium) -> BTreeSet<String> {
    let own: &[&str] = match medium {
        Medium::Sms => &["encoding", "from", "segments", "text", "to"],
        Medium::Push => &["client", "collapse", "data", "link", "text", "title", "token"],
        Medium::Inbox => &["body", "client", "title"],
    };
    COMMON.iter().chain(own).map(|name| (*name).to_owned()).collect()
}

/// One with all that a message can have, and one with the least.
pub(super) fn samples(medium: Medium) -> [Facts<'static>; 2] {
    let least = Facts {
        message: "0190163d-8694-739b-aea5-966c26f8ad91",
        tenant: "salon-uno",
        kind: "booking.confirmed",
        content: sample(medium, "Ci vediamo", None),
        deadline: None,
        now: Timestamp::UNIX_EPOCH,
        callback: None,
    };
    let most = Facts {
        content: sample(medium, "\"Ç'est\" {1} <2> & 3/4 + 100 % …\\", Some("SalonUno")),
        deadline: Some(Timestamp::UNIX_EPOCH),
        callback: Some("https://bellhop.example/hooks/gateway?m=0190163d.c0de"),
        ..least.clone()
    };
    [least, most]
}

fn sample(medium: Medium, text: &'static str, more: Option<&'static str>) -> Content<'static> {
    match medium {
        Medium::Sms => {
            Content::Sms { to: "+393331234567", from: more, text, segments: 1, encoding: "gsm" }
        }
        Medium::Push => Content::Push {
            client: "c1",
            token: "d3v1ce:token",
            title: text,
            text,
            collapse: "5f0c2b8e9d1a4c37b6e2f1a09c8d7e6f",
            booking: more,
            link: more,
        },
        Medium::Inbox => Content::Inbox { client: "c1", title: text, body: text },
    }
}

/// The variables of a message, with these secrets.
pub(super) fn values(facts: &Facts<'_>, secrets: &Value) -> Value {
    let Facts { message, tenant, kind, .. } = *facts;
    let deadline = facts.deadline.map(|deadline| deadline.to_string());
    let mut values: Vec<(&str, Value)> = vec![
        ("callback", Value::from(facts.callback)),
        ("deadline", Value::from(deadline)),
        ("kind", Value::from(kind)),
        ("message", Value::from(message)),
        ("secrets", secrets.clone()),
        ("tenant", Value::from(tenant)),
        ("ttl", Value::from(facts.ttl())),
    ];
    match facts.content {
        Content::Sms { to, from, text, segments, encoding } => values.extend([
            ("encoding", Value::from(encoding)),
            ("from", Value::from(from)),
            ("segments", Value::from(segments)),
            ("text", Value::from(text)),
            ("to", Value::from(to)),
        ]),
        Content::Push { client, token, title, text, collapse, link, .. } => values.extend([
            ("client", Value::from(client)),
            ("collapse", Value::from(collapse)),
            ("data", data(facts)),
            ("link", Value::from(link)),
            ("text", Value::from(text)),
            ("title", Value::from(title)),
            ("token", Value::from(token)),
        ]),
        Content::Inbox { client, title, body } => values.extend([
            ("body", Value::from(body)),
            ("client", Value::from(client)),
            ("title", Value::from(title)),
        ]),
    }
    Value::from_pairs(values)
}

/// What an app is given beside what its reader reads: texts, and none of them empty.
fn data(facts: &Facts<'_>) -> Value {
    let there = facts.data().into_iter();
    Value::from_pairs(there.map(|(name, text)| (name, Value::from(text))))
}
