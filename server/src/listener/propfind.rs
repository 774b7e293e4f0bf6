//! PROPFIND: reading a node's properties (RVP document 5.4).

use super::answer::{Answer, MethodError};
use super::request::Request;
use super::router::Rvp;
use crate::presence::NodeProperties;
use http::StatusCode;
use rvp::{Depth, PropStat, PropertyName, PropertyOut, PropfindRequest, Rights, State};

pub(super) fn handle(rvp: &Rvp, request: &Request) -> Result<Answer, MethodError> {
    let node = request.node()?;
    if request.header("Depth").and_then(Depth::parse) != Some(Depth::Zero) {
        return Err(MethodError::failed("a node has no children: send Depth: 0"));
    }
    let asked =
        rvp::read_propfind(&request.body).map_err(|e| MethodError::bad_request(e.reason))?;
    let mut properties = rvp.nodes.properties(node)?;
    if !request.may(rvp, node, Rights::PRESENCE)? {
        properties.state = State::Offline;
    }
    let reads = request.may(rvp, node, Rights::READ)?;
    let denied = |what: &str| {
        Err(MethodError::forbidden(format!(
            "{node} does not let you {what}"
        )))
    };
    let href = request.href();
    let body = match asked {
        PropfindRequest::AllProp if !reads => return denied("read all properties"),
        PropfindRequest::AllProp => readable(&href, &properties, true),
        PropfindRequest::PropName if !request.may(rvp, node, Rights::LIST)? => {
            return denied("see which properties there are");
        }
        PropfindRequest::PropName => {
            let props = all(&properties)
                .map(|p| PropertyOut::Empty { name: p.name() })
                .collect();
            rvp::multistatus(&href, &[PropStat { status: 200, props }])
        }
        PropfindRequest::Props(names) => some_properties(&href, &properties, &names, reads),
    };
    Ok(Answer::xml(StatusCode::MULTI_STATUS, body))
}

/// All properties of a node, in one propstat (observed: `Net::RVP` dies on two); the state alone
/// for somebody who may not read the others.
pub(super) fn readable(href: &str, properties: &NodeProperties, reads: bool) -> Vec<u8> {
    rvp::multistatus(
        href,
        &[PropStat {
            status: 200,
            props: all(properties)
                .filter(|p| reads || p.name().is_state())
                .collect(),
        }],
    )
}

fn some_properties(
    href: &str,
    properties: &NodeProperties,
    names: &[PropertyName],
    reads: bool,
) -> Vec<u8> {
    let (mut found, mut missing, mut denied) = (Vec::new(), Vec::new(), Vec::new());
    for name in names {
        if !reads && !name.is_state() {
            denied.push(PropertyOut::Empty { name: name.clone() });
            continue;
        }
        match all(properties).find(|p| p.name() == *name) {
            Some(property) => found.push(property),
            None => missing.push(PropertyOut::Empty { name: name.clone() }),
        }
    }
    let propstats: Vec<_> = [(200, found), (403, denied), (404, missing)]
        .into_iter()
        .filter(|(_, props)| !props.is_empty())
        .map(|(status, props)| PropStat { status, props })
        .collect();
    rvp::multistatus(href, &propstats)
}

fn all(properties: &NodeProperties) -> impl Iterator<Item = PropertyOut> {
    let text = |name, value: &str| PropertyOut::Text {
        name,
        value: value.into(),
    };
    let other = |name: &PropertyName| {
        properties
            .others
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v)
    };
    let or = |name: PropertyName, default: &str| {
        let value = other(&name).map_or(default, |v| &*v.value).to_owned();
        text(name, &value)
    };
    let usual = [
        PropertyOut::State(properties.state.clone()),
        text(PropertyName::displayname(), &properties.display_name),
        text(PropertyName::email(), &properties.email),
        or(PropertyName::mobile_state(), "0"),
        or(PropertyName::mobile_description(), ""),
    ];
    let custom = properties
        .others
        .iter()
        .filter(|(name, _)| !name.is_known())
        .map(|(name, value)| value.out(name));
    usual.into_iter().chain(custom)
}
