//! What the program leaves behind: in its memory, in files, at the system's calls.
#![cfg(test)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests prepare files, and find python3 by the PATH they run with"
)]

#[path = "traces/files.rs"]
mod files;
#[path = "traces/memory.rs"]
mod memory;
