//! JSON with the line of every field: each value is taken as the piece of the text it is, which tells where it stands.

use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Lines, MAX_DEPTH, too_deep};
use crate::record::form::{Entry, FormError, FormFault, Node, Tree};

/// Reads a document.
pub(super) fn read(text: &str) -> Result<Node, FormError> {
    let lines = Lines::of(text);
    let reader = Reader { text, lines: &lines };
    let whole: &RawValue = serde_json::from_str(text).map_err(|error| reader.refuse(0, &error))?;
    reader.node(whole, 0)
}

struct Reader<'a> {
    text: &'a str,
    lines: &'a Lines,
}

/// The fields of an object in their order, none joined with another of its name.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Deserialize<'a> for Object<'a> {
    fn deserialize<D: serde::Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'a> Visitor<'a> for Fields {
            type Value = Object<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Object<'a>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

impl<'a> Reader<'a> {
    fn node(&self, raw: &'a RawValue, depth: usize) -> Result<Node, FormError> {
        let piece = raw.get();
        // A piece lies in the text it was taken from, so the difference of their places is where it stands.
        let at = (piece.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let line = self.lines.at(at);
        if depth > MAX_DEPTH {
            return Err(too_deep(line));
        }
        let refuse = |error| self.refuse(at, &error);
        let deeper = depth.saturating_add(1);
        let value = match piece.as_bytes().first() {
            Some(b'{') => {
                let Object(fields) = serde_json::from_str(piece).map_err(refuse)?;
                let entry = |(key, raw)| {
                    let node = self.node(raw, deeper)?;
                    Ok(Entry { key, line: node.line, node })
                };
                // What is null is not there.
                let there = fields.into_iter().filter(|(_, raw)| raw.get() != "null");
                Tree::Table(there.map(entry).collect::<Result<_, _>>()?)
            }
            Some(b'[') => {
                let raws: Vec<&RawValue> = serde_json::from_str(piece).map_err(refuse)?;
                Tree::List(raws.into_iter().map(|raw| self.node(raw, deeper)).collect::<Result<_, _>>()?)
            }
            Some(b'"') => Tree::Text(serde_json::from_str(piece).map_err(refuse)?),
            _ => Tree::Bare(piece.to_owned()),
        };
        Ok(Node { line, value })
    }

    fn refuse(&self, at: usize, error: &serde_json::Error) -> FormError {
        let line = self.lines.at(at).saturating_add(error.line()).saturating_sub(1);
        FormError::at(line, FormFault::Syntax(format!("not JSON: {}", kind(error))))
    }
}

/// What is wrong, without the words of the form.
fn kind(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Eof => "it ends too early: a bracket or a quote is missing",
        _ => "look for a missing comma, quote or bracket in this line or just before it",
    }
}
