//! Vaults: composes records, seals and places into something that keeps, shares and proves.
//!
//! Knows no terminal, no clock, no environment. docs/format.md sections 6 to 9.

mod case;
mod catalogue;
mod commit;
mod contacts;
mod create;
mod desk;
mod error;
mod exhibits;
mod history;
mod listed;
mod log;
mod mailbox;
mod objects;
mod parts;
mod revision;
mod run;
mod session;
mod state;

pub use case::{CaseView, exhibit_names};
pub use commit::Draft;
pub use contacts::{ContactKey, Contacts, KnownContact};
pub use desk::Desk;
pub use error::{Damage, Item, VaultError};
pub use exhibits::{StoredExhibit, read_exhibit, store_exhibit};
pub use history::HistoryLine;
pub use mailbox::ReceivedGrant;
pub use parts::{NewExhibit, NewText, Written};
pub use revision::{OpenRevision, check_revision, content_digest, content_of};
pub use session::{Desktop, Finding, Vault, read_header};
pub use state::Known;
