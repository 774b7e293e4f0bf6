//! Orders of the command line that are no operations yet.

mod assignments;
mod order;

pub use assignments::AssignmentOrder;
pub use order::{Failure, Order, Reply, router};
