//! `sanduq open`: a bundle, read.

use std::path::PathBuf;

use super::Context;
use crate::failure::Failure;

/// Read a bundle, verified first
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Read this bundle
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Write its files into this new folder, readable by anyone who gets at it
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
