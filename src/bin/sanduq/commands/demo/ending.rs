//! The end: updates end, everything is checked, and how to go on from here.

use std::ops::ControlFlow;
use std::path::Path;

use sanduq::crypto::age::identity_file::{AGE_WORK_FACTOR, KeyFileLock, KeyFileScope, write_key_file};
use sanduq::crypto::generate_passphrase;
use sanduq::store::files;
use sanduq::vault::{CheckOptions, Contacts, NewText};

use super::cast::{CORRECTED, LATER};
use super::{CLASSIC, HYBRID, Story, parts};
use crate::commands::bundles::read_as;
use crate::commands::check::number;
use crate::failure::{Failure, Kind};

/// Commands of a bundle's README.txt that the demo shows: open, look, unpack, go in, and three checks.
const STOCK_LINES: usize = 7;

impl Story<'_> {
    /// The activist ends the lawyer's updates, and corrects once more.
    pub(super) fn end_updates(&self) -> Result<(), Failure> {
        self.scene("the activist ends the lawyer's updates")?;
        let mut vault = self.activist.open_vault()?;
        let plan = vault.plan_unshare(&self.ids(&[0, 1]), "lawyer")?;
        vault.unshare(&plan, self.context.now())?;
        for case in self.ids(&[1]) {
            self.put(&mut vault, case, "testimony", NewText { text: LATER.into(), lang: None, add: false })?;
        }
        let shared = self.lawyer.visit(&self.activist)?;
        let reads = self.testimony(&shared, 1)?;
        if reads != CORRECTED {
            return Err(Failure::say(Kind::Corrupt, "a later revision went although updates had ended"));
        }
        self.say(&format!(
            "A later correction of {} does not reach her. What she was given she keeps, here and in her\n\
             own vault, and so does the agency. Nothing takes that back.",
            self.code(1)
        ))
    }

    /// The teacher takes their consent back; whoever has the case is told, and the lawyer's program obeys.
    pub(super) fn withdraw(&self) -> Result<(), Failure> {
        self.scene("the teacher takes their consent back")?;
        let (now, kept) = (self.context.now(), |error| Failure::new(Kind::Other, error));
        let date = now.date().parse().map_err(kept)?;
        let person = "P1".parse().map_err(|error| Failure::new(Kind::Other, error))?;
        let mut vault = self.activist.open_vault()?;
        for case in self.ids(&[0]) {
            vault.withdraw(case, &person, &date, now)?;
        }
        self.say("The signed withdrawal goes to the lawyer, alone. She takes it in:")?;
        let mut own = self.lawyer.open_vault()?;
        let shared = self.lawyer.visit(&self.activist)?;
        let taken = own.accept(&shared, None, &mut |_| ControlFlow::Continue(()), now)?;
        for (_, person, _) in &taken.withdrawn {
            self.say(&format!("   {} {person} took their consent back", self.code(0)))?;
        }
        let plan = own.plan_export(&self.ids(&[0]), "agency", &parts(&["testimony"])?)?;
        let purpose = "resettlement_submission".parse().map_err(kept)?;
        let plan = own.judge(plan, Some(purpose), now)?;
        if plan.may_go() {
            return Err(Failure::say(Kind::Corrupt, "a withdrawal did not stop an export"));
        }
        for lacking in plan.judgement.iter().flat_map(|judged| &judged.lacking) {
            self.say(&format!("Her next export is refused: {}", lacking.what))?;
        }
        self.say("The bundles that went out before stay readable: for them there is only a notice to send.")
    }

    /// Checks both vaults to the last byte.
    pub(super) fn check(&self) -> Result<bool, Failure> {
        self.scene("check")?;
        let mut sound = true;
        for (name, person) in [("activist", &self.activist), ("lawyer", &self.lawyer)] {
            let vault = person.open_vault()?;
            let report =
                vault.check(CheckOptions { read_data: true }, &|_, _, _| ControlFlow::Continue(()))?;
            let counted = report.sound;
            sound &= report.is_sound();
            self.say(&format!(
                "{name:<9} {}, {}, {}, {}: {}",
                number(counted.entries, "entry", "entries"),
                number(counted.revisions, "revision", "revisions"),
                number(counted.exhibits, "exhibit", "exhibits"),
                number(counted.messages, "message", "messages"),
                if report.is_sound() { "sound" } else { "DAMAGED" }
            ))?;
        }
        Ok(sound)
    }

    /// Says how to look around, and writes the keys that stock age needs.
    pub(super) fn look_around(&self) -> Result<(), Failure> {
        let passphrase = generate_passphrase();
        let lock = KeyFileLock { passphrase: passphrase.reveal(), work_factor: AGE_WORK_FACTOR };
        let keys = self.agency.desktop.identity.age_keys();
        let sealed = write_key_file(Vec::new(), &keys, KeyFileScope::ClassicHybridAsComment, lock)
            .map_err(|error| Failure::new(Kind::Other, error))?;
        files::create_new(&self.agency.path("age-keys"), &sealed)?;
        let line = format!("{}\n", passphrase.reveal());
        files::create_new(&self.agency.path("age-keys-passphrase"), line.as_bytes())?;

        self.scene("look around: every passphrase lies in the file beside its identity")?;
        let program = quoted(&self.context.settings.program());
        let as_who = |who: &str, rest: String| {
            format!("{program} --identity {} {rest}", quoted(&self.folder.join(who).join("identity")))
        };
        let vault = |who: &str| quoted(&self.folder.join(who).join("vault"));
        self.say(&as_who("activist", format!("--vault {} list", vault("activist"))))?;
        self.say(&as_who("lawyer", format!("--vault {} show {}", vault("activist"), self.code(0))))?;
        self.say(&as_who("lawyer", format!("--vault {} log", vault("lawyer"))))?;
        self.say(&as_who("agency", format!("--vault {} list", vault("lawyer"))))?;
        self.say(&as_who("agency", format!("open {}", quoted(&self.folder.join(HYBRID)))))?;

        self.scene("the same bundle without sanduq: the lines of its README.txt")?;
        self.say(&format!("age asks for the passphrase of the demo's key file: {}", passphrase.reveal()))?;
        self.say(&self.stock_lines()?)?;
        self.scene("this was a demo")?;
        self.say("Nothing in it is real, and all of it may be deleted. `sanduq init --vault DIR` begins in earnest.")
    }

    /// The commands of the classic bundle's own README.txt, with the demo's files in them.
    fn stock_lines(&self) -> Result<String, Failure> {
        let identity = &self.agency.desktop.identity;
        let contacts = Contacts::load(&self.agency.desktop.desk, identity)?;
        let path = self.folder.join(CLASSIC);
        let mut bundle = read_as(self.context, &path, identity, &contacts)?;
        let mut readme = String::new();
        bundle.each_file(&mut |name, _, reader| {
            if name.as_str() == "README.txt" {
                reader.read_to_string(&mut readme)?;
            }
            Ok(())
        })?;
        let commands = readme.lines().filter_map(|line| line.strip_prefix("    "));
        let commands = commands.filter(|line| !line.starts_with(' ')).take(STOCK_LINES);
        let filled = commands.map(|line| {
            line.replace(
                "-i KEY BUNDLE.age",
                &format!("-i {} {}", quoted(&self.agency.path("age-keys")), quoted(&path)),
            )
        });
        Ok(filled.collect::<Vec<_>>().join("\n"))
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    shlex::try_quote(&path).map_or_else(|_| path.clone(), Into::into)
}
