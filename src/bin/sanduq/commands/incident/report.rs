//! The report of an incident: who, by which revision, since when, in the order in which to warn; what to do now.

use sanduq::record::Time;
use sanduq::record::form::{Form, Marks};
use sanduq::vault::{AtRisk, ExposedCase, ExposedRevision, Incident, Urgency};
use serde::Serialize;

use super::super::form::names_of;
use super::super::words::count;
use crate::sanitize::one_line;

/// What is known of an incident, also for `--json`.
#[derive(Serialize)]
pub(super) struct Report {
    incident: String,
    made: Time,
    /// When the device last recorded something; none for others.
    pub(super) last_seen: Option<Time>,
    people: Vec<Person>,
    revisions: Vec<Revision>,
    advice: Vec<&'static str>,
    #[serde(skip)]
    is_device: bool,
}

/// Somebody to warn.
#[derive(Serialize)]
struct Person {
    code: String,
    person: String,
    names: Vec<String>,
    roles: Vec<String>,
    minor: bool,
    exposed_as: &'static str,
    by: Vec<String>,
    since: Time,
    certain: bool,
    #[serde(skip)]
    urgency: Urgency,
}

/// A revision that can be read.
#[derive(Serialize)]
struct Revision {
    code: String,
    part: String,
    revision: usize,
    id: String,
    since: Time,
    certain: bool,
    names_nobody: bool,
}

impl Report {
    /// A report that names nobody yet.
    pub(super) fn new(incident: Incident, subject: String, made: Time) -> Self {
        let is_device = matches!(incident, Incident::Device(_));
        let advice = advice(incident).to_vec();
        Self {
            incident: subject,
            made,
            last_seen: None,
            people: vec![],
            revisions: vec![],
            advice,
            is_device,
        }
    }

    /// Takes in what is exposed of a case.
    pub(super) fn take(&mut self, code: String, case: &ExposedCase, forms: &[Form]) {
        self.people.extend(case.people.iter().map(|person| one(&code, person, forms)));
        self.revisions.extend(case.revisions.iter().map(|revision| of(&code, revision)));
    }

    /// Puts those to warn first at the beginning, of all cases.
    pub(super) fn sort(&mut self) {
        self.people.sort_by(|a, b| (a.urgency, &a.code, &a.person).cmp(&(b.urgency, &b.code, &b.person)));
    }

    /// How many persons it names.
    pub(super) fn people(&self) -> usize {
        self.people.len()
    }

    /// The report to read.
    pub(super) fn to_text(&self) -> String {
        let mut lines = vec![format!("incident: {}, reported {}", self.incident, self.made)];
        if let Some(seen) = self.last_seen {
            lines.push(format!("it last recorded something {seen}; what it was given later it may hold too"));
        }
        if self.revisions.is_empty() {
            lines.push("nothing can be read: nothing of this vault went there".into());
        }
        let mut heading = None;
        for person in &self.people {
            if heading != Some(person.urgency) {
                lines.push(String::new());
                lines.push(title(person.urgency).into());
                heading = Some(person.urgency);
            }
            lines.extend(lines_of(person));
        }
        let unnamed: Vec<&Revision> = self.revisions.iter().filter(|one| one.names_nobody).collect();
        if !unnamed.is_empty() {
            lines.push(String::new());
            lines.push("READ THESE YOURSELF: they name nobody, so anyone may be in them".into());
            lines.extend(unnamed.into_iter().map(line_of));
        }
        if !self.revisions.is_empty() {
            lines.push(String::new());
            let certain = self.revisions.iter().filter(|one| one.certain).count();
            let all = count(self.revisions.len(), "revision", "revisions");
            let known = if self.is_device { format!(", {certain} of them certainly") } else { String::new() };
            lines.push(format!("{all} can be read{known}:"));
            lines.extend(self.revisions.iter().map(line_of));
        }
        lines.push(String::new());
        lines.push("NOW".into());
        lines.extend(self.advice.iter().enumerate().map(|(at, what)| format!("  {}. {what}", at + 1)));
        lines.iter().map(|line| format!("{}\n", one_line(line))).collect()
    }
}

fn title(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Findable => "WARN FIRST: where they are can be read",
        Urgency::NamedAndWeak => "WARN NEXT: minors and relatives at risk, who they are can be read",
        Urgency::Named => "WARN: who they are can be read",
        Urgency::Pseudonym => "known by a pseudonym there; warn them if others could tell who it is",
    }
}

fn lines_of(person: &Person) -> Vec<String> {
    let minor = if person.minor { ", a minor" } else { "" };
    let names = match person.names.is_empty() {
        true => "name not recorded".to_owned(),
        false => person.names.join(" / "),
    };
    let certain = if person.certain { "" } else { ", if the folder was copied there since" };
    let mut lines = vec![format!("  {} {}{minor}  {names}", person.code, person.person)];
    if !person.roles.is_empty() {
        lines.push(format!("      {}", person.roles.join("; ")));
    }
    lines.push(format!("      by {}, since {}{certain}", person.by.join(", "), person.since));
    lines
}

fn line_of(one: &Revision) -> String {
    let certain = if one.certain { "" } else { ", if the folder was copied there since" };
    format!("  {} {} revision {}, since {}{certain}", one.code, one.part, one.revision, one.since)
}

fn one(code: &str, person: &AtRisk, forms: &[Form]) -> Person {
    let held = forms.iter().flat_map(|form| &form.link).filter(|link| link.person == person.person);
    let mut roles: Vec<String> = held.map(|link| link.role.as_str().replace('_', " ")).collect();
    roles.sort();
    roles.dedup();
    let urgency = person.urgency();
    Person {
        code: code.to_owned(),
        person: person.person.to_string(),
        names: names_of(forms, &person.person),
        roles,
        minor: person.marks.has(Marks::MINOR),
        exposed_as: match urgency {
            Urgency::Findable => "whereabouts",
            Urgency::NamedAndWeak | Urgency::Named => "named",
            Urgency::Pseudonym => "pseudonym",
        },
        by: person.places.iter().map(|(part, number)| format!("{part} revision {number}")).collect(),
        since: person.since,
        certain: person.certain,
        urgency,
    }
}

fn of(code: &str, one: &ExposedRevision) -> Revision {
    Revision {
        code: code.to_owned(),
        part: one.part.to_string(),
        revision: one.number,
        id: one.revision.to_string(),
        since: one.since,
        certain: one.certain,
        names_nobody: one.names_nobody,
    }
}

/// What to do, in order.
fn advice(incident: Incident) -> &'static [&'static str] {
    match incident {
        Incident::Device(_) => &[
            "Warn the people above, those first whose whereabouts can be read, by a way that does not use the device.",
            "If the passphrase may be known, all of this can be read, and more can be signed in your name: tell your contacts by voice to trust nothing new from you.",
            "If it cannot be known, the files tell nothing: change the passphrase on your other devices all the same; copies of the old identity file keep the old one.",
            "Add nothing to the vault from that device again. What the others write goes on under names of their own.",
            "The bundles and texts you wrote outside the vault are not listed here: think of them, of mail and of messengers.",
        ],
        Incident::Contact(_) => &[
            "Warn the people above, those first whose whereabouts can be read.",
            "End further updates: `sanduq unshare CODE… --from LABEL`. What the contact has stays readable.",
            "Ask the contact, by voice, what was unlocked, and to whom they passed it on: that is not in your log.",
            "If their keys are lost, remove the contact and take a new card only after comparing all twelve words.",
        ],
        Incident::Bundle(_) => &[
            "Warn the people above, those first whose whereabouts can be read.",
            "Find out who has the file, and who has the key or passphrase that opens it: without both it tells nothing but its size.",
            "Where a person takes their consent back: `sanduq withdraw CODE PERSON` prints the notice to send.",
        ],
    }
}
