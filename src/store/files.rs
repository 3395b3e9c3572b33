//! Small private files outside the vault (identity file, address book, writer's memory), the
//! lock beside them, and files made for people (exports, extracted exhibits).
//!
//! Everything is made readable by this user only. Knows nothing of what the bytes mean.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::local::linux::{self, Root};
use super::local::unpublished::{Unpublished, Workplace};
use super::{ObjectReader, StoreError};

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

/// A file opened for reading in pieces.
pub struct OpenFile {
    file: File,
    path: PathBuf,
    size: u64,
}

/// Opens a file that is read in pieces. It stays readable when it is removed or replaced meanwhile.
pub fn open(path: &Path) -> Result<OpenFile, StoreError> {
    let file = open_regular(path)?;
    let size = file.metadata().map_err(|error| StoreError::io(path, error))?.len();
    Ok(OpenFile { file, path: path.to_path_buf(), size })
}

impl ObjectReader for OpenFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), StoreError> {
        let end = offset.saturating_add(buf.len() as u64);
        linux::read_exact_at(&self.file, buf, offset).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => StoreError::OutOfRange { place: self.path.as_path().into(), end },
            _ => StoreError::io(self.path.as_path(), error),
        })
    }
}

/// The files of a folder whose names begin so; none where there is no such folder.
pub fn beginning(folder: &Path, start: &str) -> Result<Vec<PathBuf>, StoreError> {
    let error = |error| StoreError::io(folder, error);
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(error)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(error)?;
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(start)) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Makes a folder, and those above it, for this user only; one that is there is left as it is. Durable on return,
/// where the folders above may be read.
pub fn make_folder(path: &Path) -> Result<(), StoreError> {
    let missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let new: Vec<&Path> = path.ancestors().take_while(missing).collect();
    linux::make_private_folders(path).map_err(|error| StoreError::io(path, error))?;
    // The name of a new folder stands in the one above: were it lost, so would be all that lies in it.
    for folder in new.iter().rev() {
        let above = folder.parent().filter(|above| *above != Path::new("")).unwrap_or(Path::new("."));
        match Root::open(above).and_then(|root| root.sync_folder(Path::new("."))) {
            Err(error) if error.kind() != io::ErrorKind::PermissionDenied => {
                return Err(StoreError::io(above, error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes a folder that was not there, for this user only, in folders that may have to be made as well.
///
/// # Errors
/// [`StoreError::AlreadyExists`] if anything has its name, be it a link that leads nowhere.
pub fn make_new_folder(path: &Path) -> Result<(), StoreError> {
    if let Some(parent) = path.parent().filter(|parent| *parent != Path::new("")) {
        make_folder(parent)?;
    }
    linux::make_private_folder(path).map_err(|error| StoreError::io(path, error))
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
///
/// # Errors
/// [`StoreError::Unsettled`] if the new content stands and is not known to be durable; on any other error the old
/// stands.
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
    settle(&place, path)?;
    Ok(identity)
}

/// Removes a file; one that is not there is no error.
pub fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io(path, error)),
        _ => Ok(()),
    }
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
    ///
    /// # Errors
    /// [`StoreError::Unsettled`] if it stands under its name and that is not known to be durable.
    pub fn publish(self) -> Result<(), StoreError> {
        let Self { place, file, path, name, reserved } = self;
        let (announced, written) = (reserved.unwrap_or(file.written()), file.written());
        if announced != written {
            return Err(StoreError::SizeMismatch { place: path.into(), announced, written });
        }
        let error = |error| StoreError::io(path.as_path(), error);
        file.sync().map_err(error)?;
        file.publish(&name).map_err(error)?;
        settle(&place, &path)
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

/// Makes the name of a file durable that stands already.
fn settle(place: &Workplace, path: &Path) -> Result<(), StoreError> {
    let synced = place.root.sync_folder(Path::new("."));
    synced.map_err(|source| StoreError::Unsettled { place: path.into(), source })
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn create_new_never_overwrites() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity");
        create_new(&path, b"first").unwrap();
        assert!(matches!(create_new(&path, b"second"), Err(StoreError::AlreadyExists { .. })));
        assert_eq!(read(&path, 5).unwrap(), b"first");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(names(folder.path()), ["identity"]);
    }

    #[test]
    fn reads_no_more_than_the_cap_and_no_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("قائمة");
        create_new(&path, b"12345").unwrap();
        assert!(matches!(read(&path, 4), Err(StoreError::TooLarge { size: 5, max: 4, .. })));
        assert!(matches!(read(Path::new("/proc/self/status"), 4), Err(StoreError::TooLarge { .. })));
        assert!(matches!(read(folder.path(), 4), Err(StoreError::NotAFile { .. })));
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        assert!(matches!(read(&pipe, 4), Err(StoreError::NotAFile { .. })));
        assert!(matches!(read(&folder.path().join("none"), 4), Err(StoreError::NotFound { .. })));
    }

    /// Fails when what stands there already is left as it is, as [`make_folder`] does.
    #[test]
    fn a_new_folder_is_made_only_where_nothing_stands() {
        let folder = tempfile::tempdir().unwrap();
        let (elsewhere, taken) = (folder.path().join("elsewhere"), folder.path().join("taken"));
        std::fs::create_dir(&elsewhere).unwrap();
        let refused = |path: &Path| matches!(make_new_folder(path), Err(StoreError::AlreadyExists { .. }));
        assert!(refused(&elsewhere));
        for target in [elsewhere.as_path(), Path::new("nowhere")] {
            std::os::unix::fs::symlink(target, &taken).unwrap();
            assert!(refused(&taken), "{}", target.display());
            std::fs::remove_file(&taken).unwrap();
        }
        make_new_folder(&folder.path().join("ашық/қорап")).unwrap();
        assert_eq!(names(folder.path()), ["elsewhere", "ашық"]);
    }

    #[test]
    fn replaced_file_knows_its_own_identity() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("memory");
        let first = create_new(&path, b"first").unwrap();
        let second = replace_with(&path, |own| {
            Ok::<_, StoreError>(format!("{} {}", own.inode, own.born_nanos).into_bytes())
        });
        let second = second.unwrap();
        assert_ne!(first, second);
        assert_eq!(identity(&path).unwrap(), second);
        assert_eq!(read(&path, 99).unwrap(), format!("{} {}", second.inode, second.born_nanos).as_bytes());
        let copy = folder.path().join("copy");
        std::fs::copy(&path, &copy).unwrap();
        assert_ne!(identity(&copy).unwrap(), second);
    }

    #[test]
    fn failed_replacement_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("memory");
        replace(&path, b"old").unwrap();
        let refused = replace_with(&path, |_| Err(StoreError::NotDurable));
        assert!(matches!(refused, Err(StoreError::NotDurable)));
        assert_eq!(read(&path, 99).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["memory"]);
    }

    #[test]
    fn replaces_the_file_behind_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("memory"), folder.path().join("link"));
        replace(&path, b"old").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(read(&path, 99).unwrap(), b"new");
        assert!(link.is_symlink());
    }

    #[test]
    fn lock_has_one_holder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = try_lock(&path).unwrap().unwrap();
        assert!(try_lock(&path).unwrap().is_none());
        assert!(lock(&path, Duration::from_millis(30)).unwrap().is_none());
        drop(held);
        assert!(lock(&path, Duration::ZERO).unwrap().is_some());
    }

    #[test]
    fn new_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Әйгүл.age");
        let mut file = NewFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(file);
        assert!(names(folder.path()).is_empty());
        let mut file = NewFile::create(&path).unwrap();
        file.reserve(100_000).unwrap();
        file.write_all(b"short").unwrap();
        assert!(matches!(file.publish(), Err(StoreError::SizeMismatch { written: 5, .. })));
        let mut file = NewFile::create(&path).unwrap();
        file.write_all(b"whole").unwrap();
        create_new(&path, b"another's").unwrap();
        assert!(matches!(file.publish(), Err(StoreError::AlreadyExists { .. })));
        assert!(matches!(NewFile::create(&path), Err(StoreError::AlreadyExists { .. })));
        assert_eq!(read(&path, 99).unwrap(), b"another's");
        assert_eq!(names(folder.path()), ["Әйгүл.age"]);
    }
}
