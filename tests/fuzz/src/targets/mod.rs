//! The targets, by what they parse.

mod policies;
mod sign_in;
mod wire;

pub(crate) use policies::{reg, registry_pol};
pub(crate) use sign_in::{digest, ntlm};
pub(crate) use wire::{
    acl, address, headers, invitation, notification, payload, property_update, propfind,
};
