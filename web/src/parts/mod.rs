//! Pieces that several pages are made of.

mod field;
mod live;
mod moment;
mod pagination;
mod problem;
mod search;
mod state;
mod table;
mod upload;

pub(crate) use field::{Field, field_id};
pub(crate) use live::{Link, LinkState, follow};
pub(crate) use moment::Moment;
pub(crate) use pagination::Pagination;
pub(crate) use problem::ProblemView;
pub(crate) use search::Search;
pub(crate) use state::StateMark;
pub(crate) use table::Table;
pub(crate) use upload::Upload;
