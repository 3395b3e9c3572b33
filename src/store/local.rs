//! A store in a folder of this machine: an internal disk, a stick, memory.

pub(in crate::store) mod linux;
pub(in crate::store) mod unpublished;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use linux::{Durability, Root};
use unpublished::{Unpublished, Workplace};

use super::{HEADER_MAX_BYTES, NewObject, ObjectName, ObjectReader, Place, Store, StoreError};
use super::{check_header, check_room, check_whole, files};

const HEADER: &str = "vault";
const OBJECTS: &str = "objects";

/// A store in a folder: the plain file `vault` and the objects at `objects/ab/cdef…`.
///
/// Files are made readable by this user only, and carry one constant modification time; the
/// folders get the same time at each barrier (where the user may set it).
pub struct LocalStore {
    place: Arc<Workplace>,
    touched: Mutex<Touched>,
    /// Held for the whole of a barrier, so that nobody takes another's unfinished one for done.
    syncing: Mutex<()>,
    broken: AtomicBool,
}

/// What changed since the last barrier.
struct Touched {
    folders: [bool; 256],
    last: Option<ObjectName>,
}

impl Touched {
    const NOTHING: Self = Self { folders: [false; 256], last: None };

    /// The object folders touched, and those above, which may be new.
    fn paths(&self) -> impl Iterator<Item = PathBuf> {
        let numbers = (0..=u8::MAX).zip(self.folders).filter(|(_, touched)| *touched);
        numbers.map(|(folder, _)| folder_path(folder)).chain([OBJECTS, "."].map(PathBuf::from))
    }
}

impl LocalStore {
    /// Prepares an empty folder for a new vault, making it (mode 0700) if it is missing.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`] if anything lies in it; nothing is changed then.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let made = match linux::make_private_folder(path) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(StoreError::io(path, error)),
        };
        let store = Self::at(path)?;
        let root = &store.place.root;
        if !root.entries(Path::new(".")).map_err(|error| store.error(".", error))?.is_empty() {
            return Err(StoreError::NotEmpty { path: path.to_path_buf() });
        }
        match root.sync_folder(Path::new("..")) {
            Err(error) if made && error.kind() != io::ErrorKind::PermissionDenied => {
                return Err(store.error("..", error));
            }
            _ => {}
        }
        Ok(store)
    }

    /// Opens the vault folder at `path`, for which reading rights are enough.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such folder, [`StoreError::NotAVault`] if it has no
    /// `vault` file.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let not_a_vault = || StoreError::NotAVault { path: path.to_path_buf() };
        let store = match Self::at(path) {
            Err(StoreError::Other { source, .. }) if source.kind() == io::ErrorKind::NotADirectory => {
                return Err(not_a_vault());
            }
            other => other?,
        };
        match store.place.root.is_taken(Path::new(HEADER)) {
            Ok(true) => Ok(store),
            Ok(false) => Err(not_a_vault()),
            Err(error) => Err(store.error(HEADER, error)),
        }
    }

    fn at(path: &Path) -> Result<Self, StoreError> {
        let root = Root::open(path).map_err(|error| StoreError::io(path, error))?;
        Ok(Self::new(Workplace::new(root)))
    }

    fn new(place: Workplace) -> Self {
        let (touched, syncing) = (Mutex::new(Touched::NOTHING), Mutex::new(()));
        Self { place: Arc::new(place), touched, syncing, broken: AtomicBool::new(false) }
    }

    fn error(&self, path: &str, error: io::Error) -> StoreError {
        StoreError::io(self.place.root.path().join(path), error)
    }

    fn check_sound(&self) -> Result<(), StoreError> {
        if self.broken.load(Ordering::SeqCst) { Err(StoreError::NotDurable) } else { Ok(()) }
    }

    /// A sync failed: what was written may be lost, and the system tells only once.
    fn break_down(&self, place: impl Into<Place>, error: io::Error) -> StoreError {
        self.broken.store(true, Ordering::SeqCst);
        StoreError::io(place, error)
    }

    fn touched(&self) -> MutexGuard<'_, Touched> {
        self.touched.lock().expect("no code panics while it holds this lock")
    }

    /// Starts a file in the object's folder, making the folder if it is missing.
    fn start(&self, name: ObjectName) -> io::Result<Unpublished> {
        let folder = folder_path(name.folder());
        match Unpublished::create(&self.place, &folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        self.place.root.make_folder(Path::new(OBJECTS))?;
        self.place.root.make_folder(&folder)?;
        Unpublished::create(&self.place, &folder)
    }

    fn start_object(&self, name: ObjectName, size: u64) -> Result<NewLocalObject<'_>, StoreError> {
        self.check_sound()?;
        let file = self.start(name).map_err(|error| StoreError::io(name, error))?;
        file.reserve(size).map_err(|error| StoreError::io(name, error))?;
        let synced = self.place.root.traits().durability == Durability::Each;
        Ok(NewLocalObject { store: self, name, size, file, synced })
    }

    fn sync(&self, touched: &Touched) -> io::Result<()> {
        let root = &self.place.root;
        touched.paths().try_for_each(|path| root.settle_folder_times(&path))?;
        match root.traits().durability {
            Durability::Each => touched.paths().try_for_each(|path| root.sync_folder(&path)),
            Durability::Whole => root.sync_whole(),
            Durability::WholeThenFlush => {
                root.sync_whole()?;
                match touched.last.map(|name| root.sync_file(&name.path())) {
                    None => root.sync_folder(Path::new(".")),
                    Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
                        root.sync_folder(Path::new("."))
                    }
                    Some(result) => result,
                }
            }
        }
    }
}

impl Store for LocalStore {
    fn create(&self, name: ObjectName, size: u64) -> Result<Box<dyn NewObject + '_>, StoreError> {
        Ok(Box::new(self.start_object(name, size)?))
    }

    fn barrier(&self) -> Result<(), StoreError> {
        let _guard = self.syncing.lock().expect("no code panics while it holds this lock");
        self.check_sound()?;
        let touched = std::mem::replace(&mut *self.touched(), Touched::NOTHING);
        if touched.folders == Touched::NOTHING.folders {
            return Ok(());
        }
        self.sync(&touched).map_err(|error| self.break_down(self.place.root.path(), error))
    }

    fn adopt(&self, name: ObjectName) {
        let mut touched = self.touched();
        touched.folders[usize::from(name.folder())] = true;
        touched.last = Some(name);
    }

    fn put_synced(&self, name: ObjectName, bytes: &[u8]) -> Result<(), StoreError> {
        let mut object = self.start_object(name, bytes.len() as u64)?;
        object.synced = true;
        object.write(bytes)?;
        Box::new(object).publish()
    }

    fn open(&self, name: ObjectName) -> Result<Box<dyn ObjectReader>, StoreError> {
        let error = |error| StoreError::io(name, error);
        let file = self.place.root.open_file(&name.path()).map_err(error)?;
        let file = file.ok_or(StoreError::NotAFile { place: name.into() })?;
        let size = file.metadata().map_err(error)?.len();
        Ok(Box::new(LocalReader { name, file, size }))
    }

    fn size(&self, name: ObjectName) -> Result<Option<u64>, StoreError> {
        self.place.root.file_size(&name.path()).map_err(|error| StoreError::io(name, error))
    }

    fn list(&self, folder: u8) -> Result<Vec<ObjectName>, StoreError> {
        let path = folder_path(folder);
        let entries = self.place.root.entries(&path);
        let entries = entries.map_err(|error| StoreError::io(self.place.root.path().join(&path), error))?;
        let files = entries.iter().filter(|entry| entry.is_file).filter_map(|entry| entry.name.to_str());
        let mut names: Vec<_> = files.filter_map(|file| ObjectName::from_place(folder, file)).collect();
        names.sort_unstable();
        Ok(names)
    }

    fn strays(&self) -> Result<Vec<PathBuf>, StoreError> {
        let list = |path: &Path| {
            let entries = self.place.root.entries(path);
            entries.map_err(|error| StoreError::io(self.place.root.path().join(path), error))
        };
        let objects = Path::new(OBJECTS);
        let mut strays = Vec::new();
        for outer in list(objects)? {
            let path = objects.join(&outer.name);
            let Some(folder) = outer.name.to_str().and_then(folder_number).filter(|_| outer.is_folder) else {
                strays.push(path);
                continue;
            };
            for entry in list(&path)? {
                let name = entry.name.to_str().and_then(|file| ObjectName::from_place(folder, file));
                if name.is_none() || !entry.is_file {
                    strays.push(path.join(entry.name));
                }
            }
        }
        strays.sort_unstable();
        Ok(strays)
    }

    fn delete(&self, name: ObjectName) -> Result<(), StoreError> {
        self.check_sound()?;
        self.place.root.remove_file(&name.path()).map_err(|error| StoreError::io(name, error))?;
        self.touched().folders[usize::from(name.folder())] = true;
        Ok(())
    }

    fn read_header(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.place.root.path().join(HEADER);
        match self.place.root.open_file(Path::new(HEADER)) {
            Ok(Some(file)) => files::read_open(file, &path, HEADER_MAX_BYTES).map(Some),
            Ok(None) => Err(StoreError::NotAFile { place: path.into() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io(path, error)),
        }
    }

    fn write_header_new(&self, bytes: &[u8]) -> Result<(), StoreError> {
        self.check_sound()?;
        let path = self.place.root.path().join(HEADER);
        check_header(path.as_path().into(), bytes)?;
        let error = |error| StoreError::io(path.as_path(), error);
        let broken = |error| self.break_down(path.as_path(), error);
        let root_folder = Path::new(".");
        let mut file = Unpublished::create(&self.place, root_folder).map_err(error)?;
        file.write(bytes).map_err(error)?;
        linux::settle_times(file.file()).map_err(error)?;
        file.sync().map_err(broken)?;
        file.publish(Path::new(HEADER)).map_err(error)?;
        let settled = self.place.root.settle_folder_times(root_folder);
        settled.and_then(|()| self.place.root.sync_folder(root_folder)).map_err(|source| {
            self.broken.store(true, Ordering::SeqCst);
            StoreError::Unsettled { place: path.as_path().into(), source }
        })
    }
}

struct NewLocalObject<'a> {
    store: &'a LocalStore,
    name: ObjectName,
    size: u64,
    file: Unpublished,
    /// Whether the content is made durable before the name appears.
    synced: bool,
}

impl NewObject for NewLocalObject<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        check_room(self.name, self.size, self.file.written(), bytes.len())?;
        self.file.write(bytes).map_err(|error| StoreError::io(self.name, error))
    }

    fn publish(self: Box<Self>) -> Result<(), StoreError> {
        let Self { store, name, size, file, synced } = *self;
        let error = |error| StoreError::io(name, error);
        check_whole(name, size, file.written())?;
        store.check_sound()?;
        linux::settle_times(file.file()).map_err(error)?;
        if synced {
            file.sync().map_err(|error| store.break_down(name, error))?;
        }
        file.publish(&name.path()).map_err(error)?;
        // Only now: a barrier that ran before the name stood there must not count for it.
        let mut touched = store.touched();
        touched.folders[usize::from(name.folder())] = true;
        touched.last = Some(name);
        Ok(())
    }
}

struct LocalReader {
    name: ObjectName,
    file: File,
    size: u64,
}

impl ObjectReader for LocalReader {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), StoreError> {
        let end = offset.saturating_add(buf.len() as u64);
        linux::read_exact_at(&self.file, buf, offset).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => StoreError::OutOfRange { place: self.name.into(), end },
            _ => StoreError::io(self.name, error),
        })
    }
}

fn folder_path(folder: u8) -> PathBuf {
    PathBuf::from(format!("{OBJECTS}/{folder:02x}"))
}

fn folder_number(name: &str) -> Option<u8> {
    let number = u8::from_str_radix(name, 16).ok()?;
    (format!("{number:02x}") == name).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::unpublished::Naming;
    use super::*;

    fn name(last: u8) -> ObjectName {
        ObjectName::new([0xab, 0xcd, last].repeat(11)[..32].try_into().unwrap())
    }

    fn store_with(naming: Naming, folder: &Path) -> LocalStore {
        LocalStore::new(Workplace::with_naming(Root::open(folder).unwrap(), naming))
    }

    #[test]
    fn one_of_eight_threads_wins_in_each_way_of_naming() {
        for naming in [Naming::Unnamed, Naming::Link, Naming::RenameNew, Naming::Rename] {
            let folder = tempfile::tempdir().unwrap();
            // Two stores that know nothing of each other, as in two processes.
            let stores = [store_with(naming, folder.path()), store_with(naming, folder.path())];
            let [store, _] = &stores;
            for round in 0..20 {
                let put =
                    |byte: u8| stores[usize::from(byte) % 2].put_new(name(round), &[byte; 1000]).is_ok();
                let won: Vec<bool> = std::thread::scope(|scope| {
                    let threads: Vec<_> = (0..8).map(|byte| scope.spawn(move || put(byte))).collect();
                    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
                });
                let winner = won.iter().position(|won| *won).unwrap();
                assert_eq!(won.iter().filter(|won| **won).count(), 1, "{naming:?}");
                assert_eq!(store.get(name(round), 1000).unwrap(), [winner as u8; 1000], "{naming:?}");
            }
            assert_eq!(store.list(0xab).unwrap().len(), 20, "{naming:?} left a temporary name");
            assert_eq!(store.place.naming(), naming);
        }
    }

    #[test]
    fn drop_removes_the_temporary_name() {
        let folder = tempfile::tempdir().unwrap();
        let store = store_with(Naming::Link, folder.path());
        let mut object = store.create(name(0), 3).unwrap();
        object.write(b"abc").unwrap();
        assert_eq!(store.list(0xab).unwrap().len(), 1);
        drop(object);
        assert_eq!(store.list(0xab).unwrap(), []);
    }

    #[test]
    fn writes_nothing_more_after_a_sync_failed() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::create(&folder.path().join("vault")).unwrap();
        store.put_new(name(0), b"x").unwrap();
        let failed = store.break_down(name(0), io::Error::from_raw_os_error(5));
        assert!(matches!(failed, StoreError::Unreachable { .. }));
        assert!(matches!(store.barrier(), Err(StoreError::NotDurable)));
        assert!(matches!(store.put_new(name(1), b"x"), Err(StoreError::NotDurable)));
        assert!(matches!(store.delete(name(0)), Err(StoreError::NotDurable)));
        assert!(matches!(store.write_header_new(b"x"), Err(StoreError::NotDurable)));
        assert_eq!(store.get(name(0), 1).unwrap(), b"x");
    }
}
