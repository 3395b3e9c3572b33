//! Forms as files: read from TOML or JSON with the line of every field, and written as the one JSON that is signed.
//! docs/format.md section 7, "Forms".

mod json;
mod leaves;
mod template;
#[cfg(test)]
mod tests;
mod toml;

use serde::Serialize;

use super::Malformed;
use super::render::json_bytes;
use crate::record::form::{Form, FormError, FormFault, Node, Tree};

pub use leaves::{Leaf, form_leaves};
pub use template::template;

/// Largest form that is read from a file, in bytes.
pub const MAX_FORM_FILE_BYTES: usize = 1 << 20;
/// Largest form in a revision, in bytes: what such a file can become with its spaces.
pub const MAX_FORM_BYTES: usize = 8 << 20;
/// Deepest nesting.
const MAX_DEPTH: usize = 8;

/// First field of every form that is written: which rules it follows.
const MARK: &str = "sanduq";
const VERSION: &str = "form 1";

/// Reads a form that somebody wrote, for a kind of part: JSON if it begins with `{`, else TOML.
pub fn read_form(text: &str, kind: &str) -> Result<Form, FormError> {
    if text.len() > MAX_FORM_FILE_BYTES {
        let fault = FormFault::Syntax(format!("larger than {} MiB", MAX_FORM_FILE_BYTES >> 20));
        return Err(FormError::at(1, fault));
    }
    let text = text.trim_start_matches('\u{feff}');
    let mut node = match text.trim_start().starts_with('{') {
        true => json::read(text)?,
        false => toml::read(text)?,
    };
    take_mark(&mut node)?;
    Form::read(&node, Some(kind))
}

/// Takes the mark out, where it stands; gives whether it does.
fn take_mark(node: &mut Node) -> Result<bool, FormError> {
    let Tree::Table(entries) = &mut node.value else { return Ok(false) };
    let Some(at) = entries.iter().position(|entry| entry.key == MARK) else { return Ok(false) };
    let entry = entries.remove(at);
    if entry.node.value == Tree::Text(VERSION.into()) {
        return Ok(true);
    }
    let fault = FormFault::Value {
        problem: "is not a form of this version".into(),
        remedy: format!("write {MARK} = {VERSION:?}, or use the newer sanduq that wrote it"),
    };
    Err(FormError { line: entry.line, field: MARK.into(), fault })
}

#[derive(Serialize)]
struct Marked<'a> {
    sanduq: &'static str,
    #[serde(flatten)]
    form: &'a Form,
}

/// Writes a form as a revision holds it and a bundle lays it out: `form.json`.
pub fn write_form(form: &Form) -> String {
    let bytes = json_bytes(&Marked { sanduq: VERSION, form });
    String::from_utf8(bytes).expect("JSON is text")
}

/// Reads a form out of a revision; any other writing of it is refused. One of a later version is [`Malformed::Newer`]
/// and can be carried, not read.
pub fn parse_form(text: &str) -> Result<Form, Malformed> {
    let not_a = Malformed::NotA("form");
    let start = text.strip_prefix("{\n  \"sanduq\": \"form ").ok_or(not_a)?;
    if text.len() > MAX_FORM_BYTES {
        return Err(Malformed::TooLong("form"));
    }
    let version = start.split('"').next().and_then(|version| version.parse::<u64>().ok());
    match version {
        Some(1) => {}
        Some(2..) => return Err(Malformed::Newer),
        _ => return Err(not_a),
    }
    let mut node = json::read(text).map_err(|_| not_a)?;
    take_mark(&mut node).map_err(|_| not_a)?;
    let form = Form::read(&node, None).map_err(|_| not_a)?;
    if write_form(&form) == text { Ok(form) } else { Err(Malformed::NotCanonical) }
}

/// Reads what was answered so far: a form in which anything may be missing. The mark is taken out.
pub fn read_answers(text: &str) -> Result<Node, Malformed> {
    let not_a = Malformed::NotA("form");
    let mut node = json::read(text).map_err(|_| not_a)?;
    take_mark(&mut node).map_err(|_| not_a)?;
    Ok(node)
}

/// Writes what was answered so far.
pub fn write_answers(node: &Node) -> String {
    serde_json::to_string(&Answers(node)).expect("JSON is text")
}

/// Judges answers as a whole, for a kind of part.
pub fn finish_form(node: &Node, kind: &str) -> Result<Form, FormError> {
    Form::read(node, Some(kind))
}

struct Answers<'a>(&'a Node);

impl Serialize for Answers<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0.value {
            Tree::Text(text) => serializer.serialize_str(text),
            Tree::Bare(bare) => match (bare.as_str(), bare.parse::<u64>()) {
                ("true", _) => serializer.serialize_bool(true),
                ("false", _) => serializer.serialize_bool(false),
                (_, Ok(number)) if number.to_string() == *bare => serializer.serialize_u64(number),
                _ => serializer.serialize_str(bare),
            },
            Tree::List(nodes) => serializer.collect_seq(nodes.iter().map(Answers)),
            Tree::Table(entries) => {
                serializer.collect_map(entries.iter().map(|entry| (&entry.key, Answers(&entry.node))))
            }
        }
    }
}

/// Whether a revision may hold this as its form: one of this version, or one of a later version.
pub fn is_form(text: &str) -> bool {
    matches!(parse_form(text), Ok(_) | Err(Malformed::Newer)) && text.len() <= MAX_FORM_BYTES
}

/// The lines of a text, counted once.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    fn at(&self, at: usize) -> usize {
        self.0.partition_point(|end| *end < at).saturating_add(1)
    }
}

/// A form that is nested deeper than any form is.
fn too_deep(line: usize) -> FormError {
    FormError::at(line, FormFault::Syntax("nested too deeply".into()))
}
