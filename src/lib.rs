//! `sanduq`: a vault for witness testimonies.
//!
//! The library never prints, prompts, exits, reads the environment or looks at the clock; the
//! program in `src/bin/sanduq` does. Layers and arrows: `docs/architecture.md`.

pub mod bundle;
pub mod crypto;
pub mod format;
pub mod look;
pub mod names;
pub mod record;
pub mod search;
pub mod store;
pub mod vault;
#[cfg(test)]
mod vectors;
