//! `sanduq contact`: the address book of cards, verified and not.

use std::path::PathBuf;

use super::Context;
use crate::failure::Failure;

/// Keep the cards of others under labels of your own
#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = false)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) action: Action,
}

/// What to do in the address book.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Add a card, or a bare age recipient that can only receive bundles
    #[command(group = clap::ArgGroup::new("kind").required(true).args(["card", "age"]))]
    Add {
        /// Keep it under this label
        #[arg(value_name = "LABEL")]
        label: String,
        /// Add the card in this file
        #[arg(long, value_name = "FILE")]
        card: Option<PathBuf>,
        /// Add this age recipient
        #[arg(long, value_name = "age1…|age1pq1…")]
        age: Option<String>,
    },
    /// Compare the fingerprint words with the other person and mark the contact verified
    Verify {
        /// Verify the contact with this label
        #[arg(value_name = "LABEL")]
        label: String,
    },
    /// List contacts, and whether each was verified
    List,
    /// Remove a contact; what was shared with it stays shared
    Remove {
        /// Remove the contact with this label
        #[arg(value_name = "LABEL")]
        label: String,
    },
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
