//! `sanduq check`: every object, signature, link and digest.

use super::Context;
use crate::failure::Failure;

/// Check every object, signature and link you can read
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Read every exhibit through as well
    #[arg(long)]
    pub(crate) read_data: bool,
    /// Accept that the vault went back to an older state, and write again
    #[arg(long)]
    pub(crate) accept_rollback: bool,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
