//! What is about to leave the vault: the plan on the screen, the rules that stop it, the question.
//! Shared by `share` and `export`.

use std::fmt::Write as _;

use sanduq::record::PartName;
use sanduq::vault::{PlannedCase, PlannedPart, SharePlan, Vault};
use serde::Serialize;

use super::Context;
use super::names::Name;
use super::page::first_difference;
use crate::failure::Failure;
use crate::sanitize::one_line;

/// Cases that a plan names one by one; of more only the count is shown.
const SHOWN_CASES: usize = 40;
/// Characters of a text shown to tell heads apart.
const EXCERPT_CHARS: usize = 72;

/// What the person said beforehand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Consent {
    /// Do not ask.
    pub(super) yes: bool,
    /// The words were never compared, and that is known.
    pub(super) unverified: bool,
    /// All heads of a part go.
    pub(super) all_heads: bool,
}

/// What went, for `--json`.
#[derive(Serialize)]
pub(super) struct Gone {
    to: String,
    verified: bool,
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
    pub(super) fn of(plan: &SharePlan) -> Self {
        let part = |part: &PlannedPart| GonePart {
            part: part.part.to_string(),
            revisions: part.heads.iter().chain(&part.history).map(|fact| fact.revision.to_string()).collect(),
            staying: part.staying,
        };
        let case = |case: &PlannedCase| GoneCase {
            code: case.code.to_string(),
            parts: case.parts.iter().map(part).collect(),
            absent: case.absent.iter().map(ToString::to_string).collect(),
        };
        Self {
            to: plan.to.label.to_string(),
            verified: plan.to.verified,
            cases: plan.cases.iter().map(case).collect(),
        }
    }
}

/// Shows the plan, stops where a rule says so, and asks. `what` is what cannot be undone.
pub(super) fn look_and_ask(
    context: &Context,
    vault: &Vault,
    plan: &SharePlan,
    consent: Consent,
    what: &str,
) -> Result<(), Failure> {
    let label = one_line(plan.to.label.as_str()).into_owned();
    if plan.to.card().is_some() && !plan.to.verified && !consent.unverified {
        return Err(Failure::refused(format!(
            "the words of `{label}` were never compared: this card may be an impostor's"
        ))
        .hint(format!("call them and compare: `sanduq contact verify {label}`"))
        .hint("to go on all the same, add --unverified"));
    }
    context.ui.status(&page(plan, &label));
    show_heads(context, vault, plan)?;
    if plan.several_heads().next().is_some() && consent.yes && !consent.all_heads {
        return Err(Failure::refused("of some parts several revisions stand beside each other, shown above")
            .hint("write the one that is to stand with `sanduq put CODE PART`")
            .hint("to give all of them, add --all-heads"));
    }
    context.ui.status(what);
    context.ui.confirm("go ahead?", consent.yes)
}

fn page(plan: &SharePlan, label: &str) -> String {
    let judged = match (plan.to.card(), plan.to.verified) {
        (Some(_), true) => "verified",
        (Some(_), false) => "UNVERIFIED: the words were never compared",
        (None, _) => "a bare age recipient: nobody can tell whose it is",
    };
    let mut text = format!("to {label} ({judged}):");
    for case in plan.cases.iter().take(SHOWN_CASES) {
        write!(text, "\n  {}", case.code).expect("a string takes every write");
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
        write!(text, "\n  and {more} more cases, {} revisions in all", plan.revisions())
            .expect("a string takes every write");
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
        (given, _) => format!("and {given} earlier ones"),
    };
    format!("{}: {heads}; {earlier}", part.part)
}

/// Shows each of several heads and where they differ.
fn show_heads(context: &Context, vault: &Vault, plan: &SharePlan) -> Result<(), Failure> {
    for (case, part) in plan.several_heads() {
        let view = vault.case(case.case)?;
        let mut first: Option<String> = None;
        context.ui.status(&format!("{} {}: revisions beside each other", case.code, part.part));
        for fact in &part.heads {
            let opened = view.open(vault.store(), fact)?;
            let text = opened.revision.text.unwrap_or_default();
            let number = view
                .revisions(&part.part)
                .iter()
                .position(|f| f.revision == fact.revision)
                .map_or(0, |i| i + 1);
            let author = Name::of_vault(vault, fact.author)?;
            let exhibits = opened.revision.exhibits.len();
            let differs = match &first {
                None => String::new(),
                Some(before) => match first_difference(before, &text) {
                    Some(line) => format!(", differs from the first in line {line}"),
                    None => ", the same text as the first".to_owned(),
                },
            };
            let excerpt: String = text
                .lines()
                .find(|line| !line.trim().is_empty())
                .unwrap_or("")
                .chars()
                .take(EXCERPT_CHARS)
                .collect();
            context.ui.status(&format!(
                "  revision {number}, by {author}, {}, {exhibits} exhibits{differs}\n    {}",
                fact.time,
                one_line(&excerpt)
            ));
            first.get_or_insert(text);
        }
    }
    Ok(())
}
