//! `sanduq inbox`: what contacts shared here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanduq::record::RevisionId;
use sanduq::store::{LocalStore, Store, StoreError};
use sanduq::vault::{CaseView, SharedVault, Vault, VaultError, read_header};
use serde::Serialize;

use super::Context;
use super::access::Access;
use super::codes::Codes;
use super::names::Name;
use crate::failure::{Failure, Kind};

/// List what contacts shared with you here
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Look in this vault folder instead of the one named by --vault
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
}

/// A case that was shared, for `--json`.
#[derive(Serialize)]
struct Waiting {
    code: String,
    from: Name,
    parts: Vec<String>,
    changed: Option<sanduq::record::Time>,
    /// How many revisions my own vault does not hold yet; none without a vault of my own.
    new: Option<usize>,
    damaged: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let access = Access::Reader(Box::new(others(context, args.from.as_deref())?));
    let own = own(context, args.from.as_deref())?;
    let (mut cases, _) = access.each_case(|view| view)?;
    cases.sort_by_cached_key(|view| (std::cmp::Reverse(view.changed()), view.case));
    let codes = Codes::among(cases.iter().map(|view| view.case).collect::<std::collections::HashSet<_>>());
    let waiting = cases.iter().map(|view| Waiting::of(view, &access, &codes, own.as_ref()));
    let waiting = waiting.collect::<Result<Vec<_>, _>>()?;
    context.ui.answer(&waiting, || page(&waiting, own.is_some()))
}

/// My own vault, if `--vault` names one beside the folder looked into.
fn own(context: &mut Context, from: Option<&Path>) -> Result<Option<Vault>, Failure> {
    let named = context.settings.vault().is_ok_and(|folder| folder.join("vault").exists());
    if from.is_none() || !named {
        return Ok(None);
    }
    match context.access() {
        Ok(Access::Owner(vault)) => Ok(Some(*vault)),
        Ok(Access::Reader(_)) => Ok(None),
        Err(failure) if failure.kind() == Kind::NoMatch => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Opens what contacts shared in their vault; one's own is told apart from one where nothing was shared.
pub(super) fn others(context: &mut Context, from: Option<&Path>) -> Result<SharedVault, Failure> {
    let folder = match from {
        Some(from) => from.to_path_buf(),
        None => context.settings.vault()?.to_path_buf(),
    };
    let store: Arc<dyn Store> = match LocalStore::open(&folder) {
        Err(error @ StoreError::NotFound { .. }) => {
            return Err(Failure::new(Kind::NoVault, error)
                .hint("name the folder of the vault that was shared with you, or of a copy of it"));
        }
        store => Arc::new(store?),
    };
    read_header(store.as_ref())?;
    match SharedVault::open(Arc::clone(&store), context.desktop()?) {
        Err(VaultError::NothingShared) if Vault::open(store, context.desktop()?).is_ok() => {
            Err(Failure::usage(format!("{} is your own vault", folder.display())).hint(
                "what contacts shared with you lies in theirs: name its folder, or a copy of it, with `--from DIR`",
            ))
        }
        shared => {
            let shared = shared?;
            context.warn_of(shared.findings());
            Ok(shared)
        }
    }
}

impl Waiting {
    fn of(view: &CaseView, access: &Access, codes: &Codes, own: Option<&Vault>) -> Result<Self, Failure> {
        let held = own.map(|vault| vault.case(view.case)).transpose()?;
        Ok(Self {
            code: codes.of(&view.case),
            from: Name::of(access, view.owner)?,
            parts: view.part_names().into_iter().map(ToString::to_string).collect(),
            changed: view.changed(),
            new: held
                .map(|held| revisions(view).filter(|id| revisions(&held).all(|have| have != *id)).count()),
            damaged: view.damaged.iter().map(|(part, why)| format!("{part}: {why}")).collect(),
        })
    }
}

/// The ids of everything in a case.
fn revisions(view: &CaseView) -> impl Iterator<Item = RevisionId> {
    view.parts.values().flatten().map(|fact| fact.revision)
}

fn page(waiting: &[Waiting], compared: bool) -> String {
    let mine = if compared { "your vault" } else { "" };
    let heading = ["code", "from", "last change", mine, "parts"].map(String::from);
    let rows = waiting.iter().map(|case| {
        let damaged = if case.damaged.is_empty() { "" } else { "  (some of it is DAMAGED)" };
        let changed = case.changed.map(|time| time.to_string()).unwrap_or_default();
        let new = match case.new {
            None => String::new(),
            Some(0) => "has all".into(),
            Some(new) => format!("{new} new"),
        };
        [case.code.clone(), case.from.to_string(), changed, new, case.parts.join(" ") + damaged]
    });
    crate::ui::table(std::iter::once(heading).chain(rows))
        + "\nread one with `sanduq --vault DIR show CODE`; take them into your own vault with `sanduq accept --from DIR`"
}
