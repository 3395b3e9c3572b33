//! `sanduq share`: cases to a contact, part by part.

use super::Context;
use crate::failure::Failure;

/// Share parts of cases with a contact, or send what changed since
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Share the cases with these codes
    #[arg(value_name = "CODE", required_unless_present = "update", conflicts_with = "update")]
    pub(crate) codes: Vec<String>,
    /// Share with this contact
    #[arg(long, value_name = "LABEL", required_unless_present = "update")]
    pub(crate) to: Option<String>,
    /// Share these parts, and no others
    #[arg(long, value_name = "P,…", value_delimiter = ',')]
    #[arg(required_unless_present = "update", conflicts_with = "update")]
    pub(crate) parts: Vec<String>,
    /// Share their earlier revisions too
    #[arg(long, conflicts_with = "update")]
    pub(crate) history: bool,
    /// Send the newer revisions of what was shared before, to one contact or to all
    #[arg(long)]
    pub(crate) update: bool,
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

/// The two forms of the command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Share these parts of these cases with one contact.
    Give {
        /// Case codes as typed.
        codes: Vec<String>,
        /// Label of the contact.
        to: String,
        /// Part names as typed.
        parts: Vec<String>,
        /// Whether earlier revisions go too.
        history: bool,
    },
    /// Send newer revisions of what was shared before, to one contact or to all.
    Update {
        /// Label of the contact, or none for all.
        to: Option<String>,
    },
}

impl Args {
    /// Returns which of the two forms was typed.
    pub(crate) fn mode(&self) -> Mode {
        match &self.to {
            Some(to) if !self.update => Mode::Give {
                codes: self.codes.clone(),
                to: to.clone(),
                parts: self.parts.clone(),
                history: self.history,
            },
            to => Mode::Update { to: to.clone() },
        }
    }
}

/// Runs the command.
pub(crate) fn run(_args: Args, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::unavailable())
}
