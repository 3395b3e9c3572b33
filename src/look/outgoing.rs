//! The texts that go: of parts, of every field of a form, and the names of files.

use serde_json::Value;

use crate::record::form::{Form, Id};

/// One text that goes, and where it stands in its part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Which field of a form, or `text`, or the name of an exhibit.
    pub field: String,
    /// The text.
    pub text: String,
    /// Where it is public already.
    pub public_at: Option<String>,
}

impl Outgoing {
    /// A text that is in no form.
    pub fn new(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self { field: field.into(), text: text.into(), public_at: None }
    }

    /// Every text of a form, for a part of this kind. What a part was named for, such as the names in `person` and
    /// the places in `whereabouts`, is left out.
    pub fn of_form(form: &Form, kind: &str) -> Vec<Self> {
        let Ok(Value::Object(sections)) = serde_json::to_value(form) else { return Vec::new() };
        let mut out = Vec::new();
        for (section, entries) in &sections {
            for (at, entry) in entries.as_array().into_iter().flatten().enumerate() {
                let id = entry
                    .get("id")
                    .and_then(Value::as_str)
                    .map_or_else(|| (at + 1).to_string(), str::to_owned);
                let public_at = entry.get("public_at").and_then(Value::as_str).map(str::to_owned);
                let walk = Walk { section, kind, entry: &format!("{section} {id}"), public_at };
                walk.fields("", entry, &mut out);
            }
        }
        out
    }
}

struct Walk<'a> {
    section: &'a str,
    kind: &'a str,
    entry: &'a str,
    public_at: Option<String>,
}

impl Walk<'_> {
    fn fields(&self, path: &str, value: &Value, out: &mut Vec<Outgoing>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields.iter().filter(|(name, _)| !self.is_left_out(path, name)) {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.fields(&path, value, out);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| self.fields(path, value, out)),
            Value::String(text) => out.push(Outgoing {
                field: format!("{}: {path}", self.entry),
                text: text.clone(),
                public_at: self.public_at.clone(),
            }),
            _ => {}
        }
    }

    /// Identifiers, tags and words of lists say nothing; and what the part was named for.
    fn is_left_out(&self, path: &str, name: &str) -> bool {
        let own = match (self.kind, self.section) {
            ("person", "person") => path.is_empty() && matches!(name, "name" | "birth" | "contact" | "age"),
            ("person", "document") => name == "number",
            ("whereabouts", "whereabouts") => path.is_empty() && matches!(name, "place" | "address"),
            _ => false,
        };
        own || matches!(
            name,
            "id" | "lang" | "public_at" | "level" | "kind" | "status" | "role" | "sex" | "currency"
        )
    }
}

/// The persons of a form who are under eighteen, as it says itself.
pub fn minors(form: &Form) -> impl Iterator<Item = &Id> {
    const ADULT: u64 = 18;
    let young = |person: &&crate::record::form::Person| {
        person.minor == Some(true)
            || person.age.as_ref().is_some_and(|age| age.years < ADULT && person.minor.is_none())
    };
    form.person.iter().filter(young).map(|person| &person.id)
}
