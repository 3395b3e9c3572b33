//! `sanduq unshare`: no further updates for a contact.

use super::Context;
use crate::failure::Failure;

/// End further updates of cases for a contact; what was shared stays readable
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// End updates of the cases with these codes
    #[arg(value_name = "CODE", required = true)]
    pub(crate) codes: Vec<String>,
    /// End them for this contact
    #[arg(long, value_name = "LABEL")]
    pub(crate) from: String,
    /// Go ahead without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
