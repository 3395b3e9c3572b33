//! Names of people across scripts: one matcher for searching and for the warning that two may be one.
//!
//! Knows nothing of bytes on disk, keys or places, and decides nothing: it says how well two spellings fit.
//! How it works, where its tables come from, how well it does: `docs/names.md`.

mod align;
mod form;
mod likeness;
mod matcher;
mod normal;
mod query;
mod sound;
mod table;

pub use likeness::{Likeness, likeness};
pub use matcher::{Match, Matcher};
pub use sound::sounds;
