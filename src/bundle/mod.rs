//! Bundles: sealed, self-contained exports for one recipient, which stock tools open and check.
//!
//! `age file ▸ ustar ▸ BagIt bag`, docs/format.md section 10. Content comes in as a
//! [`Parcel`] and an [`ExhibitSource`], and goes out as [`Verified`], of which nothing exists before all of a
//! bundle was verified.

mod archive;
pub mod bag;
mod collect;
mod comment;
mod custody;
mod error;
mod exchange;
mod expected;
mod folder;
mod judge;
mod layout;
mod parcel;
mod parse;
mod pipe;
mod plan;
mod read;
mod small;
pub mod tar;
#[cfg(test)]
mod tests;
mod text;
mod verify;
mod write;

pub use error::{BundleError, ExhibitFault, LogFault, PartFault};
pub use exchange::{BundleFeed, VaultExhibits, incoming, pack};
pub use folder::{BundleFiles, ListedFile, verify_folder};
pub use judge::{Judge, Trust};
pub use parcel::{ExhibitSource, Parcel, ParcelCase, bare_recipient, own_recipients};
pub use read::{Verified, VerifiedBundle, read_bundle};
pub use write::{Export, WrittenBundle, write_bundle};
