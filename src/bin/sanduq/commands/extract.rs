//! `sanduq extract`: an exhibit out of the vault.

use super::Context;
use crate::args::{ExhibitNumber, Place};
use crate::failure::Failure;

/// Write an exhibit to a file
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
    /// Write the exhibit with this number
    #[arg(value_name = "E3")]
    pub(crate) exhibit: ExhibitNumber,
    /// Write it to this new file, or with - to standard output
    #[arg(long, value_name = "FILE|-", value_parser = clap::value_parser!(Place))]
    pub(crate) out: Place,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
