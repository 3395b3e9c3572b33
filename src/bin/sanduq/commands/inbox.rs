//! `sanduq inbox`: what contacts shared here.

use std::path::PathBuf;

use sanduq::vault::SharedVault;
use serde::Serialize;

use super::Context;
use super::access::Access;
use super::names::Name;
use crate::failure::Failure;

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
    damaged: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let shared = context.shared(args.from.as_deref())?;
    let access = Access::Reader(Box::new(shared));
    let Access::Reader(shared) = &access else { return Err(Failure::unavailable()) };
    let waiting = waiting(&access, shared)?;
    context.ui.answer(&waiting, || page(&waiting))
}

fn waiting(access: &Access, shared: &SharedVault) -> Result<Vec<Waiting>, Failure> {
    let mut cases = shared.cases()?;
    cases.sort_by_cached_key(|view| (std::cmp::Reverse(view.changed()), view.case));
    cases
        .iter()
        .map(|view| {
            Ok(Waiting {
                code: access.code(view.case).to_string(),
                from: Name::of(access, view.owner)?,
                parts: view.part_names().into_iter().map(ToString::to_string).collect(),
                changed: view.changed(),
                damaged: view.damaged.iter().map(|(part, why)| format!("{part}: {why}")).collect(),
            })
        })
        .collect()
}

fn page(waiting: &[Waiting]) -> String {
    let heading = ["code", "from", "last change", "parts"].map(String::from);
    let rows = waiting.iter().map(|case| {
        let damaged = if case.damaged.is_empty() { "" } else { "  (some of it is DAMAGED)" };
        let changed = case.changed.map(|time| time.to_string()).unwrap_or_default();
        [case.code.clone(), case.from.to_string(), changed, case.parts.join(" ") + damaged]
    });
    let table = crate::ui::table(std::iter::once(heading).chain(rows));
    table
        + "\nread one with `sanduq show CODE`; take them into your own vault with `sanduq accept --from DIR`"
}
