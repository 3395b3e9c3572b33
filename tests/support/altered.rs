//! A store in which chosen objects, or the plain header, read as other bytes than they have.

use std::path::PathBuf;
use std::sync::Arc;

use sanduq::store::{MemoryStore, NewObject, ObjectName, ObjectReader, Store, StoreError};

/// Another store, and what reads differently here. Nothing can be written.
pub(crate) struct Altered {
    whole: Arc<dyn Store>,
    changed: MemoryStore,
}

impl Altered {
    pub(crate) fn new(whole: &Arc<dyn Store>, changes: &[(ObjectName, &[u8])]) -> Arc<Self> {
        let changed = MemoryStore::new();
        changes.iter().for_each(|(name, bytes)| changed.put_new(*name, bytes).unwrap());
        Arc::new(Self { whole: Arc::clone(whole), changed })
    }

    /// From now on an object reads so.
    pub(crate) fn change(&self, name: ObjectName, bytes: &[u8]) {
        if self.changed.exists(name).unwrap() {
            self.changed.delete(name).unwrap();
        }
        self.changed.put_new(name, bytes).unwrap();
    }

    pub(crate) fn with_header(whole: &Arc<dyn Store>, header: &[u8]) -> Arc<Self> {
        let altered = Self::new(whole, &[]);
        altered.changed.write_header_new(header).unwrap();
        altered
    }
}

impl Store for Altered {
    fn create(&self, name: ObjectName, _: u64) -> Result<Box<dyn NewObject + '_>, StoreError> {
        panic!("reading writes nothing, and here it wrote {name:?}")
    }

    fn barrier(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn open(&self, name: ObjectName) -> Result<Box<dyn ObjectReader>, StoreError> {
        if self.changed.exists(name)? { self.changed.open(name) } else { self.whole.open(name) }
    }

    fn size(&self, name: ObjectName) -> Result<Option<u64>, StoreError> {
        Ok(self.changed.size(name)?.or(self.whole.size(name)?))
    }

    fn list(&self, folder: u8) -> Result<Vec<ObjectName>, StoreError> {
        self.whole.list(folder)
    }

    fn strays(&self) -> Result<Vec<PathBuf>, StoreError> {
        self.whole.strays()
    }

    fn delete(&self, name: ObjectName) -> Result<(), StoreError> {
        panic!("reading deletes nothing, and here it deleted {name:?}")
    }

    fn read_header(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.changed.read_header()?.or(self.whole.read_header()?))
    }

    fn write_header_new(&self, _: &[u8]) -> Result<(), StoreError> {
        panic!("reading writes no header")
    }
}
