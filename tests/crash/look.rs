//! What people see in a vault: compared before and after, and never by codes or times that chance decides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sanduq::crypto::{Passphrase, open_identity, sha256};
use sanduq::store::{LocalStore, Store, files};
use sanduq::vault::{CaseView, Contacts, SharedVault, Vault, VaultError, read_exhibit};

use super::stage::Stage;
use crate::support::program::PASSPHRASE;

/// Another passphrase, to which one changes.
pub(super) const OTHER_PASSPHRASE: &str = "алты бұрыш үйдің бес терезесі ашық";

/// A case as it can be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Case {
    title: Option<String>,
    parts: BTreeMap<String, BTreeSet<String>>,
    /// By name: the digest of what was read.
    exhibits: BTreeMap<String, String>,
    /// Who was given what, and whether that ended; what came from whom.
    shares: BTreeSet<String>,
}

/// Everything one person has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View {
    pub(super) passphrase: &'static str,
    pub(super) contacts: BTreeSet<String>,
    pub(super) cases: Vec<Case>,
    /// A bundle that stands under its name.
    pub(super) bundle: bool,
    /// How many of how many shares open the vault.
    pub(super) recoveries: Vec<(u8, u8)>,
}

impl Case {
    pub(super) fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }
}

fn case(view: &CaseView, store: &dyn Store) -> Result<Case, VaultError> {
    let mut seen = Case {
        title: view.title().map(str::to_owned),
        parts: BTreeMap::new(),
        exhibits: BTreeMap::new(),
        shares: BTreeSet::new(),
    };
    for name in view.part_names() {
        for head in view.heads(name) {
            let revision = view.open(store, head)?.revision;
            seen.parts
                .entry(name.to_string())
                .or_default()
                .extend(revision.text.clone().into_iter().chain(revision.form.clone()));
            for exhibit in &revision.exhibits {
                let mut bytes = Vec::new();
                let mut sink = |piece: &[u8]| {
                    bytes.extend_from_slice(piece);
                    Ok(())
                };
                read_exhibit(store, (view.case, name), exhibit, &mut sink)?;
                seen.exhibits.insert(exhibit.name.clone(), sha256(&bytes).to_string());
            }
        }
    }
    for given in &view.given {
        let ended = view.ended.iter().any(|ended| ended.ends.contains(&given.id));
        let parts: Vec<String> = given.fact.revisions.iter().map(|given| given.part.to_string()).collect();
        let bundle = given.fact.bundle.is_some();
        seen.shares.insert(format!("to {:?}: {parts:?}, ended {ended}, bundle {bundle}", given.fact.to));
    }
    let came = view.received.iter().map(|came| format!("from {:?}: {}", came.from, came.revisions.len()));
    seen.shares.extend(came);
    Ok(seen)
}

/// All cases of a vault, in an order of their own.
pub(super) fn cases(vault: &Vault) -> Result<Vec<Case>, VaultError> {
    sorted(vault.cases()?, vault.store())
}

fn sorted(views: Vec<CaseView>, store: &dyn Store) -> Result<Vec<Case>, VaultError> {
    let mut cases = views.iter().map(|view| case(view, store)).collect::<Result<Vec<_>, _>>()?;
    cases.sort();
    Ok(cases)
}

/// What the lawyer reads in the activist's vault.
pub(super) fn shared(stage: &Stage) -> Result<Vec<Case>, String> {
    let store = LocalStore::open(&stage.vault("activist")).map_err(|error| error.to_string())?;
    match SharedVault::open(Arc::new(store), stage.desktop("lawyer")) {
        Err(VaultError::NothingShared) => Ok(Vec::new()),
        Err(error) => Err(format!("the lawyer cannot read: {error:?}")),
        Ok(shared) if !shared.findings().is_empty() => {
            Err(format!("the lawyer is told {:?}", shared.findings()))
        }
        Ok(shared) => {
            let views = shared.cases().map_err(|error| format!("the lawyer cannot read: {error:?}"))?;
            if let Some(damaged) = views.iter().find(|view| !view.damaged.is_empty()) {
                return Err(format!("what the lawyer was given does not open: {:?}", damaged.damaged));
            }
            sorted(views, shared.store())
                .map_err(|error| format!("what the lawyer was given does not open: {error:?}"))
        }
    }
}

/// Which passphrase opens a person's identity file.
pub(super) fn passphrase(stage: &Stage, name: &str) -> Result<&'static str, String> {
    let file = files::read(&stage.identity_file(name), 4096).map_err(|error| error.to_string())?;
    let card = stage.person(name).identity.card().hash();
    let opens = |passphrase: &str| match open_identity(&file, &Passphrase::new(passphrase.to_owned())) {
        Ok(identity) => identity.card().hash() == card,
        Err(_) => false,
    };
    [PASSPHRASE, OTHER_PASSPHRASE].into_iter().find(|one| opens(one)).ok_or("no passphrase opens it".into())
}

/// The labels of a person's contacts, and whether their words were compared.
pub(super) fn contacts(stage: &Stage, name: &str) -> Result<BTreeSet<String>, String> {
    let desktop = stage.desktop(name);
    let contacts = Contacts::load(&desktop.desk, &desktop.identity).map_err(|error| format!("{error:?}"))?;
    Ok(contacts.all().iter().map(|one| format!("{} {}", one.label, one.verified)).collect())
}

/// Whether the bundle stands under its name; then it is whole.
pub(super) fn bundle(stage: &Stage) -> Result<bool, String> {
    let path = stage.home("activist").join(super::scenes::BUNDLE);
    match std::fs::read(path) {
        Err(_) => Ok(false),
        Ok(bytes) => {
            let opened = sanduq::crypto::age::file::AgeReader::open(
                bytes.as_slice(),
                &stage.person("lawyer").identity.age_keys(),
            );
            let mut opened = opened.map_err(|error| format!("the bundle does not open: {error:?}"))?;
            std::io::copy(&mut opened, &mut std::io::sink())
                .map_err(|error| format!("the bundle is cut: {error}"))?;
            Ok(true)
        }
    }
}
