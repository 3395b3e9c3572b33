//! Integration tests, one binary.

mod age_interop;
mod age_vectors;
mod bundle;
mod bundle_parts;
