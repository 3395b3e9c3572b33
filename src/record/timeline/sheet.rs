//! What is looked at: forms, each of one revision of one part, of one case.

use std::collections::BTreeMap;

use crate::record::PartName;
use crate::record::form::{Form, Id, Written};

/// The form of one revision. The sheets of a case belong together: by an identifier they mean one person, one event.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a> {
    /// By what the caller knows it.
    pub at: usize,
    /// The part it stands in.
    pub part: &'a PartName,
    /// What it says.
    pub form: &'a Form,
}

/// Identifiers of events, and for each who was in it, as what.
pub(super) type Roles<'a> = BTreeMap<&'a Id, Vec<(String, &'a Id)>>;

/// Who was in which event, whichever of the sheets says so.
pub(super) fn roles<'a>(sheets: &[Sheet<'a>]) -> Roles<'a> {
    let mut roles = Roles::new();
    for link in sheets.iter().flat_map(|sheet| &sheet.form.link) {
        if let Some(event) = &link.event {
            roles.entry(event).or_default().push((word(link.role.as_str()), &link.person));
        }
    }
    for persons in roles.values_mut() {
        persons.sort();
        persons.dedup();
    }
    roles
}

/// The languages of the statements of a form.
pub(super) fn langs(form: &Form) -> BTreeMap<&Id, &Written> {
    form.statement.iter().filter_map(|one| Some((one.id.as_ref()?, &one.lang))).collect()
}

/// A word of a list as it is said in a sentence.
pub(super) fn word(word: &str) -> String {
    word.strip_prefix("x-").unwrap_or(word).replace('_', " ")
}

/// The names that the sheets of a case give to its persons: the first one of each entry.
pub fn names(sheets: &[Sheet<'_>]) -> BTreeMap<Id, Vec<String>> {
    let mut names = BTreeMap::<Id, Vec<String>>::new();
    for person in sheets.iter().flat_map(|sheet| &sheet.form.person) {
        if let Some(name) = person.name.first() {
            let known = names.entry(person.id.clone()).or_default();
            let text = name.text.to_string();
            if !known.contains(&text) {
                known.push(text);
            }
        }
    }
    names
}
