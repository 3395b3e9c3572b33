//! Everything special to Linux: one folder held open, and the calls that act below it.
//!
//! The numbers behind the choices made here stand in docs/benchmarks.md.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::num::NonZeroU64;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{
    Advice, AtFlags, CWD, Dir, FallocateFlags, FileType, FlockOperation, Mode, OFlags, RenameFlags, Stat,
    StatxFlags, Timespec, Timestamps,
};
use rustix::io::Errno;

use crate::store::files::FileIdentity;

/// The modification time of everything in a vault: 1980-01-01T00:00:00Z, the earliest second that
/// every file system can hold (FAT begins there). In seconds since 1970.
const CONSTANT_TIME_SECS: i64 = 315_532_800;

const FILE_MODE: Mode = Mode::from_raw_mode(0o600);
const FOLDER_MODE: Mode = Mode::from_raw_mode(0o700);

/// What a file system needs before written data is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Durability {
    /// `fsync` of each file and each folder.
    Each,
    /// One `syncfs` writes everything and empties the device's cache.
    Whole,
    /// One `syncfs` writes everything, an `fsync` empties the device's cache (FAT, exFAT).
    WholeThenFlush,
}

/// What is known of a file system from its type.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Traits {
    pub(in crate::store) durability: Durability,
    /// Whether reserving room is cheap and makes writing faster. On tmpfs it clears every page
    /// once more, on exFAT through FUSE it writes zeros.
    pub(in crate::store) reserves: bool,
    /// Whether inode numbers outlive a remount and are not given out anew.
    pub(in crate::store) stable_inodes: bool,
}

impl Traits {
    /// Magic numbers: `statfs(2)`. Unknown file systems, FUSE and overlayfs get the careful answer.
    fn of(magic: u32) -> Self {
        let (durability, reserves, stable_inodes) = match magic {
            // ext2, ext3, ext4; XFS; btrfs
            0xef53 | 0x5846_5342 | 0x9123_683e => (Durability::Whole, true, true),
            // tmpfs
            0x0102_1994 => (Durability::Whole, false, true),
            // vfat; exfat
            0x4d44 | 0x2011_bab0 => (Durability::WholeThenFlush, false, false),
            _ => (Durability::Each, false, false),
        };
        Self { durability, reserves, stable_inodes }
    }
}

/// Something found in a folder.
pub(in crate::store) struct Entry {
    pub(in crate::store) name: OsString,
    pub(in crate::store) is_file: bool,
    pub(in crate::store) is_folder: bool,
}

/// A folder held open. All paths given to it are relative to it.
///
/// It is opened before anything is written, so that `syncfs` on it reports every write error
/// since (Linux 5.8).
pub(in crate::store) struct Root {
    fd: OwnedFd,
    path: PathBuf,
    traits: Traits,
    /// Whether a file without a name was once seen at `/proc/self/fd`.
    nameable: AtomicBool,
}

impl Root {
    pub(in crate::store) fn open(path: &Path) -> io::Result<Self> {
        let fd = rustix::fs::open(path, folder_flags(), Mode::empty())?;
        let traits = Traits::of(rustix::fs::fstatfs(&fd)?.f_type as u32);
        Ok(Self { fd, path: path.to_path_buf(), traits, nameable: AtomicBool::new(false) })
    }

    /// The path it was opened by, for messages.
    pub(in crate::store) fn path(&self) -> &Path {
        &self.path
    }

    pub(in crate::store) fn traits(&self) -> Traits {
        self.traits
    }

    /// Makes a folder for this user only; false if something of that name is there.
    pub(in crate::store) fn make_folder(&self, path: &Path) -> io::Result<bool> {
        match rustix::fs::mkdirat(&self.fd, path, FOLDER_MODE) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a regular file for reading; none if it is something else (also a link, which is not
    /// followed; a pipe does not block). The access time stays, where the file is the user's.
    pub(in crate::store) fn open_file(&self, path: &Path) -> io::Result<Option<File>> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let opened = match rustix::fs::openat(&self.fd, path, flags | OFlags::NOATIME, Mode::empty()) {
            Err(Errno::PERM) => rustix::fs::openat(&self.fd, path, flags, Mode::empty()),
            other => other,
        };
        match opened {
            Ok(fd) => {
                let file = File::from(fd);
                Ok(file.metadata()?.is_file().then_some(file))
            }
            Err(Errno::LOOP | Errno::NXIO) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The size of a regular file; none if there is no such file or it is something else.
    pub(in crate::store) fn file_size(&self, path: &Path) -> io::Result<Option<u64>> {
        let stat = self.stat(path)?;
        Ok(stat
            .filter(|stat| FileType::from_raw_mode(stat.st_mode).is_file())
            .map(|stat| stat.st_size as u64))
    }

    /// Whether something, of whatever kind, has this name.
    pub(in crate::store) fn is_taken(&self, path: &Path) -> io::Result<bool> {
        Ok(self.stat(path)?.is_some())
    }

    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        match rustix::fs::statat(&self.fd, path, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What lies in a folder; nothing if there is no such folder.
    pub(in crate::store) fn entries(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let flags = folder_flags() | OFlags::NOFOLLOW;
        let fd = match rustix::fs::openat(&self.fd, path, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut entries = Vec::new();
        for entry in Dir::new(fd)? {
            let entry = entry?;
            let name = OsString::from_vec(entry.file_name().to_bytes().to_vec());
            if name == "." || name == ".." {
                continue;
            }
            let mut kind = entry.file_type();
            if kind == FileType::Unknown {
                let stat = self.stat(&path.join(&name))?;
                kind = stat.map_or(kind, |stat| FileType::from_raw_mode(stat.st_mode));
            }
            entries.push(Entry { name, is_file: kind.is_file(), is_folder: kind.is_dir() });
        }
        Ok(entries)
    }

    pub(in crate::store) fn remove_file(&self, path: &Path) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.fd, path, AtFlags::empty())?)
    }

    /// Opens a file without a name in `folder`; none where the file system knows no such files,
    /// or they could not be named later because `/proc` is not there.
    pub(in crate::store) fn open_unnamed(&self, folder: &Path) -> io::Result<Option<File>> {
        let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        match rustix::fs::openat(&self.fd, folder, flags, FILE_MODE) {
            Ok(fd) => {
                let file = File::from(fd);
                if !self.nameable.load(Ordering::Relaxed) {
                    let seen = rustix::fs::statat(CWD, descriptor_path(&file), AtFlags::empty());
                    let nameable = seen.is_ok_and(|stat| stat.st_nlink == 0);
                    self.nameable.store(nameable, Ordering::Relaxed);
                    return Ok(nameable.then_some(file));
                }
                Ok(Some(file))
            }
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOSYS) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a file that was not there.
    pub(in crate::store) fn open_new(&self, path: &Path) -> io::Result<File> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        Ok(File::from(rustix::fs::openat(&self.fd, path, flags, FILE_MODE)?))
    }

    /// Names a file opened by [`open_unnamed`](Self::open_unnamed). Needs no privilege.
    pub(in crate::store) fn link_unnamed(&self, file: &File, to: &Path) -> io::Result<()> {
        let from = descriptor_path(file);
        Ok(rustix::fs::linkat(CWD, from, &self.fd, to, AtFlags::SYMLINK_FOLLOW)?)
    }

    /// Gives a file a second name; false where the file system does not know how.
    pub(in crate::store) fn link(&self, from: &Path, to: &Path) -> io::Result<bool> {
        known(rustix::fs::linkat(&self.fd, from, &self.fd, to, AtFlags::empty()))
    }

    /// Renames without replacing; false where the file system does not know how.
    pub(in crate::store) fn rename_new(&self, from: &Path, to: &Path) -> io::Result<bool> {
        known(rustix::fs::renameat_with(&self.fd, from, &self.fd, to, RenameFlags::NOREPLACE))
    }

    /// Renames, replacing what has the new name.
    pub(in crate::store) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.fd, from, &self.fd, to)?)
    }

    /// Runs `action` while no other program on this machine runs one here, where the file system
    /// has locks. Leaves no file.
    pub(in crate::store) fn exclusively<T>(&self, action: impl FnOnce() -> T) -> T {
        // A descriptor of its own: locks belong to the open file, not to the thread.
        let lock = rustix::fs::openat(&self.fd, ".", folder_flags(), Mode::empty()).ok();
        let held = lock.as_ref().map(|fd| rustix::fs::flock(fd, FlockOperation::LockExclusive));
        let result = action();
        drop((held, lock));
        result
    }

    /// Sets a folder's times to the constant, where this user may.
    pub(in crate::store) fn settle_folder_times(&self, path: &Path) -> io::Result<()> {
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        permitted(rustix::fs::utimensat(&self.fd, path, &constant_times(), flags))
    }

    pub(in crate::store) fn sync_whole(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(&self.fd)?)
    }

    /// Makes the names in a folder durable. Some network file systems know no such call, and
    /// nothing better can be done there.
    pub(in crate::store) fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let folder = rustix::fs::openat(&self.fd, path, folder_flags(), Mode::empty())?;
        match rustix::fs::fsync(folder) {
            Err(Errno::INVAL | Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            other => Ok(other?),
        }
    }

    pub(in crate::store) fn sync_file(&self, path: &Path) -> io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        Ok(rustix::fs::fsync(rustix::fs::openat(&self.fd, path, flags, Mode::empty())?)?)
    }
}

/// Makes a folder for this user only.
pub(in crate::store) fn make_private_folder(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().mode(0o700).create(path)
}

/// Makes a folder and those above it, 0700; one that is there is left as it is.
pub(in crate::store) fn make_private_folders(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Reserves room, where the file system can.
pub(in crate::store) fn reserve(file: &File, bytes: u64) -> io::Result<()> {
    match rustix::fs::fallocate(file, FallocateFlags::empty(), 0, bytes) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(()),
        other => Ok(other?),
    }
}

/// Starts writing a range to the device without waiting for it; a hint, so errors are left to
/// the sync. (`POSIX_FADV_DONTNEED` begins the write-back of what is dirty before it forgets what
/// is clean.)
pub(in crate::store) fn start_write_back(file: &File, offset: u64, bytes: u64) {
    if let Some(bytes) = NonZeroU64::new(bytes) {
        rustix::fs::fadvise(file, offset, Some(bytes), Advice::DontNeed).unwrap_or(());
    }
}

/// Sets a file's times to the constant, where this user may: on a stick mounted for everyone the
/// files belong to root, and a testimony is not to be lost for its time stamp.
pub(in crate::store) fn settle_times(file: &File) -> io::Result<()> {
    permitted(rustix::fs::futimens(file, &constant_times()))
}

/// Fills `buf` from `offset`.
pub(in crate::store) fn read_exact_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<()> {
    file.read_exact_at(buf, offset)
}

/// Takes a lock nobody else holds; false if somebody does. It ends with the open file.
pub(in crate::store) fn try_lock(file: &File) -> io::Result<bool> {
    match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Which file this is.
pub(in crate::store) fn identify(file: &File) -> io::Result<FileIdentity> {
    let stat = rustix::fs::statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::INO | StatxFlags::BTIME)?;
    let known = StatxFlags::from_bits_retain(stat.stx_mask).contains(StatxFlags::BTIME);
    let born_nanos = match known {
        true => i128::from(stat.stx_btime.tv_sec) * 1_000_000_000 + i128::from(stat.stx_btime.tv_nsec),
        false => 0,
    };
    let filesystem = match rustix::fs::fstatvfs(file)?.f_fsid {
        0 => u64::from(stat.stx_dev_major) << 32 | u64::from(stat.stx_dev_minor),
        id => id,
    };
    let traits = Traits::of(rustix::fs::fstatfs(file)?.f_type as u32);
    let stable = known && traits.stable_inodes;
    Ok(FileIdentity { inode: stat.stx_ino, filesystem, born_nanos, stable })
}

/// Whether an error says that the device or server is gone or broken.
pub(in crate::store) fn is_unreachable(error: &io::Error) -> bool {
    const GONE: [Errno; 13] = [
        Errno::IO,
        Errno::NXIO,
        Errno::NODEV,
        Errno::NOTCONN,
        Errno::STALE,
        Errno::TIMEDOUT,
        Errno::SHUTDOWN,
        Errno::REMOTEIO,
        Errno::HOSTDOWN,
        Errno::HOSTUNREACH,
        Errno::CONNABORTED,
        Errno::CONNREFUSED,
        Errno::NOMEDIUM,
    ];
    Errno::from_io_error(error).is_some_and(|errno| GONE.contains(&errno))
}

fn folder_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC
}

fn descriptor_path(file: &File) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// Tells "does not know how" (false) from a failure.
fn known(result: rustix::io::Result<()>) -> io::Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL | Errno::MLINK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Takes "not allowed" and "does not know how" for an answer.
fn permitted(result: rustix::io::Result<()>) -> io::Result<()> {
    match result {
        Err(Errno::PERM | Errno::ACCESS | Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
        other => Ok(other?),
    }
}

fn constant_times() -> Timestamps {
    let time = Timespec { tv_sec: CONSTANT_TIME_SECS, tv_nsec: 0 };
    Timestamps { last_access: time, last_modification: time }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of `statfs(2)`. Fails when a line of [`Traits::of`] is taken out.
    #[test]
    fn each_file_system_gets_the_syncs_it_needs() {
        let needs = |magic| {
            let Traits { durability, reserves, stable_inodes } = Traits::of(magic);
            (durability, reserves, stable_inodes)
        };
        for (name, magic) in [("ext4", 0xef53), ("xfs", 0x5846_5342), ("btrfs", 0x9123_683e)] {
            assert_eq!(needs(magic), (Durability::Whole, true, true), "{name}");
        }
        assert_eq!(needs(0x0102_1994), (Durability::Whole, false, true), "tmpfs");
        for (name, magic) in [("vfat", 0x4d44), ("exfat", 0x2011_bab0)] {
            assert_eq!(needs(magic), (Durability::WholeThenFlush, false, false), "{name}");
        }
        for (name, magic) in [("fuse", 0x6573_5546), ("overlayfs", 0x794c_7630), ("nfs", 0x6969)] {
            assert_eq!(needs(magic), (Durability::Each, false, false), "{name}");
        }
    }

    /// Fails when [`known`] or [`permitted`] answers without looking.
    #[test]
    fn only_what_a_file_system_does_not_know_is_forgiven() {
        for unknown in [Errno::PERM, Errno::OPNOTSUPP, Errno::NOSYS, Errno::INVAL, Errno::MLINK] {
            assert!(!known(Err(unknown)).unwrap(), "{unknown}");
        }
        assert!(known(Ok(())).unwrap());
        for refused in [Errno::PERM, Errno::ACCESS, Errno::OPNOTSUPP, Errno::NOSYS] {
            permitted(Err(refused)).unwrap();
        }
        for failed in [Errno::IO, Errno::NOSPC, Errno::ROFS] {
            assert!(known(Err(failed)).is_err() && permitted(Err(failed)).is_err(), "{failed}");
        }
    }
}
