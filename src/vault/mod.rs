//! Vaults: composes records, seals and places into something that keeps, shares and proves.
//!
//! Knows no terminal, no clock, no environment. docs/format.md sections 6 to 9.

mod arrivals;
#[cfg(test)]
mod attacks;
mod case;
mod catalogue;
mod check;
mod checkpoint;
mod commit;
mod consent;
mod contacts;
mod create;
mod custody;
mod desk;
mod error;
mod exhibits;
mod exposure;
mod form_draft;
mod history;
mod ingest;
#[cfg(test)]
mod known;
mod log;
mod loss;
mod mailbox;
mod objects;
mod parts;
mod people;
mod recovery;
mod revision;
mod rollback;
mod run;
mod search;
mod session;
mod shared;
mod sharing;
mod spread;
mod state;
mod take_in;
mod withdraw;

pub use case::CaseView;
pub use check::{CheckOptions, CheckProgress, CheckReport, CheckStage, Sound};
pub use checkpoint::{Checkpoint, FoundCheckpoint};
pub use commit::Draft;
pub use consent::{Judgement, Lacking, Missing};
pub use contacts::{ContactKey, Contacts, KnownContact};
pub use custody::{LogExtract, Opening};
pub use desk::Desk;
pub use error::{Damage, Item, VaultError};
pub use exhibits::{StoredExhibit, read_exhibit, store_exhibit};
pub use exposure::{AtRisk, ExposedCase, ExposedRevision, Incident, Urgency};
pub use form_draft::DraftFile;
pub use history::HistoryLine;
pub use ingest::{IngestCase, IngestPart};
pub use loss::LossPlan;
pub use mailbox::ReceivedGrant;
pub use parts::{NewExhibit, NewText, Written};
pub use people::{Bearing, Consents, PersonView, Recorded};
pub use recovery::{RecoverySet, recover};
pub use revision::{OpenRevision, check_revision, content_digest, content_of};
pub use search::{Answer, Corpus, Found, SearchIndex, Watch};
pub use session::{Desktop, Finding, Vault, read_header};
pub use shared::SharedVault;
pub use sharing::{PlannedCase, PlannedPart, ShareLine, SharePlan, UnsharePlan};
pub use spread::spread;
pub use state::Known;
pub use take_in::{ExhibitFeed, Incoming, TakenIn};
pub use withdraw::Withdrawn;
