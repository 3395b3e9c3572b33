//! A small vault with an object of every kind, a large one, and the devices that read them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanduq::crypto::{Identity, ObjectType};
use sanduq::record::{PartName, Time};
use sanduq::store::{MemoryStore, ObjectName, Store};
use sanduq::vault::{
    CaseView, ContactKey, Contacts, Desk, Desktop, Finding, IngestCase, IngestPart, SharedVault, Vault,
    VaultError, read_exhibit,
};

use super::changes::Taken;
use crate::support::altered::Altered;
use crate::support::keys::{Keys, keys_of, short_digest};
use crate::support::people::{attach, new_case, part, text, unasked};

pub(crate) const fn at(seconds: u64) -> Time {
    Time::from_seconds(1_795_356_000 + seconds)
}

/// The exhibit of the large vault: three pieces, as exhibits are read.
pub(crate) const EXHIBIT_BYTES: u64 = 2_400_000;

/// A device: an identity and the files beside it, in memory where this machine allows.
pub(crate) struct Device {
    folder: tempfile::TempDir,
    pub(crate) desktop: Desktop,
}

impl Device {
    pub(crate) fn of(identity: &Arc<Identity>) -> Self {
        let memory = Path::new("/dev/shm");
        let folder =
            if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let desk = Desk::beside(&folder.path().join("identity"), b"machine");
        Self { folder, desktop: Desktop { identity: Arc::clone(identity), desk } }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Forgets every vault: from then on only what lies in the folder can show that something is wrong.
    pub(crate) fn forget(&self) {
        std::fs::remove_dir_all(self.path("identity.memory")).unwrap_or(());
    }

    pub(crate) fn know(&self, label: &str, other: &Identity) {
        let Desktop { identity, desk } = &self.desktop;
        let mut contacts = Contacts::load(desk, identity).unwrap();
        let key = ContactKey::Card(Box::new(other.card().clone()));
        contacts.add(desk, identity, (label.parse().unwrap(), key), at(0)).unwrap();
    }
}

/// A vault, its owner's device, and a reader's.
pub(crate) struct Scene {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) owner: Device,
    pub(crate) reader: Device,
    pub(crate) keys: Keys,
}

/// What is read, line by line, or why it is not.
pub(crate) type Reading = Result<Vec<String>, String>;

impl Scene {
    fn begin() -> (Self, Vault) {
        let (owner, reader) = (Identity::generate(), Identity::generate());
        let (owner, reader) = (Device::of(&Arc::new(owner)), Device::of(&Arc::new(reader)));
        owner.know("адвокат", &reader.desktop.identity);
        reader.know("field", &owner.desktop.identity);
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let vault = Vault::create(Arc::clone(&store), owner.desktop.clone(), at(0)).unwrap();
        (Self { store, owner, reader, keys: Keys::new() }, vault)
    }

    fn share(vault: &mut Vault, case: sanduq::record::CaseId, parts: &[&str], time: u64) {
        let parts: Vec<PartName> = parts.iter().map(|name| part(name)).collect();
        let plan = unasked(vault.plan_share(&[case], "адвокат", &parts, false).unwrap());
        vault.share(&plan, at(time)).unwrap();
    }

    /// Looks up the keys of all that was written.
    pub(crate) fn end(mut self) -> Self {
        let reader = self.reader.desktop.identity.card().clone();
        self.keys = keys_of(self.store.as_ref(), &self.owner.desktop.identity, &[&reader]);
        self
    }

    /// Two writers, three revisions, an exhibit, two messages: every kind of object but long operations, all small.
    pub(crate) fn small() -> Self {
        let (scene, mut vault) = Self::begin();
        let (case, _) =
            new_case(&mut vault, &[("testimony", "Мен көрдім.\n我看见了。"), ("person", "Гүлнар")]);
        attach(&mut vault, case, "хат.txt", "مەن كۆردۈم".as_bytes());
        Self::share(&mut vault, case, &["testimony", "exhibits"], 10);
        let phone = Device::of(&scene.owner.desktop.identity);
        let mut vault = Vault::open(Arc::clone(&scene.store), phone.desktop).unwrap();
        vault.put_text(case, &part("testimony"), &text("Мен екеуін көрдім."), at(11)).unwrap();
        Self::share(&mut vault, case, &["testimony"], 12);
        scene.end()
    }

    /// Cases recorded so many at once and so often: each time long operations.
    pub(crate) fn ingested(cases: usize, times: usize) -> (Self, Vault) {
        let (scene, mut vault) = Self::begin();
        for time in 0..times {
            let cases = (0..cases).map(|i| {
                let text = Some(format!("{i}-куә, {time}"));
                let part = IngestPart { part: part("testimony"), text, lang: None, form: None };
                Ok(IngestCase { title: None, parts: vec![part], exhibits: vec![] })
            });
            vault.ingest(cases, at(4), &mut |_| ControlFlow::Continue(())).unwrap();
        }
        (scene, vault)
    }

    /// Long operations, a run of several blocks, an exhibit of several pieces.
    pub(crate) fn large() -> Self {
        let (scene, mut vault) = Self::ingested(400, 1);
        let (case, _) = new_case(&mut vault, &[]);
        let video: Vec<u8> = (0..EXHIBIT_BYTES).map(|n| (n * n / 7 % 251) as u8).collect();
        attach(&mut vault, case, "видео.mp4", &video);
        Self::share(&mut vault, case, &["exhibits"], 10);
        scene.end()
    }

    pub(crate) fn bytes(&self, name: ObjectName) -> Vec<u8> {
        self.store.get(name, 1 << 24).unwrap()
    }

    /// The objects of one kind, smallest first.
    pub(crate) fn of_kind(&self, kind: ObjectType) -> Vec<ObjectName> {
        let found = self.keys.iter().filter(|(_, (other, _))| *other == kind).map(|(name, _)| *name);
        let mut found: Vec<ObjectName> = found.collect();
        found.sort_by_key(|name| self.store.size(*name).unwrap());
        found
    }

    /// Every object that must be there: without it somebody notices. The others are runs that later ones replaced.
    pub(crate) fn required(&self) -> Vec<(ObjectType, ObjectName)> {
        let (owner, reader) = (self.owner_reads(&self.store), self.reader_reads(&self.store));
        let is_required = |name: &ObjectName| {
            let altered: Arc<dyn Store> = Altered::new(&self.store, &[(*name, b"")]);
            self.owner_reads(&altered) != owner || self.reader_reads(&altered) != reader
        };
        let all = self.keys.iter().map(|(name, (kind, _))| (*kind, *name));
        all.filter(|(_, name)| is_required(name)).collect()
    }

    /// How a vault with these changes is taken, by its owner and by a reader on devices that were never here.
    pub(crate) fn taken(&self, whole: &Whole, changes: &[(ObjectName, &[u8])]) -> Taken {
        let store: Arc<dyn Store> = Altered::new(&self.store, changes);
        // What a reader has no key of need not be asked of them, when the owner noticed.
        let owners_alone = changes.iter().all(|(name, _)| {
            use ObjectType as Type;
            matches!(self.keys[name].0, Type::Genesis | Type::Entry | Type::Operations | Type::Run)
        });
        if owners_alone && self.owner_reads(&store).is_err() {
            return Taken::Noticed;
        }
        self.taken_as(whole, &store)
    }

    pub(crate) fn taken_as(&self, whole: &Whole, store: &Arc<dyn Store>) -> Taken {
        let readings = [(self.owner_reads(store), &whole.owner), (self.reader_reads(store), &whole.reader)];
        let mut taken = Taken::Accepted("as if nothing was changed");
        for (now, before) in readings {
            match now {
                Err(_) => taken = Taken::Noticed,
                Ok(read) if read == *before => {}
                Ok(_) => return Taken::Accepted("and something else is read"),
            }
        }
        taken
    }

    pub(crate) fn whole(&self) -> Whole {
        let (owner, reader) = (self.owner_reads(&self.store), self.reader_reads(&self.store));
        let whole = Whole { owner: owner.unwrap(), reader: reader.unwrap() };
        // What notices everything would notice this as well.
        assert_eq!(self.taken(&whole, &[]), Taken::Accepted("as if nothing was changed"));
        whole
    }

    /// All that an owner can read.
    pub(crate) fn owner_reads(&self, store: &Arc<dyn Store>) -> Reading {
        self.owner.forget();
        let vault = Vault::open(Arc::clone(store), self.owner.desktop.clone()).map_err(told)?;
        none_noticed(vault.findings())?;
        let mut read = vec![format!("{:?}", vault.contacts().all())];
        read.push(format!("{:?}", vault.history(None).map_err(told)?));
        let mut views = vault.cases().map_err(told)?;
        views.sort_by_key(|view| view.case);
        for view in &views {
            let extracts = vault.extracts(view.parts.values().flatten()).map_err(told)?;
            read.push(format!("{extracts:?}"));
            read_view(vault.store(), view, &|hash| vault.card(hash), &mut read)?;
        }
        // Whatever the owner need not read to show a case: the messages to others.
        let report = vault.check(Default::default(), &|_, _, _| ControlFlow::Continue(())).map_err(told)?;
        if report.is_sound() { Ok(read) } else { Err(format!("{:?}", report.damaged)) }
    }

    /// All that a reader was given.
    pub(crate) fn reader_reads(&self, store: &Arc<dyn Store>) -> Reading {
        std::fs::remove_dir_all(self.reader.path("identity.memory")).unwrap_or(());
        let shared = SharedVault::open(Arc::clone(store), self.reader.desktop.clone()).map_err(told)?;
        none_noticed(shared.findings())?;
        let mut read = Vec::new();
        for view in shared.cases().map_err(told)? {
            if !view.damaged.is_empty() {
                return Err(format!("{:?}", view.damaged));
            }
            read_view(shared.store(), &view, &|hash| shared.card(hash), &mut read)?;
        }
        Ok(read)
    }
}

/// What is read in a vault as it is.
pub(crate) struct Whole {
    owner: Vec<String>,
    reader: Vec<String>,
}

type CardOf<'a> =
    dyn Fn(&sanduq::record::CardHash) -> Result<Option<sanduq::crypto::KnownCard>, VaultError> + 'a;

/// Reads every revision of a case, its author's signature, and every exhibit.
fn read_view(
    store: &dyn Store,
    view: &CaseView,
    card_of: &CardOf<'_>,
    read: &mut Vec<String>,
) -> Result<(), String> {
    read.push(format!("{view:?}"));
    for fact in view.parts.values().flatten() {
        let opened = view.open(store, fact).map_err(told)?;
        let card = card_of(&opened.core.author).map_err(told)?.ok_or("no card of the author")?;
        opened.check_author(&card).map_err(told)?;
        read.push(format!("{:?} {:?}", opened.revision, opened.core));
        for exhibit in &opened.revision.exhibits {
            let mut bytes = Vec::new();
            let mut sink = |piece: &[u8]| {
                bytes.extend_from_slice(piece);
                Ok(())
            };
            read_exhibit(store, (view.case, &fact.part), exhibit, &mut sink).map_err(told)?;
            read.push(short_digest(&bytes));
        }
    }
    Ok(())
}

pub(crate) fn told(error: VaultError) -> String {
    format!("{error:?}")
}

fn none_noticed(findings: &[Finding]) -> Result<(), String> {
    if findings.is_empty() { Ok(()) } else { Err(format!("{findings:?}")) }
}

/// The objects of a scene counted by kind, to say that none is left out.
pub(crate) fn count_by_kind(objects: &[(ObjectType, ObjectName)]) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    objects.iter().for_each(|(kind, _)| *count.entry(format!("{kind:?}")).or_default() += 1);
    count
}
