//! What is about to leave the vault: the plan on the screen, the rules that stop it, the question.
//! Shared by `share` and `export`.

use std::fmt::Write as _;

use sanduq::record::PartName;
use sanduq::vault::{PlannedCase, PlannedPart, SharePlan, Vault};
use serde::Serialize;

use super::Context;
use super::codes::Codes;
use super::contact::quoted;
use super::look::look_over;
use super::names::Name;
use super::page::first_difference;
use super::words::count;
use crate::failure::Failure;
use crate::sanitize::one_line;

/// Cases that a plan names one by one; of more only the count is shown.
const SHOWN_CASES: usize = 40;
/// Cases that are looked over before they go: a look at more takes minutes, and more warnings than anybody reads.
const LOOKED_CASES: usize = 200;
/// Characters of a text shown to tell heads apart.
const EXCERPT_CHARS: usize = 72;

/// What the person said beforehand.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct Answers {
    /// Go ahead without asking
    #[arg(long)]
    pub(super) yes: bool,
    /// Go ahead although the contact's fingerprint words were never compared
    #[arg(long)]
    unverified: bool,
    /// Give all heads of a part that has several
    #[arg(long)]
    all_heads: bool,
}

/// What went, for `--json`.
#[derive(Serialize)]
pub(super) struct Gone {
    to: String,
    verified: bool,
    purpose: Option<String>,
    #[serde(rename = "override")]
    overridden: Option<String>,
    /// How many passages the last look warned of; none where there were too many cases for one.
    warnings: Option<usize>,
    cases: Vec<GoneCase>,
}

#[derive(Serialize)]
struct GoneCase {
    code: String,
    parts: Vec<GonePart>,
    absent: Vec<String>,
}

#[derive(Serialize)]
struct GonePart {
    part: String,
    revisions: Vec<String>,
    staying: usize,
}

impl Gone {
    /// What a plan gives.
    pub(super) fn of(plan: &SharePlan, codes: &Codes, warnings: Option<usize>) -> Self {
        let part = |part: &PlannedPart| GonePart {
            part: part.part.to_string(),
            revisions: part.heads.iter().chain(&part.history).map(|fact| fact.revision.to_string()).collect(),
            staying: part.staying,
        };
        let case = |case: &PlannedCase| GoneCase {
            code: codes.of(&case.case),
            parts: case.parts.iter().map(part).collect(),
            absent: case.absent.iter().map(ToString::to_string).collect(),
        };
        Self {
            to: plan.to.label.to_string(),
            verified: plan.to.verified,
            purpose: plan.purpose().map(ToString::to_string),
            overridden: plan.overriding().map(ToString::to_string),
            warnings,
            cases: plan.cases.iter().map(case).collect(),
        }
    }
}

/// The codes of the cases in these plans, as their owner tells them apart.
pub(super) fn codes(vault: &Vault, plans: &[SharePlan]) -> Result<Codes, Failure> {
    let cases: Vec<_> = plans.iter().flat_map(|plan| &plan.cases).map(|case| case.case).collect();
    Codes::in_vault(vault, &cases)
}

/// Looks over what each plan gives and shows the passages that could tell who somebody is; how many there are, none where
/// there are too many cases to look over while somebody waits.
pub(super) fn warn(
    context: &Context,
    vault: &Vault,
    plans: &[SharePlan],
) -> Result<Vec<Option<usize>>, Failure> {
    let mut warnings = Vec::new();
    for plan in plans {
        if plan.cases.len() > LOOKED_CASES {
            let cases = count(plan.cases.len(), "case", "cases");
            context
                .ui
                .status(&format!("nobody looked over {cases} at once: `sanduq lint` does, before they go"));
            warnings.push(None);
            continue;
        }
        let working = context.ui.working("looking over what leaves");
        let looked = look_over(vault, plan);
        drop(working);
        let looked = looked?;
        if !looked.is_clear() {
            let label = one_line(plan.to.label.as_str());
            context.ui.status(&format!("before this goes to {label}, look at:\n{}", looked.page()));
        }
        warnings.push(Some(looked.counted()));
    }
    Ok(warnings)
}

/// Shows the plans and `what` cannot be undone, and stops where a rule says so: before anything of any of them leaves.
pub(super) fn look(
    context: &Context,
    vault: &Vault,
    plans: &[SharePlan],
    answers: Answers,
    what: &str,
) -> Result<Codes, Failure> {
    let codes = codes(vault, plans)?;
    for plan in plans {
        context.ui.status(&page(plan, &codes));
        show_heads(context, vault, plan, &codes)?;
    }
    context.ui.status(what);
    for plan in plans {
        let (label, quoted) = (one_line(plan.to.label.as_str()), quoted(&plan.to.label));
        if plan.to.card().is_some() && !plan.to.verified && !answers.unverified {
            return Err(Failure::refused(format!(
                "the words of `{label}` were never compared: this card may be an impostor's"
            ))
            .hint(format!("call them and compare: `sanduq contact verify {quoted}`"))
            .hint("to go on all the same, add --unverified"));
        }
    }
    if answers.yes && !answers.all_heads && plans.iter().any(|plan| plan.several_heads().next().is_some()) {
        return Err(Failure::refused("of some parts several revisions stand beside each other, shown above")
            .hint("write the one that is to stand with `sanduq put CODE PART`")
            .hint("to give all of them, add --all-heads"));
    }
    Ok(codes)
}

/// Asks before one plan is carried out.
pub(super) fn ask(context: &Context, plan: &SharePlan, answers: Answers) -> Result<(), Failure> {
    let label = one_line(plan.to.label.as_str());
    context.ui.confirm(&format!("give this to {label}?"), answers.yes)
}

fn page(plan: &SharePlan, codes: &Codes) -> String {
    let label = one_line(plan.to.label.as_str());
    let judged = match (plan.to.card(), plan.to.verified) {
        (Some(_), true) => "verified",
        (Some(_), false) => "UNVERIFIED: the words were never compared",
        (None, _) => "a bare age recipient: nobody can tell whose it is",
    };
    let mut text = format!("to {label} ({judged}):");
    for case in plan.cases.iter().take(SHOWN_CASES) {
        write!(text, "\n  {}", codes.of(&case.case)).expect("a string takes every write");
        for part in &case.parts {
            text.push_str("\n    ");
            text.push_str(&part_line(part));
        }
        if !case.absent.is_empty() {
            let absent: Vec<&str> = case.absent.iter().map(PartName::as_str).collect();
            write!(text, "\n    not in this case: {}", absent.join(", "))
                .expect("a string takes every write");
        }
    }
    if plan.cases.len() > SHOWN_CASES {
        let more = plan.cases.len() - SHOWN_CASES;
        let (more, all) =
            (count(more, "more case", "more cases"), count(plan.revisions(), "revision", "revisions"));
        write!(text, "\n  and {more}, {all} altogether").expect("a string takes every write");
    }
    text
}

fn part_line(part: &PlannedPart) -> String {
    let heads = match part.heads.len() {
        1 => "the current revision".to_owned(),
        several => format!("{several} revisions that stand beside each other"),
    };
    let earlier = match (part.history.len(), part.staying) {
        (0, 0) => "there is no earlier one".to_owned(),
        (0, 1) => "1 earlier revision stays behind".to_owned(),
        (0, staying) => format!("{staying} earlier revisions stay behind"),
        (given, _) => format!("and {}", count(given, "earlier one", "earlier ones")),
    };
    format!("{}: {heads}; {earlier}", part.part)
}

/// Shows each of several heads and where they differ.
fn show_heads(context: &Context, vault: &Vault, plan: &SharePlan, codes: &Codes) -> Result<(), Failure> {
    for (case, part) in plan.several_heads() {
        let view = vault.case(case.case)?;
        let mut first: Option<String> = None;
        let (code, part_name) = (codes.of(&case.case), &part.part);
        context.ui.status(&format!("{code} {part_name}: revisions that stand beside each other"));
        for fact in &part.heads {
            let opened = view.open(vault.store(), fact)?;
            let exhibits = count(opened.revision.exhibits.len(), "exhibit", "exhibits");
            let text = opened.revision.text.unwrap_or_default();
            let place = view.revisions(part_name).iter().position(|known| known.revision == fact.revision);
            let number = place.map_or(0, |at| at + 1);
            let author = Name::of_vault(vault, fact.author)?;
            let differs = first.as_ref().map(|before| tell_difference(before, &text)).unwrap_or_default();
            let excerpt = one_line(&excerpt(&text)).into_owned();
            context.ui.status(&format!(
                "  revision {number}, by {author}, {}, {exhibits}{differs}\n    {excerpt}",
                fact.time
            ));
            first.get_or_insert(text);
        }
    }
    Ok(())
}

fn tell_difference(before: &str, text: &str) -> String {
    match first_difference(before, text) {
        Some(line) => format!(", differs from the first in line {line}"),
        None => ", the same text as the first".to_owned(),
    }
}

/// The beginning of a text's first line that says something.
fn excerpt(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.chars().take(EXCERPT_CHARS).collect()
}
