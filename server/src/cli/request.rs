//! Operations as requests, and answers as what comes of them.

use crate::admin_http::PREFIX;
use crate::admin_socket::ControlError;
use anyhow::anyhow;
use api::{Error, Method, Operation, ProblemDetails};
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::Full;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// The request of an operation.
pub(super) fn request_of<O: Operation>(operation: &O) -> anyhow::Result<Request<Full<Bytes>>> {
    let mut fields = match serde_json::to_value(operation)? {
        Value::Object(fields) => fields,
        other => return Err(anyhow!("{} has no fields, but is {other}", O::NAME)),
    };
    fields.retain(|_, value| !value.is_null());
    let mut path = String::from(PREFIX);
    for segment in O::ROUTE.path.split('/').skip(1) {
        let name = segment
            .strip_prefix('{')
            .and_then(|it| it.strip_suffix('}'));
        path.push('/');
        match name.and_then(|name| fields.remove(name)) {
            Some(value) => path.extend(utf8_percent_encode(&text(&value), NON_ALPHANUMERIC)),
            None => path.push_str(segment),
        }
    }
    let method = match O::ROUTE.method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Patch => http::Method::PATCH,
        Method::Put => http::Method::PUT,
        Method::Delete => http::Method::DELETE,
    };
    let request = Request::builder().method(method);
    if !matches!(O::ROUTE.method, Method::Get | Method::Delete) {
        return Ok(request
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(serde_json::to_vec(&fields)?.into())?);
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in &fields {
        match value {
            Value::Array(several) => {
                query.extend_pairs(several.iter().map(|it| (name, text(it))));
            }
            one => _ = query.append_pair(name, &text(one)),
        }
    }
    let query = query.finish();
    if !query.is_empty() {
        path.push('?');
        path.push_str(&query);
    }
    Ok(request.uri(path).body(Full::default())?)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What comes of an operation.
pub(super) fn answer_of<O: Operation>(answer: &Response<Bytes>) -> anyhow::Result<O::Output> {
    if !answer.status().is_success() {
        return Err(refusal(answer));
    }
    let output = serde_json::from_slice(answer.body());
    Ok(output.map_err(|error| {
        ControlError::Broken(format!(
            "it answered something that this program does not understand, {error}; use the program of the server's version"
        ))
    })?)
}

/// Why an answer is none.
pub(super) fn refusal(answer: &Response<Bytes>) -> anyhow::Error {
    match serde_json::from_slice::<ProblemDetails>(answer.body()) {
        Ok(details) => Error::from(details).into(),
        Err(_) => anyhow!(
            "the server answered with status {} and no reason; see whether it is a Rollcall server of this version",
            answer.status()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{AddMembers, EditGroup, GetGroup, GroupQuery, Part, ServeProxyScript};

    #[test]
    fn fields_go_where_their_route_has_them() {
        let order = AddMembers {
            name: "Räume/2".to_owned(),
            members: vec!["a".to_owned()],
        };
        let request = request_of(&order).unwrap();
        assert_eq!(request.method(), http::Method::POST);
        let path = "/api/v1/groups/R%C3%A4ume%2F2/members";
        assert_eq!(request.uri().to_string(), path);

        let asked = GetGroup {
            name: "x".to_owned(),
            query: GroupQuery {
                search: "a b".to_owned(),
                page: 2,
            },
            part: Part::default(),
        };
        let uri = request_of(&asked).unwrap().uri().to_string();
        assert_eq!(uri, "/api/v1/groups/x?after=&limit=0&page=2&search=a+b");

        let served = ServeProxyScript { policy: None };
        let uri = request_of(&served).unwrap().uri().to_string();
        assert_eq!(uri, "/api/v1/proxy-script");

        let edit = EditGroup {
            name: "x".to_owned(),
            revision: None,
            description: None,
        };
        assert_eq!(request_of(&edit).unwrap().method(), http::Method::PATCH);
    }
}
