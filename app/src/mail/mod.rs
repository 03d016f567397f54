//! Mail on its way: what it says, where it stands, and what became of it.

mod again;
mod deliver;
mod letter;
mod list;
pub mod model;
pub mod pages;
mod queue;
mod state;

pub use again::{again, cancel, settle, try_now};
pub use deliver::deliver;
pub(crate) use letter::in_words;
pub use letter::is_sender;
pub(crate) use list::of_bol;
pub use list::{Filter, Line, PAGE, find, list};
pub(crate) use queue::wake;
pub use queue::{MailKind, NewMail, account_token, queue};
pub use state::State;
