//! `sanduq inbox`: what contacts shared here.

use std::path::PathBuf;

use super::Context;
use crate::failure::Failure;

/// List what contacts shared with you here
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Look in this vault folder instead of the one named by --vault
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
