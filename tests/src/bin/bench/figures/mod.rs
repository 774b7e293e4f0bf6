//! The figures, one file each.

pub(crate) mod fan_out;
pub(crate) mod large_policy;
pub(crate) mod live;
pub(crate) mod memory;
pub(crate) mod renewals;
pub(crate) mod restart;
pub(crate) mod storm;
