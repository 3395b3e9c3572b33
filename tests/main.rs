//! Integration tests, one binary.

mod age_interop;
mod age_vectors;
mod architecture;
mod bundle;
mod bundle_parts;
mod cli;
mod corpora;
mod exhibits;
mod sharing;
mod store;
mod support;
mod vault;
