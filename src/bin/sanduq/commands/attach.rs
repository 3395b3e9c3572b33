//! `sanduq attach`: files into a part.

use std::path::PathBuf;

use super::Context;
use crate::failure::Failure;

/// Attach files of any size to a case as exhibits
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
    /// Attach these files; they stay readable where they are
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Attach to this part
    #[arg(long, value_name = "PART", default_value = "exhibits")]
    pub(crate) part: String,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
