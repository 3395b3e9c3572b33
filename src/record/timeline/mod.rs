//! Dates of a case in order, with what they leave open; accounts that differ; what is due. docs/cli.md, "Time".
//!
//! Pure: what was read goes in, what can be said of it comes out. Nothing is completed, settled or repaired.

mod accounts;
mod conflict;
mod day;
mod due;
mod entries;
mod fit;
mod moment;
mod sheet;
mod span;

pub use conflict::{Compared, Conflict, ConflictKind, Side, conflicts};
pub use day::{Day, Edge, Stretch, Unit};
pub use due::{Due, DueKind, DueState, HEARING, dues};
pub use moment::{Moment, Timeline};
pub use sheet::{Sheet, names};
pub use span::{Agreement, Order, Span};
