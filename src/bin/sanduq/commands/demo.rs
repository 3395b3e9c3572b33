//! `sanduq demo`: the whole story on invented cases, with the calls that the other commands make.

mod cast;
mod ending;
mod handing;
mod person;
mod recording;

use std::path::{Path, PathBuf};

use sanduq::record::{CaseCode, CaseId, PartName};
use sanduq::store::files;
use serde::Serialize;

use super::Context;
use crate::failure::{Failure, Kind};
use person::Person;

/// Play the whole story with invented people in a new folder
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Play it in this new folder
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

/// The three people and what lies between them.
struct Story<'a> {
    context: &'a Context,
    folder: &'a Path,
    activist: Person,
    lawyer: Person,
    agency: Person,
    cases: Vec<(CaseId, CaseCode)>,
}

/// Where everything lies, for `--json`.
#[derive(Serialize)]
struct Played {
    folder: String,
    codes: Vec<String>,
    people: Vec<Role>,
    bundles: Vec<String>,
    age_keys: String,
    sound: bool,
}

/// One of the three.
#[derive(Serialize)]
struct Role {
    name: &'static str,
    identity: String,
    passphrase: String,
    vault: Option<String>,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let folder = args.dir.as_path();
    if folder.symlink_metadata().is_ok() {
        return Err(Failure::refused(format!("there is something at {} already", folder.display()))
            .hint("the demo plays in a folder of its own; name a new one"));
    }
    files::make_folder(folder)?;
    let mut story = Story::begin(context, folder)?;
    story.record()?;
    story.seize()?;
    story.share()?;
    story.hand_on()?;
    story.judge()?;
    story.end_updates()?;
    story.withdraw()?;
    let sound = story.check()?;
    story.look_around()?;
    context.ui.answer_json(&story.played(sound))
}

impl Story<'_> {
    /// Begins a scene.
    fn scene(&self, title: &str) -> Result<(), Failure> {
        self.context.ui.data(&format!("\n== {title} =="))
    }

    /// Tells something, indented.
    fn say(&self, text: &str) -> Result<(), Failure> {
        let lines: Vec<String> = text.lines().map(|line| format!("   {line}")).collect();
        self.context.ui.data(&lines.join("\n"))
    }

    fn ids(&self, which: &[usize]) -> Vec<CaseId> {
        which.iter().filter_map(|at| self.cases.get(*at)).map(|(case, _)| *case).collect()
    }

    fn code(&self, at: usize) -> String {
        self.cases.get(at).map(|(_, code)| code.to_string()).unwrap_or_default()
    }

    fn played(&self, sound: bool) -> Played {
        let shown = |path: PathBuf| path.display().to_string();
        let one = |name, person: &Person| Role {
            name,
            identity: shown(person.path("identity")),
            passphrase: shown(person.path("passphrase")),
            vault: person.path("vault").exists().then(|| shown(person.path("vault"))),
        };
        Played {
            folder: shown(self.folder.to_path_buf()),
            codes: self.cases.iter().map(|(_, code)| code.to_string()).collect(),
            people: vec![
                one("activist", &self.activist),
                one("lawyer", &self.lawyer),
                one("agency", &self.agency),
            ],
            bundles: [HYBRID, CLASSIC].iter().map(|name| shown(self.folder.join(name))).collect(),
            age_keys: shown(self.agency.path("age-keys")),
            sound,
        }
    }
}

/// The bundle that sanduq and new age programs open.
const HYBRID: &str = "to-agency.age";
/// The bundle that every age program opens.
const CLASSIC: &str = "to-agency-classic.age";

/// Reads part names that are written in this program.
fn parts(names: &[&str]) -> Result<Vec<PartName>, Failure> {
    names.iter().map(|name| name.parse().map_err(|error| Failure::new(Kind::Other, error))).collect()
}
