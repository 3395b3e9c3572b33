//! The files beside the identity file: memory and places, and the lock between processes.
//! docs/format.md section 9.

use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use super::error::{Damage, Item, VaultError};
use crate::crypto::{Identity, ObjectType, open_object, seal_object};
use crate::format::{Memory, ObjectKey, PlaceOfVault, Places, Structure, decode, encode};
use crate::record::{Digest, VaultId};
use crate::store::{StoreError, files};

/// How long a writer waits for another one of this identity.
const PATIENCE: Duration = Duration::from_secs(120);
const MAX_FILE_BYTES: u64 = 128 << 20;

/// Where an identity keeps what does not belong into a vault.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The folder `IDENTITY.memory`.
    memory: PathBuf,
    /// The file `IDENTITY.contacts`.
    contacts: PathBuf,
    /// What tells this machine from others.
    machine: Vec<u8>,
}

/// Holds other processes of this identity off one vault until it is dropped.
pub(crate) struct Lock(#[expect(dead_code, reason = "held for its drop")] files::Lock);

impl Desk {
    /// The files beside the identity file at `identity`.
    pub fn beside(identity: &Path, machine: &[u8]) -> Self {
        let with = |suffix: &str| {
            let mut name = identity.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        Self { memory: with(".memory"), contacts: with(".contacts"), machine: machine.to_vec() }
    }

    /// The address book's file.
    pub(crate) fn contacts(&self) -> &Path {
        &self.contacts
    }

    pub(super) fn path(&self, name: &[u8]) -> PathBuf {
        self.memory.join(name.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    /// Waits for the lock on one vault.
    pub(crate) fn lock(&self, identity: &Identity, vault: &VaultId) -> Result<Lock, VaultError> {
        files::lock(&self.lock_path(identity, vault)?, PATIENCE)?.map(Lock).ok_or(VaultError::Busy)
    }

    /// Takes the lock on one vault if nobody holds it.
    pub(crate) fn try_lock(&self, identity: &Identity, vault: &VaultId) -> Result<Option<Lock>, VaultError> {
        Ok(files::try_lock(&self.lock_path(identity, vault)?)?.map(Lock))
    }

    /// Waits for the lock on the address book.
    pub(crate) fn lock_contacts(&self) -> Result<Lock, VaultError> {
        files::make_folder(&self.memory)?;
        files::lock(&self.memory.join("contacts.lock"), PATIENCE)?.map(Lock).ok_or(VaultError::Busy)
    }

    /// Waits for the lock on the search index of one vault.
    pub(crate) fn lock_search(&self, identity: &Identity, vault: &VaultId) -> Result<Lock, VaultError> {
        files::make_folder(&self.memory)?;
        let mut path = self.path(&identity.search_key(vault).1).into_os_string();
        path.push(".search.lock");
        files::lock(Path::new(&path), PATIENCE)?.map(Lock).ok_or(VaultError::Busy)
    }

    fn lock_path(&self, identity: &Identity, vault: &VaultId) -> Result<PathBuf, VaultError> {
        files::make_folder(&self.memory)?;
        let mut path = self.path(&identity.memory_key(vault).1).into_os_string();
        path.push(".lock");
        Ok(PathBuf::from(path))
    }

    /// What is remembered of a vault; none when nothing is, or what is was copied from another place.
    pub(crate) fn recall(&self, identity: &Identity, vault: &VaultId) -> Result<Recall, VaultError> {
        let (key, name) = identity.memory_key(vault);
        let path = self.path(&name);
        let Some(memory) = read_sealed::<Memory>(&path, &key, ObjectType::Memory, &Item::Memory)? else {
            return Ok(Recall::Nothing);
        };
        let here = self.place(identity, &files::identity(&path)?);
        match (memory.vault == *vault, memory.place == here) {
            (false, _) => Err(VaultError::damaged(Item::Memory, Damage::Other)),
            (true, false) => Ok(Recall::Copied(memory)),
            (true, true) => Ok(Recall::Own(memory)),
        }
    }

    /// Whether this identity read the log of a vault before: it owns it.
    pub(crate) fn is_ours(&self, identity: &Identity, vault: &VaultId) -> Result<bool, VaultError> {
        Ok(match self.recall(identity, vault)? {
            Recall::Own(memory) | Recall::Copied(memory) => {
                memory.writer.is_some() || !memory.heads.is_empty()
            }
            Recall::Nothing => false,
        })
    }

    /// Makes a memory durable. The caller holds the lock.
    pub(crate) fn remember(&self, identity: &Identity, memory: &mut Memory) -> Result<(), VaultError> {
        files::make_folder(&self.memory)?;
        let (key, name) = identity.memory_key(&memory.vault);
        files::replace_with(&self.path(&name), |file| -> Result<Vec<u8>, VaultError> {
            memory.place = self.place(identity, &file);
            let content = Zeroizing::new(encode(memory));
            Ok(seal_object(&key, ObjectType::Memory, &content))
        })?;
        Ok(())
    }

    fn place(&self, identity: &Identity, file: &files::FileIdentity) -> Digest {
        let (filesystem, inode) = match file.stable {
            true => {
                let file_bytes = [&file.inode.to_be_bytes()[..], &file.born_nanos.to_be_bytes()].concat();
                (file.filesystem.to_be_bytes().to_vec(), file_bytes)
            }
            false => (Vec::new(), Vec::new()),
        };
        identity.place(&self.machine, &filesystem, &inode)
    }

    /// Notes which vault stands at `path`; gives the one seen there before, when it was another.
    pub(crate) fn notice(
        &self,
        identity: &Identity,
        path: &[u8],
        vault: VaultId,
    ) -> Result<Option<VaultId>, VaultError> {
        let key = identity.places_key();
        let file = self.memory.join("places");
        let mut places: Places =
            read_sealed(&file, &key, ObjectType::Places, &Item::Memory)?.unwrap_or_default();
        let path = identity.path_digest(path);
        let before = places.places.iter().find(|place| place.path == path).map(|place| place.vault);
        if before == Some(vault) {
            return Ok(None);
        }
        places.places.retain(|place| place.path != path);
        places.places.push(PlaceOfVault { path, vault });
        files::make_folder(&self.memory)?;
        files::replace(&file, &seal_object(&key, ObjectType::Places, &encode(&places)))?;
        Ok(before)
    }
}

/// What the memory of a vault is worth.
pub(crate) enum Recall {
    /// Nothing is remembered.
    Nothing,
    /// It was written here.
    Own(Memory),
    /// It was written elsewhere: its heads count, its writer does not.
    Copied(Memory),
}

impl Recall {
    /// What counts here: of a memory that was copied, what was seen, and nothing of who writes.
    pub(crate) fn seen(self, vault: VaultId) -> Memory {
        match self {
            Self::Own(memory) => memory,
            Self::Copied(memory) => Memory { writer: None, marked: None, pending: None, ..memory },
            Self::Nothing => Memory::blank(vault),
        }
    }
}

/// Reads a sealed file beside the identity file; none when there is none.
pub(crate) fn read_sealed<T: Structure>(
    path: &Path,
    key: &ObjectKey,
    kind: ObjectType,
    item: &Item,
) -> Result<Option<T>, VaultError> {
    let bytes = match files::read(path, MAX_FILE_BYTES) {
        Err(StoreError::NotFound { .. }) => return Ok(None),
        other => other?,
    };
    let read = || -> Result<T, Damage> { Ok(decode(&open_object(key, kind, &bytes)?)?) };
    read().map(Some).map_err(|damage| VaultError::damaged(item.clone(), damage))
}

impl Memory {
    /// The memory of a vault of which nothing is remembered.
    pub(crate) fn blank(vault: VaultId) -> Self {
        Self {
            vault,
            place: Digest::new([0; 32]),
            writer: None,
            marked: None,
            pending: None,
            runs: Vec::new(),
            heads: Vec::new(),
            messages: Vec::new(),
            accepted: Vec::new(),
            listed: Vec::new(),
        }
    }
}
