//! `sanduq init`: an identity, if there is none, and an empty vault.

use super::Context;
use crate::args::NewPassphrase;
use crate::failure::Failure;

/// Make a vault, and an identity if there is none
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) passphrase: NewPassphrase,
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
