//! `sanduq people`: everybody a case could harm, what protects them, and who can read of them.

use sanduq::format::{Kind, parse_form};
use sanduq::record::Time;
use sanduq::record::form::{Form, Marks};
use sanduq::record::leave::no_today;
use sanduq::vault::{CaseView, PersonView, Recorded, VaultError};
use serde::Serialize;

use super::Context;
use super::access::Access;
use super::form::names_of;
use super::names::recipient_label;
use crate::failure::Failure;
use crate::sanitize::one_line;

/// List everybody a case could harm: role, where they appear, what protects them, who can read of them
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// List the people of the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
}

/// A person, for `--json`.
#[derive(Serialize)]
struct Line {
    person: String,
    names: Vec<String>,
    roles: Vec<String>,
    minor: bool,
    appears: Vec<String>,
    consent: String,
    /// Who was ever given what names them; none where that is known to the vault's owner only.
    readers: Option<Vec<String>>,
}

/// The people, and what the facts cannot tell.
#[derive(Serialize)]
struct People {
    people: Vec<Line>,
    /// Parts of which a version names nobody, or leaves somebody unnamed: anyone may be in them.
    unnamed: Vec<String>,
    /// Parts that cannot be read.
    damaged: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &mut Context) -> Result<(), Failure> {
    let access = context.access()?;
    let mut all = People { people: Vec::new(), unnamed: Vec::new(), damaged: Vec::new() };
    for view in access.views(&args.code)? {
        let forms = forms(&access, &view, &mut all)?;
        for person in view.people(access.store())? {
            all.people.push(line(&access, &person, &forms, context.now()));
        }
    }
    context.ui.answer(&all, || page(&all))
}

/// The forms of the versions that stand.
fn forms(access: &Access, view: &CaseView, all: &mut People) -> Result<Vec<Form>, Failure> {
    let mut forms = Vec::new();
    for part in view.part_names() {
        for head in view.heads(part) {
            let opened = match view.open(access.store(), head) {
                Ok(opened) => opened,
                Err(VaultError::Damaged(item, damage)) => {
                    all.damaged.push(format!("{item}: {damage}"));
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let unnamed = head.people.as_ref().is_none_or(|people| people.is.has(Kind::SOMEBODY_UNNAMED));
            if unnamed && !part.is_consent() && !all.unnamed.contains(&part.to_string()) {
                all.unnamed.push(part.to_string());
            }
            forms.extend(opened.revision.form.as_deref().and_then(|form| parse_form(form).ok()));
        }
    }
    Ok(forms)
}

fn line(access: &Access, person: &PersonView, forms: &[Form], now: Time) -> Line {
    let held = forms.iter().flat_map(|form| &form.link).filter(|link| link.person == person.person);
    let mut roles: Vec<String> = held
        .map(|link| {
            let towards = link.to.as_ref().map(|to| format!(" to {to}"));
            let relation = link.relation.as_ref().map(|relation| format!(", {relation}"));
            format!("{}{}{}", link.role, towards.unwrap_or_default(), relation.unwrap_or_default())
        })
        .collect();
    roles.sort();
    roles.dedup();
    let reader = |to| recipient_label(access.contacts(), to);
    Line {
        person: person.person.to_string(),
        names: names_of(forms, &person.person),
        roles,
        minor: person.marks.has(Marks::MINOR),
        appears: person.parts.iter().map(ToString::to_string).collect(),
        consent: protection(person, now),
        readers: match access {
            Access::Owner(_) => Some(person.readers.iter().map(reader).collect()),
            Access::Reader(_) => None,
        },
    }
}

/// What stands between a person and being given out.
fn protection(person: &PersonView, now: Time) -> String {
    if person.marks.is_only_perpetrator() {
        return "not asked for consent: nothing but a perpetrator".into();
    }
    let Some(first) = person.consents.first() else {
        return "no consent is recorded: goes to nobody".into();
    };
    let says = |recorded: &Recorded| match no_today(&recorded.terms, person.marks, now) {
        Some(lack) => format!("goes to nobody: {lack}"),
        None => {
            let purposes: Vec<&str> = recorded.terms.purpose.iter().map(|purpose| purpose.as_str()).collect();
            let level = recorded.terms.identity_level.as_ref().map_or("", |level| level.as_str());
            format!("as {level} for {}", purposes.join(", "))
        }
    };
    let mut said: Vec<String> = person.consents.iter().map(says).collect();
    said.dedup();
    if said.len() > 1 {
        return format!("versions differ, the most careful counts: {}", said.join("; "));
    }
    says(first)
}

fn page(all: &People) -> String {
    let mut text = String::new();
    for line in &all.people {
        let minor = if line.minor { ", a minor" } else { "" };
        let names =
            if line.names.is_empty() { "name not known here".to_owned() } else { line.names.join(" / ") };
        let mut rows = vec![format!("{}{minor}  {names}", line.person)];
        if !line.roles.is_empty() {
            rows.push(format!("    role: {}", line.roles.join("; ")));
        }
        rows.push(format!("    appears in: {}", line.appears.join(", ")));
        rows.push(format!("    consent: {}", line.consent));
        match line.readers.as_deref() {
            None => {}
            Some([]) => rows.push("    given to: nobody".into()),
            Some(readers) => rows.push(format!("    given to: {}", readers.join(", "))),
        }
        for row in rows {
            text.push_str(&one_line(&row));
            text.push('\n');
        }
    }
    if all.people.is_empty() {
        text.push_str("no form of this case names anybody\n");
    }
    if !all.unnamed.is_empty() {
        text.push_str(&format!(
            "anyone may be in what names nobody, or not everybody: {}\n",
            all.unnamed.join(", ")
        ));
    }
    for damaged in &all.damaged {
        text.push_str(&format!("DAMAGED: {}\n", one_line(damaged)));
    }
    text
}
