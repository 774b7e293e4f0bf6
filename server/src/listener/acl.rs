//! ACL: reading and setting who may see a user and send to them (RVP document 5.7).
//!
//! Lists are kept in one spelling of each name and handed out in the reader's, as clients compare
//! URLs letter by letter.

use super::answer::{Answer, MethodError};
use super::request::Request;
use super::router::Rvp;
use crate::admin::MOST_ENTRIES;
use http::StatusCode;
use rvp::{AcePrincipal, Acl, LogicalUrl, Rights};

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
    let standard = || Acl::default_for(&LogicalUrl::compose(rvp.names.domain(), node.as_str()));
    if request.body.is_empty() {
        let kept = request.acting(rvp, || rvp.nodes.acl(node))?;
        let mut acl = kept.map_or_else(standard, |acl| Acl::clone(&acl));
        respell(&mut acl, rvp.names.domain(), &request.authority);
        return Ok(Answer::xml(StatusCode::OK, rvp::rvpacl(&acl)));
    }
    let set = rvp::read_acl(&request.body).map_err(|e| MethodError::bad_request(e.reason))?;
    let set = rvp.names.kept(&set, &request.authority);
    let set = set.map_err(MethodError::forbidden)?;
    // Clients send one entry a contact, all at once, when they sign on.
    let add = |kept: Option<&Acl>| {
        let mut acl = kept.map_or_else(standard, Acl::clone);
        acl.merge(set);
        if acl.entries.len() > MOST_ENTRIES {
            return Err(MethodError::forbidden(
                "the list is full: remove entries first",
            ));
        }
        Ok((Some(acl), None, ()))
    };
    let ((), effects) = request.acting(rvp, || rvp.nodes.change_acl(node, add))?;
    let mut answer = Answer::empty(StatusCode::OK);
    answer.after = effects.saved().await?;
    Ok(answer)
}

/// Turns URLs of this server, as they are kept, into the reader's.
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
