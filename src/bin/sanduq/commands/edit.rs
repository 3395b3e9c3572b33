//! `sanduq edit`: a form filled in by questions. Every answer is sealed at once, so that it can be left and resumed.

mod questions;

use sanduq::format::{FormDraft, finish_form, read_answers, write_answers};
use sanduq::record::form::{Node, SECTIONS, Section};
use sanduq::record::{CaseId, PartName, Time};
use sanduq::vault::{DraftFile, Vault, VaultError};

use self::questions::Left;
use super::Context;
use super::access::parse_code;
use super::form::say_what_goes;
use super::put::{Revised, parse_part, unless_nothing};
use crate::failure::Failure;

/// Fill in a form by questions; what was answered is kept sealed, and the same command goes on with it
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
    /// Fill in the form of this part
    #[arg(value_name = "PART")]
    pub(crate) part: String,
    /// Forget what was answered before and begin with the form that stands
    #[arg(long)]
    pub(crate) anew: bool,
}

/// A form on its way, and where its answers are kept.
struct Edit<'a> {
    context: &'a Context,
    file: DraftFile,
    kind: String,
    answers: Node,
    section: Option<String>,
    entry: usize,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &mut Context) -> Result<(), Failure> {
    let (code, part) = (parse_code(&args.code)?, parse_part(&args.part)?);
    let mut vault = context.owner_vault()?;
    let case = vault.find(&code)?;
    let file = DraftFile::of(&context.desktop()?, &vault.id(), &case, &part);
    if args.anew {
        file.remove()?;
    }
    let mut edit = begin(context, &vault, case, &part, file)?;
    let form = match edit.ask() {
        Ok(form) => form,
        Err(failure) => {
            return Err(failure.hint(format!(
                "what was answered is kept, sealed: `sanduq edit {code} {part}` goes on with it"
            )));
        }
    };
    say_what_goes(context, &vault, case, &part, &form)?;
    let written = unless_nothing(context, vault.put_form(case, &part, &form, context.now()))?;
    edit.file.remove()?;
    let revised = Revised::of(&vault, case, &part, written.as_ref())?;
    context.ui.answer(&revised, || revised.to_string())
}

/// Takes up what was left, or the form that stands, or nothing.
fn begin<'a>(
    context: &'a Context,
    vault: &Vault,
    case: CaseId,
    part: &PartName,
    file: DraftFile,
) -> Result<Edit<'a>, Failure> {
    let kind = part.kind().to_owned();
    let blank = Edit { context, file, kind, answers: Node::table(), section: None, entry: 0 };
    if let Some(draft) = blank.file.recall()? {
        context.ui.status(&format!("goes on with what was answered until {}", draft.time));
        let answers =
            read_answers(&draft.form).map_err(|error| Failure::new(crate::failure::Kind::Other, error))?;
        let entry = usize::try_from(draft.entry).unwrap_or(usize::MAX);
        return Ok(Edit { answers, section: draft.section, entry, ..blank });
    }
    let view = vault.case(case)?;
    let mut forms = Vec::new();
    for head in view.heads(part) {
        forms.extend(view.open(vault.store(), head)?.revision.form);
    }
    forms.dedup();
    match forms.as_slice() {
        [] => Ok(blank),
        [form] => {
            let answers = match sanduq::format::parse_form(form) {
                Ok(_) => read_answers(form).unwrap_or_else(|_| Node::table()),
                Err(_) => return Err(VaultError::Newer.into()),
            };
            Ok(Edit { answers, ..blank })
        }
        _ => Err(VaultError::SeveralForms.into()),
    }
}

impl Edit<'_> {
    /// Asks until the form is whole.
    fn ask(&mut self) -> Result<sanduq::record::form::Form, Failure> {
        self.context.ui.status(
            "Enter keeps what stands in brackets, - leaves a field out, Ctrl-D or Ctrl-C leaves for now",
        );
        loop {
            let Some(section) = self.choose()? else {
                match finish_form(&self.answers, &self.kind) {
                    Ok(form) => return Ok(form),
                    Err(error) => {
                        let named = if error.field.is_empty() { "the form" } else { &error.field };
                        self.context.ui.warn(&format!("{named} {}; {}", error.fault, error.fault.remedy()));
                        continue;
                    }
                }
            };
            self.fill(section)?;
            (self.section, self.entry) = (None, 0);
            self.keep()?;
        }
    }

    /// The section to fill in, the one that was left if there is one; none to finish.
    fn choose(&mut self) -> Result<Option<&'static Section>, Failure> {
        let offered: Vec<&'static Section> =
            SECTIONS.iter().filter(|section| section.parts.contains(&self.kind.as_str())).collect();
        if let Some(left) = self.section.take()
            && let Some(section) = SECTIONS.iter().find(|section| section.name == left)
        {
            self.context.ui.status(&format!("{left} {}:", self.entry + 1));
            return Ok(Some(section));
        }
        for section in &offered {
            let count = self.answers.get(section.name).map_or(0, |node| node.list().len());
            self.context.ui.status(&format!("  {} ({count}): {}", section.name, section.says));
        }
        loop {
            let question = "add which, or `done`; `person 2` changes the second person";
            let answer = self.context.ui.prompt_line(question)?;
            match self.chosen(&answer, &offered) {
                Ok(None) => return Ok(None),
                Ok(Some((section, entry))) => {
                    self.entry = entry;
                    return Ok(Some(section));
                }
                Err(why) => self.context.ui.warn(&why),
            }
        }
    }

    /// What an answer chooses: a section and which entry of it, or none to finish; else why it cannot be taken.
    fn chosen(
        &self,
        answer: &str,
        offered: &[&'static Section],
    ) -> Result<Option<(&'static Section, usize)>, String> {
        let mut words = answer.split_whitespace();
        let (name, number) = (words.next().unwrap_or_default(), words.next());
        if name == "done" {
            return Ok(None);
        }
        let section = offered.iter().find(|section| section.name == name).ok_or("that is none of them")?;
        let there = self.answers.get(section.name).map_or(0, |node| node.list().len());
        match number.map(str::parse::<usize>) {
            None => Ok(Some((section, there))),
            Some(Ok(number)) if (1..=there).contains(&number) => Ok(Some((section, number - 1))),
            Some(_) => Err(format!("there are {there}")),
        }
    }

    /// Asks the fields of an entry; each answer is kept before the next question.
    fn fill(&mut self, section: &'static Section) -> Result<(), Failure> {
        self.section = Some(section.name.to_owned());
        let mut entries = self.answers.get(section.name).map(Node::list).unwrap_or_default();
        if entries.len() <= self.entry {
            entries.push(Node::table());
            self.entry = entries.len() - 1;
        }
        let mut entry = entries.swap_remove(self.entry);
        let ui = &self.context.ui;
        for field in section.fields {
            if matches!(questions::field(ui, field, field.name, &mut entry)?, Left::AsItWas) {
                continue;
            }
            let mut all = self.answers.get(section.name).map(Node::list).unwrap_or_default();
            match all.get_mut(self.entry) {
                Some(place) => *place = entry.clone(),
                None => all.push(entry.clone()),
            }
            self.answers
                .set(section.name, Some(Node { line: 1, value: sanduq::record::form::Tree::List(all) }));
            self.keep()?;
        }
        Ok(())
    }

    fn keep(&self) -> Result<(), Failure> {
        let time: Time = self.context.now();
        let (section, entry) = (self.section.clone(), self.entry as u64);
        Ok(self.file.keep(&FormDraft { time, section, entry, form: write_answers(&self.answers) })?)
    }
}
