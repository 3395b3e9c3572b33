//! `sanduq import`: a bundle into my vault.

use std::path::PathBuf;

use sanduq::bundle::{BundleFeed, incoming};

use super::Context;
use super::accept::{Taken, stop_when_cancelled};
use super::bundles::{Judged, read};
use crate::failure::Failure;

/// Take the cases of a bundle into your vault
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Take in this bundle
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let mut vault = context.owner_vault()?;
    let contacts = vault.contacts().clone();
    let mut bundle = read(context, &args.file, &contacts)?;
    context.ui.status(&Judged::of(bundle.verified(), vault.owner(), &contacts)?.to_text());
    let incoming = incoming(bundle.verified())?;
    let working = context.ui.working("taking it in");
    let taken =
        vault.take_in(&incoming, &mut BundleFeed(&mut bundle), &mut |_| stop_when_cancelled(), context.now());
    drop(working);
    let taken = Taken::of(&taken?);
    context.ui.answer(&taken, || taken.to_text())
}
