//! What several test files need: people and their vaults in private folders.
#![cfg(test)]

pub(crate) mod altered;
pub(crate) mod bags;
pub(crate) mod bundles;
pub(crate) mod keys;
pub(crate) mod pair;
pub(crate) mod people;
pub(crate) mod program;
pub(crate) mod tars;
pub(crate) mod vaults;
