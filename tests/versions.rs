//! Versions: what a later sanduq wrote is called so at every entrance, and left as it is, byte for byte.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "a later version is made by hand")]
#![allow(clippy::print_stdout, reason = "shown when a test fails")]

#[path = "versions/bundle.rs"]
mod bundle;
#[path = "versions/card.rs"]
mod card;
#[path = "versions/identity.rs"]
mod identity;
#[path = "versions/vault.rs"]
mod vault;

use crate::support::program::{Home, content_of};

const NEWER: &str = "written by a newer sanduq";

/// Runs a command, which says that something is of a later version, on a home that stays as it is.
#[track_caller]
fn answered(home: &Home, args: &[&str]) {
    let before = content_of(&home.path(""));
    let run = home.run_with(args, "бір мәтін\n");
    let shown = run.out.clone();
    let run = run.fails(1, NEWER);
    assert!(shown.is_empty(), "{args:?} shows {shown}");
    assert!(
        run.err.contains("nothing was changed; use the newer sanduq that wrote it"),
        "{args:?}: {}",
        run.err
    );
    let after = content_of(&home.path(""));
    let changed: Vec<_> = after.iter().filter(|file| !before.contains(file)).map(|(path, _)| path).collect();
    assert!(changed.is_empty() && after.len() == before.len(), "{args:?} changed {changed:?}");
}

/// Version 2 of an encoded structure: its number stands after the key `v`, at the fourth byte.
fn newer(structure: &[u8]) -> Vec<u8> {
    assert_eq!(structure[1..4], *b"\x61v\x01");
    let mut bytes = structure.to_vec();
    bytes[3] = 2;
    bytes
}
