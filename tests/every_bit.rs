//! Every bit: whatever is changed in something sealed, signed or framed is noticed, and nothing false is ever read.
//!
//! "Noticed" is an error or a finding; "accepted" would be anything else, also when what is read is right: there are no
//! bits to spare. In the ordinary suite each test tries a sample; the campaigns try all.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "what is damaged on purpose is damaged directly")]
#![allow(clippy::print_stdout, reason = "the figures of a campaign")]

#[path = "every_bit/beside.rs"]
mod beside;
#[path = "every_bit/changes.rs"]
pub(crate) mod changes;
#[path = "every_bit/inner.rs"]
mod inner;
#[path = "every_bit/objects.rs"]
mod objects;
#[path = "every_bit/program.rs"]
mod program;
#[path = "every_bit/scene.rs"]
pub(crate) mod scene;
