//! Integration tests, one binary.

mod age_interop;
mod age_vectors;
mod bundle_parts;
mod store;
mod support;
mod vault;
