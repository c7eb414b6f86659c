//! The description of what is answered over HTTP, held against a running daemon both ways.

use std::{collections::BTreeSet, time::Duration};

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::support::{alone::Alone, eventually, http, salon};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";
const LINKS: &str = "[links]\nurl = \"https://links.example.com\"\nkey = \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"\n";
const METHODS: [&str; 4] = ["get", "post", "delete", "put"];

/// A daemon with one of everything that a path may name, parked so that it can be unparked.
async fn with_a_story() -> (Alone, String) {
    let daemon = Alone::start(LINKS).await;
    let story = [
        salon::open(SALON),
        salon::client(SALON, "c1"),
        salon::booking(SALON, "b1", "c1", salon::START),
    ];
    http::take(daemon.daemon.http(), &story).await;
    let path = format!("/v1/tenants/{SALON}/messages?booking=b1&status=sent");
    let message = eventually("it is sent", DEADLINE, || async {
        let page = daemon.read(&path).await;
        page["items"][0]["message"].as_str().map(str::to_owned)
    })
    .await;
    let wish = json!({ "channel": "sms", "rate": 1, "for": "PT1H", "reason": "x" });
    assert_eq!(daemon.post(&format!("/v1/tenants/{SALON}/limits"), wish).await.0, 200);
    assert_eq!(daemon.post(&format!("/v1/tenants/{SALON}/park"), json!({})).await.0, 200);
    (daemon, message)
}

fn filled(path: &str, message: &str) -> String {
    let nil = "00000000-0000-0000-0000-000000000000";
    let known = [
        ("tenant", SALON),
        ("client", "c1"),
        ("booking", "b1"),
        ("message", message),
        ("channel", "sms"),
        ("job", nil),
        ("step", "pause"),
        ("token", "none"),
        ("code", "none"),
        ("provider", "none"),
    ];
    let named = |path: String, (name, id): (&str, &str)| path.replace(&format!("{{{name}}}"), id);
    known.into_iter().fold(path.to_owned(), named)
}

/// Each path with its methods.
fn paths(document: &Value) -> impl Iterator<Item = (&String, &Map<String, Value>)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.map(|(path, methods)| (path, methods.as_object().unwrap()))
}

async fn asked(daemon: &Alone, method: &str, path: &str, body: Option<&Value>) -> http::Answer {
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
    let request = http::client().request(method, daemon.url(path));
    http::ask(if let Some(body) = body { request.json(body) } else { request }).await
}

/// What a refusal says that there is.
fn there_are(problem: &Value) -> BTreeSet<String> {
    let detail = problem["detail"].as_str().unwrap_or_default();
    let (_, names) = detail.split_once("there are: ").unwrap_or_else(|| panic!("{problem}"));
    names.split(", ").map(str::to_owned).collect()
}

#[tokio::test]
async fn each_path_knows_the_methods_that_are_described_and_no_others() {
    let (daemon, message) = with_a_story().await;
    let document = daemon.read("/v1/openapi.json").await;
    let printed: Value = serde_json::from_str(&bellhop_schema()).unwrap();
    assert_eq!(printed, document, "the binary prints what its daemon says");
    let mut routes = 0;
    for (path, methods) in paths(&document) {
        let at = filled(path, &message);
        for method in METHODS {
            let answer = asked(&daemon, method, &at, Some(&json!({ "no_such_member": 1 }))).await;
            let detail = &answer.body["detail"];
            assert_ne!(*detail, "nothing is at this path", "{method} {path}");
            assert_eq!(answer.status != 405, methods.contains_key(method), "{method} {path}");
            if answer.status == 405 {
                let allow = answer.headers["allow"].to_str().unwrap().to_lowercase();
                let allow: BTreeSet<&str> =
                    allow.split(',').filter(|allowed| *allowed != "head").collect();
                assert_eq!(allow, methods.keys().map(String::as_str).collect(), "{path}");
            }
        }
        routes += methods.len();
    }
    assert!(routes >= 25, "{routes}");
    let (status, _) = http::read(&daemon.url("/v1/nothing")).await;
    assert_eq!(status, 404);
    daemon.finish().await;
}

fn bellhop_schema() -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_bellhop"));
    let output = command.args(["schema", "--openapi"]).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn what_may_be_asked_and_sent_is_what_is_described() {
    let (daemon, message) = with_a_story().await;
    let document = daemon.read("/v1/openapi.json").await;
    let (mut queries, mut bodies) = (0, 0);
    for (path, methods) in paths(&document) {
        let at = filled(path, &message);
        for (method, operation) in methods {
            let parameters = operation["parameters"].as_array().unwrap().iter();
            let in_query = parameters.filter(|of| of["in"] == "query");
            let in_query: BTreeSet<String> =
                in_query.map(|of| of["name"].as_str().unwrap().to_owned()).collect();
            if !in_query.is_empty() && path.starts_with("/v1/") {
                let answer = asked(&daemon, method, &format!("{at}?no_such=1"), None).await;
                assert_eq!((answer.status, there_are(&answer.body)), (400, in_query), "{path}");
                queries += 1;
            }
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let members = members(&document, schema);
            if !members.is_empty() && path != "/v1/commands" {
                let body = json!({ "no_such_member": 1 });
                let answer = asked(&daemon, method, &at, Some(&body)).await;
                assert_eq!((answer.status, there_are(&answer.body)), (400, members), "{path}");
                bodies += 1;
            }
        }
    }
    assert!(queries >= 7 && bodies >= 7, "{queries} {bodies}");
    daemon.finish().await;
}

fn members(document: &Value, schema: &Value) -> BTreeSet<String> {
    let target = schema["$ref"].as_str().and_then(|of| of.strip_prefix('#'));
    let schema = target.and_then(|target| document.pointer(target)).unwrap_or(schema);
    let members = schema["properties"].as_object().into_iter().flat_map(Map::keys);
    members.cloned().collect()
}

#[tokio::test]
async fn what_is_answered_is_what_is_described() {
    let (daemon, message) = with_a_story().await;
    let document = daemon.read("/v1/openapi.json").await;
    let mut answered = BTreeSet::new();
    for (path, methods) in paths(&document) {
        let Some(operation) = methods.get("get") else { continue };
        // Pages for people.
        if ["/r/{token}", "/s/{code}"].contains(&path.as_str()) {
            continue;
        }
        let (status, answer) = http::read(&daemon.url(&filled(path, &message))).await;
        let response = &operation["responses"][status.to_string()];
        let response = if response.is_null() {
            &document["components"]["responses"]["Problem"]
        } else {
            answered.insert(path.as_str());
            response
        };
        for (media, content) in response["content"].as_object().unwrap() {
            if media.contains("json") {
                assert_valid(&document, &content["schema"], &answer, path);
            }
        }
    }
    for path in ["/v1/providers", "/v1/tenants", "/v1/audit", "/v1/events", "/readyz"] {
        assert!(answered.contains(path), "{path} was not answered");
    }
    let problem = document["components"]["responses"]["Problem"]["content"].clone();
    let schema = &problem["application/problem+json"]["schema"];
    let (status, refused) = http::read(&daemon.url("/v1/tenants?limit=0")).await;
    assert_eq!(status, 400);
    assert_valid(&document, schema, &refused, "a problem");
    daemon.finish().await;
}

#[track_caller]
fn assert_valid(document: &Value, schema: &Value, answer: &Value, path: &str) {
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    let validator = jsonschema::draft202012::options().build(&whole).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(answer).map(|error| format!("{error}")).collect();
    assert!(faults.is_empty(), "{path}: {faults:?}\n{answer:#}");
}

#[tokio::test]
async fn a_token_is_asked_for_where_it_is_described() {
    let token = ("BELLHOP__HTTP__TOKEN", "a-token-of-sixteen");
    let daemon = Alone::start_with(LINKS, &[token]).await;
    let document: Value = serde_json::from_str(&bellhop_schema()).unwrap();
    for (path, methods) in paths(&document) {
        for (method, operation) in methods {
            let answer = asked(&daemon, method, &filled(path, "none"), None).await;
            let is_guarded = operation["security"].is_array();
            assert_eq!(answer.status == 401, is_guarded, "{method} {path}: {}", answer.status);
            assert_eq!(operation["x-role"].is_string(), is_guarded, "{method} {path}");
        }
    }
    daemon.finish().await;
}
