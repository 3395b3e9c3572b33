//! `sanduq list`: the cases one can read here.

use std::collections::HashSet;

use sanduq::record::{CardHash, CaseId, Time};
use sanduq::vault::{CaseView, VaultError};
use serde::Serialize;

use super::Context;
use super::access::Access;
use super::codes::Codes;
use super::names::Name;
use super::words::count;
use crate::failure::{Failure, Kind};
use crate::sanitize;

/// List the cases you can read here
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// List only what is new since you last looked
    #[arg(long)]
    pub(crate) new: bool,
    /// List only what this contact shared
    #[arg(long, value_name = "LABEL")]
    pub(crate) from: Option<String>,
}

/// A case, for `--json`.
#[derive(Serialize)]
struct Listed {
    code: String,
    /// Who gave it, for what lies in another's vault.
    from: Option<Name>,
    title: Option<String>,
    parts: Vec<String>,
    changed: Option<Time>,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let mut access = context.access()?;
    let from = args.from.as_deref().map(|label| card_of(&access, label)).transpose()?;
    let (mut cases, holes) = access.each_case(Brief::of)?;
    // One case given by several is listed for each of them.
    let codes = Codes::among(cases.iter().map(|brief| brief.case).collect::<HashSet<_>>());
    if args.new {
        let new: HashSet<(CaseId, CardHash)> = access.arrivals()?.into_iter().collect();
        cases.retain(|brief| new.contains(&(brief.case, brief.owner)));
    }
    if let Some(from) = from {
        cases.retain(|brief| brief.senders.contains(&from));
    }
    cases.sort_unstable_by_key(|brief| (std::cmp::Reverse(brief.changed), brief.case));
    let listed = cases.into_iter().map(|brief| list_one(brief, &access, &codes));
    let listed = listed.collect::<Result<Vec<_>, _>>()?;
    context.ui.answer(&listed, || page(&listed, &args))?;
    if holes > 0 {
        let parts = count(holes, "part", "parts");
        return Err(holed(format!(
            "{parts} of the vault's index cannot be read: cases may be missing above, or incomplete"
        )));
    }
    // Only what was really shown counts as shown.
    if args.new && args.from.is_none() {
        access.mark_arrivals()?;
    }
    Ok(())
}

/// Something of the index cannot be read, and what can was shown.
pub(super) fn holed(statement: String) -> Failure {
    Failure::say(Kind::Corrupt, statement)
        .hint(
            "copy the vault's folder over this one from where it is whole: names that are there already stay",
        )
        .hint(
            "if it is whole nowhere, `sanduq check --accept-loss` shows what is lost, and goes on without it",
        )
}

/// The card of the contact whose cases are asked for.
fn card_of(access: &Access, label: &str) -> Result<CardHash, Failure> {
    let contact = access.contacts().find(label)?;
    let card = contact.card().ok_or_else(|| VaultError::BundlesOnly(contact.label.to_string()))?;
    Ok(card.hash())
}

/// As much of a case as a line of the list shows.
struct Brief {
    case: CaseId,
    owner: CardHash,
    title: Option<String>,
    parts: Vec<String>,
    changed: Option<Time>,
    senders: Vec<CardHash>,
}

impl Brief {
    fn of(view: CaseView) -> Self {
        Self {
            case: view.case,
            owner: view.owner,
            title: view.title().map(str::to_owned),
            parts: view.part_names().into_iter().map(ToString::to_string).collect(),
            changed: view.changed(),
            senders: view.received.iter().map(|received| received.from).collect(),
        }
    }
}

fn list_one(brief: Brief, access: &Access, codes: &Codes) -> Result<Listed, Failure> {
    Ok(Listed {
        code: codes.of(&brief.case),
        from: access.giver(brief.owner)?,
        title: brief.title,
        parts: brief.parts,
        changed: brief.changed,
    })
}

fn page(listed: &[Listed], args: &Args) -> String {
    if listed.is_empty() {
        return match (args.new, &args.from) {
            (true, _) => "nothing new".into(),
            (false, Some(label)) => format!("no cases from `{label}`"),
            (false, None) => "no cases yet; `sanduq new` opens one".into(),
        };
    }
    let last = if listed.iter().any(|case| case.from.is_some()) { "from" } else { "title" };
    let heading = ["code", "last change", "parts", last].map(String::from);
    let rows = listed.iter().map(|case| {
        let title = case.title.as_deref().map(sanitize::one_line).unwrap_or_default().into_owned();
        let changed = case.changed.map(|time| time.to_string()).unwrap_or_default();
        // What others gave has no title here; who gave it stands in its place.
        let last = case.from.as_ref().map_or(title, |from| from.to_string());
        [case.code.clone(), changed, case.parts.join(" "), last]
    });
    crate::ui::table(std::iter::once(heading).chain(rows))
}
