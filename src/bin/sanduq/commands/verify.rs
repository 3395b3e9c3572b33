//! `sanduq verify`: a bundle or an opened one, judged.

use std::path::PathBuf;

use super::Context;
use crate::failure::Failure;

/// Judge a bundle on one page: who recorded it, who passed it on, whether it is whole
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Judge this bundle, or the folder it was opened into
    #[arg(value_name = "FILE|DIR")]
    pub(crate) bundle: PathBuf,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
