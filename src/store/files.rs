//! Small private files outside the vault (identity file, address book, writer's memory), the
//! lock beside them, and files made for people (exports, extracted exhibits).
//!
//! Everything is made readable by this user only. Knows nothing of what the bytes mean.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::StoreError;
use super::local::linux::{self, Root};
use super::local::unpublished::{Unpublished, Workplace};

/// How long [`lock`] waits between two attempts.
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Which file on which file system: what tells a copied file from the one that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileIdentity {
    /// The inode number.
    pub inode: u64,
    /// The file system's own number (`statvfs(2)`, `f_fsid`), else that of its device.
    pub filesystem: u64,
    /// When the file was made, in nanoseconds since 1970; 0 where the file system does not say.
    /// A freed inode number is given out again, so that a file put back from a backup can have
    /// the old number; it cannot have the old birth.
    pub born_nanos: i128,
    /// Whether all three stay the same over a remount (ext4, xfs, btrfs; on tmpfs there is no
    /// remount). Elsewhere (FAT, FUSE, overlayfs) they prove nothing.
    pub stable: bool,
}

/// Reads a whole file of at most `max` bytes; [`StoreError::TooLarge`] above, unread.
pub fn read(path: &Path, max: u64) -> Result<Vec<u8>, StoreError> {
    read_open(open_regular(path)?, path, max)
}

/// Which file stands at `path`.
pub fn identity(path: &Path) -> Result<FileIdentity, StoreError> {
    linux::identify(&open_regular(path)?).map_err(|error| StoreError::io(path, error))
}

/// Writes a file unless something has that name. Durable on return.
pub fn create_new(path: &Path, bytes: &[u8]) -> Result<FileIdentity, StoreError> {
    let mut file = NewFile::create(path)?;
    file.write_all(bytes).map_err(|error| StoreError::io(path, error))?;
    let identity = linux::identify(file.file.file()).map_err(|error| StoreError::io(path, error))?;
    file.publish()?;
    Ok(identity)
}

/// Writes a file, in place of one of that name if there is one. Durable on return; a crash leaves
/// the old content or the new.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<FileIdentity, StoreError> {
    replace_with(path, |_| Ok(bytes.to_vec()))
}

/// As [`replace`], for content that names the file it stands in: `content` is told the identity
/// of the new file before anything is written to it. If it fails, the old file stays.
pub fn replace_with<E: From<StoreError>>(
    path: &Path,
    content: impl FnOnce(FileIdentity) -> Result<Vec<u8>, E>,
) -> Result<FileIdentity, E> {
    let error = |error| StoreError::io(path, error);
    // The file a link points to is replaced, not the link.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let (place, name) = workplace(&target)?;
    let mut file = Unpublished::create_named(&place, Path::new(".")).map_err(error)?;
    let identity = linux::identify(file.file()).map_err(error)?;
    let bytes = content(identity)?;
    file.write(&bytes).map_err(error)?;
    file.sync().map_err(error)?;
    file.replace(&name).map_err(error)?;
    place.root.sync_folder(Path::new(".")).map_err(error)?;
    Ok(identity)
}

/// An exclusive lock among the programs of this machine, until dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Takes the lock at `path`, a file made for this alone that stays there empty; none if another
/// program (or another part of this one) holds it.
pub fn try_lock(path: &Path) -> Result<Option<Lock>, StoreError> {
    let error = |error| StoreError::io(path, error);
    let (place, name) = workplace(path)?;
    match place.root.open_new(&name) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(StoreError::io(path, error));
        }
        _ => {}
    }
    let file = File::options().write(true).open(path).map_err(error)?;
    Ok(linux::try_lock(&file).map_err(error)?.then_some(Lock { _file: file }))
}

/// As [`try_lock`], trying again until `patience` is used up.
pub fn lock(path: &Path, patience: Duration) -> Result<Option<Lock>, StoreError> {
    let mut left = patience;
    loop {
        let lock = try_lock(path)?;
        if lock.is_some() || left.is_zero() {
            return Ok(lock);
        }
        let pause = left.min(LOCK_PAUSE);
        std::thread::sleep(pause);
        left = left.saturating_sub(pause);
    }
}

/// A file made for people: an export, an extracted exhibit. It stands under its name only when
/// [`publish`](Self::publish) returned, whole and durable; dropped before, it leaves nothing.
pub struct NewFile {
    place: Arc<Workplace>,
    file: Unpublished,
    path: PathBuf,
    name: PathBuf,
    reserved: Option<u64>,
}

impl NewFile {
    /// Starts a file for `path`.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] if something has that name already (said again at
    /// [`publish`](Self::publish) should it appear meanwhile).
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let error = |error| StoreError::io(path, error);
        let (place, name) = workplace(path)?;
        if place.root.is_taken(&name).map_err(error)? {
            return Err(StoreError::AlreadyExists { place: path.into() });
        }
        let file = Unpublished::create(&place, Path::new(".")).map_err(error)?;
        Ok(Self { place, file, path: path.to_path_buf(), name, reserved: None })
    }

    /// Announces the size and reserves room for it, where the file system can cheaply. A file of
    /// another size is not published ([`StoreError::SizeMismatch`]).
    pub fn reserve(&mut self, bytes: u64) -> Result<(), StoreError> {
        self.reserved = Some(bytes);
        self.file.reserve(bytes).map_err(|error| StoreError::io(self.path.as_path(), error))
    }

    /// Makes the file durable and gives it its name, never replacing another.
    pub fn publish(self) -> Result<(), StoreError> {
        let Self { place, file, path, name, reserved } = self;
        let (announced, written) = (reserved.unwrap_or(file.written()), file.written());
        if announced != written {
            return Err(StoreError::SizeMismatch { place: path.into(), announced, written });
        }
        let error = |error| StoreError::io(path.as_path(), error);
        file.sync().map_err(error)?;
        file.publish(&name).map_err(error)?;
        place.root.sync_folder(Path::new(".")).map_err(error)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads a whole file of at most `max` bytes from its start, whatever size it claims.
pub(super) fn read_open(file: File, path: &Path, max: u64) -> Result<Vec<u8>, StoreError> {
    let error = |error| StoreError::io(path, error);
    let size = file.metadata().map_err(error)?.len();
    let mut bytes = Vec::new();
    if size <= max {
        file.take(max.saturating_add(1)).read_to_end(&mut bytes).map_err(error)?;
    }
    let size = size.max(bytes.len() as u64);
    if size > max {
        return Err(StoreError::TooLarge { place: path.into(), size, max });
    }
    Ok(bytes)
}

fn open_regular(path: &Path) -> Result<File, StoreError> {
    // Asked before opening, because opening a pipe would wait for its other end.
    let metadata = std::fs::metadata(path).map_err(|error| StoreError::io(path, error))?;
    if !metadata.is_file() {
        return Err(StoreError::NotAFile { place: path.into() });
    }
    File::open(path).map_err(|error| StoreError::io(path, error))
}

/// The folder of a file, held open, and the file's name in it.
fn workplace(path: &Path) -> Result<(Arc<Workplace>, PathBuf), StoreError> {
    let Some(name) = path.file_name() else {
        return Err(StoreError::NotAFile { place: path.into() });
    };
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let root = Root::open(folder).map_err(|error| StoreError::io(folder, error))?;
    Ok((Arc::new(Workplace::new(root)), PathBuf::from(name)))
}
