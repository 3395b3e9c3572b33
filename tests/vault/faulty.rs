//! A store that notes what is put, and can be made to fail.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use sanduq::store::{NewObject, ObjectName, ObjectReader, Store, StoreError};

/// Passes everything on, until so many changes were made.
pub(super) struct Faulty<S> {
    inner: S,
    /// Changes left before every further one fails; negative once one failed.
    left: AtomicI64,
    put: Mutex<Vec<ObjectName>>,
}

impl<S: Store> Faulty<S> {
    pub(super) fn new(inner: S) -> Arc<Self> {
        Arc::new(Self { inner, left: AtomicI64::new(i64::MAX), put: Mutex::default() })
    }

    /// From now on only this many changes work.
    pub(super) fn fail_after(&self, changes: i64) {
        self.left.store(changes, Ordering::SeqCst);
    }

    pub(super) fn has_failed(&self) -> bool {
        self.left.load(Ordering::SeqCst) < 0
    }

    /// What was put so far, in order.
    pub(super) fn put(&self) -> Vec<ObjectName> {
        self.put.lock().unwrap().clone()
    }

    fn change(&self) -> Result<(), StoreError> {
        if self.left.fetch_sub(1, Ordering::SeqCst) > 0 {
            return Ok(());
        }
        self.left.store(-1, Ordering::SeqCst);
        Err(StoreError::NotDurable)
    }
}

impl<S: Store> Store for Faulty<S> {
    fn create(&self, name: ObjectName, size: u64) -> Result<Box<dyn NewObject + '_>, StoreError> {
        self.change()?;
        self.put.lock().unwrap().push(name);
        self.inner.create(name, size)
    }

    fn barrier(&self) -> Result<(), StoreError> {
        self.change()?;
        self.inner.barrier()
    }

    fn open(&self, name: ObjectName) -> Result<Box<dyn ObjectReader>, StoreError> {
        self.inner.open(name)
    }

    fn size(&self, name: ObjectName) -> Result<Option<u64>, StoreError> {
        self.inner.size(name)
    }

    fn list(&self, folder: u8) -> Result<Vec<ObjectName>, StoreError> {
        self.inner.list(folder)
    }

    fn strays(&self) -> Result<Vec<PathBuf>, StoreError> {
        self.inner.strays()
    }

    fn delete(&self, name: ObjectName) -> Result<(), StoreError> {
        self.inner.delete(name)
    }

    fn read_header(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.read_header()
    }

    fn write_header_new(&self, bytes: &[u8]) -> Result<(), StoreError> {
        self.change()?;
        self.inner.write_header_new(bytes)
    }
}
