//! `sanduq ingest`: many cases in one commit.

use std::path::PathBuf;

use super::Context;
use crate::failure::Failure;

/// Record many cases from a JSONL or CSV file in one commit
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Read this file, ending in .jsonl or .csv
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Leave out lines that are wrong and name them, instead of writing nothing
    #[arg(long)]
    pub(crate) skip_bad: bool,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
