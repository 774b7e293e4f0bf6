//! What is sent to a group: to each member who takes it from the sender, wherever they are
//! signed on, and wherever a member subscribed to the group besides.

use super::answer::MethodError;
use super::request::Request;
use super::router::Rvp;
use crate::presence::CallBackRef;
use rvp::{Alias, Rights};

/// Where a message to a group goes. A member's own list counts, and nobody is sent what they
/// sent themselves.
pub(super) fn call_backs(
    rvp: &Rvp,
    request: &Request,
    group: &Alias,
    members: &[Alias],
) -> Result<Vec<CallBackRef>, MethodError> {
    let mut takes = Vec::with_capacity(members.len());
    for member in members {
        if !request.sender.is(member) && request.may(rvp, member, Rights::SEND_TO)? {
            takes.push(member);
        }
    }
    let mut to = Vec::new();
    for member in &takes {
        rvp.nodes.each_call_back(member, |at| to.push(at));
    }
    for sink in rvp.nodes.sinks(group) {
        let known = |at: &CallBackRef| at.alias == sink.alias && at.address == sink.address;
        if takes.contains(&&sink.alias) && !to.iter().any(known) {
            to.push(sink);
        }
    }
    Ok(to)
}
