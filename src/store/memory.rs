//! A store in memory, for tests. Keeps the contract of [`Store`]; nothing outlives it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::{NewObject, ObjectName, ObjectReader, Store, StoreError};
use super::{check_header, check_room, check_whole};

/// A store in memory.
#[derive(Default)]
pub struct MemoryStore {
    content: Mutex<Content>,
}

#[derive(Default)]
struct Content {
    objects: BTreeMap<ObjectName, Arc<Vec<u8>>>,
    header: Option<Vec<u8>>,
}

impl MemoryStore {
    /// An empty store without a header.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().expect("no code panics while it holds this lock")
    }
}

impl Store for MemoryStore {
    fn create(&self, name: ObjectName, size: u64) -> Result<Box<dyn NewObject + '_>, StoreError> {
        Ok(Box::new(NewMemoryObject { store: self, name, size, bytes: Vec::new() }))
    }

    fn barrier(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn open(&self, name: ObjectName) -> Result<Box<dyn ObjectReader>, StoreError> {
        let content = self.content();
        let bytes = content.objects.get(&name).ok_or(StoreError::NotFound { place: name.into() })?;
        Ok(Box::new(MemoryReader { name, bytes: Arc::clone(bytes) }))
    }

    fn size(&self, name: ObjectName) -> Result<Option<u64>, StoreError> {
        Ok(self.content().objects.get(&name).map(|bytes| bytes.len() as u64))
    }

    fn list(&self, folder: u8) -> Result<Vec<ObjectName>, StoreError> {
        let mut first = [0; 32];
        first[0] = folder;
        let content = self.content();
        let names = content.objects.range(ObjectName::new(first)..).map(|(name, _)| *name);
        Ok(names.take_while(|name| name.folder() == folder).collect())
    }

    fn strays(&self) -> Result<Vec<PathBuf>, StoreError> {
        Ok(Vec::new())
    }

    fn delete(&self, name: ObjectName) -> Result<(), StoreError> {
        let removed = self.content().objects.remove(&name);
        removed.map(drop).ok_or(StoreError::NotFound { place: name.into() })
    }

    fn read_header(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.content().header.clone())
    }

    fn write_header_new(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let place = Path::new("vault");
        check_header(place.into(), bytes)?;
        let mut content = self.content();
        if content.header.is_some() {
            return Err(StoreError::AlreadyExists { place: place.into() });
        }
        content.header = Some(bytes.to_vec());
        Ok(())
    }
}

struct NewMemoryObject<'a> {
    store: &'a MemoryStore,
    name: ObjectName,
    size: u64,
    bytes: Vec<u8>,
}

impl NewObject for NewMemoryObject<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        check_room(self.name, self.size, self.bytes.len() as u64, bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn publish(self: Box<Self>) -> Result<(), StoreError> {
        check_whole(self.name, self.size, self.bytes.len() as u64)?;
        let mut content = self.store.content();
        if content.objects.contains_key(&self.name) {
            return Err(StoreError::AlreadyExists { place: self.name.into() });
        }
        content.objects.insert(self.name, Arc::new(self.bytes));
        Ok(())
    }
}

struct MemoryReader {
    name: ObjectName,
    bytes: Arc<Vec<u8>>,
}

impl ObjectReader for MemoryReader {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), StoreError> {
        let end = offset.saturating_add(buf.len() as u64);
        let range = usize::try_from(offset).ok().zip(usize::try_from(end).ok());
        let found = range.and_then(|(start, end)| self.bytes.get(start..end));
        buf.copy_from_slice(found.ok_or(StoreError::OutOfRange { place: self.name.into(), end })?);
        Ok(())
    }
}
