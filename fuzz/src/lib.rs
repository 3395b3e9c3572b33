//! What must hold for any bytes at all. One function a target; a broken promise is a panic.
//!
//! The fuzz targets call them with bytes that libFuzzer makes up, `tests/corpora.rs` with every file of
//! `corpus/`, in the ordinary suite.

pub mod age_files;
pub mod archives;
pub mod bags;
pub mod cards;
pub mod forms;
pub mod identities;
pub mod ingest;
pub mod rows;
pub mod sanitizer;
pub mod sealed;
pub mod structures;

/// A property of all byte strings.
pub type Check = fn(&[u8]);

/// Every target: the name of its folder in `corpus/`, and what is checked.
pub const TARGETS: [(&str, Check); 17] = [
    ("age_prescan", age_files::prescan),
    ("bag", bags::tag_files),
    ("card", cards::card),
    ("cbor", structures::cbor),
    ("entry", structures::entry),
    ("form", forms::forms),
    ("grant", structures::grant),
    ("hybrid_stanza", age_files::hybrid_stanza),
    ("identity_file", identities::identity_file),
    ("ingest", ingest::files),
    ("minisign", bags::minisign),
    ("object", sealed::object),
    ("part_json", structures::part_json),
    ("revision", structures::revision),
    ("run", rows::run),
    ("sanitizer", sanitizer::texts),
    ("tar", archives::tar),
];

/// The target of this name, for a fuzz target.
///
/// # Panics
/// If there is none.
pub fn target(name: &str) -> Check {
    TARGETS.iter().find(|(known, _)| *known == name).expect("a target stands in the table").1
}
