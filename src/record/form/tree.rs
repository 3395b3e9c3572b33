//! A form as it was typed: fields and their lines, before anybody says what they mean; and what can be wrong in it.

use std::collections::BTreeMap;

use super::value::MAX_WORD_CHARS;

/// A value and the line it begins in, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Line in the file.
    pub line: usize,
    /// What stands there.
    pub value: Tree,
}

/// What can stand in a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// A text between quotes.
    Text(String),
    /// A number, a date or a truth value, as it was written.
    Bare(String),
    /// Several values.
    List(Vec<Node>),
    /// Fields in the order of the file.
    Table(Vec<Entry>),
}

/// A field of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub key: String,
    /// Line of the name.
    pub line: usize,
    /// Its value.
    pub node: Node,
}

/// A form was refused: where, which field, why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {}{fault}", named(field))]
pub struct FormError {
    /// Line in the file, from 1.
    pub line: usize,
    /// The field with those around it, such as `person.name.lang`; empty for the whole form.
    pub field: String,
    /// What is wrong.
    pub fault: FormFault,
}

fn named(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!("`{field}` ") }
}

/// What can be wrong in a form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormFault {
    /// No such field here.
    #[error("is no field here")]
    Unknown {
        /// The known field most like it.
        nearest: Option<&'static str>,
        /// All fields that may stand here.
        known: Vec<&'static str>,
    },
    /// A section that belongs into other parts.
    #[error("does not belong into this part")]
    Elsewhere {
        /// The kinds of part that take it.
        parts: &'static [&'static str],
    },
    /// A field that must be there is not.
    #[error("is missing")]
    Missing {
        /// What to write.
        remedy: String,
    },
    /// A value that may not stand there.
    #[error("{problem}")]
    Value {
        /// What is wrong with it.
        problem: String,
        /// What to write instead.
        remedy: String,
    },
    /// A field or an identifier that stands there already.
    #[error("stands twice: first in line {first}")]
    Twice {
        /// Line of the first.
        first: usize,
    },
    /// Names something that is not in the form.
    #[error("names {name}, which is not in this form")]
    NoSuch {
        /// The identifier.
        name: String,
        /// Those that are there.
        known: Vec<String>,
    },
    /// Neither TOML nor JSON.
    #[error("{0}")]
    Syntax(String),
}

impl FormFault {
    /// What to do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Unknown { nearest: Some(nearest), .. } => format!("did you mean `{nearest}`?"),
            Self::Unknown { nearest: None, known } => format!("the fields here are {}", known.join(", ")),
            Self::Elsewhere { parts } => {
                format!("put it into the part {} of the case, with a form of its own", parts.join(" or "))
            }
            Self::Missing { remedy } | Self::Value { remedy, .. } => remedy.clone(),
            Self::Twice { .. } => "leave one of the two out, or give it another identifier".into(),
            Self::NoSuch { known, .. } if known.is_empty() => {
                "write the other one into the form first".into()
            }
            Self::NoSuch { known, .. } => {
                const SHOWN: usize = 12;
                let more = if known.len() > SHOWN { " and others" } else { "" };
                let first: Vec<&str> = known.iter().take(SHOWN).map(String::as_str).collect();
                format!("those in this form are {}{more}", first.join(", "))
            }
            Self::Syntax(_) => "`sanduq template PART` prints a form that can be filled in".into(),
        }
    }

    /// A value that is wrong, and what to write instead.
    pub(super) fn value(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Value { problem: problem.into(), remedy: remedy.into() }
    }
}

impl FormError {
    /// Something wrong at a node that has no field of its own.
    pub fn at(line: usize, fault: FormFault) -> Self {
        Self { line, field: String::new(), fault }
    }

    /// Names the field around the one that is wrong.
    pub(super) fn within(mut self, outer: &str) -> Self {
        self.field = match self.field.as_str() {
            "" => outer.to_owned(),
            inner => format!("{outer}.{inner}"),
        };
        self
    }
}

impl Node {
    /// An error about this value.
    pub(super) fn refuse(&self, problem: impl Into<String>, remedy: impl Into<String>) -> FormError {
        FormError::at(self.line, FormFault::value(problem, remedy))
    }

    /// The text that stands here; a date or number counts as written.
    pub(super) fn text(&self) -> Result<&str, FormError> {
        match &self.value {
            Tree::Bare(bare) if matches!(bare.as_str(), "true" | "false" | "null") => {
                Err(self.refuse("is no text", "write it between quotes"))
            }
            Tree::Text(text) | Tree::Bare(text) => Ok(text),
            Tree::List(_) => Err(self.refuse("is a list where one value is expected", "write one value")),
            Tree::Table(_) => Err(self.refuse("holds fields where one value is expected", "write one value")),
        }
    }

    /// The fields that stand here, each once.
    pub(super) fn entries(&self) -> Result<&[Entry], FormError> {
        let Tree::Table(entries) = &self.value else {
            let remedy = "write fields, as `sanduq template PART` shows them";
            return Err(self.refuse("is a single value where fields are expected", remedy));
        };
        let mut seen = BTreeMap::new();
        for entry in entries {
            if let Some(first) = seen.insert(&entry.key, entry.line) {
                let field = entry.key.chars().take(MAX_WORD_CHARS).collect();
                return Err(FormError { line: entry.line, field, fault: FormFault::Twice { first } });
            }
        }
        Ok(entries)
    }
}

/// The known name most like what was typed, if any is like it.
pub(super) fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Below this two words are not alike.
    const ALIKE: f64 = 0.75;
    let typed: String = typed.chars().take(MAX_WORD_CHARS).collect();
    let rated = known.into_iter().map(|known| (strsim::jaro_winkler(&typed, known), known));
    rated.filter(|(likeness, _)| *likeness > ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}

impl Node {
    /// A text, as it was typed.
    pub fn typed(text: impl Into<String>) -> Self {
        Self { line: 1, value: Tree::Text(text.into()) }
    }

    /// A number or a truth value, as it was typed.
    pub fn bare(text: impl Into<String>) -> Self {
        Self { line: 1, value: Tree::Bare(text.into()) }
    }

    /// A table without fields.
    pub fn table() -> Self {
        Self { line: 1, value: Tree::Table(Vec::new()) }
    }

    /// The value of a field.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Tree::Table(entries) = &self.value else { return None };
        entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// Sets a field; nothing takes it away.
    pub fn set(&mut self, key: &str, value: Option<Self>) {
        if !matches!(self.value, Tree::Table(_)) {
            *self = Self::table();
        }
        let Tree::Table(entries) = &mut self.value else { return };
        entries.retain(|entry| entry.key != key || value.is_some());
        let Some(node) = value else { return };
        match entries.iter_mut().find(|entry| entry.key == key) {
            Some(entry) => entry.node = node,
            None => entries.push(Entry { key: key.to_owned(), line: 1, node }),
        }
    }

    /// The values of a list; a single value is a list of one.
    pub fn list(&self) -> Vec<Self> {
        match &self.value {
            Tree::List(nodes) => nodes.clone(),
            _ => vec![self.clone()],
        }
    }
}
