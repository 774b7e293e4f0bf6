//! ACL: reading and setting who may see a user and send to them (RVP document 5.7).
//!
//! Lists are kept in the server's own spelling of its name and handed out in the reader's, as
//! clients compare URLs letter by letter.

use super::answer::{Answer, MethodError};
use super::request::Request;
use super::router::Rvp;
use crate::orders::MOST_ENTRIES;
use http::StatusCode;
use rvp::{AcePrincipal, Acl, LogicalUrl, Rights};
use std::sync::Arc;

pub(super) async fn handle(rvp: &Rvp, request: &Request) -> Result<Answer, MethodError> {
    let node = request.node()?;
    let right = if request.body.is_empty() {
        Rights::READACL
    } else {
        Rights::WRITEACL
    };
    if !request.may(rvp, node, right)? {
        return Err(MethodError::forbidden(format!(
            "the list of {node} is not yours"
        )));
    }
    let kept = rvp.nodes.acl(node)?;
    let mut acl = kept.map_or_else(
        || Acl::default_for(&LogicalUrl::compose(&rvp.domain, node.as_str())),
        |acl| Acl::clone(&acl),
    );
    if request.body.is_empty() {
        respell(&mut acl, &rvp.domain, &request.authority);
        return Ok(Answer::xml(StatusCode::OK, rvp::rvpacl(&acl)));
    }
    let mut set = rvp::read_acl(&request.body).map_err(|e| MethodError::bad_request(e.reason))?;
    respell(&mut set, &request.authority, &rvp.domain);
    acl.merge(set);
    if acl.entries.len() > MOST_ENTRIES {
        return Err(MethodError::forbidden(
            "the list is full: remove entries first",
        ));
    }
    let document = rvp::rvpacl(&acl);
    rvp.store.set_acl(node.as_str(), Some(&document)).await?;
    let events = rvp.nodes.set_acl(node, Some(Arc::new(acl)))?;
    let mut answer = Answer::empty(StatusCode::OK);
    answer.after = events;
    Ok(answer)
}

/// Turns URLs of one spelling of this server into another.
fn respell(acl: &mut Acl, from: &str, to: &str) {
    for entry in &mut acl.entries {
        if let AcePrincipal::Principal(name) = &mut entry.who
            && let Ok(url) = LogicalUrl::parse(name)
            && url.authority().eq_ignore_ascii_case(from)
        {
            *name = LogicalUrl::compose(to, url.spelled_alias()).as_str().into();
        }
    }
}
