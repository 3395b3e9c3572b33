//! `sanduq import`: a bundle into my vault.

use std::path::PathBuf;

use sanduq::bundle::{BundleFeed, Parcel, incoming};
use sanduq::record::Time;
use sanduq::vault::Vault;
use serde::Serialize;

use super::Context;
use super::accept::{Taken, stop_when_cancelled};
use super::bundles::{Judged, read};
use crate::failure::Failure;
use crate::process;

/// Take the cases of a bundle into your vault
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Take in this bundle
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// What was taken in from which bundle, for `--json`.
#[derive(Serialize)]
struct Imported {
    bundle: String,
    /// When this very bundle came before.
    before: Option<Time>,
    #[serde(flatten)]
    taken: Taken,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let mut vault = context.owner_vault()?;
    let contacts = vault.contacts().clone();
    let mut bundle = read(context, &args.file, &contacts)?;
    let judged = Judged::of(bundle.verified(), vault.owner(), &contacts)?;
    context.ui.status(&judged.to_text());
    let before = came_before(&vault, bundle.verified().parcel())?;
    let incoming = incoming(bundle.verified())?;
    let bytes = incoming.revisions.iter().flat_map(|one| &one.revision.exhibits).map(|e| e.bytes).sum();
    let progress = context.ui.progress(bytes, "taking it in");
    let mut advance = |bytes| {
        progress.advance(bytes);
        stop_when_cancelled()
    };
    let taken = vault.take_in(&incoming, &mut BundleFeed(&mut bundle), &mut advance, context.now());
    drop(progress);
    if process::cancelled() && taken.is_err() {
        return Err(Failure::cancelled());
    }
    let imported = Imported { bundle: judged.bundle, before, taken: Taken::of(&taken?, &vault)? };
    context.ui.answer(&imported, || imported.to_text())
}

/// When something of this very bundle was taken in.
fn came_before(vault: &Vault, parcel: &Parcel) -> Result<Option<Time>, Failure> {
    let mut times = Vec::new();
    for case in &parcel.cases {
        let view = vault.case(case.case)?;
        let same = view.received.iter().filter(|received| received.bundle == Some(parcel.bundle));
        times.extend(same.map(|received| received.time));
    }
    Ok(times.into_iter().min())
}

impl Imported {
    fn to_text(&self) -> String {
        let taken = self.taken.to_text();
        match self.before {
            Some(time) => format!("this very bundle was imported before, {time}\n{taken}"),
            None => taken,
        }
    }
}
