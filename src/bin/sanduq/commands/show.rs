//! `sanduq show`: one case on the screen.

use std::num::NonZeroU64;

use super::Context;
use crate::failure::Failure;

/// Show a case
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
    /// Show only this part
    #[arg(long, value_name = "PART")]
    pub(crate) part: Option<String>,
    /// Show this revision instead of the current one
    #[arg(long, value_name = "N")]
    pub(crate) revision: Option<NonZeroU64>,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
