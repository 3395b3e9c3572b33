//! The last look at what a plan gives away: texts, forms and file names, against what the case itself knows.
//! Nothing is decided here, and nothing written. The rules: `docs/look.md`.

use std::collections::{BTreeSet, HashMap};

use sanduq::format::{Malformed, RevisionFact, parse_form};
use sanduq::look::{Known, Outgoing, Rule, look, minors};
use sanduq::record::form::{Form, Id};
use sanduq::record::{CaseId, PartName, RevisionId};
use sanduq::vault::{CaseView, PlannedCase, SharePlan, Vault, spread};
use serde::Serialize;

use super::codes::Codes;
use super::words::count;
use crate::failure::{Failure, Kind};
use crate::sanitize::one_line;
use crate::ui::quoted;

/// Warnings that a page shows; of more only the count.
const SHOWN: usize = 40;
/// Characters of what was found that stand in the line above its passage.
const SHOWN_CHARS: usize = 60;
/// From this many cases on, one reading of all is cheaper than a look at each.
const MANY: usize = 200;

/// A warning, where it stands, and what to show of it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    code: String,
    part: String,
    field: String,
    line: usize,
    rule: Rule,
    /// What was found.
    found: String,
    /// What was found, with some words around it.
    passage: String,
    who: Option<String>,
    /// Where it is public already: it is shown then, and not counted.
    public_at: Option<String>,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Read {
    cases: usize,
    texts: usize,
    forms: usize,
    /// Files whose names were read, and nothing else of them.
    exhibits: usize,
    /// Names of persons that were looked for.
    names: usize,
}

/// What a look found.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Looked {
    pub(super) findings: Vec<Finding>,
    pub(super) read: Read,
    /// What could not be looked at, or not be looked for.
    pub(super) unread: Vec<String>,
}

impl Looked {
    /// How many warnings count: those that are not public already.
    pub(super) fn counted(&self) -> usize {
        self.findings.iter().filter(|finding| finding.public_at.is_none()).count()
    }

    /// Whether there is anything to think about before it leaves.
    pub(super) fn is_clear(&self) -> bool {
        self.counted() == 0 && self.unread.is_empty()
    }

    fn join(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.unread.extend(other.unread);
        self.read.cases += other.read.cases;
        self.read.texts += other.read.texts;
        self.read.forms += other.read.forms;
        self.read.exhibits += other.read.exhibits;
        self.read.names += other.read.names;
    }

    /// The warnings, each with its passage, and what was read.
    pub(super) fn page(&self) -> String {
        let mut page = String::new();
        for finding in self.findings.iter().take(SHOWN) {
            page.push_str(&finding.heading());
            page.push('\n');
            page.push_str(&quoted(&finding.passage));
        }
        if self.findings.len() > SHOWN {
            let more = self.findings.len() - SHOWN;
            page.push_str(&format!("and {}: --json has all\n", count(more, "more warning", "more warnings")));
        }
        for unread in &self.unread {
            page.push_str(&format!("not looked at: {}\n", one_line(unread)));
        }
        page + &self.summary()
    }

    fn summary(&self) -> String {
        let Read { cases, texts, forms, exhibits, names } = self.read;
        let public = self.findings.len() - self.counted();
        let of_them =
            if public > 0 { format!(", and {public} that is public already") } else { String::new() };
        let files = match exhibits {
            0 => String::new(),
            some => format!("; of {} the name alone", count(some, "exhibit", "exhibits")),
        };
        format!(
            "{}{of_them}; read: {}, {} of {}, for {}{files}",
            count(self.counted(), "warning", "warnings"),
            count(texts, "text", "texts"),
            count(forms, "form", "forms"),
            count(cases, "case", "cases"),
            count(names, "known name", "known names"),
        )
    }
}

impl Finding {
    fn heading(&self) -> String {
        let found = one_line(&self.found).chars().take(SHOWN_CHARS).collect::<String>();
        let whose = self.who.as_ref().map(|who| format!(" ({who})")).unwrap_or_default();
        let public = self.public_at.as_ref().map(|at| format!(", public already at {}", one_line(at)));
        let field = if self.field == "text" { String::new() } else { format!(", {}", one_line(&self.field)) };
        format!(
            "{} {}{field}, line {}: {}{whose}: “{found}”{}",
            self.code,
            self.part,
            self.line,
            self.rule.says(),
            public.unwrap_or_default()
        )
    }
}

/// Looks over everything that a plan gives, against all that its owner knows of these cases.
pub(super) fn look_over(vault: &Vault, plan: &SharePlan) -> Result<Looked, Failure> {
    let cases: Vec<CaseId> = plan.cases.iter().map(|case| case.case).collect();
    let codes = Codes::in_vault(vault, &cases)?;
    let mut known: HashMap<CaseId, CaseView> = HashMap::new();
    if cases.len() >= MANY {
        known = vault.cases()?.into_iter().map(|view| (view.case, view)).collect();
    }
    let one = |case: &PlannedCase| -> Result<Looked, Failure> {
        let code = codes.of(&case.case);
        match known.get(&case.case) {
            Some(view) => look_at(vault, view, case, &code),
            None => look_at(vault, &vault.case(case.case)?, case, &code),
        }
    };
    let mut all = Looked::default();
    for looked in spread(&plan.cases, one) {
        all.join(looked?);
    }
    Ok(all)
}

/// A revision, as far as a look needs it.
struct Opened {
    part: PartName,
    text: Option<String>,
    form: Option<Form>,
    files: Vec<(String, String)>,
}

fn look_at(vault: &Vault, view: &CaseView, case: &PlannedCase, code: &str) -> Result<Looked, Failure> {
    let mut looked = Looked { read: Read { cases: 1, ..Read::default() }, ..Looked::default() };
    let mut outgoing = Vec::new();
    for fact in case.facts() {
        outgoing.push(open(vault, view, fact, code, &mut looked)?);
    }
    let staying = staying(vault, view, case, code, &mut looked)?;
    let known = known_of(&outgoing, &staying);
    looked.read.names = known.names();
    for revision in &outgoing {
        look_into(revision, &known, code, &mut looked);
    }
    Ok(looked)
}

/// The heads of the case that stay: what else its owner knows. One that is damaged is named, and passed over.
fn staying(
    vault: &Vault,
    view: &CaseView,
    case: &PlannedCase,
    code: &str,
    looked: &mut Looked,
) -> Result<Vec<Opened>, Failure> {
    let leaving: BTreeSet<RevisionId> = case.facts().map(|fact| fact.revision).collect();
    let mut staying = Vec::new();
    for part in view.part_names() {
        for fact in view.heads(part).into_iter().filter(|fact| !leaving.contains(&fact.revision)) {
            match open(vault, view, fact, code, looked) {
                Ok(opened) => staying.push(opened),
                Err(failure) if failure.kind() == Kind::Corrupt => {
                    let what = "cannot be read: the names in it were not looked for";
                    looked.unread.push(format!("{code} {part}: {what}"));
                }
                Err(failure) => return Err(failure),
            }
        }
    }
    Ok(staying)
}

/// All that a case knows of its persons, and what of it could not be read.
pub(super) fn known(vault: &Vault, view: &CaseView) -> Result<(Known, Vec<String>), Failure> {
    let nothing = PlannedCase { case: view.case, code: view.code(), parts: Vec::new(), absent: Vec::new() };
    let (mut looked, code) = (Looked::default(), view.code().to_string());
    let staying = staying(vault, view, &nothing, &code, &mut looked)?;
    Ok((known_of(&[], &staying), looked.unread))
}

fn open(
    vault: &Vault,
    view: &CaseView,
    fact: &RevisionFact,
    code: &str,
    looked: &mut Looked,
) -> Result<Opened, Failure> {
    let revision = view.open(vault.store(), fact)?.revision;
    let form = match revision.form.as_deref().map(parse_form) {
        Some(Ok(form)) => Some(form),
        Some(Err(Malformed::Newer)) => {
            looked.unread.push(format!("{code} {}: a form written by a newer sanduq", fact.part));
            None
        }
        Some(Err(error)) => {
            looked.unread.push(format!("{code} {}: a form that cannot be read: {error}", fact.part));
            None
        }
        None => None,
    };
    let files =
        revision.exhibits.into_iter().map(|exhibit| (format!("name of E{}", exhibit.number), exhibit.name));
    Ok(Opened { part: fact.part.clone(), text: revision.text, form, files: files.collect() })
}

/// What the case knows, and who of it goes along: the persons whom an outgoing `person` part describes.
fn known_of(outgoing: &[Opened], staying: &[Opened]) -> Known {
    let persons = outgoing.iter().filter(|opened| opened.part.kind() == "person");
    let going: BTreeSet<Id> = persons
        .filter_map(|opened| opened.form.as_ref())
        .flat_map(|form| &form.person)
        .map(|one| one.id.clone())
        .collect();
    let mut known = Known::new(going);
    let all =
        outgoing.iter().map(|opened| (opened, true)).chain(staying.iter().map(|opened| (opened, false)));
    for (opened, goes) in all {
        let kind = opened.part.kind();
        let going = goes && matches!(kind, "person" | "whereabouts");
        if let Some(form) = &opened.form {
            known.add_form(form, going);
        }
        known.add_text(kind, opened.text.as_deref().unwrap_or_default(), going);
    }
    known
}

/// Looks at one revision that goes.
fn look_into(revision: &Opened, known: &Known, code: &str, looked: &mut Looked) {
    let kind = revision.part.kind();
    let mut texts: Vec<Outgoing> = Vec::new();
    // A part that was named for a person's name or a place, and has no form, says them in its text.
    if let Some(text) = &revision.text {
        looked.read.texts += 1;
        texts.push(Outgoing::new("text", text.as_str()));
    }
    if let Some(form) = &revision.form {
        looked.read.forms += 1;
        texts.extend(Outgoing::of_form(form, kind));
        for id in minors(form) {
            let passage = format!("person {id} is described in this part");
            let finding = Finding::new((code, &revision.part), Rule::Minor, passage);
            looked.findings.push(Finding {
                field: format!("person {id}"),
                who: Some(id.to_string()),
                ..finding
            });
        }
    }
    looked.read.exhibits += revision.files.len();
    texts.extend(revision.files.iter().map(|(field, name)| Outgoing::new(field.as_str(), name.as_str())));
    for outgoing in texts {
        for hit in look(&outgoing.text, known) {
            let passage = hit.passage(&outgoing.text).to_owned();
            let finding = Finding::new((code, &revision.part), hit.rule, passage);
            looked.findings.push(Finding {
                field: outgoing.field.clone(),
                line: hit.line(&outgoing.text),
                found: outgoing.text[hit.range.clone()].to_owned(),
                who: hit.who.as_ref().map(ToString::to_string),
                public_at: outgoing.public_at.clone(),
                ..finding
            });
        }
    }
}

impl Finding {
    fn new((code, part): (&str, &PartName), rule: Rule, passage: String) -> Self {
        Self {
            code: code.to_owned(),
            part: part.to_string(),
            field: String::new(),
            line: 1,
            rule,
            found: passage.clone(),
            passage,
            who: None,
            public_at: None,
        }
    }
}
