//! `sanduq list`: the cases one can read here.

use super::Context;
use crate::failure::Failure;

/// List the cases you can read here
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// List only what is new since you last looked
    #[arg(long)]
    pub(crate) new: bool,
    /// List only what this contact shared
    #[arg(long, value_name = "LABEL")]
    pub(crate) from: Option<String>,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
