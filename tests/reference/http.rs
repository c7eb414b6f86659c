//! The page of what is answered over HTTP.

use serde_json::Value;

use crate::document::Document;
use crate::markdown::{code, head, prose, table};
use crate::schemas::{described, type_of};

const ABOUT: &str = "Every path, as `GET /v1/openapi.json` and `bellhop schema --openapi` tell it to \
programs (OpenAPI 3.1). A role is asked for where a token is configured \
([tokens, limits and statuses](../http.md)). Errors are `application/problem+json` (RFC \
9457) with `status`, `reason` ([the names](reasons.md#why-a-request-is-refused)) and `detail`.";

pub fn page(document: &Document) -> String {
    let mut page = head("HTTP", ABOUT);
    let mut rows = Vec::new();
    let mut sections = String::new();
    for (path, methods) in document.whole["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let title = format!("{} {path}", method.to_uppercase());
            let summary = prose(operation["summary"].as_str().unwrap_or_default());
            let role = operation["x-role"].as_str().unwrap_or("–");
            sections += &section(&title, &summary, role, operation);
            rows.push([code(&title), role.to_owned(), summary]);
        }
    }
    page += &format!("\n{}{sections}", table(["request", "role", "what"], &rows));
    let names: Vec<&str> = document.schemas().keys().map(String::as_str).collect();
    page + "\n## Types\n" + &described(document, &names)
}

fn section(title: &str, summary: &str, role: &str, operation: &Value) -> String {
    let mut section = format!("\n## {}\n\n{summary}\n", title.replace('{', "\\{"));
    if role != "–" {
        section += &format!("\nRole: `{role}`.\n");
    }
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows: Vec<_> = parameters.iter().map(parameter).collect();
    if !rows.is_empty() {
        section += &format!("\n{}", table(["parameter", "in", "what"], &rows));
    }
    for (media, schema) in contents(&operation["requestBody"]) {
        section += &format!("\nBody: {} as {}.\n", type_of(schema), code(media));
    }
    for (status, answer) in operation["responses"].as_object().unwrap() {
        let mut kinds = contents(answer).peekable();
        if status == "default" {
            continue;
        }
        if kinds.peek().is_none() {
            section += &format!("\nAnswer {status}, without a body.\n");
        }
        for (media, schema) in kinds {
            section += &format!("\nAnswer {status}: {} as {}.\n", type_of(schema), code(media));
        }
    }
    section
}

fn contents(of: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let contents = of["content"].as_object().into_iter().flatten();
    contents.map(|(media, content)| (media.as_str(), &content["schema"]))
}

fn parameter(parameter: &Value) -> [String; 3] {
    let text = |key: &str| parameter[key].as_str().unwrap_or_default();
    let mut what = prose(text("description"));
    if let Some(words) = parameter["schema"]["enum"].as_array() {
        let words: Vec<_> = words.iter().filter_map(Value::as_str).map(code).collect();
        what = format!("{what} One of {}.", words.join(", "));
    }
    [code(text("name")), text("in").to_owned(), what]
}
