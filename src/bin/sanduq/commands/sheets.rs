//! The forms of cases as they are read for timeline and due: those revisions that stand, each once, and what of them
//! could not be read.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use sanduq::crypto::KnownCard;
use sanduq::format::{Malformed, RevisionFact, parse_form};
use sanduq::record::form::{Form, Id};
use sanduq::record::timeline::{self, Sheet};
use sanduq::record::{CardHash, CaseId, PartName, RevisionId};
use sanduq::vault::CaseView;
use serde::Serialize;

use super::access::Access;
use super::names::Name;
use super::show::number_of;
use super::words::count;
use crate::failure::{Failure, Kind};
use crate::sanitize::one_line;

/// Longest text of others that a line shows, in characters; `--json` and `show` have it whole.
const SHOWN_CHARS: usize = 160;

/// A revision whose form was read.
pub(super) struct Leaf {
    pub(super) part: PartName,
    pub(super) form: Form,
    revision: RevisionId,
    number: usize,
    author: CardHash,
    checked: bool,
    givers: Vec<CardHash>,
}

/// The forms of one case.
pub(super) struct Sheets {
    pub(super) case: CaseId,
    pub(super) leaves: Vec<Leaf>,
    /// Parts whose form a later version wrote.
    pub(super) newer: Vec<String>,
    /// What cannot be read.
    pub(super) damaged: Vec<String>,
    /// How many parts of the index cannot be read.
    pub(super) holes: usize,
}

/// Where something stands, for `--json`.
#[derive(Clone, Serialize)]
pub(super) struct Source {
    code: String,
    part: String,
    revision: usize,
    author: Name,
    signature_checked: bool,
    /// Who gave it, for what lies in another's vault.
    from: Vec<Name>,
}

/// The names of a person, for `--json`.
#[derive(Serialize)]
pub(super) struct Named {
    code: String,
    id: String,
    names: Vec<String>,
}

/// Cards of authors, each looked up once.
pub(super) struct Cards<'a> {
    access: &'a Access,
    known: Mutex<HashMap<CardHash, Option<KnownCard>>>,
}

impl<'a> Cards<'a> {
    pub(super) fn of(access: &'a Access) -> Self {
        Self { access, known: Mutex::default() }
    }

    fn find(&self, hash: CardHash) -> Result<Option<KnownCard>, Failure> {
        let known = || self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(card) = known().get(&hash) {
            return Ok(card.clone());
        }
        let card = self.access.card(&hash)?;
        known().insert(hash, card.clone());
        Ok(card)
    }
}

impl Sheets {
    /// Reads the forms of the parts that are wanted, as one view shows them.
    pub(super) fn read(
        cards: &Cards<'_>,
        view: &CaseView,
        wanted: impl Fn(&PartName) -> bool,
    ) -> Result<Self, Failure> {
        let mut sheets = Self {
            case: view.case,
            leaves: Vec::new(),
            newer: Vec::new(),
            damaged: view.damaged.iter().map(|(part, what)| format!("{part}: {what}")).collect(),
            holes: view.holes,
        };
        for part in view.part_names().into_iter().filter(|part| wanted(part)) {
            for fact in view.heads(part) {
                match read_leaf(cards, view, fact) {
                    Ok(Some(Ok(leaf))) => sheets.leaves.push(leaf),
                    Ok(Some(Err(Malformed::Newer))) => sheets.newer.push(part.to_string()),
                    Ok(Some(Err(error))) => sheets.damaged.push(damage(view, fact, &error)),
                    Ok(None) => {}
                    Err(failure) if failure.kind() == Kind::Corrupt => {
                        sheets.damaged.push(damage(view, fact, &failure));
                    }
                    Err(failure) => return Err(failure),
                }
            }
        }
        Ok(sheets)
    }

    /// Adds what another giver gave of the same case; a revision that both gave stands once.
    pub(super) fn join(&mut self, other: Self) {
        for leaf in other.leaves {
            match self.leaves.iter_mut().find(|known| known.revision == leaf.revision) {
                Some(known) => known.givers.extend(leaf.givers),
                None => self.leaves.push(leaf),
            }
        }
        self.newer.extend(other.newer);
        self.newer.dedup();
        self.damaged.extend(other.damaged);
        self.holes += other.holes;
    }

    /// The same without its forms: what could not be read.
    pub(super) fn without_forms(self) -> Self {
        Self { leaves: Vec::new(), ..self }
    }

    /// The forms, numbered from `first`.
    pub(super) fn sheets(&self, first: usize) -> Vec<Sheet<'_>> {
        let leaves = self.leaves.iter().zip(first..);
        leaves.map(|(Leaf { part, form, .. }, at)| Sheet { at, part, form }).collect()
    }

    /// Where each of them stands.
    pub(super) fn sources(&self, access: &Access, code: &str) -> Result<Vec<Source>, Failure> {
        let one = |leaf: &Leaf| {
            let from = leaf.givers.iter().map(|giver| access.giver(*giver)).collect::<Result<Vec<_>, _>>()?;
            Ok(Source {
                code: code.to_owned(),
                part: leaf.part.to_string(),
                revision: leaf.number,
                author: Name::of(access, leaf.author)?,
                signature_checked: leaf.checked,
                from: from.into_iter().flatten().collect(),
            })
        };
        self.leaves.iter().map(one).collect()
    }
}

fn damage(view: &CaseView, fact: &RevisionFact, what: &impl std::fmt::Display) -> String {
    format!("{}, revision {}: {what}", fact.part, number_of(view, fact))
}

/// Reads the form of a revision, if it has one.
fn read_leaf(
    cards: &Cards<'_>,
    view: &CaseView,
    fact: &RevisionFact,
) -> Result<Option<Result<Leaf, Malformed>>, Failure> {
    let opened = view.open(cards.access.store(), fact)?;
    let card = cards.find(fact.author)?;
    if let Some(card) = &card {
        opened.check_author(card)?;
    }
    let Some(written) = &opened.revision.form else { return Ok(None) };
    let leaf = |form| Leaf {
        part: fact.part.clone(),
        form,
        revision: fact.revision,
        number: number_of(view, fact),
        author: fact.author,
        checked: card.is_some(),
        givers: vec![view.owner],
    };
    Ok(Some(parse_form(written).map(leaf)))
}

impl Source {
    /// The line that names it.
    pub(super) fn line(&self) -> String {
        let Self { code, part, revision, author, .. } = self;
        let givers = self.from.iter().map(|from| format!(", given by {from}")).collect::<String>();
        let unsure =
            if self.signature_checked { "" } else { ", NOT CHECKED: the card of its author is missing" };
        format!("{code} {part}, revision {revision} by {author}{givers}{unsure}")
    }
}

/// The persons of a case by the names that whoever reads may know.
pub(super) struct Persons(BTreeMap<Id, Vec<String>>);

impl Persons {
    pub(super) fn of(sheets: &[Sheet<'_>]) -> Self {
        Self(timeline::names(sheets))
    }

    /// The identifier, and the names that a part read here gives to it.
    pub(super) fn called(&self, id: &Id) -> String {
        match self.0.get(id) {
            Some(names) => format!("{id} ({})", brief(&names.join(" / "))),
            None => id.to_string(),
        }
    }

    /// All of them, for `--json`.
    pub(super) fn named(&self, code: &str) -> Vec<Named> {
        let one = |(id, names): (&Id, &Vec<String>)| Named {
            code: code.to_owned(),
            id: id.to_string(),
            names: names.clone(),
        };
        self.0.iter().map(one).collect()
    }
}

/// A text of others on one line, cut where it is long.
pub(super) fn brief(text: &str) -> String {
    let line = one_line(text.trim_end());
    match line.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.into_owned(),
    }
}

/// Lines about what was not shown.
pub(super) fn left_out(newer: &[String], damaged: &[String]) -> String {
    let newer = newer.iter().map(|part| {
        format!("\nSKIPPED: {}: a form written by a newer sanduq: use that one to read it\n", one_line(part))
    });
    let damaged = damaged.iter().map(|line| format!("\nDAMAGED: {}\n", one_line(line)));
    newer.chain(damaged).collect()
}

/// Ends a command that showed what it could, as `show` does.
pub(super) fn unless_damaged(damaged: usize, holes: usize) -> Result<(), Failure> {
    if holes > 0 {
        let parts = count(holes, "part", "parts");
        return Err(super::list::holed(format!(
            "{parts} of the vault's index cannot be read: something may be missing above"
        )));
    }
    if damaged == 0 {
        return Ok(());
    }
    let revisions = count(damaged, "revision", "revisions");
    Err(Failure::say(Kind::Corrupt, format!("{revisions} cannot be read, named above"))
        .hint("what is above was checked and is whole")
        .hint("`sanduq check` names everything that is damaged"))
}
