//! The values of a form one by one, each with the field it stands in.

use serde_json::Value;

use super::{MARK, VERSION};

/// A value of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Its section, the entry by its identifier or number, and the field: `person P1, name text`.
    pub place: String,
    /// The value; words of lists as they are shown.
    pub text: String,
    /// Whether it is the name of a person.
    pub name: bool,
}

/// All texts, words and numbers of a form that [`is_form`](super::is_form) found right; none of one of a later version,
/// which nobody shows.
pub fn form_leaves(text: &str) -> Vec<Leaf> {
    let Ok(Value::Object(mut sections)) = serde_json::from_str(text) else { return Vec::new() };
    if sections.remove(MARK) != Some(Value::from(VERSION)) {
        return Vec::new();
    }
    let mut leaves = Vec::new();
    for (section, entries) in &sections {
        for (at, entry) in entries.as_array().into_iter().flatten().enumerate() {
            let id = entry.get("id").or_else(|| entry.get("person")).and_then(Value::as_str);
            let number = || at.saturating_add(1).to_string();
            let place = format!("{section} {}", id.map_or_else(number, str::to_owned));
            for (field, value) in entry.as_object().into_iter().flatten() {
                let name = section == "person" && field == "name";
                collect(value, &format!("{place}, {}", field.replace('_', " ")), name, &mut leaves);
            }
        }
    }
    leaves
}

fn collect(value: &Value, place: &str, name: bool, leaves: &mut Vec<Leaf>) {
    match value {
        Value::String(text) => {
            // Only what the name itself is, not its language or where it stands.
            let name = name && place.ends_with(" text");
            leaves.push(Leaf { place: place.to_owned(), text: plain(text), name });
        }
        Value::Number(number) => {
            leaves.push(Leaf { place: place.to_owned(), text: number.to_string(), name: false });
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, place, name, leaves)),
        Value::Object(fields) => {
            for (field, value) in fields {
                collect(value, &format!("{place} {}", field.replace('_', " ")), name, leaves);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// A word of a list as it is shown; any other text as it is.
fn plain(text: &str) -> String {
    let word = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if word && text.contains('_') { text.replace('_', " ") } else { text.to_owned() }
}
