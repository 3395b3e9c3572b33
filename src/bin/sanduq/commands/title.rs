//! `sanduq title`: my own title of a case.

use super::Context;
use crate::failure::Failure;

/// Give a case a title of your own, asked for or read from standard input
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
