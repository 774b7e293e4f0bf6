//! The same client policy, applied to invitations on the wire: for the client that no
//! registry file reaches.

use parking_lot::RwLock;
use policies::{Feature, FeatureSet, Policy, invited_features};
use rvp::{Invitation, Payload, PayloadKind};

/// The features that are forbidden to everybody now.
#[derive(Debug, Default)]
pub struct Enforcement(RwLock<FeatureSet>);

impl Enforcement {
    /// Follows these policies from now on: what one of them forbids is forbidden.
    pub fn follow(&self, policies: &[Policy]) {
        let forbidden = policies
            .iter()
            .fold(FeatureSet::EMPTY, |all, p| all.union(p.forbidden()));
        *self.0.write() = forbidden;
    }

    /// The forbidden feature that a message invites to, or accepts an invitation to. To cancel
    /// or leave is always allowed.
    #[must_use]
    pub fn forbids(&self, payload: &Payload) -> Option<Feature> {
        if payload.content_type() != PayloadKind::Invite {
            return None;
        }
        let forbidden = *self.0.read();
        let invitation = payload.invitation().filter(|_| !forbidden.is_empty())?;
        if invitation.is_command("CANCEL") {
            return None;
        }
        invited(&invitation).intersection(forbidden).iter().next()
    }
}

fn invited(invitation: &Invitation) -> FeatureSet {
    invited_features(
        invitation.application_guid.as_deref().unwrap_or_default(),
        invitation.application_name.as_deref().unwrap_or_default(),
        invitation.header("Context-Data").unwrap_or_default(),
    )
}
