//! Bytes to types and back: everything of docs/format.md that is a structure.
//!
//! Pure: knows no secrets' use, no places, no clock. [`Malformed`] is the closed list of ways in which
//! bytes from elsewhere can be wrong.
#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod card;
mod cbor;
mod fact;
mod form;
mod grant;
mod header;
mod identity;
mod ingest;
mod key;
mod log;
mod malformed;
mod memory;
mod operation;
mod people;
mod render;
mod revision;
mod run;
mod search;

pub use card::{Card, CardCore, Contact, ContactCore};
pub use cbor::{Structure, decode, decode_value, encode, encode_value};
pub use fact::{
    BundleFact, CardFact, CodeFact, EndedFact, EntryPlace, Fact, FactKey, FactKind, Given, GivenFact,
    MessageFact, OpenedFact, ReceivedFact, RecoveryFact, RevisionFact, TitleFact,
};
pub use form::{
    Leaf, MAX_FORM_BYTES, MAX_FORM_FILE_BYTES, finish_form, form_leaves, is_form, parse_form, read_answers,
    read_form, template, write_answers, write_form,
};
pub use grant::{Grant, GrantContent, GrantCore, GrantedCase, GrantedRevision};
pub use header::VaultHeader;
pub use identity::{IdentityContent, IdentityHeader, KdfCost, Recovery, SEALED_IDENTITY_BYTES};
pub use ingest::{IngestError, IngestFault, IngestRecord, IngestText, read_csv, read_jsonl};
pub use key::ObjectKey;
pub use log::{Entry, EntryCore, EntryPrivate, Genesis, Head, ObjectRef, Operations, RunRef};
pub use malformed::Malformed;
pub use memory::{AddressBook, FormDraft, Mark, Memory, MessageGap, PlaceOfVault, Places, SeenMessage};
pub use operation::{Operation, OperationBody};
pub use people::{Beside, Kind, People};
pub use render::{PartContent, RenderedFile, exhibit_files, parse_part, render_part};
pub use revision::{Exhibit, Revision, RevisionCore};
pub use run::{BLOCK_BYTES, Block, Row, RowValue, RunIndex, build_run, parse_block, run_index_from_tail};
pub use search::{SearchCase, SearchList, SearchSegment, SearchSource};
