//! Integration tests, one binary.

mod age_interop;
mod age_vectors;
mod architecture;
mod bundle;
mod bundle_parts;
mod cli;
mod consent;
mod corpora;
mod crash;
mod documents;
mod every_bit;
mod exhibits;
mod known;
mod look;
mod names;
mod noise;
mod primitives;
mod reader;
mod sharing;
mod slip39;
mod store;
mod support;
mod traces;
mod vault;
mod versions;
