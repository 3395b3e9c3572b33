//! Crashes and failing disks: what stands when the program, the power or the disk ends in the middle of something.
//!
//! Real runs of the program are recorded at the seam to the system (`crash/trace.rs`), played back on a model of a
//! disk (`crash/disk.rs`), killed and failed for real, and everything found afterwards is judged (`crash/judge.rs`).
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "what a disk holds after a crash is written directly")]

#[path = "crash/campaigns.rs"]
mod campaigns;
#[path = "crash/disk.rs"]
mod disk;
#[path = "crash/failing.rs"]
mod failing;
#[path = "crash/init.rs"]
mod init;
#[path = "crash/judge.rs"]
mod judge;
#[path = "crash/kills.rs"]
mod kills;
#[path = "crash/look.rs"]
mod look;
#[path = "crash/points.rs"]
mod points;
#[path = "crash/scenes.rs"]
mod scenes;
#[path = "crash/stage.rs"]
mod stage;
#[path = "crash/strace.rs"]
mod strace;
#[path = "crash/trace.rs"]
mod trace;
#[path = "crash/tree.rs"]
mod tree;
