//! `sanduq card`: the public half of the identity.

use std::path::PathBuf;

use super::Context;
use crate::failure::Failure;

/// Show my card and its fingerprint words
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Write the card to this file, to be given to others
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Draw the fingerprint as a QR code
    #[arg(long)]
    pub(crate) qr: bool,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
