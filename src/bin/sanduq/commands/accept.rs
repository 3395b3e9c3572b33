//! `sanduq accept`: shared cases into my own vault.

use std::path::PathBuf;

use super::Context;
use crate::failure::Failure;

/// Take cases shared with you into your own vault
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Take only the cases with these codes
    #[arg(value_name = "CODE")]
    pub(crate) codes: Vec<String>,
    /// Look in this vault folder instead of the one named by --vault
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
