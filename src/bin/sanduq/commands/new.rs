//! `sanduq new`: a new case.

use super::Context;
use crate::failure::Failure;

/// Open a case and print its code
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Ask for a title, or read it from standard input; a title is never taken from the command line
    #[arg(long, value_name = "-", value_parser = ["-"], hide_possible_values = true)]
    pub(crate) title: Option<String>,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
