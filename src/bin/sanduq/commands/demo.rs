//! `sanduq demo`: the whole story on invented cases.

use std::path::PathBuf;

use super::Context;
use crate::failure::Failure;

/// Play the whole story with invented people in an empty folder
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Play it in this new folder
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
