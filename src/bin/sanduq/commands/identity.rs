//! `sanduq identity`: new identities, new passphrases, age keys for stock tools.

use std::path::PathBuf;

use super::Context;
use crate::args::NewPassphrase;
use crate::failure::Failure;

/// Make an identity, change its passphrase, hand out its age keys
#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = false)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) action: Action,
}

/// What to do with an identity.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Make a new identity file
    New {
        /// Write it here instead of where --identity says
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        passphrase: NewPassphrase,
    },
    /// Change the passphrase of the identity file
    Passphrase {
        #[command(flatten)]
        passphrase: NewPassphrase,
    },
    /// Write the age keys for stock age, protected by a passphrase: they open bundles, never the vault
    AgeKeys {
        /// Write them to this file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
