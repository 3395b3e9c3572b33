//! `sanduq shares`: who has which revision.

use super::Context;
use crate::failure::Failure;

/// Show who has which revision, and where a newer one exists
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Show only this case
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
    /// Show only this contact
    #[arg(long, value_name = "LABEL")]
    pub(crate) contact: Option<String>,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
