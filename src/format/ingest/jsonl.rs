//! One case a line: `{"title":…,"parts":{"testimony":{"text":…,"lang":…,"form":{…}}},"exhibits":["path"]}`.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, Read};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::super::read_form;
use super::{
    Cases, IngestError, IngestFault, IngestRecord, IngestText, MAX_CASE_BYTES, part_name, shown, text_of,
    without_mark,
};

/// Reads a JSONL file of cases. Empty lines are passed over.
pub fn read_jsonl<'a>(
    input: impl BufRead + 'a,
) -> impl Iterator<Item = Result<IngestRecord, IngestError>> + 'a {
    let mut input = without_mark(input);
    let mut line = 0u64;
    Cases::new(move || {
        let input = match &mut input {
            Ok(input) => input,
            Err(error) => return Some(Err(IngestFault::Read(error.kind().into()).at(1))),
        };
        loop {
            line = line.saturating_add(1);
            match read_line(input) {
                Ok(None) => return None,
                Ok(Some(bytes)) if bytes.iter().all(u8::is_ascii_whitespace) => {}
                Ok(Some(bytes)) => {
                    let record = parse(&bytes).map(|record| IngestRecord { line, ..record });
                    return Some(record.map_err(|fault| fault.at(line)));
                }
                Err(fault) => return Some(Err(fault.at(line))),
            }
        }
    })
}

fn read_line(input: &mut impl BufRead) -> Result<Option<Vec<u8>>, IngestFault> {
    let mut bytes = Vec::new();
    let limit = (MAX_CASE_BYTES as u64).saturating_add(1);
    input.take(limit).read_until(b'\n', &mut bytes).map_err(IngestFault::Read)?;
    match bytes.len() {
        0 => Ok(None),
        length if length > MAX_CASE_BYTES => Err(IngestFault::TooLong),
        _ => Ok(Some(bytes)),
    }
}

/// A JSON value as it stands there: order and doubled keys are kept.
enum Json {
    Null,
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
    /// A number or a truth value: nothing here is one.
    Other,
}

fn parse(line: &[u8]) -> Result<IngestRecord, IngestFault> {
    let text = std::str::from_utf8(line).map_err(|error| IngestFault::NotUtf8(error.valid_up_to()))?;
    let json = serde_json::from_str(text.trim_end()).map_err(|error| IngestFault::Json(error.column()))?;
    let mut record = IngestRecord::default();
    for (key, value) in object("a line", json)? {
        match key.as_str() {
            "title" => {
                let title = text_or_null(&key, value)?;
                let title = title.map(|title| title.parse()).transpose();
                record.title = title.map_err(IngestFault::Title)?;
            }
            "parts" => record.parts = parts(value)?,
            "exhibits" => record.exhibits = exhibits(value)?,
            _ => return Err(IngestFault::UnknownKey(shown(&key))),
        }
    }
    if record.title.is_none() && record.parts.is_empty() && record.exhibits.is_empty() {
        return Err(IngestFault::Nothing);
    }
    add_forms(text, &mut record)?;
    Ok(record)
}

/// The forms of a line, which are read from the text itself: a number in one is kept as it is written.
fn add_forms(line: &str, record: &mut IngestRecord) -> Result<(), IngestFault> {
    #[derive(serde::Deserialize)]
    struct Line<'a> {
        #[serde(borrow, default)]
        parts: Option<BTreeMap<String, Part<'a>>>,
    }
    #[derive(serde::Deserialize)]
    struct Part<'a> {
        #[serde(borrow, default)]
        form: Option<&'a RawValue>,
    }
    // Most lines have none, and looking is much cheaper than reading once more.
    if !line.contains("\"form\"") {
        return Ok(());
    }
    let lines: Line<'_> = serde_json::from_str(line).map_err(|error| IngestFault::Json(error.column()))?;
    let forms = lines.parts.unwrap_or_default();
    for part in &mut record.parts {
        let form = forms.get(part.part.as_str()).and_then(|part| part.form);
        let read = |form: &RawValue| read_form(form.get(), part.part.kind());
        let refused = |error| IngestFault::Form { part: part.part.clone(), error: Box::new(error) };
        part.form = form.map(read).transpose().map_err(refused)?;
    }
    Ok(())
}

fn parts(value: Json) -> Result<Vec<IngestText>, IngestFault> {
    let mut parts = Vec::new();
    for (name, value) in object("parts", value)? {
        let part = part_name(&name)?;
        let (mut text, mut lang, mut form) = (None, None, false);
        for (key, value) in object(&name, value)? {
            match key.as_str() {
                "text" => text = text_or_null(&key, value)?,
                "lang" => lang = text_or_null(&key, value)?,
                "form" => form = !matches!(value, Json::Null),
                _ => return Err(IngestFault::UnknownKey(shown(&key))),
            }
        }
        if text.is_none() && !form {
            return Err(IngestFault::NoText(part));
        }
        parts.push(text_of(part, text.as_deref(), lang.as_deref())?);
    }
    Ok(parts)
}

fn exhibits(value: Json) -> Result<Vec<String>, IngestFault> {
    let wrong = || IngestFault::Expected { key: "exhibits".into(), expected: "a list of paths" };
    let list = match value {
        Json::Null => Vec::new(),
        Json::List(list) => list,
        _ => return Err(wrong()),
    };
    let path = |value| match value {
        Json::Text(path) if !path.is_empty() => Ok(path),
        _ => Err(wrong()),
    };
    list.into_iter().map(path).collect()
}

/// The members of an object, no key twice.
fn object(key: &str, value: Json) -> Result<Vec<(String, Json)>, IngestFault> {
    let Json::Object(members) = value else {
        return Err(IngestFault::Expected { key: shown(key), expected: "an object" });
    };
    let mut keys: Vec<&str> = members.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    match keys.windows(2).find_map(|pair| pair.first().filter(|key| pair.last() == Some(key))) {
        Some(twice) => Err(IngestFault::Twice(shown(twice))),
        None => Ok(members),
    }
}

fn text_or_null(key: &str, value: Json) -> Result<Option<String>, IngestFault> {
    match value {
        Json::Null => Ok(None),
        Json::Text(text) => Ok(Some(text)),
        _ => Err(IngestFault::Expected { key: shown(key), expected: "a text" }),
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = access.next_element()? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = access.next_entry()? {
            members.push(member);
        }
        Ok(Json::Object(members))
    }
}
