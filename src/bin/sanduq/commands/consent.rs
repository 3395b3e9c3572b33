//! `sanduq consent`: what each person of a case agreed to, and whether it holds today.

use std::fmt::Write as _;

use sanduq::format::{RevisionFact, parse_form};
use sanduq::record::Time;
use sanduq::record::form::{Consent, Terms};
use sanduq::record::leave::no_today;
use sanduq::vault::{CaseView, PersonView, VaultError};
use serde::Serialize;

use super::Context;
use super::access::Access;
use super::names::Name;
use crate::failure::Failure;
use crate::sanitize::one_line;

/// Show what each person of a case agreed to
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Show the consents of the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
}

/// A consent, for `--json`.
#[derive(Serialize)]
struct Line {
    part: String,
    #[serde(flatten)]
    terms: Terms,
    mode: Option<String>,
    language: Option<String>,
    interpreter: Option<String>,
    note: Option<String>,
    author: Name,
    /// Whether it says yes to anything today.
    holds: bool,
    why: Option<String>,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &mut Context) -> Result<(), Failure> {
    let access = context.access()?;
    let mut lines = Vec::new();
    for view in access.views(&args.code)? {
        let people = view.people(access.store())?;
        for fact in view.consent_parts().flat_map(|part| view.standing_consents(part)) {
            lines.extend(read(&access, &view, fact, (&people, context.now()))?);
        }
    }
    lines.sort_by(|a, b| (&a.terms.person, &a.part).cmp(&(&b.terms.person, &b.part)));
    context.ui.answer(&lines, || page(&lines, &args.code))
}

/// The consents of one version of a part.
fn read(
    access: &Access,
    view: &CaseView,
    head: &RevisionFact,
    (people, now): (&[PersonView], Time),
) -> Result<Vec<Line>, Failure> {
    let opened = view.open(access.store(), head)?;
    if let Some(card) = access.card(&head.author)? {
        opened.check_author(&card)?;
    }
    let author = Name::of(access, head.author)?;
    let form = match opened.revision.form.as_deref().map(parse_form) {
        None => return Ok(Vec::new()),
        Some(Err(_)) => return Err(VaultError::Newer.into()),
        Some(Ok(form)) => form,
    };
    let line = |consent: &Consent| {
        let terms = consent.terms();
        let known = people.iter().find(|known| known.person == terms.person);
        let marks = known.map(|known| known.marks).unwrap_or_default();
        let why = no_today(&terms, marks, now).map(|lack| lack.to_string());
        Line {
            part: head.part.to_string(),
            terms,
            mode: consent.mode.as_ref().map(ToString::to_string),
            language: consent.language.as_ref().map(ToString::to_string),
            interpreter: consent.interpreter.as_ref().map(ToString::to_string),
            note: consent.note.as_ref().map(ToString::to_string),
            author: author.clone(),
            holds: why.is_none(),
            why,
        }
    };
    Ok(form.consent.iter().map(line).collect())
}

fn page(lines: &[Line], code: &str) -> String {
    if lines.is_empty() {
        return format!(
            "no consent is recorded: unknown is no. Ask, and record it with `sanduq edit {} consent`",
            one_line(code)
        );
    }
    let mut text = String::new();
    for line in lines {
        let holds = line.why.as_ref().map_or_else(|| "says yes".to_owned(), |why| format!("NO: {why}"));
        let head = format!("{}  {holds}  ({}, recorded by {})", line.terms.person, line.part, line.author);
        writeln!(text, "{}", one_line(&head)).expect("a string takes every write");
        for detail in details(line) {
            writeln!(text, "    {}", one_line(&detail)).expect("a string takes every write");
        }
    }
    text
}

/// What it says, one line each.
fn details(line: &Line) -> Vec<String> {
    let terms = &line.terms;
    let list = |words: Vec<&str>| (!words.is_empty()).then(|| words.join(", "));
    let by = terms.given_by.as_ref().map(|by| match &terms.representative {
        Some(other) => format!("{by} {other}"),
        None => by.to_string(),
    });
    let onward = terms.onward.as_ref().map(|onward| {
        match list(terms.onward_to.iter().map(|to| to.as_str()).collect()) {
            Some(to) => format!("{onward}: {to}"),
            None => onward.to_string(),
        }
    });
    let rows = [
        ("status", Some(terms.status.to_string())),
        ("given by", by),
        ("how", line.mode.clone()),
        ("language", line.language.clone()),
        ("interpreter", line.interpreter.clone()),
        ("purposes", list(terms.purpose.iter().map(|purpose| purpose.as_str()).collect())),
        ("known as", terms.identity_level.as_ref().map(ToString::to_string)),
        ("onward", onward),
        ("date", terms.date.as_ref().map(ToString::to_string)),
        ("valid until", terms.valid_until.as_ref().map(ToString::to_string)),
        ("to be asked again", terms.review.as_ref().map(ToString::to_string)),
        ("note", line.note.clone()),
        ("withdrawn", terms.withdrawn.as_ref().map(ToString::to_string)),
    ];
    rows.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}", value?))).collect()
}
