//! Integration tests, one binary.

mod bundle_parts;
