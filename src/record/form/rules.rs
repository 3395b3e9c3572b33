//! A form as a whole: which sections it has, that no identifier stands twice, that what it names is there.

use std::collections::{BTreeMap, BTreeSet};

use super::noun::{Field, Noun};
use super::tree::{Entry, FormError, FormFault, Node, Tree, nearest};
use super::value::{Id, Slot};
use super::{Amount, Claim, Consent, Document, Event, Finding, Form, Link, Person, Statement, Whereabouts};

/// A section of a form.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// Its name in a form.
    pub name: &'static str,
    /// What it is for.
    pub says: &'static str,
    /// The fields of an entry.
    pub fields: &'static [Field],
    /// The kinds of part that take it.
    pub parts: &'static [&'static str],
}

const PERSON: &[&str] = &["person", "notes"];
const SAID: &[&str] = &["testimony", "notes"];

/// All sections, in the order in which they are written. Names stand in `person`, which not everybody reads; consents
/// go along with all that is shared, so they stand apart.
pub const SECTIONS: [Section; 10] = [
    Section { name: "person", says: "a person, under a pseudonym", fields: Person::FIELDS, parts: PERSON },
    Section {
        name: "link",
        says: "a role that a person holds in an event or towards another person",
        fields: Link::FIELDS,
        parts: &["person", "testimony", "notes"],
    },
    Section {
        name: "consent",
        says: "what one person agreed to",
        fields: Consent::FIELDS,
        parts: &["consent"],
    },
    Section {
        name: "statement",
        says: "what somebody said, in one language; a first account is a language and a text",
        fields: Statement::FIELDS,
        parts: SAID,
    },
    Section {
        name: "claim",
        says: "one thing that somebody says happened, and how they know",
        fields: Claim::FIELDS,
        parts: SAID,
    },
    Section { name: "event", says: "something that happened", fields: Event::FIELDS, parts: SAID },
    Section {
        name: "document",
        says: "a document, its issuer and its expiry",
        fields: Document::FIELDS,
        parts: &["person", "medical", "notes", "exhibits"],
    },
    Section {
        name: "finding",
        says: "a medical finding, with the degree of consistency of the Istanbul Protocol",
        fields: Finding::FIELDS,
        parts: &["medical", "notes"],
    },
    Section {
        name: "whereabouts",
        says: "where a person was or is",
        fields: Whereabouts::FIELDS,
        parts: &["whereabouts"],
    },
    Section {
        name: "amount",
        says: "an amount of money as it was said",
        fields: Amount::FIELDS,
        parts: SAID,
    },
];

impl Form {
    /// Reads a form; `kind` is that of the part it is for, or none to take every section.
    pub fn read(node: &Node, kind: Option<&str>) -> Result<Self, FormError> {
        let entries = node.entries()?;
        for entry in entries {
            known_section(entry, kind)?;
        }
        let form = Self {
            person: section(entries, "person")?,
            link: section(entries, "link")?,
            consent: section(entries, "consent")?,
            statement: section(entries, "statement")?,
            claim: section(entries, "claim")?,
            event: section(entries, "event")?,
            document: section(entries, "document")?,
            finding: section(entries, "finding")?,
            whereabouts: section(entries, "whereabouts")?,
            amount: section(entries, "amount")?,
        };
        if form == Self::default() {
            let fault =
                FormFault::value("holds nothing", "fill in at least one entry, such as [[statement]]");
            return Err(FormError::at(node.line, fault));
        }
        form.check(entries)?;
        Ok(form)
    }

    /// The identifiers of all entries, each with the section it stands in.
    pub fn ids(&self) -> Vec<(&'static str, &Id)> {
        let persons = self.person.iter().map(|one| ("person", &one.id));
        let statements = self.statement.iter().filter_map(|one| Some(("statement", one.id.as_ref()?)));
        let claims = self.claim.iter().map(|one| ("claim", &one.id));
        let events = self.event.iter().map(|one| ("event", &one.id));
        let documents = self.document.iter().map(|one| ("document", &one.id));
        let findings = self.finding.iter().map(|one| ("finding", &one.id));
        let amounts = self.amount.iter().map(|one| ("amount", &one.id));
        persons
            .chain(statements)
            .chain(claims)
            .chain(events)
            .chain(documents)
            .chain(findings)
            .chain(amounts)
            .collect()
    }

    fn check(&self, entries: &[Entry]) -> Result<(), FormError> {
        once_each(entries, "id", &["link", "consent", "whereabouts"])?;
        once_each(entries, "person", &ALL_BUT_CONSENT)?;
        let statements = self.statement.iter().filter_map(|one| one.id.as_ref()).map(Id::as_str).collect();
        named_are_there(entries, ("statement", "translation_of"), &statements)?;
        named_are_there(entries, ("claim", "statement"), &statements)?;
        self.same_persons_are_there(entries)?;
        self.no_translation_of_itself(entries)
    }

    fn same_persons_are_there(&self, entries: &[Entry]) -> Result<(), FormError> {
        let persons: BTreeSet<&str> = self.person.iter().map(|one| one.id.as_str()).collect();
        for (node, person) in nodes(entries, "person").zip(&self.person) {
            let named = person.same_as.iter().map(|same| same.person.as_str());
            if let Some(missing) = named.into_iter().find(|name| !persons.contains(name)) {
                let field = "person.same_as.person".into();
                return Err(FormError { line: node.line, field, fault: no_such(missing, &persons) });
            }
        }
        Ok(())
    }

    /// Following translations always comes to an original.
    fn no_translation_of_itself(&self, entries: &[Entry]) -> Result<(), FormError> {
        let pair = |one: &'_ Statement| Some((one.id.clone()?, one.translation_of.clone()?));
        let of: BTreeMap<Id, Id> = self.statement.iter().filter_map(pair).collect();
        let mut lead_to_originals = BTreeSet::new();
        for (node, statement) in nodes(entries, "statement").zip(&self.statement) {
            let (mut way, mut at) = (BTreeSet::new(), statement.id.as_ref());
            while let Some((id, next)) = at.and_then(|id| of.get_key_value(id)) {
                if lead_to_originals.contains(id) {
                    break;
                }
                if !way.insert(id) {
                    let fault =
                        FormFault::value("leads back to itself", "say which statement is the original");
                    return Err(FormError {
                        line: node.line,
                        field: "statement.translation_of".into(),
                        fault,
                    });
                }
                at = Some(next);
            }
            lead_to_originals.extend(way);
        }
        Ok(())
    }
}

const ALL_BUT_CONSENT: [&str; 9] =
    ["person", "link", "statement", "claim", "event", "document", "finding", "whereabouts", "amount"];

fn known_section(entry: &Entry, kind: Option<&str>) -> Result<(), FormError> {
    let refuse =
        |fault| Err(FormError { line: entry.line, field: entry.key.chars().take(64).collect(), fault });
    let taken = |section: &&Section| kind.is_none_or(|kind| section.parts.contains(&kind));
    match SECTIONS.iter().find(|section| section.name == entry.key) {
        Some(section) if taken(&section) => Ok(()),
        Some(section) => refuse(FormFault::Elsewhere { parts: section.parts }),
        None => {
            let known = SECTIONS.iter().filter(taken).map(|section| section.name);
            let nearest = nearest(&entry.key, known.clone());
            refuse(FormFault::Unknown { nearest, known: known.collect() })
        }
    }
}

fn section<T: super::Value>(entries: &[Entry], name: &'static str) -> Result<Vec<T>, FormError> {
    let Some(entry) = entries.iter().find(|entry| entry.key == name) else { return Ok(Vec::new()) };
    Vec::fill(&entry.node).map_err(|error| error.within(name))
}

/// The entries of a section.
fn nodes<'a>(entries: &'a [Entry], name: &str) -> impl Iterator<Item = &'a Node> {
    let node = entries.iter().find(|entry| entry.key == name).map(|entry| &entry.node);
    let several = match node.map(|node| &node.value) {
        Some(Tree::List(nodes)) => nodes.as_slice(),
        _ => node.map_or(&[][..], std::slice::from_ref),
    };
    several.iter()
}

fn field<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    let Tree::Table(fields) = &node.value else { return None };
    fields.iter().find(|field| field.key == name).map(|field| &field.node)
}

/// No two entries hold the same in a field; sections `but` are not looked at.
fn once_each(entries: &[Entry], name: &str, but: &[&str]) -> Result<(), FormError> {
    let mut seen = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !but.contains(&entry.key.as_str())) {
        for node in nodes(entries, &entry.key).filter_map(|node| field(node, name)) {
            if let Some(first) = seen.insert(node.text()?.to_owned(), node.line) {
                let field = format!("{}.{name}", entry.key);
                return Err(FormError { line: node.line, field, fault: FormFault::Twice { first } });
            }
        }
    }
    Ok(())
}

fn named_are_there(
    entries: &[Entry],
    (section, name): (&str, &str),
    known: &BTreeSet<&str>,
) -> Result<(), FormError> {
    for node in nodes(entries, section).filter_map(|node| field(node, name)) {
        let text = node.text()?;
        if !known.contains(text) {
            let field = format!("{section}.{name}");
            return Err(FormError { line: node.line, field, fault: no_such(text, known) });
        }
    }
    Ok(())
}

fn no_such(name: &str, known: &BTreeSet<&str>) -> FormFault {
    FormFault::NoSuch {
        name: name.to_owned(),
        known: known.iter().map(|known| (*known).to_owned()).collect(),
    }
}
