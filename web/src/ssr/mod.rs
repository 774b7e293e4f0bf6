//! The console's server side: everything that answers a browser.

mod asker;
mod assets;
mod forms;
mod guard;
mod headers;
mod heavy;
mod live;
mod live_pages;
mod page;
mod reader;
mod router;
mod session;
mod sheet;
mod state;
mod uploads;

pub use heavy::off_thread;
pub(crate) use page::{frame_of_request, set_status};
pub(crate) use reader::reader;
pub use router::router;
pub(crate) use sheet::{
    history as policy_history, opened as policy_opened, sheet as policy_sheet,
    values as policy_values,
};
pub use state::ConsoleState;
