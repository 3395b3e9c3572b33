//! `sanduq show`: one case on the screen.

use std::num::NonZeroU64;

use sanduq::format::RevisionFact;
use sanduq::record::PartName;
use sanduq::vault::{CaseView, VaultError};

use super::Context;
use super::access::Access;
use super::form_page::{form_page, form_value};
use super::list::holed;
use super::names::Name;
use super::page::{Exhibit, Page, Part, Revision, differences};
use super::put::parse_part;
use super::words::count;
use crate::failure::{Failure, Kind};

/// Show a case
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
    /// Show only this part
    #[arg(long, value_name = "PART")]
    pub(crate) part: Option<String>,
    /// Show this revision instead of the current one
    #[arg(long, value_name = "N")]
    pub(crate) revision: Option<NonZeroU64>,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let part = args.part.as_deref().map(parse_part).transpose()?;
    let access = context.access()?;
    let mut views = access.views(&args.code)?;
    if let Some(part) = &part {
        let has = |view: &CaseView| {
            !view.revisions(part).is_empty() || view.damaged.iter().any(|(hurt, _)| hurt == part)
        };
        if let ([view, ..], false) = (views.as_slice(), views.iter().any(has)) {
            if view.holes > 0 {
                return Err(holed(format!("{part} is not there, as far as the vault's index can be read")));
            }
            return Err(missing(&access, view, part));
        }
        views.retain(has);
    }
    let mut pages = Vec::new();
    for view in &views {
        pages.push(whole_page(&access, view, part.as_ref(), args.revision)?);
    }
    let damaged: usize = pages.iter().map(|page| page.damaged.len()).sum();
    let read: usize = pages.iter().flat_map(|page| &page.parts).map(|part| part.shown.len()).sum();
    let mut page = pages.remove(0);
    page.others = pages;
    context.ui.answer(&page, || page.to_text())?;
    let holes: usize = views.iter().map(|view| view.holes).sum();
    if holes > 0 {
        let parts = count(holes, "part", "parts");
        return Err(holed(format!(
            "{parts} of the vault's index cannot be read: more of {} may be there",
            page.code
        )));
    }
    if damaged == 0 {
        return Ok(());
    }
    Err(Failure::say(
        Kind::Corrupt,
        format!("{damaged} of {} revisions of {} cannot be read", damaged + read, page.code),
    )
    .hint("what is above was checked and is whole; earlier revisions may be too: add `--part PART --revision N`")
    .hint("`sanduq check` names everything that is damaged"))
}

/// A case, or one part of it, as one view shows it.
fn whole_page(
    access: &Access,
    view: &CaseView,
    part: Option<&PartName>,
    wanted: Option<NonZeroU64>,
) -> Result<Page, Failure> {
    let names = part.map_or_else(|| view.part_names(), |part| vec![part]);
    if wanted.is_some() && names.len() != 1 {
        return Err(Failure::usage("a revision is one of a part").hint("add `--part PART`"));
    }
    let mut page = read_page(access, view, &names, wanted)?;
    if view.holes > 0 {
        page.damaged.push(format!("{}: more of this case may be recorded in it", sanduq::vault::Item::Run));
    }
    // What was given to a reader and does not open stands under no part.
    let hurt = view.damaged.iter().filter(|(hurt, _)| part.is_none_or(|part| part == hurt));
    page.damaged.extend(hurt.map(|(part, what)| format!("{part}: {what}")));
    Ok(page)
}

/// A part that is not there. Who only reads hears the same whether it exists or not.
fn missing(access: &Access, view: &CaseView, part: &PartName) -> Failure {
    match access {
        Access::Owner(_) => view.no_such(format!("part {part}")).into(),
        Access::Reader(_) => {
            Failure::from(VaultError::NotShared(format!("{} {part}", access.code(view.case))))
        }
    }
}

fn read_page(
    access: &Access,
    view: &CaseView,
    names: &[&PartName],
    wanted: Option<NonZeroU64>,
) -> Result<Page, Failure> {
    let mut page = Page {
        code: access.code(view.case).to_string(),
        from: access.giver(view.owner)?,
        title: view.title().map(str::to_owned),
        since: view.since(),
        changed: view.changed(),
        via: Vec::new(),
        parts: Vec::new(),
        damaged: Vec::new(),
        others: Vec::new(),
    };
    for via in view.opened.iter().filter_map(|opened| opened.via) {
        let name = Name::of(access, via)?;
        if !page.via.contains(&name) {
            page.via.push(name);
        }
    }
    for part in names {
        let facts = match wanted {
            None => view.heads(part),
            Some(number) => vec![numbered(view, part, number)?],
        };
        let mut shown = Vec::new();
        for fact in facts {
            match read_revision(access, view, fact) {
                Ok(revision) => shown.push(revision),
                Err(failure) if failure.kind() == Kind::Corrupt => {
                    page.damaged.push(format!("{part}, revision {}: {failure}", number_of(view, fact)));
                }
                Err(failure) => return Err(failure),
            }
        }
        let apart = differences(&shown);
        page.parts.push(Part { part: part.to_string(), revisions: view.revisions(part).len(), shown, apart });
    }
    Ok(page)
}

/// The revision of a part with this number, oldest first.
fn numbered<'a>(
    view: &'a CaseView,
    part: &PartName,
    number: NonZeroU64,
) -> Result<&'a RevisionFact, Failure> {
    let at = usize::try_from(number.get() - 1).unwrap_or(usize::MAX);
    let count = view.revisions(part).len();
    let found = view.revisions(part).get(at);
    found.ok_or_else(|| view.no_such(format!("revision {number} of {part}: it has {count}")).into())
}

/// The number of a revision in its part, oldest first.
pub(super) fn number_of(view: &CaseView, fact: &RevisionFact) -> usize {
    let all = view.revisions(&fact.part);
    all.iter().position(|other| other.revision == fact.revision).map_or(0, |at| at + 1)
}

fn read_revision(access: &Access, view: &CaseView, fact: &RevisionFact) -> Result<Revision, Failure> {
    let opened = view.open(access.store(), fact)?;
    let card = access.card(&fact.author)?;
    if let Some(card) = &card {
        opened.check_author(card)?;
    }
    let current = view.heads(&fact.part).iter().any(|head| head.revision == fact.revision);
    Ok(Revision {
        revision: number_of(view, fact),
        id: fact.revision.to_string(),
        author: Name::of(access, fact.author)?,
        signature_checked: card.is_some(),
        current,
        time: fact.time,
        lang: opened.revision.lang.as_ref().map(ToString::to_string),
        exhibits: Exhibit::all_of(&opened),
        form: form_value(opened.revision.form.as_deref()),
        form_page: opened.revision.form.as_deref().map(form_page),
        text: opened.revision.text,
    })
}
