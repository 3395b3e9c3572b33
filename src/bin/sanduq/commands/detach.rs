//! `sanduq detach`: an exhibit left out of later revisions.

use super::Context;
use crate::args::ExhibitNumber;
use crate::failure::Failure;

/// Leave an exhibit out of later revisions
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
    /// Leave out the exhibit with this number
    #[arg(value_name = "E3")]
    pub(crate) exhibit: ExhibitNumber,
    /// Leave it out of this part
    #[arg(long, value_name = "PART", default_value = "exhibits")]
    pub(crate) part: String,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
