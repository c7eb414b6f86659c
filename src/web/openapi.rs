//! The description of everything that is answered over HTTP: OpenAPI 3.1.
//!
//! Its dialect of schemas is JSON Schema 2020-12.
//! <https://spec.openapis.org/oas/v3.1.1.html>

use axum::http::Method;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::access::needed;
use super::operation::{Content, Parameter, Values};
use super::problem::{PROBLEM_JSON, Problem};
use super::table::Described;

/// The names between braces, explained.
const IN_PATHS: &[(&str, &str)] = &[
    ("booking", "A booking's id."),
    ("channel", "`email`, `sms`, `push` or `inbox`."),
    ("client", "A client's id."),
    ("code", "What a short link in a text message ends in."),
    ("job", "A job's id."),
    ("message", "A message's id."),
    ("provider", "A provider's name in the configuration."),
    ("step", "`pause`, `resume` or `cancel`."),
    ("tenant", "A tenant's id: `[a-z0-9][a-z0-9_-]{0,62}`."),
    ("token", "What a link in a message ends in."),
];

/// The whole of it as one document.
pub fn document(described: &[Described]) -> Value {
    let mut taken = generator(SchemaSettings::for_deserialize);
    let mut answered = generator(SchemaSettings::for_serialize);
    let mut paths = Map::new();
    for of in described {
        let operation = operation(of, &mut taken, &mut answered);
        let path = paths.entry(of.path).or_insert_with(|| json!({}));
        path[of.method] = operation;
    }
    let problem = content(
        &Content { media: PROBLEM_JSON, schema: |schemas| schemas.subschema_for::<Problem>() },
        &mut answered,
    );
    let mut schemas = taken.take_definitions(true);
    schemas.extend(answered.take_definitions(true));
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Bellhop",
            "version": env!("CARGO_PKG_VERSION"),
            "description": env!("CARGO_PKG_DESCRIPTION"),
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Problem": {
                "description": "Why it was not done (RFC 9457).",
                "content": problem,
            }},
            "securitySchemes": {"token": {
                "type": "http",
                "scheme": "bearer",
                "description": "Asked for where any token is configured.",
            }},
        },
    })
}

fn generator(contract: fn(SchemaSettings) -> SchemaSettings) -> SchemaGenerator {
    let settings = contract(SchemaSettings::draft2020_12()).with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    settings.into_generator()
}

fn operation(
    Described { method, path, operation }: &Described,
    taken: &mut SchemaGenerator,
    answered: &mut SchemaGenerator,
) -> Value {
    let mut responses = Map::new();
    for answer in &operation.answers {
        let mut told = json!({"description": "Done."});
        if let Some(of) = &answer.content {
            told["content"] = content(of, answered).into();
        }
        responses.insert(answer.status.to_string(), told);
    }
    responses.insert("default".to_owned(), json!({"$ref": "#/components/responses/Problem"}));
    let asked = operation.parameters.iter().map(in_query);
    let mut told = json!({
        "operationId": id(method, path),
        "summary": operation.summary,
        "parameters": in_path(path).chain(asked).collect::<Vec<Value>>(),
        "responses": responses,
    });
    if !operation.bodies.is_empty() {
        let contents = operation.bodies.iter().flat_map(|body| content(body, taken));
        told["requestBody"] = json!({"content": contents.collect::<Map<String, Value>>()});
    }
    if operation.is_guarded {
        let role = Method::from_bytes(method.to_uppercase().as_bytes())
            .map(|method| needed(&method, path).as_str());
        told["security"] = json!([{"token": []}]);
        told["x-role"] = json!(role.ok());
    }
    told
}

fn content(
    Content { media, schema }: &Content,
    schemas: &mut SchemaGenerator,
) -> Map<String, Value> {
    Map::from_iter([((*media).to_owned(), json!({"schema": schema(schemas)}))])
}

/// What stands between braces.
fn in_path(path: &str) -> impl Iterator<Item = Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| {
        let about = IN_PATHS.iter().find(|(known, _)| *known == name).map(|(_, about)| *about);
        json!({
            "name": name, "in": "path", "required": true, "description": about,
            "schema": {"type": "string"},
        })
    })
}

fn in_query(Parameter { name, about, values }: &Parameter) -> Value {
    let schema = match values {
        Values::Text => json!({"type": "string"}),
        Values::Number => json!({"type": "integer", "minimum": 1}),
        Values::OneOf(names) => json!({"type": "string", "enum": names()}),
    };
    json!({"name": name, "in": "query", "description": about, "schema": schema})
}

/// Such as `post_tenants_by_tenant_park`.
fn id(method: &str, path: &str) -> String {
    let parts = path.split(['/', '.', '-']).filter(|part| !part.is_empty() && *part != "v1");
    let words =
        parts.map(|part| match part.strip_prefix('{').and_then(|of| of.strip_suffix('}')) {
            Some(name) => format!("by_{name}"),
            None => part.to_owned(),
        });
    [method.to_owned()].into_iter().chain(words).collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::operation::{Operation, PAGE, text};
    use crate::web::table::Table;

    #[derive(serde::Serialize, schemars::JsonSchema)]
    struct Dog {
        /// What it hears.
        name: String,
    }

    #[test]
    fn what_is_registered_is_described_with_what_it_takes_and_answers() {
        let dogs = [&PAGE[..], &[text("name", "Of that name.")]].concat();
        let table: Table<()> = Table::default()
            .get("/v1/dogs/{tenant}", async || {}, Operation::new("Dogs.").asked_by(&dogs))
            .post(
                "/v1/dogs/{tenant}",
                async || {},
                Operation::new("A dog.").takes::<Dog>().answers_with::<Dog>(202),
            )
            .get("/healthz", async || {}, Operation::new("Well?").open());
        let document = document(table.described());
        let listed = &document["paths"]["/v1/dogs/{tenant}"]["get"];
        let names: Vec<_> =
            listed["parameters"].as_array().unwrap().iter().map(|of| of["name"].clone()).collect();
        assert_eq!(json!(names), json!(["tenant", "after", "limit", "name"]));
        assert_eq!(
            (&listed["x-role"], &listed["operationId"]),
            (&json!("read"), &json!("get_dogs_by_tenant"))
        );
        let made = &document["paths"]["/v1/dogs/{tenant}"]["post"];
        let schema = json!({"$ref": "#/components/schemas/Dog"});
        assert_eq!(made["requestBody"]["content"]["application/json"]["schema"], schema);
        assert_eq!(made["responses"]["202"]["content"]["application/json"]["schema"], schema);
        assert_eq!(made["responses"]["default"]["$ref"], "#/components/responses/Problem");
        assert_eq!(
            document["components"]["schemas"]["Dog"]["properties"]["name"]["description"],
            "What it hears."
        );
        assert!(document["components"]["schemas"]["Problem"].is_object());
        assert_eq!(document["paths"]["/healthz"]["get"].get("security"), None);
    }
}
