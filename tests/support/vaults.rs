//! Real vault folders, devices and copies of both, for library scenarios.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use sanduq::crypto::Identity;
use sanduq::record::{CaseCode, PartName, Time};
use sanduq::store::{LocalStore, Store};
use sanduq::vault::{
    CheckOptions, CheckReport, Desk, Desktop, NewExhibit, NewText, Vault, VaultError, Written, read_exhibit,
    store_exhibit,
};

/// A folder of vaults and devices of one person, gone when it is dropped.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    pub(crate) identity: Arc<Identity>,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), identity: Arc::new(Identity::generate()) }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The device of this name: its own machine and its own memory, the same identity.
    pub(crate) fn device(&self, name: &str) -> Desktop {
        std::fs::create_dir_all(self.path(name)).unwrap();
        let desk = Desk::beside(&self.path(name).join("identity"), name.as_bytes());
        Desktop { identity: Arc::clone(&self.identity), desk }
    }

    /// The folder in which a device remembers vaults.
    pub(crate) fn memory(&self, device: &str) -> PathBuf {
        self.path(device).join("identity.memory")
    }

    /// Makes a vault in a new folder.
    pub(crate) fn create(&self, vault: &str, device: &str) -> Vault {
        let store = Arc::new(LocalStore::create(&self.path(vault)).unwrap());
        Vault::create(store, self.device(device), at(0)).unwrap()
    }

    pub(crate) fn try_open(&self, vault: &str, device: &str) -> Result<Vault, VaultError> {
        Vault::open(Arc::new(LocalStore::open(&self.path(vault)).unwrap()), self.device(device))
    }

    pub(crate) fn open(&self, vault: &str, device: &str) -> Vault {
        self.try_open(vault, device).unwrap()
    }

    /// `cp -a FROM TO`, where nothing stands at TO.
    pub(crate) fn copy(&self, from: &str, to: &str) {
        run("cp", &["-a".as_ref(), self.path(from).as_ref(), self.path(to).as_ref()]);
    }

    /// `cp -rn FROM/. TO`: the line people are told.
    pub(crate) fn join(&self, from: &str, to: &str) {
        run("cp", &["-rn".as_ref(), self.path(from).join(".").as_ref(), self.path(to).as_ref()]);
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_dir_all(self.path(name)).unwrap();
    }
}

pub(crate) fn run(program: &str, arguments: &[&std::ffi::OsStr]) {
    let status = Command::new(program).args(arguments).status().unwrap();
    // `cp -n` of coreutils 9.2 and later fails where it skipped something.
    assert!(status.success() || arguments.first().is_some_and(|first| *first == "-rn"), "{program}");
}

/// The n-th second of a test.
pub(crate) fn at(n: u64) -> Time {
    Time::from_seconds(1_790_000_000 + n)
}

pub(crate) fn part(name: &str) -> PartName {
    name.parse().unwrap()
}

pub(crate) fn new_case(vault: &mut Vault, title: Option<&str>) -> CaseCode {
    vault.open_case(title.map(|title| title.parse().unwrap()).as_ref(), at(1)).unwrap()
}

pub(crate) fn try_put(
    vault: &mut Vault,
    code: &CaseCode,
    name: &str,
    text: &str,
) -> Result<Written, VaultError> {
    let case = vault.find(code)?;
    let new = NewText { text: text.into(), lang: None, add: false };
    vault.put_text(case, &part(name), &new, at(2))
}

pub(crate) fn put(vault: &mut Vault, code: &CaseCode, name: &str, text: &str) -> Written {
    try_put(vault, code, name, text).unwrap()
}

pub(crate) fn attach(vault: &mut Vault, code: &CaseCode, name: &str, bytes: &[u8]) {
    let case = vault.find(code).unwrap();
    let size = bytes.len() as u64;
    let stored =
        store_exhibit(vault.store(), &mut &bytes[..], size, &mut |_| ControlFlow::Continue(())).unwrap();
    vault.attach(case, &PartName::exhibits(), &[NewExhibit { name: name.into(), stored }], at(3)).unwrap();
}

/// The texts of the heads of every part of a case, as far as they open.
pub(crate) fn texts(
    vault: &Vault,
    code: &CaseCode,
) -> Result<BTreeMap<String, BTreeSet<String>>, VaultError> {
    let view = vault.case(vault.find(code)?)?;
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in view.part_names() {
        for head in view.heads(name) {
            let text = view.open(vault.store(), head)?.revision.text;
            texts.entry(name.to_string()).or_default().extend(text);
        }
    }
    Ok(texts)
}

/// The one text of a part.
pub(crate) fn text(vault: &Vault, code: &CaseCode, name: &str) -> String {
    let texts = texts(vault, code).unwrap().remove(name).unwrap();
    assert_eq!(texts.len(), 1, "{texts:?}");
    texts.into_iter().next().unwrap()
}

/// The exhibits of all heads of a case, by name.
pub(crate) fn exhibits(vault: &Vault, code: &CaseCode) -> Result<BTreeMap<String, Vec<u8>>, VaultError> {
    let view = vault.case(vault.find(code)?)?;
    let mut found = BTreeMap::new();
    for name in view.part_names() {
        for head in view.heads(name) {
            for exhibit in view.open(vault.store(), head)?.revision.exhibits {
                let mut bytes = Vec::new();
                let mut sink = |piece: &[u8]| {
                    bytes.extend_from_slice(piece);
                    Ok(())
                };
                read_exhibit(vault.store(), (view.case, name), &exhibit, &mut sink)?;
                found.insert(exhibit.name, bytes);
            }
        }
    }
    Ok(found)
}

pub(crate) fn check(vault: &Vault) -> CheckReport {
    vault.check(CheckOptions { read_data: true }, &|_, _, _| ControlFlow::Continue(())).unwrap()
}

/// Checks and finds nothing wrong.
pub(crate) fn check_sound(vault: &Vault) -> CheckReport {
    let report = check(vault);
    assert!(report.is_sound(), "{:?}", report.damaged);
    assert!(report.unknown_authors.is_empty() && report.strays.is_empty() && report.interrupted.is_empty());
    report
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

pub(crate) fn objects(store: &dyn Store) -> BTreeSet<sanduq::store::ObjectName> {
    (0..=u8::MAX).flat_map(|folder| store.list(folder).unwrap()).collect()
}
