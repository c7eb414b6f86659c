//! Clients.

use serde_json::json;

use super::{check, merge};

#[test]
fn clients() {
    let many: Vec<_> = (0..101).map(|n| format!("t{n}")).collect();
    for (change, field, detail) in [
        (json!({"name": ""}), "data.name", "is empty"),
        (
            json!({"name": "Anna\r\nBcc: x"}),
            "data.name",
            "control character",
        ),
        (json!({"name": "Anna\nRossi"}), "data.name", "line break"),
        (
            json!({"name": ["Anna", "Rossi"]}),
            "data.name",
            "must be a string, not an array",
        ),
        (
            json!({"email": 5}),
            "data.email",
            "must be a string, not this number",
        ),
        (
            json!({"email": ["anna@example.com"]}),
            "data.email",
            "must be a string, not an array",
        ),
        (
            json!({"phone": 393_331_234_567_u64}),
            "data.phone",
            "must be a string, not this number",
        ),
        (
            json!({"phone": 39333.5}),
            "data.phone",
            "must be a string, not this number",
        ),
        (
            json!({"locale": "italiano"}),
            "data.locale",
            "\"italiano\" is not a language tag",
        ),
        (
            json!({"timezone": "Rome"}),
            "data.timezone",
            "\"Rome\" is not an IANA",
        ),
        (
            json!({"email_verified": "anna"}),
            "data.email_verified",
            "must be a boolean, not a string",
        ),
        (
            json!({"push_tokens": "tok-secret"}),
            "data.push_tokens",
            "must be an array, not a string",
        ),
        (
            json!({"push_tokens": ["a", ""]}),
            "data.push_tokens[1]",
            "1 to 4096",
        ),
        (
            json!({"push_tokens": ["tok-secret x"]}),
            "data.push_tokens[0]",
            "printable ASCII",
        ),
        (
            json!({"push_tokens": ["t".repeat(4097)]}),
            "data.push_tokens[0]",
            "1 to 4096",
        ),
        (
            json!({"push_tokens": vec!["t"; 11]}),
            "data.push_tokens",
            "more than 10",
        ),
        (json!({"tags": many}), "data.tags", "more than 100"),
        (
            json!({"tags": ["x".repeat(101)]}),
            "data.tags[0]",
            "longer than 100",
        ),
        (
            json!({"tags": {"anna": true}}),
            "data.tags",
            "must be an array, not an object",
        ),
        (
            json!({"enrolled": 1}),
            "data.enrolled",
            "must be a boolean, not this number",
        ),
        (json!({"by": "anybody"}), "data.by", "is not a party"),
        (
            json!({"mail": "anna@example.com"}),
            "data.mail",
            "is not a field",
        ),
    ] {
        let mut data = json!({"client": "c1", "name": "Anna Rossi", "email": "anna@example.com"});
        merge(&mut data, &change);
        check("client.register", data.clone(), field, detail);
        check("client.update", data, field, detail);
    }
    check(
        "client.register",
        json!({"client": "c1"}),
        "data.name",
        "is required",
    );
    check(
        "client.update",
        json!({"name": "Anna"}),
        "data.client",
        "is required",
    );
}
