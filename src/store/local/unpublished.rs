//! A file that has no final name yet: written, then published under a name that was free.
//!
//! Knows four ways to do so and falls from each to the next where a file system lacks it; a final
//! name is never created empty and then filled.

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use super::linux::{self, Root};

/// From this size on room is reserved first, in bytes.
const RESERVE_FROM_BYTES: u64 = 64 * 1024;

/// How much is written before its write-back is started, in bytes. On ext4, 512 MiB and their
/// sync take 0.14 s with it and 0.23 s without while the disk keeps up, a tenth less where the
/// disk is the limit; 32 MiB does the same as 8.
const WRITE_BACK_BYTES: u64 = 8 * 1024 * 1024;

/// How a finished file gets its name, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
#[repr(u8)]
pub(in crate::store) enum Naming {
    /// The file has no name, then is linked: a crash leaves nothing.
    Unnamed,
    /// A temporary name, a link, the temporary name removed.
    Link,
    /// A temporary name, renamed without replacing.
    RenameNew,
    /// A temporary name, renamed when the final one was seen free.
    Rename,
}

/// A folder, and what was learnt about its file system while writing into it.
pub(in crate::store) struct Workplace {
    pub(in crate::store) root: Root,
    naming: AtomicU8,
    renaming: Mutex<()>,
}

impl Workplace {
    pub(in crate::store) fn new(root: Root) -> Self {
        Self::with_naming(root, Naming::Unnamed)
    }

    /// Starts with a way that may be worse than the file system knows.
    pub(in crate::store) fn with_naming(root: Root, naming: Naming) -> Self {
        Self { root, naming: AtomicU8::new(naming as u8), renaming: Mutex::new(()) }
    }

    pub(in crate::store) fn naming(&self) -> Naming {
        match self.naming.load(Ordering::Relaxed) {
            0 => Naming::Unnamed,
            1 => Naming::Link,
            2 => Naming::RenameNew,
            _ => Naming::Rename,
        }
    }

    /// Remembers that the file system needs `naming` or worse.
    fn fall_to(&self, naming: Naming) {
        self.naming.fetch_max(naming as u8, Ordering::Relaxed);
    }
}

/// A file that has no final name yet. Dropped, it is gone.
pub(in crate::store) struct Unpublished {
    place: Arc<Workplace>,
    file: File,
    /// The temporary name, as long as there is one to remove.
    temporary: Option<PathBuf>,
    written: u64,
    write_back_started: u64,
}

impl Unpublished {
    /// Starts a file that will be published inside `folder`, which is there.
    pub(in crate::store) fn create(place: &Arc<Workplace>, folder: &Path) -> io::Result<Self> {
        if place.naming() == Naming::Unnamed {
            if let Some(file) = place.root.open_unnamed(folder)? {
                return Ok(Self::new(place, file, None));
            }
            place.fall_to(Naming::Link);
        }
        Self::create_named(place, folder)
    }

    /// Starts a file under a temporary name that looks like an object's.
    pub(in crate::store) fn create_named(place: &Arc<Workplace>, folder: &Path) -> io::Result<Self> {
        let temporary = folder.join(random_name());
        let file = place.root.open_new(&temporary)?;
        Ok(Self::new(place, file, Some(temporary)))
    }

    fn new(place: &Arc<Workplace>, file: File, temporary: Option<PathBuf>) -> Self {
        Self { place: Arc::clone(place), file, temporary, written: 0, write_back_started: 0 }
    }

    pub(in crate::store) fn file(&self) -> &File {
        &self.file
    }

    pub(in crate::store) fn written(&self) -> u64 {
        self.written
    }

    /// Reserves room for a file of `bytes`, where that is worth it.
    pub(in crate::store) fn reserve(&self, bytes: u64) -> io::Result<()> {
        if bytes < RESERVE_FROM_BYTES || !self.place.root.traits().reserves {
            return Ok(());
        }
        linux::reserve(&self.file, bytes)
    }

    pub(in crate::store) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.written += bytes.len() as u64;
        let waiting = self.written - self.write_back_started;
        if waiting >= WRITE_BACK_BYTES && self.place.root.traits().reserves {
            linux::start_write_back(&self.file, self.write_back_started, waiting);
            self.write_back_started = self.written;
        }
        Ok(())
    }

    pub(in crate::store) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Gives the file its final name; [`io::ErrorKind::AlreadyExists`] if that is taken.
    pub(in crate::store) fn publish(mut self, to: &Path) -> io::Result<()> {
        let place = Arc::clone(&self.place);
        let Some(from) = self.temporary.clone() else {
            return place.root.link_unnamed(&self.file, to);
        };
        if place.naming() <= Naming::Link {
            if place.root.link(&from, to)? {
                return Ok(()); // dropping `self` removes the temporary name
            }
            place.fall_to(Naming::RenameNew);
        }
        if place.naming() == Naming::RenameNew {
            if place.root.rename_new(&from, to)? {
                self.temporary = None;
                return Ok(());
            }
            place.fall_to(Naming::Rename);
        }
        rename_if_free(&place, &from, to)?;
        self.temporary = None;
        Ok(())
    }

    /// Gives the file its final name in place of what stands there.
    pub(in crate::store) fn replace(mut self, to: &Path) -> io::Result<()> {
        if let Some(from) = &self.temporary {
            self.place.root.rename(from, to)?;
            self.temporary = None;
            return Ok(());
        }
        Err(io::ErrorKind::InvalidInput.into())
    }
}

impl Drop for Unpublished {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // Nothing to tell anyone: a name left behind is counted by `check`.
            self.place.root.remove_file(temporary).unwrap_or(());
        }
    }
}

/// The last resort: exclusive among the threads of this process by a mutex and among the
/// processes of this machine by a lock on the folder; the writer's lock is held besides.
fn rename_if_free(place: &Workplace, from: &Path, to: &Path) -> io::Result<()> {
    let _guard = place.renaming.lock().expect("no code panics while it holds this lock");
    place.root.exclusively(|| {
        if place.root.is_taken(to)? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        place.root.rename(from, to)
    })
}

/// 62 hex characters nobody can tell from an object's. (`RandomState` is keyed by the operating
/// system; nothing secret hangs on it.)
fn random_name() -> String {
    let state = RandomState::new();
    let mut name: String = (0..4_u8).map(|i| format!("{:016x}", state.hash_one(i))).collect();
    name.truncate(62);
    name
}
