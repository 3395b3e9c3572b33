//! Two people with a home each, below one folder that is watched, laid out anew for every ending.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use sanduq::crypto::{Identity, ObjectType, Passphrase, open_object, seal_identity, seal_object};
use sanduq::format::{KdfCost, Memory, VaultHeader, decode, encode};
use sanduq::record::VaultId;
use sanduq::store::{LocalStore, files};
use sanduq::vault::{ContactKey, Contacts, Desk, Desktop, Vault};

use super::strace;
use super::trace::read_steps;
use super::tree::{Step, Tree, Visible};
use crate::support::program::{PASSPHRASE, Run, feed};
use crate::support::vaults::at;

/// What guessing a passphrase costs here: the program is to run thousands of times.
const CHEAP: KdfCost = KdfCost { memory_kib: 64, passes: 1, lanes: 2 };

/// The identity file in a home.
const IDENTITY: &str = ".config/sanduq/identity";

/// A person and the folder of that name.
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) identity: Arc<Identity>,
}

/// Where a file system keeps the number of a file, and where it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    Stable,
    None,
}

pub(super) struct Stage {
    pub(super) root: PathBuf,
    pub(super) people: Vec<Person>,
    machine: String,
    /// Held, so that it is removed at the end.
    _folder: Option<tempfile::TempDir>,
}

/// What a run did.
pub(super) struct Recording {
    pub(super) run: Run,
    pub(super) before: Tree,
    pub(super) steps: Vec<Step>,
    pub(super) after: Visible,
}

impl Stage {
    /// Homes in memory.
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").unwrap();
        let mut stage = Self::at(&folder.path().join("stage"));
        stage._folder = Some(folder);
        stage
    }

    /// Nobody yet, in memory.
    pub(super) fn empty() -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").unwrap();
        let stage = Self::bare(folder.path());
        Self { _folder: Some(folder), ..stage }
    }

    /// Homes in this new folder.
    pub(super) fn at(root: &Path) -> Self {
        std::fs::create_dir(root).unwrap();
        let mut stage = Self::bare(root);
        let person = |name| Person { name, identity: Arc::new(Identity::generate()) };
        stage.people = vec![person("activist"), person("lawyer")];
        stage.furnish();
        stage
    }

    fn bare(root: &Path) -> Self {
        let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default().trim().to_owned();
        Self { root: root.canonicalize().unwrap(), people: Vec::new(), machine, _folder: None }
    }

    /// This folder, and the people of another stage.
    pub(super) fn with_people_of(mut self, other: &Self) -> Self {
        let known = other.people.iter();
        self.people =
            known.map(|one| Person { name: one.name, identity: Arc::clone(&one.identity) }).collect();
        self
    }

    /// Identities, contacts that have compared their words, and a vault each.
    fn furnish(&self) {
        for person in &self.people {
            let file = self.home(person.name).join(IDENTITY);
            files::make_folder(file.parent().unwrap()).unwrap();
            let passphrase = Passphrase::new(PASSPHRASE.to_owned());
            files::create_new(&file, &seal_identity(&person.identity, &passphrase, CHEAP).unwrap()).unwrap();
        }
        for (person, other) in self.people.iter().zip(self.people.iter().rev()) {
            let Desktop { identity, desk } = self.desktop(person.name);
            let mut contacts = Contacts::load(&desk, &identity).unwrap();
            let card = ContactKey::Card(Box::new(other.identity.card().clone()));
            contacts.add(&desk, &identity, (other.name.parse().unwrap(), card), at(0)).unwrap();
            contacts.verify(&desk, &identity, &other.name.parse().unwrap(), at(0)).unwrap();
            let store = LocalStore::create(&self.vault(person.name)).unwrap();
            let mut vault = Vault::create(Arc::new(store), self.desktop(person.name), at(0)).unwrap();
            vault.notice_place(self.vault(person.name).to_str().unwrap().as_bytes()).unwrap();
        }
    }

    pub(super) fn home(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(super) fn vault(&self, name: &str) -> PathBuf {
        self.home(name).join("vault")
    }

    pub(super) fn identity_file(&self, name: &str) -> PathBuf {
        self.home(name).join(IDENTITY)
    }

    pub(super) fn person(&self, name: &str) -> &Person {
        self.people.iter().find(|person| person.name == name).unwrap()
    }

    /// A person's identity, at work on the machine on which the program runs.
    pub(super) fn desktop(&self, name: &str) -> Desktop {
        let desk = Desk::beside(&self.identity_file(name), self.machine.as_bytes());
        Desktop { identity: Arc::clone(&self.person(name).identity), desk }
    }

    pub(super) fn open(&self, name: &str) -> Vault {
        self.try_open(name).unwrap()
    }

    pub(super) fn try_open(&self, name: &str) -> Result<Vault, sanduq::vault::VaultError> {
        Vault::open(Arc::new(LocalStore::open(&self.vault(name))?), self.desktop(name))
    }

    /// A command set to run the program, or something that runs it, in a person's home and nothing else.
    pub(super) fn command(&self, mut command: Command, name: &str, args: &[String]) -> Command {
        let home = self.home(name);
        command
            .env_clear()
            .env("HOME", &home)
            .env("SANDUQ_VAULT", home.join("vault"))
            .env("PATH", "/usr/bin:/bin");
        command.current_dir(&home).args(["--passphrase-fd", "0"]).args(args);
        command
    }

    /// Runs the program.
    pub(super) fn run(&self, name: &str, args: &[String], input: &str) -> Run {
        let mut command = self.command(Command::new(env!("CARGO_BIN_EXE_sanduq")), name, args);
        feed(&mut command, format!("{PASSPHRASE}\n{input}").as_bytes())
    }

    /// Runs the program and records every change it makes. `told` are further options for `strace`.
    ///
    /// The changes, played back, must give just what was found in the end: a call that the model does not see, or
    /// understands wrongly, fails here.
    pub(super) fn record(&self, name: &str, (args, input): (&[String], &str), told: &[String]) -> Recording {
        self.record_after(&Tree::read(&self.root), (name, args, input), told)
    }

    /// As [`record`](Self::record), for a stage laid out from `before`: the recording goes on with its numbers.
    pub(super) fn record_after(
        &self,
        before: &Tree,
        (name, args, input): (&str, &[String], &str),
        told: &[String],
    ) -> Recording {
        let log = tempfile::NamedTempFile::new().unwrap();
        let options = [strace::record_options(log.path()), told.to_vec()].concat();
        let mut command = self.command(strace::command(&options), name, args);
        let run = feed(&mut command, format!("{PASSPHRASE}\n{input}").as_bytes());
        let steps =
            read_steps(&std::fs::read_to_string(log.path()).unwrap(), (&self.root, &self.home(name)), before);
        let mut played = before.clone();
        steps.iter().for_each(|step| played.apply(step));
        let after = Tree::read(&self.root).visible();
        assert_eq!(paths(&played.visible()), paths(&after), "the model of a disk saw something else");
        // A memory laid out anew is sealed anew.
        let same = |(path, bytes): (&String, &Option<Arc<Vec<u8>>>)| {
            after[path] == *bytes || (path.contains(".memory/") && before.visible().get(path) == Some(bytes))
        };
        assert!(played.visible().iter().all(same), "the model of a disk read other bytes");
        Recording { run, before: before.clone(), steps, after }
    }

    /// Lays out just this, as if it had always lain here: a memory remembers the number of the file it stands in.
    pub(super) fn lay(&self, visible: &Visible, numbers: Numbers) {
        for entry in std::fs::read_dir(&self.root).unwrap() {
            std::fs::remove_dir_all(entry.unwrap().path()).unwrap();
        }
        let vaults = vaults(visible);
        for (path, bytes) in visible {
            let to = self.root.join(path);
            match bytes {
                None => files::make_folder(&to).unwrap(),
                Some(bytes) => {
                    std::fs::write(&to, bytes.as_slice()).unwrap();
                    if let Some(bytes) = self.rebind(path, bytes, (&vaults, numbers)) {
                        std::fs::write(&to, bytes).unwrap();
                    }
                }
            }
        }
    }

    /// A memory as it would be, had it been written into the file that now stands at its path.
    fn rebind(&self, path: &str, bytes: &[u8], (vaults, numbers): (&[VaultId], Numbers)) -> Option<Vec<u8>> {
        let (folder, name) = path.rsplit_once('/')?;
        let person =
            self.people.iter().find(|person| folder == format!("{}/{IDENTITY}.memory", person.name))?;
        let hex = |name: [u8; 16]| name.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let keys = vaults.iter().map(|vault| person.identity.memory_key(vault));
        let (key, _) = keys.into_iter().find(|(_, own)| hex(*own) == name)?;
        let mut memory: Memory = decode(&open_object(&key, ObjectType::Memory, bytes).ok()?).ok()?;
        let file = files::identity(&self.root.join(path)).unwrap();
        let (filesystem, inode) = match file.stable && numbers == Numbers::Stable {
            true => (
                file.filesystem.to_be_bytes().to_vec(),
                [&file.inode.to_be_bytes()[..], &file.born_nanos.to_be_bytes()].concat(),
            ),
            false => (Vec::new(), Vec::new()),
        };
        memory.place = person.identity.place(self.machine.as_bytes(), &filesystem, &inode);
        Some(seal_object(&key, ObjectType::Memory, &encode(&memory)))
    }
}

/// The vaults that lie here.
fn vaults(visible: &Visible) -> Vec<VaultId> {
    let headers = visible.iter().filter(|(path, _)| path.ends_with("/vault/vault"));
    headers.filter_map(|(_, bytes)| Some(VaultHeader::decode(bytes.as_ref()?).ok()?.vault)).collect()
}

fn paths(visible: &Visible) -> BTreeMap<&str, Option<usize>> {
    visible.iter().map(|(path, bytes)| (path.as_str(), bytes.as_ref().map(|bytes| bytes.len()))).collect()
}
