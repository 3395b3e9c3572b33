//! Age files: sealing to one recipient, opening foreign files within limits, the keys of both sides.
//!
//! Knows no paths and no identity file of ours. Format: <https://c2sp.org/age>. Opens everything the
//! specification allows within 64 KiB of header, and nothing it forbids (`tests/age_vectors.rs`).

mod armor;
pub mod fault;
pub mod file;
mod hpke;
mod hybrid;
pub mod identity_file;
pub mod keys;
pub mod prescan;
pub mod recipient;
mod replay;
mod source;
mod text;
mod xwing;
