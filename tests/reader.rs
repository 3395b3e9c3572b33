//! The independent reader (`tests/interop/reader.py`) against the program, on vaults that the program made.
//!
//! `tests/run` installs what it needs. docs/assurance.md, "Independent reader and vectors".
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests prepare files")]

#[path = "reader/agree.rs"]
mod agree;
#[path = "reader/refuse.rs"]
mod refuse;
#[path = "reader/scene.rs"]
mod scene;
#[path = "reader/tamper.rs"]
mod tamper;
