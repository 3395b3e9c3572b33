//! The first half: identities, cards, cases, and what lies in the folder then.

use std::ops::ControlFlow;
use std::path::Path;

use sanduq::format::read_form;
use sanduq::record::{CaseId, PartName};
use sanduq::store::files;
use sanduq::vault::{NewExhibit, NewText, Vault, store_exhibit};

use super::cast::{CASES, CORRECTED, EXHIBIT, EXHIBIT_NAME, FormText, planted};
use super::person::Person;
use super::{Story, parts};
use crate::commands::Context;
use crate::commands::words::count;
use crate::failure::{Failure, Kind};

impl<'a> Story<'a> {
    /// Three people make identities, exchange cards, and compare words.
    pub(super) fn begin(context: &'a Context, folder: &'a Path) -> Result<Self, Failure> {
        let machine = context.settings.machine_id().unwrap_or_default();
        let person = |name: &str| Person::new(folder.join(name), machine.as_bytes());
        let (activist, lawyer, agency) = (person("activist")?, person("lawyer")?, person("agency")?);
        let story = Self { context, folder, activist, lawyer, agency, cases: Vec::new() };
        story.context.ui.data(&format!(
            "Invented people, invented cases, real vaults. Everything happens in {}.",
            folder.display()
        ))?;
        story.scene("three people, three identities")?;
        let people = [("activist", &story.activist), ("lawyer", &story.lawyer), ("agency", &story.agency)];
        for (name, person) in people {
            story.say(&format!("{name:<9} passphrase: {}", person.passphrase.reveal()))?;
        }
        story.say(
            "Demo passphrases: shown, and kept in files. A real one is on paper or in a head, nowhere else.",
        )?;
        story.scene("cards, and twelve words said aloud")?;
        let now = context.now();
        story.activist.meet("lawyer", &story.lawyer, true, now)?;
        story.lawyer.meet("activist", &story.activist, true, now)?;
        story.lawyer.meet("agency", &story.agency, true, now)?;
        story.agency.meet("lawyer", &story.lawyer, true, now)?;
        story.agency.meet("activist", &story.activist, false, now)?;
        story.say("They exchange cards. On a call the lawyer reads out the words of hers:")?;
        story.say(&format!("   {}", story.lawyer.words()))?;
        story.say("They fit, so the activist counts her as verified, and she the activist. The agency spoke with\nthe lawyer only: of the activist it has a card, unverified.")?;
        Ok(story)
    }

    /// The activist records three cases, and corrects one.
    pub(super) fn record(&mut self) -> Result<(), Failure> {
        self.scene("the activist records three cases")?;
        let mut vault = self.activist.create_vault(self.context.now())?;
        for script in &CASES {
            let title = script.title.parse().map_err(|error| Failure::new(Kind::Other, error))?;
            let code = vault.open_case(Some(&title), self.context.now())?;
            let case = vault.find(&code)?;
            for (part, lang, text) in script.texts {
                let lang = lang.parse().map_err(|error| Failure::new(Kind::Other, error))?;
                self.put(
                    &mut vault,
                    case,
                    part,
                    NewText { text: (*text).into(), lang: Some(lang), add: false },
                )?;
            }
            if self.cases.is_empty() {
                self.attach(&mut vault, case)?;
            }
            self.put_forms(&mut vault, case, script.forms)?;
            let names =
                vault.case(case)?.part_names().into_iter().map(ToString::to_string).collect::<Vec<_>>();
            self.say(&format!("{code}  {}  ({})", names.join(", "), script.title))?;
            self.cases.push((case, code));
        }
        for case in self.ids(&[1]) {
            self.put(
                &mut vault,
                case,
                "testimony",
                NewText { text: CORRECTED.into(), lang: None, add: false },
            )?;
        }
        self.say(
            "Beside two testimonies stands who tells it, by a pseudonym, and in a part of its own what they agreed to.\n\
             Of the third nobody was asked yet.",
        )?;
        self.say(&format!(
            "In {} a neighbour's name had slipped into the testimony. The correction is revision 2;\n\
             revision 1 stays, sealed, and goes to nobody unless the activist says --history.",
            self.code(1)
        ))
    }

    pub(super) fn put(
        &self,
        vault: &mut Vault,
        case: CaseId,
        part: &str,
        text: NewText,
    ) -> Result<(), Failure> {
        for part in parts(&[part])? {
            vault.put_text(case, &part, &text, self.context.now())?;
        }
        Ok(())
    }

    fn put_forms(&self, vault: &mut Vault, case: CaseId, forms: &[FormText]) -> Result<(), Failure> {
        for (name, toml) in forms {
            for part in parts(&[name])? {
                let form = read_form(toml, part.kind()).map_err(|error| Failure::new(Kind::Other, error))?;
                vault.put_form(case, &part, &form, self.context.now())?;
            }
        }
        Ok(())
    }

    fn attach(&self, vault: &mut Vault, case: CaseId) -> Result<(), Failure> {
        let file = self.activist.path(EXHIBIT_NAME);
        files::create_new(&file, EXHIBIT.as_bytes())?;
        let mut bytes = EXHIBIT.as_bytes();
        let size = EXHIBIT.len() as u64;
        let stored = store_exhibit(vault.store(), &mut bytes, size, &mut |_| ControlFlow::Continue(()))?;
        let exhibit = NewExhibit { name: EXHIBIT_NAME.into(), stored };
        vault.attach(case, &PartName::exhibits(), &[exhibit], self.context.now())?;
        Ok(())
    }

    /// Looks at the vault's folder as somebody who took it and has no key.
    pub(super) fn seize(&self) -> Result<(), Failure> {
        self.scene("somebody takes the vault's folder")?;
        let mut seen = Seen::default();
        seen.look(&self.activist.path("vault"))?;
        if let Some(word) = &seen.found {
            return Err(Failure::say(Kind::Corrupt, format!("{word} can be read in the vault's folder")));
        }
        self.say(&format!(
            "{} of {} to {} KiB under names like {}.\n\
             Searched for {} from the cases, titles, parts and file names: none is there.\n\
             What stays visible: how many objects, roughly how large, and when the disk saw them written.",
            count(seen.files, "file", "files"),
            seen.smallest >> 10,
            seen.largest >> 10,
            seen.name,
            count(planted().count(), "word", "words"),
        ))?;
        self.say(&format!(
            "The attached file itself still lies readable at {}: sealing makes a copy.",
            self.activist.path(EXHIBIT_NAME).display()
        ))
    }
}

/// What can be seen of a folder without a key.
#[derive(Default)]
struct Seen {
    files: usize,
    smallest: usize,
    largest: usize,
    name: String,
    found: Option<&'static str>,
}

impl Seen {
    fn look(&mut self, folder: &Path) -> Result<(), Failure> {
        let cannot = |error| Failure::io(format!("cannot read {}", folder.display()), error);
        for entry in std::fs::read_dir(folder).map_err(cannot)? {
            let path = entry.map_err(cannot)?.path();
            if path.is_dir() {
                self.look(&path)?;
            } else if path.file_name() != Some("vault".as_ref()) {
                self.take(&path, &std::fs::read(&path).map_err(cannot)?);
            }
        }
        Ok(())
    }

    fn take(&mut self, path: &Path, bytes: &[u8]) {
        let name = path.display().to_string();
        let has = |word: &str| {
            bytes.windows(word.len()).any(|stretch| stretch == word.as_bytes())
                || path.file_name().is_some_and(|name| name.to_string_lossy().contains(word))
        };
        self.found = self.found.or_else(|| planted().find(|word| has(word)));
        self.smallest = if self.files == 0 { bytes.len() } else { self.smallest.min(bytes.len()) };
        self.largest = self.largest.max(bytes.len());
        self.files += 1;
        if let Some(at) = name.find("objects/") {
            self.name = name.chars().skip(name[..at].chars().count()).take(24).chain(['…']).collect();
        }
    }
}
