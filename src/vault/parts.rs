//! Writing cases: opening them, titles, texts and exhibits of parts.

use super::case::CaseView;
use super::commit::Draft;
use super::error::VaultError;
use super::exhibits::StoredExhibit;
use super::revision::{OpenRevision, PartDraft, RevisionPlace, put_revision, sign_revision};
use super::session::Vault;
use crate::crypto::random;
use crate::format::{
    CodeFact, Exhibit, MAX_FORM_BYTES, ObjectKey, OpenedFact, OperationBody, People, RevisionCore,
    RevisionFact, TitleFact, write_form,
};
use crate::record::form::Form;
use crate::record::{
    Branch, CaseCode, CaseId, Digest, ExhibitName, Lang, MAX_TEXT_BYTES, PartName, Position, RevisionId,
    TextError, Time, Title, Vector,
};

/// A text for a part.
#[derive(Clone, Debug)]
pub struct NewText {
    /// The text in its normal form.
    pub text: String,
    /// Its language.
    pub lang: Option<Lang>,
    /// Whether it is added after the text that stands, or replaces it.
    pub add: bool,
}

/// A file to attach, already sealed and put.
#[derive(Clone, Debug)]
pub struct NewExhibit {
    /// Its file name.
    pub name: String,
    /// What was put.
    pub stored: StoredExhibit,
}

/// What a write to a part did.
#[derive(Clone, Debug)]
pub struct Written {
    /// The new revision, none when everything was there already.
    pub revision: Option<RevisionId>,
    /// Its number in the part, from 1.
    pub number: usize,
    /// The revisions it follows.
    pub follows: Vec<RevisionId>,
    /// Exhibits that were attached, or were there already, by number; `true` for new ones.
    pub exhibits: Vec<(u64, String, bool)>,
}

/// Edits the union of a part's heads, and gives what happened to which exhibits.
pub(super) type Change<'a> =
    &'a mut dyn FnMut(&mut StandingPart) -> Result<Vec<(u64, String, bool)>, VaultError>;

impl Draft<'_> {
    /// Opens a case whose code is not among the `taken`.
    pub(super) fn open_case(&mut self, code: &CodeFact, title: Option<&Title>) {
        let case = code.case;
        self.fact(CaseId::VAULT, code);
        self.operation(Some(case), &OperationBody::CaseOpened {});
        self.fact(case, &OpenedFact { time: self.time, via: None });
        if let Some(title) = title {
            self.title(case, title, &[]);
        }
    }

    pub(super) fn title(&mut self, case: CaseId, title: &Title, replaces: &[crate::record::FactId]) {
        self.fact(case, &TitleFact { title: title.clone(), time: self.time, replaces: replaces.to_vec() });
        self.operation(Some(case), &OperationBody::Titled {});
    }

    /// Writes the next revision of a part on top of all heads.
    pub(super) fn revise(
        &mut self,
        view: &CaseView,
        part: &PartName,
        draft: PartDraft,
    ) -> Result<RevisionFact, VaultError> {
        let owner = view.owner;
        let heads = view.heads(part);
        let own = view
            .revisions(part)
            .iter()
            .filter(|fact| fact.author == owner && fact.entry.writer == self.writer && fact.via.is_none());
        let last = own.max_by_key(|fact| fact.index);
        let position = match last {
            Some(last) => Position { author: owner, branch: last.branch, index: last.index + 1 },
            None => Position { author: owner, branch: Branch::new(random()), index: 0 },
        };
        let vector = Vector::joining(view.revisions(part), owner, position);
        let place = RevisionPlace { case: view.case, part: part.clone(), position, vector, time: self.time };
        let signed = sign_revision(&self.vault.identity().signer(), place, draft);
        let key = put_revision(self.vault.store(), &signed.revision)?;
        let people = People::of_revision(&signed.revision, self.time);
        let replaces = heads.iter().map(|head| head.revision).collect();
        Ok(self.record_revision(&signed, key, replaces, people))
    }

    /// Reads the heads of a part, lets `change` edit their union, and writes the next revision.
    pub(super) fn rewrite(
        &mut self,
        view: &CaseView,
        part: &PartName,
        change: Change<'_>,
    ) -> Result<(Written, RevisionFact), VaultError> {
        let mut standing = StandingPart::read(self.vault(), view, part)?;
        let exhibits = change(&mut standing)?;
        let StandingPart { text, lang, exhibits: attached, mut removed, form, .. } = standing;
        removed.sort();
        removed.dedup();
        let follows = view.heads(part).iter().map(|head| head.revision).collect();
        let content = PartDraft { lang, text, exhibits: attached, removed, form };
        let fact = self.revise(view, part, content)?;
        let number = view.revisions(part).len() + 1;
        Ok((Written { revision: Some(fact.revision), number, follows, exhibits }, fact))
    }

    /// Records a revision of the owner's that was put under `key`.
    pub(super) fn record_revision(
        &mut self,
        signed: &OpenRevision,
        key: ObjectKey,
        replaces: Vec<RevisionId>,
        people: Option<People>,
    ) -> RevisionFact {
        let RevisionCore { case, part, branch, index, vector, author, time, .. } = signed.core.clone();
        let body = OperationBody::PartRevised { part: part.clone(), revision: signed.id, replaces };
        let entry = self.operation(Some(case), &body);
        let revision = signed.id;
        let via = None;
        let fact =
            RevisionFact { part, revision, key, author, branch, index, vector, time, entry, via, people };
        self.fact(case, &fact);
        fact
    }
}

impl Vault {
    /// Opens a new case.
    pub fn open_case(&mut self, title: Option<&Title>, time: Time) -> Result<CaseCode, VaultError> {
        self.commit(time, |draft| {
            let vault = draft.vault();
            let taken = |code: &CaseCode| Ok(vault.coded(code)?.iter().any(|fact| code.names(&fact.digest)));
            let code = vault.draw_case(&taken)?;
            draft.open_case(&code, title);
            Ok(CaseCode::of(&code.digest))
        })
    }

    /// Gives a case a title, in place of those it had.
    pub fn title_case(&mut self, case: CaseId, title: &Title, time: Time) -> Result<(), VaultError> {
        self.commit(time, |draft| {
            let view = draft.vault().case(case)?;
            let replaced: Vec<_> = view.titles.iter().map(|known| known.id).collect();
            draft.title(case, title, &replaced);
            Ok(())
        })
    }

    /// Writes a text into a part; exhibits that stand stay.
    pub fn put_text(
        &mut self,
        case: CaseId,
        part: &PartName,
        new: &NewText,
        time: Time,
    ) -> Result<Written, VaultError> {
        forms_only(part)?;
        self.write_part(case, part, time, |standing| {
            standing.check_one_form()?;
            if new.add {
                standing.check_one_text()?;
            }
            let text = match (&standing.text, new.add) {
                (Some(before), true) => format!("{}\n\n{}", before.trim_end_matches('\n'), new.text),
                _ => new.text.clone(),
            };
            if text.len() > MAX_TEXT_BYTES {
                return Err(VaultError::Text(TextError::TooLong(MAX_TEXT_BYTES)));
            }
            let lang = new.lang.clone().or(standing.lang.take().filter(|_| new.add));
            if standing.text.as_deref() == Some(&text) && standing.heads < 2 && lang == standing.lang {
                return Err(VaultError::Nothing("the part has exactly this text"));
            }
            (standing.text, standing.lang) = (Some(text), lang);
            Ok(Vec::new())
        })
    }

    /// Writes a form into a part, in place of the one that stands; text and exhibits stay.
    pub fn put_form(
        &mut self,
        case: CaseId,
        part: &PartName,
        form: &Form,
        time: Time,
    ) -> Result<Written, VaultError> {
        let written = write_form(form);
        if written.len() > MAX_FORM_BYTES {
            return Err(VaultError::Text(TextError::TooLong(MAX_FORM_BYTES)));
        }
        self.write_part(case, part, time, |standing| {
            standing.check_one_text()?;
            if standing.form.as_deref() == Some(&written) && standing.heads < 2 {
                return Err(VaultError::Nothing("the part has exactly this form"));
            }
            standing.form = Some(written.clone());
            Ok(Vec::new())
        })
    }

    /// Attaches exhibits that were put already; those the part has are named and not attached twice.
    pub fn attach(
        &mut self,
        case: CaseId,
        part: &PartName,
        new: &[NewExhibit],
        time: Time,
    ) -> Result<Written, VaultError> {
        forms_only(part)?;
        self.write_part(case, part, time, |standing| {
            standing.check_one_text()?;
            standing.check_one_form()?;
            let mut outcome = Vec::new();
            for exhibit in new {
                let sha256 = exhibit.stored.sha256;
                if let Some(there) = standing.exhibits.iter().find(|there| there.sha256 == sha256) {
                    outcome.push((there.number, there.name.clone(), false));
                    continue;
                }
                let number = standing.next_number;
                standing.next_number += 1;
                standing.removed.retain(|removed| *removed != sha256);
                let StoredExhibit { bytes, segments, .. } = exhibit.stored.clone();
                standing.exhibits.push(Exhibit {
                    number,
                    name: exhibit.name.clone(),
                    bytes,
                    sha256,
                    segments,
                });
                outcome.push((number, exhibit.name.clone(), true));
            }
            if outcome.iter().all(|(.., new)| !new) {
                return Err(VaultError::Nothing("every one of these files is attached already"));
            }
            Ok(outcome)
        })
    }

    /// Leaves an exhibit out of later revisions.
    pub fn detach(
        &mut self,
        case: CaseId,
        part: &PartName,
        name: &ExhibitName,
        time: Time,
    ) -> Result<Written, VaultError> {
        let code = crate::crypto::case_code(&case);
        self.write_part(case, part, time, |standing| {
            standing.check_one_text()?;
            standing.check_one_form()?;
            let named: Vec<Digest> = standing
                .exhibits
                .iter()
                .filter(|exhibit| name.names(exhibit.number, &exhibit.sha256))
                .map(|exhibit| exhibit.sha256)
                .collect();
            let [sha256] = named.as_slice() else {
                let what = if named.is_empty() {
                    format!("{name} in {part}")
                } else {
                    format!("single {name}: add the first digits of its SHA-256")
                };
                return Err(VaultError::NoSuch { case: code.clone(), what });
            };
            standing.exhibits.retain(|exhibit| exhibit.sha256 != *sha256);
            standing.removed.push(*sha256);
            Ok(Vec::new())
        })
    }

    /// Reads the heads of a part, lets `change` edit their union, and writes the next revision.
    fn write_part(
        &mut self,
        case: CaseId,
        part: &PartName,
        time: Time,
        mut change: impl FnMut(&mut StandingPart) -> Result<Vec<(u64, String, bool)>, VaultError>,
    ) -> Result<Written, VaultError> {
        self.commit(time, |draft| {
            let view = draft.vault().case(case)?;
            draft.rewrite(&view, part, &mut change).map(|(written, _)| written)
        })
    }
}

/// What goes along with every share holds nothing but records of consent.
fn forms_only(part: &PartName) -> Result<(), VaultError> {
    if part.is_consent() { Err(VaultError::FormsOnly(part.clone())) } else { Ok(()) }
}

/// The union of a part's heads. docs/format.md section 7, "Which revision stands".
pub(super) struct StandingPart {
    heads: usize,
    text: Option<String>,
    lang: Option<Lang>,
    exhibits: Vec<Exhibit>,
    removed: Vec<Digest>,
    next_number: u64,
    /// Whether heads stand beside each other with different texts.
    texts_differ: bool,
    form: Option<String>,
    /// The same for forms.
    forms_differ: bool,
}

impl StandingPart {
    /// Leaves nothing but this form: a record that goes to people who may see nothing else.
    pub(super) fn only_form(&mut self, form: String) {
        (self.text, self.lang, self.form) = (None, None, Some(form));
        self.removed.extend(self.exhibits.drain(..).map(|exhibit| exhibit.sha256));
    }

    /// A text that nobody looked at must not be covered by an edit that is not about the text.
    fn check_one_text(&self) -> Result<(), VaultError> {
        if self.texts_differ { Err(VaultError::SeveralTexts) } else { Ok(()) }
    }

    /// The same for a form.
    fn check_one_form(&self) -> Result<(), VaultError> {
        if self.forms_differ { Err(VaultError::SeveralForms) } else { Ok(()) }
    }

    fn read(vault: &Vault, view: &CaseView, part: &PartName) -> Result<Self, VaultError> {
        let heads = view.heads(part);
        let mut standing = Self {
            heads: heads.len(),
            text: None,
            lang: None,
            exhibits: vec![],
            removed: vec![],
            next_number: 1,
            texts_differ: false,
            form: None,
            forms_differ: false,
        };
        let (mut removals, mut held) = (Vec::new(), Vec::new());
        for head in &heads {
            let opened = view.open(vault.store(), head)?;
            let own = head.author == view.owner;
            removals.push((own, opened.revision.removed.clone()));
            if own {
                held.extend(opened.revision.exhibits.iter().map(|exhibit| exhibit.sha256));
            }
            for exhibit in opened.revision.exhibits {
                if standing.exhibits.iter().all(|there| there.sha256 != exhibit.sha256) {
                    standing.exhibits.push(exhibit);
                }
            }
            // Heads come oldest first: the newest text is what an edit starts from, the others stay readable.
            if opened.revision.text.is_some() {
                standing.texts_differ |= standing.text.is_some() && standing.text != opened.revision.text;
                (standing.text, standing.lang) = (opened.revision.text, opened.revision.lang);
            }
            if opened.revision.form.is_some() {
                standing.forms_differ |= standing.form.is_some() && standing.form != opened.revision.form;
                standing.form = opened.revision.form;
            }
        }
        // What the owner's revision holds, only the owner leaves out.
        for (own, removed) in removals {
            standing.removed.extend(removed.into_iter().filter(|sha256| own || !held.contains(sha256)));
        }
        let removed = &standing.removed;
        standing.exhibits.retain(|exhibit| !removed.contains(&exhibit.sha256));
        standing.next_number = next_number(vault, view)?;
        Ok(standing)
    }
}

/// One more than the highest exhibit number in the case, as far as its revisions can be read.
fn next_number(vault: &Vault, view: &CaseView) -> Result<u64, VaultError> {
    let mut highest = 0;
    for fact in view.parts.values().flatten() {
        match view.open(vault.store(), fact) {
            Ok(opened) => {
                let numbers = opened.revision.exhibits.iter().map(|exhibit| exhibit.number);
                highest = numbers.fold(highest, u64::max);
            }
            // A number given twice is told apart by the digest; a case must not become unwritable.
            Err(VaultError::Damaged(..)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(highest.saturating_add(1))
}
