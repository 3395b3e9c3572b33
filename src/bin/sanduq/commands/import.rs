//! `sanduq import`: a bundle into my vault.

use std::path::PathBuf;

use super::Context;
use crate::failure::Failure;

/// Take the cases of a bundle into your vault
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Take in this bundle
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
