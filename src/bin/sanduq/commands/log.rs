//! `sanduq log`: what was done in this vault.

use super::Context;
use crate::failure::Failure;

/// Show what was done in this vault, by which device, when
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Show only what concerns this case
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
