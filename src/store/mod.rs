//! Places: opaque bytes under names, and the small private files outside a vault.
//!
//! Knows nothing of keys, seals or what the bytes mean; depends on nothing else of this crate.
//! Implements section "The folder" of docs/format.md.

mod error;
pub mod files;
pub mod local;
pub mod memory;
mod name;

use std::path::PathBuf;

pub use error::{Place, StoreError};
pub use local::LocalStore;
pub use memory::MemoryStore;
pub use name::{NotAName, ObjectName};

/// Largest accepted plain `vault` file, in bytes. docs/format.md.
pub const HEADER_MAX_BYTES: u64 = 4096;

/// A place for immutable objects under 32-byte names, and for one small plain header.
///
/// Every call blocks. Any number of threads may use one store at once, and other programs may
/// use the same place meanwhile.
///
/// * **What is seen is whole.** No reader observes an object before all of its bytes stand under
///   its name, and no published object ever changes. (After a power cut, objects published since
///   the last barrier may be missing, and short or damaged unless put with
///   [`put_synced`](Self::put_synced); nothing older is.)
/// * **A name is taken once.** Of several who publish under one name at once exactly one wins,
///   the others get [`StoreError::AlreadyExists`]. Where the file system knows neither links nor
///   a rename that refuses to replace (exFAT through FUSE), this holds among the users of this
///   machine, not among several machines writing at the same moment.
/// * **Durable** is only what a [`barrier`](Self::barrier) that returned `Ok` came after.
pub trait Store: Send + Sync {
    /// Starts an object of exactly `size` bytes.
    ///
    /// Nothing stands under `name` before [`NewObject::publish`]. The room is reserved first
    /// where that costs nothing, so that a full disk is an error here.
    fn create(&self, name: ObjectName, size: u64) -> Result<Box<dyn NewObject + '_>, StoreError>;

    /// Publishes `bytes` under `name` unless the name is taken. Not durable before a barrier.
    fn put_new(&self, name: ObjectName, bytes: &[u8]) -> Result<(), StoreError> {
        let mut object = self.create(name, bytes.len() as u64)?;
        object.write(bytes)?;
        object.publish()
    }

    /// As [`put_new`](Self::put_new), for what is found by its name alone: the bytes are durable before the name
    /// appears, so that a power cut leaves no short object under it. The name is not durable before a barrier.
    fn put_synced(&self, name: ObjectName, bytes: &[u8]) -> Result<(), StoreError> {
        self.put_new(name, bytes)
    }

    /// [`put_synced`](Self::put_synced) and a [`barrier`](Self::barrier). Durable on return.
    fn put_durable(&self, name: ObjectName, bytes: &[u8]) -> Result<(), StoreError> {
        self.put_synced(name, bytes)?;
        self.barrier()
    }

    /// Makes everything durable that this store published or deleted before the call.
    ///
    /// A failed barrier is **never** retried: from then on everything that writes through this
    /// store fails with [`StoreError::NotDurable`], because the operating system reports a lost
    /// write only once. The place must be opened anew and the work done again from its source.
    fn barrier(&self) -> Result<(), StoreError>;

    /// Lets the next [`barrier`](Self::barrier) hold for the name of an object that was put, with
    /// [`put_synced`](Self::put_synced), by a process that may have ended before its own. Where what one process
    /// published is as durable as what another did, there is nothing to do.
    fn adopt(&self, _name: ObjectName) {}

    /// Opens an object for reading; [`StoreError::NotFound`] if nothing stands under `name`.
    fn open(&self, name: ObjectName) -> Result<Box<dyn ObjectReader>, StoreError>;

    /// The whole object, if it has at most `max` bytes; else [`StoreError::TooLarge`], unread.
    fn get(&self, name: ObjectName, max: u64) -> Result<Vec<u8>, StoreError> {
        let object = self.open(name)?;
        let size = object.size();
        if size > max {
            return Err(StoreError::TooLarge { place: name.into(), size, max });
        }
        read_range(name, object.as_ref(), 0, size)
    }

    /// The `len` bytes from `offset`; [`StoreError::OutOfRange`] if the object ends before.
    fn get_range(&self, name: ObjectName, offset: u64, len: u64) -> Result<Vec<u8>, StoreError> {
        read_range(name, self.open(name)?.as_ref(), offset, len)
    }

    /// The size of the object in bytes, none if there is no such object.
    fn size(&self, name: ObjectName) -> Result<Option<u64>, StoreError>;

    /// Whether such an object stands here.
    fn exists(&self, name: ObjectName) -> Result<bool, StoreError> {
        Ok(self.size(name)?.is_some())
    }

    /// The names of all objects whose first byte is `folder`, in order. What is no object (see
    /// [`strays`](Self::strays)) is left out.
    fn list(&self, folder: u8) -> Result<Vec<ObjectName>, StoreError>;

    /// What lies among the objects and is none: ill-formed names, folders, links, devices. Paths
    /// start at the vault folder.
    fn strays(&self) -> Result<Vec<PathBuf>, StoreError>;

    /// Removes an object; [`StoreError::NotFound`] if there is none. Durable after a barrier.
    fn delete(&self, name: ObjectName) -> Result<(), StoreError>;

    /// The plain header, none if there is none; [`StoreError::TooLarge`] above
    /// [`HEADER_MAX_BYTES`].
    fn read_header(&self) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes the plain header unless there is one. Durable on return;
    /// [`StoreError::Unsettled`] if it stands and is not known to be.
    fn write_header_new(&self, bytes: &[u8]) -> Result<(), StoreError>;
}

/// An object being written. Dropped without [`publish`](Self::publish) it leaves nothing.
pub trait NewObject: Send {
    /// Appends `bytes`; [`StoreError::SizeMismatch`] when that would pass the announced size.
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Gives the object its name. On any error nothing was published and nothing is left.
    fn publish(self: Box<Self>) -> Result<(), StoreError>;
}

/// An object opened for reading. Stays readable when the object is deleted meanwhile.
pub trait ObjectReader: Send + Sync {
    /// The size in bytes when it was opened.
    fn size(&self) -> u64;

    /// Fills `buf` from `offset`; [`StoreError::OutOfRange`] if the object ends before.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), StoreError>;
}

/// Reads a range whose length was checked against the size before memory is taken for it.
fn read_range(
    name: ObjectName,
    object: &dyn ObjectReader,
    offset: u64,
    len: u64,
) -> Result<Vec<u8>, StoreError> {
    let end = offset.saturating_add(len);
    let beyond = || StoreError::OutOfRange { place: name.into(), end };
    if end > object.size() {
        return Err(beyond());
    }
    let mut bytes = vec![0; usize::try_from(len).map_err(|_| beyond())?];
    object.read_at(offset, &mut bytes)?;
    Ok(bytes)
}

/// Refuses bytes beyond the announced size.
fn check_room(name: ObjectName, announced: u64, before: u64, more: usize) -> Result<u64, StoreError> {
    let written = before.saturating_add(more as u64);
    if written > announced {
        return Err(StoreError::SizeMismatch { place: name.into(), announced, written });
    }
    Ok(written)
}

/// Refuses an object that got fewer bytes than announced.
fn check_whole(name: ObjectName, announced: u64, written: u64) -> Result<(), StoreError> {
    if written != announced {
        return Err(StoreError::SizeMismatch { place: name.into(), announced, written });
    }
    Ok(())
}

/// Refuses a header that could not be read back.
fn check_header(place: Place, bytes: &[u8]) -> Result<(), StoreError> {
    let size = bytes.len() as u64;
    if size > HEADER_MAX_BYTES {
        return Err(StoreError::TooLarge { place, size, max: HEADER_MAX_BYTES });
    }
    Ok(())
}
