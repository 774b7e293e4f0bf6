//! Orders of the command line that are no operations yet.

mod order;

pub use order::{Failure, Order, Reply, router};
