//! What the templates make of a message.

use ::http::{Method, Request};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::gateways::Outgoing;

fn header<'r>(request: &'r Request<Vec<u8>>, name: &str) -> &'r str {
    std::str::from_utf8(request.headers()[name].as_bytes()).unwrap()
}

fn body(request: &Request<Vec<u8>>) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

fn written(body: &str, content_type: &str, facts: &Facts<'_>) -> String {
    let plan = Plan {
        headers: headers(&[("content-type", content_type)]),
        body: Some(body.to_owned()),
        ..documented()
    };
    String::from_utf8(compiled(&plan).request(facts).unwrap().request.into_body()).unwrap()
}

#[test]
fn the_documented_gateway_is_asked_as_documented() {
    let gateway = compiled(&documented());
    let request = gateway.request(&facts("Ciao \"Anna\" & co\nalle 10")).unwrap().request;
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri(), "/send?to=%2B393331234567");
    assert_eq!(header(&request, "host"), "gateway.example");
    assert_eq!(header(&request, "authorization"), "Bearer s3cret-key");
    assert_eq!(header(&request, "content-type"), "application/json");
    assert!(header(&request, "user-agent").starts_with("bellhop/"));
    assert_eq!(
        body(&request),
        json!({
            "to": "+393331234567", "text": "Ciao \"Anna\" & co\nalle 10", "ref": MESSAGE,
            "ttl": 3600, "callback": "https://bellhop.example/hooks/gateway?m=1.x",
        })
    );
    let target = gateway.target().unwrap();
    assert_eq!((target.to_string().as_str(), target.is_encrypted), ("gateway.example:443", true));
    for shown in [format!("{request:?}"), format!("{gateway:?}")] {
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

#[test]
fn every_variable_is_there() {
    let template = "{{ message }} {{ tenant }} {{ kind }} {{ to }} {{ from }} {{ text }} \
                    {{ segments }} {{ encoding }} {{ deadline }} {{ ttl }} {{ callback }} \
                    {{ secrets.key }}";
    assert_eq!(
        written(template, "text/plain", &facts("Ciao")),
        format!(
            "{MESSAGE} salon-uno booking.confirmed +393331234567 SalonUno Ciao 1 gsm \
             2026-12-01T10:00:00.9Z 3600 https://bellhop.example/hooks/gateway?m=1.x s3cret-key"
        )
    );
}

#[test]
fn what_is_absent_is_null_in_json_and_nothing_elsewhere() {
    let bare =
        Facts { content: sms("Ciao", None), deadline: None, callback: None, ..facts("Ciao") };
    let json = r#"[{{ from }}, {{ ttl|tojson }}, {{ deadline }}, {{ callback|tojson }}]"#;
    assert_eq!(written(json, "application/vnd.gateway+json", &bare), "[null, null, null, null]");
    let form = "from={{ from }}&ttl={{ ttl }}";
    assert_eq!(written(form, "application/x-www-form-urlencoded", &bare), "from=&ttl=");
    let chosen = r#"{ {% if from %}"from": {{ from }}, {% endif %}"to": {{ to[1:] }} }"#;
    assert_eq!(written(chosen, "application/json", &bare), r#"{ "to": "393331234567" }"#);
}

#[test]
fn a_message_that_is_late_has_no_time_left() {
    let late = Facts { now: "2026-12-01T11:00:00Z".parse().unwrap(), ..facts("Ciao") };
    assert_eq!(written("{{ ttl }}", "text/plain", &late), "0");
}

#[test]
fn a_value_is_written_as_its_place_wants_it() {
    let facts = facts("a<b>&\"'= +ü/%");
    for (body, content_type, expected) in [
        (
            "text={{ text }}",
            "application/x-www-form-urlencoded; charset=utf-8",
            "text=a%3Cb%3E%26%22%27%3D%20%2B%C3%BC%2F%25",
        ),
        (
            "<t>{{ text }}</t>",
            "application/soap+xml",
            "<t>a&lt;b&gt;&amp;&quot;&#x27;= +ü&#x2f;%</t>",
        ),
        ("{{ text }}", "text/plain", "a<b>&\"'= +ü/%"),
        ("[{{ text }}]", "application/json", r#"["a<b>&\"'= +ü/%"]"#),
        ("{{ to|replace('+', '00') }}", "text/plain", "00393331234567"),
        ("{{ (secrets.key ~ ':x')|b64encode }}", "text/plain", "czNjcmV0LWtleTp4"),
    ] {
        assert_eq!(written(body, content_type, &facts), expected);
    }
}

#[test]
fn a_body_that_looks_like_json_is_json() {
    let plan = Plan { headers: headers(&[]), ..documented() };
    let gateway = compiled(&plan);
    let request = gateway.request(&facts("Ciao")).unwrap().request;
    assert_eq!(header(&request, "content-type"), "application/json");
}

#[test]
fn a_base_url_takes_the_place_of_scheme_and_host() {
    for (url, base, expected) in [
        ("https://a.example/x?to={{ to }}", None, "a.example:443 /x?to=%2B393331234567"),
        ("https://a.example", None, "a.example:443 /"),
        ("https://a.example?to=1", None, "a.example:443 /?to=1"),
        ("https://a.example:8443/", Some("http://127.0.0.1:9"), "127.0.0.1:9 /"),
        ("https://a.example/x", Some("http://[::1]:9/v1/"), "[::1]:9 /v1/x"),
        ("/x/{{ tenant }}", Some("https://b.example"), "b.example:443 /x/salon-uno"),
    ] {
        let base_url = base.map(str::to_owned);
        let gateway = compiled(&Plan { url: url.to_owned(), base_url, ..documented() });
        let Outgoing { target, request } = gateway.request(&facts("Ciao")).unwrap();
        assert_eq!(format!("{target} {}", request.uri()), expected, "{url}");
    }
}

#[test]
fn a_message_that_does_not_fit_is_told_without_its_content() {
    let plan = Plan { url: "https://a.example/{{ text }}".to_owned(), ..documented() };
    for text in ["..", "."] {
        let why = compiled(&plan).request(&facts(text)).unwrap_err().why;
        assert_eq!(why, "the url leads elsewhere: a part of its path is . or ..");
    }
    let plan = Plan { headers: headers(&[("x-text", "{{ text }}")]), ..documented() };
    let why = compiled(&plan).request(&facts("t0p\r\nx-evil: s3cret")).unwrap_err().why;
    assert_eq!(why, "the headers.x-text would hold a line break or another control character");
    let why = compiled(&documented()).request(&facts(&"x".repeat(70_000))).unwrap_err().why;
    assert!(why.starts_with("the body is no template that can be used"), "{why}");
    assert!(!why.contains("xxx"), "{why}");
}

proptest! {
    /// Whatever stands in a message, the request keeps its shape.
    #[test]
    fn no_value_breaks_out(text in "(?s).{0,60}", from in "(?s).{0,20}") {
        let mut plan = documented();
        plan.url = "https://a.example/v1/{{ from }}/send?text={{ text }}&end=1".to_owned();
        plan.headers.insert("x-from".to_owned(), "{{ from }}".to_owned());
        plan.body = Some(r#"{"text":{{ text|tojson }},"from":{{ from }},"end":1}"#.to_owned());
        let facts = Facts { content: sms(&text, Some(&from)), ..facts(&text) };
        let gateway = compiled(&plan);
        match gateway.request(&facts) {
            Ok(Outgoing { request, .. }) => {
                let parts = request.uri().path().split('/').count();
                prop_assert_eq!(parts, 4);
                let query: Vec<_> =
                    url::form_urlencoded::parse(request.uri().query().unwrap().as_bytes()).collect();
                prop_assert_eq!(query.len(), 2);
                prop_assert_eq!(&*query[0].1, &text);
                prop_assert_eq!(body(&request), json!({ "text": text, "from": from, "end": 1 }));
                prop_assert_eq!(request.headers()["x-from"].as_bytes(), from.as_bytes());
                prop_assert!(!from.contains(['\r', '\n', '\0']));
                prop_assert_eq!(request.headers().len(), 5);
            }
            Err(_) => {
                let is_control = |c: char| c.is_ascii_control() && c != '\t';
                prop_assert!(from.contains(is_control) || [".", ".."].contains(&&*from));
            }
        }
    }
}
