//! Making a segment of documents.

use std::collections::HashMap;

use super::fold::{Token, words};
use super::lists::List;
use super::segment::{Document, SOUND, Writer, Written};
use crate::names::sounds;

/// Numbers between the last word of a field and the first of the next: no phrase reaches so far.
const FIELD_GAP: u32 = 8;
/// Characters of a Chinese name.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=4;

/// A piece of a document that is one: a text, a value of a form, the name of an exhibit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it is, as people are told.
    pub place: String,
    /// What stands in it.
    pub text: String,
    /// Whether each of its words may be a name.
    pub names: bool,
}

/// A segment that is being made.
#[derive(Default)]
pub struct Builder {
    documents: Vec<(Document, u64)>,
    lists: HashMap<Vec<u8>, List>,
    names: HashMap<Vec<u8>, List>,
    text_bytes: usize,
}

impl Builder {
    /// Adds a document of this time.
    pub fn add(&mut self, document: Document, time: u64, fields: &[Field]) {
        let mut adding = Adding {
            document: u32::try_from(self.documents.len()).expect("segments are small"),
            number: 0,
            key: Vec::new(),
            lists: &mut self.lists,
            names: &mut self.names,
            names_field: false,
            run: Run::default(),
        };
        for field in fields {
            self.text_bytes += field.text.len();
            adding.field(field);
        }
        self.documents.push((document, time));
    }

    /// How many documents were added.
    pub fn documents(&self) -> usize {
        self.documents.len()
    }

    /// Bytes of the texts that were added.
    pub fn text_bytes(&self) -> usize {
        self.text_bytes
    }

    /// The segment.
    pub fn finish(self) -> Written {
        let mut all: Vec<(Vec<u8>, Vec<u8>)> =
            self.lists.into_iter().map(|(key, list)| (key, list.finish())).collect();
        for (name, list) in self.names {
            let list = list.finish();
            for sound in sounds(&String::from_utf8_lossy(&name)) {
                all.push((sound_key(&sound, &name), list.clone()));
            }
        }
        all.sort_unstable();
        let mut writer = Writer::default();
        all.iter().for_each(|(key, list)| writer.push(key, list));
        writer.finish(&self.documents)
    }
}

/// The key of a name under its sound.
pub(super) fn sound_key(sound: &str, name: &[u8]) -> Vec<u8> {
    [&[SOUND], sound.as_bytes(), &[0], name].concat()
}

/// Characters without spaces side by side.
#[derive(Default)]
struct Run {
    chars: Vec<String>,
    end: usize,
}

/// A document that is being added.
struct Adding<'a> {
    document: u32,
    number: u32,
    key: Vec<u8>,
    lists: &'a mut HashMap<Vec<u8>, List>,
    names: &'a mut HashMap<Vec<u8>, List>,
    names_field: bool,
    run: Run,
}

impl Adding<'_> {
    fn field(&mut self, field: &Field) {
        self.names_field = field.names;
        words(&field.text, |token| self.token(token));
        self.end_run();
        self.number = self.number.saturating_add(FIELD_GAP);
    }

    fn token(&mut self, token: Token<'_>) {
        if token.spaceless {
            if self.run.end != token.range.0 {
                self.end_run();
            }
            if let Some(before) = self.run.chars.last() {
                // A character is kept with the one after it.
                self.key.clear();
                self.key.extend(before.as_bytes());
                self.key.extend(token.folded.as_bytes());
                self.push("");
            }
            self.run.chars.push(token.folded.to_owned());
            self.run.end = token.range.1;
            return;
        }
        self.end_run();
        self.key.clear();
        self.key.extend(token.folded.as_bytes());
        self.push(token.written);
        if (token.capital || self.names_field) && token.folded.chars().any(char::is_alphabetic) {
            let name = if token.written.is_empty() { token.folded } else { token.written };
            self.name(name);
        }
    }

    /// The last character of a run is kept alone, and the run as a name where one is expected.
    fn end_run(&mut self) {
        let Some(last) = self.run.chars.last() else { return };
        self.key.clear();
        self.key.extend(last.as_bytes());
        self.push("");
        let chars = std::mem::take(&mut self.run.chars);
        self.run.end = 0;
        if self.names_field && NAME_CHARS.contains(&chars.len()) {
            let (family, given) = (chars[..1].concat(), chars[1..].concat());
            [chars.concat(), family, given].iter().for_each(|name| self.name(name));
        }
    }

    /// Adds the next word, whose folded form is the key so far.
    fn push(&mut self, written: &str) {
        self.key.push(0);
        self.key.extend(written.as_bytes());
        self.number = self.number.saturating_add(1);
        match self.lists.get_mut(&self.key) {
            Some(list) => list.push(self.document, self.number),
            None => self.lists.entry(self.key.clone()).or_default().push(self.document, self.number),
        }
    }

    fn name(&mut self, name: &str) {
        let list = match self.names.get_mut(name.as_bytes()) {
            Some(list) => list,
            None => self.names.entry(name.as_bytes().to_vec()).or_default(),
        };
        list.push_once(self.document);
    }
}
