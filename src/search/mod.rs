//! Searching: words of texts in one folded form, sorted lists of where they stand, queries, passages.
//!
//! Pure: knows bytes in memory and asks for ranges of a segment; no keys, no places, no vault. What the lists are is in
//! docs/format.md section 9, "Search index", why they are so in docs/decisions/0008-search.md.

mod build;
mod find;
mod fold;
mod join;
mod lists;
mod passage;
mod query;
mod segment;
#[cfg(test)]
mod tests;

pub use build::{Builder, Field};
pub use find::{Finding, Fit, find};
pub use join::join;
pub use passage::{Passage, locate};
pub use query::{Query, QueryError};
pub use segment::{Document, Kind, Ranges, Segment, Written};

/// Which folding and which sounds: an index made by others is made again.
pub const RULES: u64 = 1;

/// A segment is not what it must be: it is to be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the search index is damaged")]
pub struct Broken;
