//! The domain's nouns: cases and their codes, parts, texts, times, and the numbers they are known by.
//!
//! Pure values and their rules. Knows nothing of bytes on disk, keys or places.

mod case;
mod exhibit;
pub mod form;
mod id;
pub mod leave;
mod part;
mod redaction;
mod text;
mod time;
pub mod timeline;
mod vector;

pub use case::{CaseCode, CaseCodeError};
pub use exhibit::ExhibitName;
pub use id::{Branch, BundleId, CardHash, CaseId, Digest, FactId, Recipient, RevisionId, VaultId, Writer};
pub use part::{PartName, PartNameError};
pub use redaction::{CLOSE, HIDDEN, OPEN, RedactionError, can_be_redacted, is_copy_of, marked, redacted};
pub use text::{
    Label, Lang, MAX_FILE_NAME_BYTES, MAX_TEXT_BYTES, TextError, Title, is_normal_text, normalise_str,
    normalise_text,
};
pub use time::Time;
pub use vector::{Position, Standing, Vector, heads};
