//! Where the accounts of cases differ, laid out: who said what, how they know, in which language. Nothing is settled.

use sanduq::record::form::{Id, Knowledge};
use sanduq::record::timeline::{Compared, Conflict, ConflictKind, Side, conflicts};
use serde::Serialize;

use super::Context;
use super::sheets::{Named, Persons, Source, brief, left_out};
use super::timeline::{Told, failures, said_line};
use super::words::count;
use crate::failure::Failure;
use crate::ui::quoted;

/// What differs, for `--json`.
#[derive(Serialize)]
struct Page {
    cases: Vec<Case>,
    names: Vec<Named>,
    newer: Vec<String>,
    damaged: Vec<String>,
}

#[derive(Serialize)]
struct Case {
    code: String,
    conflicts: Vec<Differing>,
    compared: Counts,
}

#[derive(Serialize)]
struct Counts {
    claims: usize,
    alone: usize,
    events: usize,
    persons: usize,
    revisions: usize,
}

#[derive(Serialize)]
struct Differing {
    kind: &'static str,
    about: String,
    verdict: String,
    compatible: bool,
    sides: Vec<Account>,
}

#[derive(Serialize)]
struct Account {
    entry: String,
    value: String,
    text: Option<String>,
    said_by: Option<String>,
    knowledge: Option<String>,
    lang: Option<String>,
    sources: Vec<Source>,
    #[serde(skip)]
    said: Option<String>,
}

/// Compares the accounts of each case and shows where they differ.
pub(super) fn answer(context: &Context, told: &[Told]) -> Result<(), Failure> {
    let (newer, damaged) = failures(told);
    let mut page = Page { cases: Vec::new(), names: Vec::new(), newer, damaged };
    for one in told {
        let sheets = one.sheets.sheets(0);
        let persons = Persons::of(&sheets);
        let (found, compared) = conflicts(&sheets);
        let differing = found.iter().map(|conflict| Differing::of(conflict, &persons, &one.sources));
        page.cases.push(Case {
            code: one.code.clone(),
            conflicts: differing.collect(),
            compared: Counts::of(compared),
        });
        page.names.extend(persons.named(&one.code));
    }
    context.ui.answer(&page, || page.to_text())
}

impl Counts {
    fn of(Compared { claims, alone, events, persons, revisions }: Compared) -> Self {
        Self { claims, alone, events, persons, revisions }
    }

    fn to_text(&self) -> String {
        let alone = match self.alone {
            0 => String::new(),
            alone => format!("; {} not: what they are about is not named", count(alone, "claim", "claims")),
        };
        format!(
            "compared: {}, {}, {} in {}; by date, number, place, word and person{alone}",
            count(self.claims, "claim", "claims"),
            count(self.events, "event", "events"),
            count(self.persons, "person", "persons"),
            count(self.revisions, "form", "forms"),
        )
    }
}

impl Differing {
    fn of(conflict: &Conflict, persons: &Persons, sources: &[Source]) -> Self {
        Self {
            kind: conflict.kind.as_str(),
            about: conflict.about.clone(),
            verdict: conflict.verdict.clone(),
            compatible: conflict.compatible,
            sides: conflict.sides.iter().map(|side| Account::of(side, persons, sources)).collect(),
        }
    }

    fn push_to(&self, text: &mut String) {
        let heading = match (self.kind, self.compatible) {
            ("does_not_fit", _) => "DOES NOT FIT".to_owned(),
            ("beside", _) => "STAND BESIDE EACH OTHER".to_owned(),
            ("person", _) => "MAY BE ONE PERSON".to_owned(),
            ("entry", _) => "ENTRIES DIFFER".to_owned(),
            (kind, true) => format!("{kind}s can all be right"),
            (kind, false) => format!("{}S DIFFER", kind.to_uppercase()),
        };
        text.push_str(&format!("{}: {heading}: {}\n", self.about, self.verdict));
        for side in &self.sides {
            side.push_to(text);
        }
    }
}

impl Account {
    fn of(side: &Side, persons: &Persons, sources: &[Source]) -> Self {
        let called = |id: &Id| persons.called(id);
        Self {
            entry: side.entry.clone(),
            value: side.value.clone(),
            text: side.text.clone(),
            said_by: side.said_by.as_ref().map(ToString::to_string),
            knowledge: side.knowledge.as_ref().map(Knowledge::as_str).map(str::to_owned),
            lang: side.lang.clone(),
            sources: side.at.iter().filter_map(|at| sources.get(*at)).cloned().collect(),
            said: side.said_by.as_ref().map(called),
        }
    }

    fn push_to(&self, text: &mut String) {
        text.push_str(&format!("    {}\n", brief(&self.value)));
        let words = self.text.as_ref().map(|words| format!(": {}", brief(words))).unwrap_or_default();
        text.push_str(&format!("      {}{words}\n", self.entry));
        if let Some(line) = said_line(self.said.as_deref(), self.knowledge.as_deref(), self.lang.as_deref()) {
            text.push_str(&format!("      {line}\n"));
        }
        self.sources.iter().for_each(|source| text.push_str(&format!("      {}\n", source.line())));
    }
}

impl Case {
    /// How many accounts differ, how much does not fit, how many say more exactly what others say.
    fn summary(&self) -> String {
        let misfits =
            self.conflicts.iter().filter(|one| one.kind == ConflictKind::DoesNotFit.as_str()).count();
        let compatible = self.conflicts.iter().filter(|one| one.compatible).count();
        let differ = match self.conflicts.len() - misfits - compatible {
            0 => "no accounts differ".to_owned(),
            1 => "accounts differ in 1 point".to_owned(),
            several => format!("accounts differ in {several} points"),
        };
        let misfits = (misfits > 0).then(|| {
            format!(
                "{not_fit} not fit",
                not_fit = match misfits {
                    1 => "1 thing does".to_owned(),
                    several => format!("{several} things do"),
                }
            )
        });
        let compatible = (compatible > 0).then(|| match compatible {
            1 => "in 1 point they can all be right".to_owned(),
            several => format!("in {several} points they can all be right"),
        });
        [Some(differ), misfits, compatible].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

impl Page {
    fn to_text(&self) -> String {
        let mut text = String::new();
        for case in &self.cases {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&format!("{}: {}\n{}\n", case.code, case.summary(), case.compared.to_text()));
            if !case.conflicts.is_empty() {
                text.push_str("nothing of it is settled here\n\n");
                let mut shown = String::new();
                case.conflicts.iter().for_each(|conflict| conflict.push_to(&mut shown));
                text.push_str(&quoted(&shown));
            }
        }
        text.push_str(&left_out(&self.newer, &self.damaged));
        text
    }
}
