//! The document of the REST API (`OpenAPI` 3.1), made from the table of operations.

use super::fields::{in_query, schema_of};
use super::rest::PREFIX;
use crate::admin::{Entry, OPERATIONS};
use api::{Event, FOLLOW_EVENTS, Happening, Kind, Method, ProblemDetails, Role};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The document.
pub(crate) fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for entry in OPERATIONS {
        let described = operation(entry, &mut generator);
        let path = paths.entry(entry.route.path).or_insert_with(|| json!({}));
        path[method(entry.route.method)] = described;
    }
    paths.insert(
        "/events".to_owned(),
        json!({ "get": follow(&mut generator) }),
    );
    let problem = generator.subschema_for::<ProblemDetails>();
    let mut schemas = generator.take_definitions(true);
    // The operations themselves stand in the paths.
    for entry in OPERATIONS {
        if let (Some(name), _) = schema_of(entry, &mut SchemaGenerator::default()) {
            schemas.remove(&name);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rollcall",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Everything that an administrator can do with a Rollcall server. Each request carries a token: `Authorization: Bearer …`; make one in the console or with `rollcall token add`.",
        },
        "servers": [{ "url": PREFIX }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "responses": {
                "Problem": {
                    "description": "It was not done. `detail` says what happened and what to do.",
                    "content": { "application/problem+json": { "schema": problem } },
                },
            },
        },
    })
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Patch => "patch",
        Method::Put => "put",
        Method::Delete => "delete",
    }
}

fn operation(entry: &Entry, generator: &mut SchemaGenerator) -> Value {
    let (_, input) = schema_of(entry, generator);
    let about = input["description"]
        .as_str()
        .unwrap_or_default()
        .replace('\n', " ");
    let summary = about.split_inclusive(". ").next().unwrap_or_default();
    let summary = summary.trim().trim_end_matches('.').to_owned();
    let mut properties = match input.get("properties") {
        Some(Value::Object(properties)) => properties.clone(),
        _ => Map::new(),
    };
    let required: Vec<String> = match input.get("required") {
        Some(Value::Array(names)) => {
            let names = names.iter().filter_map(Value::as_str);
            names.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    };
    let mut parameters = Vec::new();
    for name in entry.route.parameters() {
        let schema = properties
            .remove(name)
            .unwrap_or_else(|| json!({"type": "string"}));
        parameters.push(parameter(name, "path", true, schema));
    }
    let mut described = json!({
        "operationId": entry.name,
        "tags": [entry.name.split('.').next().unwrap_or_default()],
        "summary": summary,
        "description": format!("{about}\n\n{}", who(entry.role, entry.kind)),
        "responses": {
            "200": {
                "description": "It was done.",
                "content": { "application/json": { "schema": (entry.output)(generator) } },
            },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    });
    if in_query(entry.route.method) {
        for (name, schema) in properties {
            let must = required.contains(&name);
            parameters.push(parameter(&name, "query", must, schema));
        }
    } else {
        if properties.contains_key("revision") {
            let about = "The `ETag` of what you saw, in place of the field `revision`.";
            let mut tag = parameter("If-Match", "header", false, json!({ "type": "string" }));
            tag["description"] = about.into();
            parameters.push(tag);
        }
        let required: Vec<_> = required
            .iter()
            .filter(|it| properties.contains_key(*it))
            .collect();
        let must = !required.is_empty();
        let schema = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        described["requestBody"] = json!({
            "required": must,
            "content": { "application/json": { "schema": schema } },
        });
    }
    described["parameters"] = Value::Array(parameters);
    described
}

/// The stream, which is no operation of the table: it has no end.
fn follow(generator: &mut SchemaGenerator) -> Value {
    let kind = json!({ "type": "array", "items": { "type": "string", "enum": Happening::KINDS } });
    let number = || json!({ "type": "string" });
    let mut parameters = vec![
        parameter("kind", "query", false, kind),
        parameter("after", "query", false, number()),
        parameter("Last-Event-ID", "header", false, number()),
    ];
    for (parameter, about) in parameters.iter_mut().zip([
        "Only these kinds.",
        "Begin after the event of this number; else with what happens next.",
        "As `after`, for a client that comes back.",
    ]) {
        parameter["description"] = about.into();
    }
    json!({
        "operationId": FOLLOW_EVENTS,
        "tags": ["events"],
        "summary": "What happens, as it happens",
        "description": format!(
            "Server-sent events. What administrators do is told to administrators alone.\n\n{}",
            who(Role::Viewer, Kind::Query)
        ),
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "A stream without an end.",
                "content": { "text/event-stream": { "schema": generator.subschema_for::<Event>() } },
            },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    })
}

fn parameter(name: &str, place: &str, required: bool, mut schema: Value) -> Value {
    let about = schema
        .as_object_mut()
        .and_then(|it| it.remove("description"));
    json!({
        "name": name,
        "in": place,
        "required": required,
        "description": about.unwrap_or_default(),
        "schema": schema,
    })
}

fn who(role: Role, kind: Kind) -> String {
    let role = match role {
        Role::Viewer => "Every role may do this",
        Role::Operator => "For operators and administrators",
        Role::Administrator => "For administrators",
    };
    match kind {
        Kind::Query => format!("{role}."),
        Kind::Command => format!("{role}. It is written down in the audit."),
    }
}
