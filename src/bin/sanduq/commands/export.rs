//! `sanduq export`: a sealed bundle for one contact.

use std::path::PathBuf;

use super::Context;
use crate::failure::Failure;

/// Write a sealed bundle for one contact
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Export the cases with these codes
    #[arg(value_name = "CODE", required = true)]
    pub(crate) codes: Vec<String>,
    /// Seal it to this contact
    #[arg(long, value_name = "LABEL")]
    pub(crate) to: String,
    /// Give these parts, and no others
    #[arg(long, value_name = "P,…", value_delimiter = ',', required = true)]
    pub(crate) parts: Vec<String>,
    /// Write the bundle to this new file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Write the covering note to this new file too
    #[arg(long, value_name = "FILE")]
    pub(crate) note: Option<PathBuf>,
    /// Seal so that every stock age can open it, without protection against quantum computers
    #[arg(long)]
    pub(crate) classic: bool,
    /// Go ahead without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Go ahead although the contact's fingerprint words were never compared
    #[arg(long)]
    pub(crate) unverified: bool,
    /// Give all heads of a part that has several
    #[arg(long)]
    pub(crate) all_heads: bool,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
