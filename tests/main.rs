//! Integration tests, one binary.

mod age_vectors;
