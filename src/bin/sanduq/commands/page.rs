//! One case laid out to be read: what was opened, as a document for `--json` and as a page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sanduq::record::{ExhibitName, Time};
use sanduq::vault::OpenRevision;
use serde::Serialize;

use super::names::Name;
use crate::sanitize::one_line;
use crate::ui::{file_name, quoted};

/// A case.
#[derive(Serialize)]
pub(super) struct Page {
    pub(super) code: String,
    /// Who gave what is shown, for what lies in another's vault.
    pub(super) from: Option<Name>,
    pub(super) title: Option<String>,
    pub(super) since: Option<Time>,
    pub(super) changed: Option<Time>,
    /// From whom it came, for a case that was not opened here.
    pub(super) via: Vec<Name>,
    pub(super) parts: Vec<Part>,
    /// What could not be read, each in one line.
    pub(super) damaged: Vec<String>,
    /// The same case as others gave it.
    pub(super) others: Vec<Self>,
}

/// A part with the revisions that stand, or the one asked for.
#[derive(Serialize)]
pub(super) struct Part {
    pub(super) part: String,
    /// How many revisions it has.
    pub(super) revisions: usize,
    pub(super) shown: Vec<Revision>,
    /// Whether what is shown stands beside each other, and where it differs.
    pub(super) apart: Option<String>,
}

/// A revision, opened and judged.
#[derive(Serialize)]
pub(super) struct Revision {
    pub(super) revision: usize,
    pub(super) id: String,
    pub(super) author: Name,
    /// False where the author's card is missing, so that nobody can tell whose signature it is.
    pub(super) signature_checked: bool,
    pub(super) current: bool,
    pub(super) time: Time,
    pub(super) lang: Option<String>,
    pub(super) text: Option<String>,
    /// The form, as it stands in the revision.
    pub(super) form: Option<serde_json::Value>,
    /// The same as a page.
    #[serde(skip)]
    pub(super) form_page: Option<String>,
    pub(super) exhibits: Vec<Exhibit>,
}

/// An exhibit of a revision.
#[derive(Serialize, PartialEq)]
pub(super) struct Exhibit {
    pub(super) exhibit: String,
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl Exhibit {
    /// The exhibits of a revision; a number that two of them share gets digits.
    pub(super) fn all_of(opened: &OpenRevision) -> Vec<Self> {
        let exhibits = &opened.revision.exhibits;
        let mut same = BTreeMap::<u64, usize>::new();
        exhibits.iter().for_each(|exhibit| *same.entry(exhibit.number).or_default() += 1);
        let one = |exhibit: &sanduq::format::Exhibit| {
            let alone = same.get(&exhibit.number) == Some(&1);
            Self {
                exhibit: ExhibitName::new(exhibit.number, &exhibit.sha256, alone).to_string(),
                name: exhibit.name.clone(),
                bytes: exhibit.bytes,
                sha256: exhibit.sha256.to_string(),
            }
        };
        exhibits.iter().map(one).collect()
    }
}

/// Says how revisions that stand beside each other differ.
pub(super) fn differences(shown: &[Revision]) -> Option<String> {
    let [first, rest @ ..] = shown else { return None };
    if rest.is_empty() {
        return None;
    }
    let mut said = format!("{} revisions stand beside each other, written apart", shown.len());
    for other in rest {
        let (a, b) = (first.text.as_deref().unwrap_or(""), other.text.as_deref().unwrap_or(""));
        let pair = format!("{} and {}", first.revision, other.revision);
        match first_difference(a, b) {
            Some(line) => write!(said, "; the texts of {pair} differ first in line {line}"),
            None => write!(said, "; the texts of {pair} are the same"),
        }
        .expect("a string takes every write");
        if first.form != other.form {
            write!(said, ", their forms differ").expect("a string takes every write");
        }
        if first.exhibits != other.exhibits {
            write!(said, ", their exhibits differ").expect("a string takes every write");
        }
    }
    Some(said)
}

/// The number of the first line in which two texts differ.
pub(super) fn first_difference(a: &str, b: &str) -> Option<usize> {
    let (mut left, mut right) = (a.lines(), b.lines());
    (1..).find_map(|line| match (left.next(), right.next()) {
        (None, None) => Some(None),
        (one, other) if one != other => Some(Some(line)),
        _ => None,
    })?
}

impl Page {
    /// The page as text.
    pub(super) fn to_text(&self) -> String {
        let mut text = self.code.clone();
        if let Some(title) = &self.title {
            text = format!("{text}  {}", one_line(title));
        }
        text.push('\n');
        if let Some(from) = &self.from {
            text.push_str(&format!("given by {from}\n"));
        }
        for (what, time) in [("opened", self.since), ("last change", self.changed)] {
            if let Some(time) = time {
                text.push_str(&format!("{what} {time}\n"));
            }
        }
        for name in &self.via {
            text.push_str(&format!("came from {name}\n"));
        }
        if self.parts.is_empty() && self.damaged.is_empty() {
            text.push_str("\nnothing is written in it yet\n");
        }
        self.parts.iter().for_each(|part| part.push_to(&mut text));
        for line in &self.damaged {
            text.push_str(&format!("\nDAMAGED: {}\n", one_line(line)));
        }
        for other in &self.others {
            text.push_str(&format!("\nTHE SAME CASE, GIVEN BY SOMEONE ELSE\n\n{}", other.to_text()));
        }
        text
    }
}

impl Part {
    fn push_to(&self, text: &mut String) {
        text.push_str(&format!("\n== {} ==\n", self.part));
        if let Some(apart) = &self.apart {
            text.push_str(&format!("{apart}\n"));
        }
        for revision in &self.shown {
            revision.push_to(text, self.revisions);
        }
    }
}

impl Revision {
    fn push_to(&self, text: &mut String, count: usize) {
        let Self { revision, author, time, .. } = self;
        text.push_str(&format!("revision {revision} of {count}, by {author}, {time}"));
        if let Some(lang) = &self.lang {
            text.push_str(&format!(", in {}", one_line(lang)));
        }
        if !self.current {
            text.push_str(", EARLIER: a later one stands");
        }
        text.push('\n');
        if !self.signature_checked {
            text.push_str("the card of its author is missing here: who wrote it cannot be checked\n");
        }
        if let Some(written) = &self.text {
            text.push_str(&format!("\n{}", quoted(written)));
        }
        if let Some(page) = &self.form_page {
            text.push_str(&format!("\n{page}"));
        }
        if !self.exhibits.is_empty() {
            text.push('\n');
            let rows = self.exhibits.iter().map(|exhibit| {
                [
                    format!("  {}", exhibit.exhibit),
                    file_name(&exhibit.name),
                    format!("{} bytes", exhibit.bytes),
                    format!("sha256 {}…", &exhibit.sha256[..16]),
                ]
            });
            text.push_str(&crate::ui::table(rows));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_line_that_differs() {
        assert_eq!(first_difference("a\nb", "a\nc"), Some(2));
        assert_eq!(first_difference("a", "a\nb"), Some(2));
        assert_eq!(first_difference("a\n", "a"), None);
        assert_eq!(first_difference("", "a"), Some(1));
    }
}
