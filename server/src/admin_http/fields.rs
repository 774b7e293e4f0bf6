//! The fields of an operation, gathered from where HTTP carries them: the path, the query string,
//! the body and `If-Match`.

use crate::admin::{Entry, OPERATIONS};
use api::{Error, Method};
use schemars::SchemaGenerator;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a text in an address stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Integer,
    Boolean,
    List,
}

/// The fields of one operation.
type Forms = HashMap<String, Form>;

static FORMS: LazyLock<HashMap<&'static str, Forms>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    for entry in OPERATIONS {
        let (_, schema) = schema_of(entry, &mut SchemaGenerator::default());
        let properties = schema.get("properties").and_then(Value::as_object);
        let forms = properties.into_iter().flatten();
        let forms = forms.map(|(name, schema)| (name.clone(), form(schema)));
        all.insert(entry.name, forms.collect());
    }
    all
});

/// The schema of an operation's fields, and the name under which the generator keeps it.
pub(super) fn schema_of(entry: &Entry, generator: &mut SchemaGenerator) -> (Option<String>, Value) {
    let schema = (entry.input)(generator).to_value();
    let place = schema.get("$ref").and_then(Value::as_str);
    let Some(name) = place.and_then(|it| it.rsplit('/').next()) else {
        return (None, schema);
    };
    let kept = generator.definitions().get(name).cloned();
    (Some(name.to_owned()), kept.unwrap_or_default())
}

fn form(schema: &Value) -> Form {
    let kind = match schema.get("type") {
        Some(Value::Array(several)) => several.first().and_then(Value::as_str),
        Some(one) => one.as_str(),
        None => None,
    };
    match kind {
        Some("integer") => Form::Integer,
        Some("boolean") => Form::Boolean,
        Some("array") => Form::List,
        _ => Form::Text,
    }
}

/// What a request carries.
pub(super) struct Carried<'a> {
    pub(super) path: Vec<(String, String)>,
    pub(super) query: &'a str,
    pub(super) body: &'a [u8],
    pub(super) if_match: Option<&'a str>,
}

/// Puts the fields together.
///
/// # Errors
/// [`Error::Invalid`] with the field that is none, is of another kind, or is said twice.
pub(super) fn gather(entry: &Entry, carried: &Carried<'_>) -> Result<Value, Error> {
    static NONE: LazyLock<Forms> = LazyLock::new(Forms::new);
    let forms = FORMS.get(entry.name).unwrap_or(&NONE);
    let mut fields = body(carried.body)?;
    if let Some(stranger) = fields.keys().find(|name| !forms.contains_key(*name)) {
        return Err(unknown(forms, stranger));
    }
    for (name, value) in form_urlencoded::parse(carried.query.as_bytes()) {
        let Some(form) = forms.get(&*name) else {
            return Err(unknown(forms, &name));
        };
        match (form, fields.get_mut(&*name)) {
            (Form::List, Some(Value::Array(list))) => list.push(Value::String(value.into_owned())),
            (Form::List, None) => {
                let list = vec![Value::String(value.into_owned())];
                fields.insert(name.into_owned(), Value::Array(list));
            }
            (_, Some(_)) => return Err(twice(&name)),
            (form, None) => {
                let value = read(&name, &value, *form)?;
                fields.insert(name.into_owned(), value);
            }
        }
    }
    for (name, value) in &carried.path {
        let form = forms.get(name).copied().unwrap_or(Form::Text);
        let value = read(name, value, form)?;
        match fields.get(name) {
            Some(said) if *said != value => return Err(twice(name)),
            _ => fields.insert(name.clone(), value),
        };
    }
    if let Some(revision) = carried.if_match.map(revision).transpose()?.flatten() {
        if !forms.contains_key("revision") {
            return Err(Error::invalid(
                "If-Match",
                "Nothing of this goes by a revision. Leave If-Match out.",
            ));
        }
        let revision = Value::from(revision);
        match fields.get("revision") {
            Some(said) if *said != revision => return Err(twice("revision")),
            _ => fields.insert("revision".to_owned(), revision),
        };
    }
    Ok(Value::Object(fields))
}

fn body(bytes: &[u8]) -> Result<Map<String, Value>, Error> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Error::invalid(
            "",
            "The body is no JSON object. Send the fields as {\"name\": value, …}.",
        )),
        Err(error) => Err(Error::invalid(
            "",
            format!("The body is no JSON: {error}. Send the fields as {{\"name\": value, …}}."),
        )),
    }
}

fn read(name: &str, text: &str, form: Form) -> Result<Value, Error> {
    let refused =
        |wanted: &str| Error::invalid(name.to_owned(), format!("{text:?} is no {wanted}."));
    Ok(match form {
        Form::Text => Value::String(text.to_owned()),
        Form::List => Value::Array(vec![Value::String(text.to_owned())]),
        Form::Integer => {
            let number: i64 = text.parse().map_err(|_| refused("whole number"))?;
            Value::from(number)
        }
        Form::Boolean => match text {
            "true" | "1" | "" => Value::Bool(true),
            "false" | "0" => Value::Bool(false),
            _ => return Err(refused("true or false")),
        },
    })
}

/// The revision in `If-Match`; none for `*`.
fn revision(header: &str) -> Result<Option<u32>, Error> {
    let header = header.trim();
    if header == "*" {
        return Ok(None);
    }
    let number = header
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .and_then(|number| number.parse().ok());
    number.map(Some).ok_or_else(|| {
        Error::invalid(
            "If-Match",
            format!(
                "{header} is no revision of ours. Send the ETag of what you saw, such as \"7\"."
            ),
        )
    })
}

fn unknown(forms: &Forms, name: &str) -> Error {
    let mut known: Vec<_> = forms.keys().map(String::as_str).collect();
    known.sort_unstable();
    let known = if known.is_empty() {
        "It has none.".to_owned()
    } else {
        format!("It has {}.", known.join(", "))
    };
    Error::invalid(
        name.to_owned(),
        format!("This operation has no field {name:?}. {known}"),
    )
}

fn twice(name: &str) -> Error {
    Error::invalid(
        name.to_owned(),
        format!("{name} is said twice, and not the same. Say it once."),
    )
}

/// Whether the fields of a route's operation travel in its query string.
pub(super) const fn in_query(method: Method) -> bool {
    matches!(method, Method::Get | Method::Delete)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(name: &str) -> &'static Entry {
        OPERATIONS.iter().find(|it| it.name == name).unwrap()
    }

    fn gathered(
        name: &str,
        query: &str,
        body: &str,
        if_match: Option<&str>,
    ) -> Result<Value, Error> {
        gather(
            entry(name),
            &Carried {
                path: vec![("name".to_owned(), "branch".to_owned())],
                query,
                body: body.as_bytes(),
                if_match,
            },
        )
    }

    #[test]
    fn fields_come_from_everywhere_in_their_own_kind() {
        let asked = gathered("groups.get", "page=2&search=a%20b&limit=7", "", None).unwrap();
        let expected = json!({"name": "branch", "page": 2, "search": "a b", "limit": 7});
        assert_eq!(asked, expected);
        let order = r#"{"members": ["a", "b"]}"#;
        let ordered = gathered("groups.add-members", "", order, None).unwrap();
        assert_eq!(ordered, json!({"name": "branch", "members": ["a", "b"]}));
        let edit = r#"{"description": "x"}"#;
        let edited = gathered("groups.edit", "", edit, Some("\"7\"")).unwrap();
        let expected = json!({"name": "branch", "description": "x", "revision": 7});
        assert_eq!(edited, expected);
        let edited = gathered("groups.edit", "", edit, Some("*")).unwrap();
        assert_eq!(edited, json!({"name": "branch", "description": "x"}));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let field = |result: Result<Value, Error>| match result {
            Err(Error::Invalid { field, .. }) => field.into_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(field(gathered("groups.get", "page=two", "", None)), "page");
        assert_eq!(field(gathered("groups.get", "pgae=2", "", None)), "pgae");
        assert_eq!(
            field(gathered("groups.get", "page=1&page=2", "", None)),
            "page"
        );
        assert_eq!(
            field(gathered("groups.edit", "", r#"{"colour": 1}"#, None)),
            "colour"
        );
        assert_eq!(
            field(gathered("groups.edit", "", r#"{"name": "other"}"#, None)),
            "name"
        );
        assert_eq!(field(gathered("groups.edit", "", "[]", None)), "");
        assert_eq!(field(gathered("groups.edit", "", "{", None)), "");
        assert_eq!(
            field(gathered("groups.edit", "", "", Some("seven"))),
            "If-Match"
        );
        assert_eq!(
            field(gathered("groups.get", "", "", Some("\"1\""))),
            "If-Match"
        );
    }
}
