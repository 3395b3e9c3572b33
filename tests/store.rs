//! One conformance suite over every store: the sentences of `Store`'s contract as tests.
//!
//! Places that need a mount say so in one visible line when they cannot be had.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "shown when a test fails")]

#[path = "store/mounts.rs"]
pub(crate) mod mounts;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sanduq::store::{HEADER_MAX_BYTES, LocalStore, MemoryStore, ObjectName, Store, StoreError, files};

use mounts::{Mount, mount_exfat, mount_tmpfs, mount_vfat};

type Behaviour = fn(&dyn Store);

/// Each gets a store of its own, empty and without a header.
const SUITE: [(&str, Behaviour); 13] = [
    ("gives back what was put", gives_back_what_was_put),
    ("what is put durably is there and taken", what_is_put_durably_is_there_and_taken),
    ("missing object is not found", missing_object_is_not_found),
    ("taken name keeps its first object", taken_name_keeps_its_first_object),
    ("one of eight racing threads wins", one_of_eight_racing_threads_wins),
    ("object is invisible until published", object_is_invisible_until_published),
    ("drop leaves nothing", drop_leaves_nothing),
    ("announced size is kept", announced_size_is_kept),
    ("reads stay inside the object and the cap", reads_stay_inside_the_object_and_the_cap),
    ("lists names per folder", lists_names_per_folder),
    ("deleted object is gone and its name free", deleted_object_is_gone_and_its_name_free),
    ("header is written once", header_is_written_once),
    ("barriers may run at once", barriers_may_run_at_once),
];

fn run_suite(place: &str, make: impl Fn(usize) -> Box<dyn Store>) {
    for (number, (behaviour, test)) in SUITE.iter().enumerate() {
        println!("{place}: {behaviour}");
        test(make(number).as_ref());
    }
}

fn run_local_suite(place: &str, folder: &Path) {
    run_suite(place, |number| Box::new(LocalStore::create(&folder.join(format!("v{number}"))).unwrap()));
}

#[test]
fn memory_keeps_the_contract() {
    run_suite("memory", |_| Box::new(MemoryStore::new()));
}

#[test]
fn local_keeps_the_contract_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    run_local_suite("disk", folder.path());
}

#[test]
fn local_keeps_the_contract_on_tmpfs() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    run_local_suite("tmpfs", folder.path());
}

#[test]
fn local_keeps_the_contract_on_exfat() {
    if let Some(mount) = available("store suite on exfat", mount_exfat()) {
        run_local_suite("exfat", mount.path());
        private_files_work_in(mount.path());
        foreign_things_are_strays_in(&mount.path().join("strays"));
    }
}

#[test]
fn local_keeps_the_contract_on_vfat() {
    if let Some(mount) = available("store suite on vfat", mount_vfat()) {
        run_local_suite("vfat", mount.path());
        private_files_work_in(mount.path());
        foreign_things_are_strays_in(&mount.path().join("strays"));
    }
}

/// On file systems that know neither unnamed files nor links.
fn private_files_work_in(folder: &Path) {
    let path = folder.join("memory");
    assert!(!files::create_new(&path, b"old").unwrap().stable);
    assert!(matches!(files::create_new(&path, b"other"), Err(StoreError::AlreadyExists { .. })));
    files::replace(&path, b"new").unwrap();
    assert_eq!(files::read(&path, 3).unwrap(), b"new");
    let mut file = files::NewFile::create(&folder.join("export")).unwrap();
    file.write_all(b"whole").unwrap();
    drop(files::NewFile::create(&folder.join("dropped")).unwrap());
    file.publish().unwrap();
    assert_eq!(files::read(&folder.join("export"), 5).unwrap(), b"whole");
    let held = files::try_lock(&folder.join("lock")).unwrap();
    assert!(files::try_lock(&folder.join("lock")).unwrap().is_none());
    drop(held);
    let found = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let found: Vec<_> = found.filter(|name| name.len() == 62).collect();
    assert!(found.is_empty(), "temporary names left: {found:?}");
}

fn gives_back_what_was_put(store: &dyn Store) {
    for (number, size) in [0, 1, 4096, 65_536, 65_537, 9_000_001].into_iter().enumerate() {
        let (name, bytes) = (name(7, number as u8), pattern(size));
        store.put_new(name, &bytes).unwrap();
        assert_eq!(store.size(name).unwrap(), Some(size as u64));
        assert!(store.exists(name).unwrap());
        assert!(store.get(name, size as u64).unwrap() == bytes);
    }
    store.barrier().unwrap();
    assert!(store.get(name(7, 5), u64::MAX).unwrap() == pattern(9_000_001));
    assert_eq!(store.strays().unwrap(), Vec::<PathBuf>::new());
}

fn what_is_put_durably_is_there_and_taken(store: &dyn Store) {
    let (one, other) = (name(3, 1), name(3, 2));
    store.put_durable(one, &pattern(3000)).unwrap();
    store.put_synced(other, b"").unwrap();
    assert!(store.get(one, 3000).unwrap() == pattern(3000));
    assert_eq!(store.size(other).unwrap(), Some(0));
    assert!(matches!(store.put_durable(one, b"x"), Err(StoreError::AlreadyExists { .. })));
    assert!(matches!(store.put_synced(other, b"x"), Err(StoreError::AlreadyExists { .. })));
    assert_eq!(store.list(3).unwrap(), [one, other]);
}

fn missing_object_is_not_found(store: &dyn Store) {
    let name = name(1, 1);
    assert_eq!(store.size(name).unwrap(), None);
    assert!(!store.exists(name).unwrap());
    assert!(matches!(store.open(name).err(), Some(StoreError::NotFound { .. })));
    assert!(matches!(store.get(name, 9), Err(StoreError::NotFound { .. })));
    assert!(matches!(store.delete(name), Err(StoreError::NotFound { .. })));
    store.barrier().unwrap();
}

fn taken_name_keeps_its_first_object(store: &dyn Store) {
    let name = name(2, 2);
    store.put_new(name, b"first").unwrap();
    assert!(matches!(store.put_new(name, b"second"), Err(StoreError::AlreadyExists { .. })));
    assert_eq!(store.get(name, 9).unwrap(), b"first");
    assert_eq!(store.list(2).unwrap(), [name]);
}

fn one_of_eight_racing_threads_wins(store: &dyn Store) {
    for round in 0..10 {
        let name = name(3, round);
        let start = std::sync::Barrier::new(8);
        let put = |byte: u8| {
            let mut object = store.create(name, 5000).unwrap();
            object.write(&[byte; 5000]).unwrap();
            start.wait();
            object.publish()
        };
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|byte| scope.spawn(move || put(byte))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let winner = results.iter().position(Result::is_ok).unwrap();
        let losers = results.iter().filter(|r| matches!(r, Err(StoreError::AlreadyExists { .. })));
        assert_eq!(losers.count(), 7);
        assert_eq!(store.get(name, 5000).unwrap(), [winner as u8; 5000]);
    }
    assert_eq!(store.list(3).unwrap().len(), 10);
}

fn object_is_invisible_until_published(store: &dyn Store) {
    let name = name(4, 4);
    let mut object = store.create(name, 200_000).unwrap();
    for piece in pattern(200_000).chunks(50_000) {
        object.write(piece).unwrap();
        assert!(!store.exists(name).unwrap());
        assert!(store.open(name).is_err());
        assert!(!store.list(4).unwrap().contains(&name));
        store.barrier().unwrap();
    }
    object.publish().unwrap();
    assert!(store.get(name, 200_000).unwrap() == pattern(200_000));
}

fn drop_leaves_nothing(store: &dyn Store) {
    let mut object = store.create(name(5, 5), 100_000).unwrap();
    object.write(&[1; 100_000]).unwrap();
    drop(object);
    drop(store.create(name(5, 6), 0).unwrap());
    assert_eq!(store.list(5).unwrap(), []);
    assert_eq!(store.strays().unwrap(), Vec::<PathBuf>::new());
    store.put_new(name(5, 5), b"again").unwrap();
}

fn announced_size_is_kept(store: &dyn Store) {
    let mut long = store.create(name(6, 1), 3).unwrap();
    long.write(b"abc").unwrap();
    assert!(matches!(long.write(b"d"), Err(StoreError::SizeMismatch { announced: 3, written: 4, .. })));
    drop(long);
    let mut short = store.create(name(6, 2), 100_000).unwrap();
    short.write(b"ab").unwrap();
    let refused = short.publish();
    assert!(matches!(refused, Err(StoreError::SizeMismatch { announced: 100_000, written: 2, .. })));
    assert_eq!(store.list(6).unwrap(), []);
}

fn reads_stay_inside_the_object_and_the_cap(store: &dyn Store) {
    let name = name(8, 8);
    store.put_new(name, &pattern(70_000)).unwrap();
    assert!(matches!(store.get(name, 69_999), Err(StoreError::TooLarge { size: 70_000, .. })));
    assert!(store.get_range(name, 65_000, 5000).unwrap() == pattern(70_000)[65_000..]);
    assert_eq!(store.get_range(name, 70_000, 0).unwrap(), Vec::<u8>::new());
    for (offset, len) in [(65_001, 5000), (70_001, 0), (u64::MAX, 1), (0, u64::MAX), (1 << 62, 1)] {
        assert!(matches!(store.get_range(name, offset, len), Err(StoreError::OutOfRange { .. })));
    }
    let reader = store.open(name).unwrap();
    assert_eq!(reader.size(), 70_000);
    let mut buf = [0; 100];
    reader.read_at(69_900, &mut buf).unwrap();
    assert!(buf == pattern(70_000)[69_900..]);
    assert!(matches!(reader.read_at(69_901, &mut buf), Err(StoreError::OutOfRange { .. })));
    store.delete(name).unwrap();
    reader.read_at(0, &mut buf).unwrap();
    assert!(buf == pattern(70_000)[..100]);
}

fn lists_names_per_folder(store: &dyn Store) {
    let mut expected = BTreeSet::new();
    for folder in [0x00, 0x0a, 0xfe, 0xff] {
        for last in 0..20 {
            store.put_new(name(folder, last), &[last]).unwrap();
            expected.insert(name(folder, last));
        }
    }
    let listed: Vec<_> = (0..=255).flat_map(|folder| store.list(folder).unwrap()).collect();
    assert_eq!(listed, expected.into_iter().collect::<Vec<_>>());
    assert_eq!(store.list(0x0a).unwrap().len(), 20);
    assert_eq!(store.list(0x0b).unwrap(), []);
}

fn deleted_object_is_gone_and_its_name_free(store: &dyn Store) {
    let name = name(9, 9);
    store.put_new(name, b"old").unwrap();
    store.barrier().unwrap();
    store.delete(name).unwrap();
    store.barrier().unwrap();
    assert!(!store.exists(name).unwrap());
    assert_eq!(store.list(9).unwrap(), []);
    store.put_new(name, b"new").unwrap();
    assert_eq!(store.get(name, 3).unwrap(), b"new");
}

fn header_is_written_once(store: &dyn Store) {
    assert_eq!(store.read_header().unwrap(), None);
    let large = vec![0; HEADER_MAX_BYTES as usize + 1];
    assert!(matches!(store.write_header_new(&large), Err(StoreError::TooLarge { .. })));
    assert_eq!(store.read_header().unwrap(), None);
    store.write_header_new(&large[1..]).unwrap();
    assert!(matches!(store.write_header_new(b"other"), Err(StoreError::AlreadyExists { .. })));
    assert_eq!(store.read_header().unwrap().unwrap(), large[1..]);
}

fn barriers_may_run_at_once(store: &dyn Store) {
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for last in 0..10 {
                    store.put_new(name(thread, last), &[last; 100]).unwrap();
                    store.barrier().unwrap();
                }
            });
        }
    });
    assert_eq!((0..4).map(|folder| store.list(folder).unwrap().len()).sum::<usize>(), 40);
}

#[test]
fn foreign_things_among_the_objects_are_strays() {
    let folder = tempfile::tempdir().unwrap();
    let strays = foreign_things_are_strays_in(folder.path());
    let store = LocalStore::open(folder.path()).unwrap();
    let (objects, planted) = (folder.path().join("objects"), name(0xab, 9));
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join(planted.path())).unwrap();
    std::os::unix::fs::symlink("/etc", objects.join("ac")).unwrap();
    assert_eq!(store.strays().unwrap().len(), strays + 2);
    assert_eq!(store.list(0xab).unwrap(), [name(0xab, 1)]);
    assert_eq!(store.list(0xac).unwrap(), []);
    assert!(matches!(store.get(planted, 9999), Err(StoreError::NotAFile { .. })));
    assert_eq!(store.size(planted).unwrap(), None);
    assert!(matches!(store.put_new(planted, b"x"), Err(StoreError::AlreadyExists { .. })));
}

/// Puts one object and some foreign things; returns how many.
fn foreign_things_are_strays_in(folder: &Path) -> usize {
    let store = LocalStore::create(folder).unwrap();
    store.write_header_new(b"x").unwrap();
    store.put_new(name(0xab, 1), b"x").unwrap();
    let long = "f".repeat(62);
    for file in ["ab/Thumbs.db", "ab/свидетель.txt", "desktop.ini"] {
        foreign_file(&folder.join("objects").join(file));
    }
    for made in [format!("ab/{long}"), "xy".to_owned(), "abc".to_owned()] {
        std::fs::create_dir(folder.join("objects").join(made)).unwrap();
    }
    let mut expected = ["ab/Thumbs.db", "ab/свидетель.txt", "abc", "desktop.ini", "xy"]
        .map(|path| Path::new("objects").join(path))
        .to_vec();
    expected.push(Path::new("objects/ab").join(long));
    expected.sort();
    assert_eq!(store.strays().unwrap(), expected);
    assert_eq!(store.list(0xab).unwrap(), [name(0xab, 1)]);
    expected.len()
}

#[test]
fn a_folder_is_empty_or_a_vault_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    assert!(matches!(LocalStore::open(&missing).err(), Some(StoreError::NotFound { .. })));
    assert!(matches!(LocalStore::open(folder.path()).err(), Some(StoreError::NotAVault { .. })));
    foreign_file(&folder.path().join("photo.jpg"));
    let file = folder.path().join("photo.jpg");
    assert!(matches!(LocalStore::open(&file).err(), Some(StoreError::NotAVault { .. })));
    assert!(matches!(LocalStore::create(folder.path()).err(), Some(StoreError::NotEmpty { .. })));
    assert!(LocalStore::create(&missing.join("deeper")).is_err());
    let store = LocalStore::create(&missing).unwrap();
    store.write_header_new(b"header").unwrap();
    assert!(matches!(LocalStore::create(&missing).err(), Some(StoreError::NotEmpty { .. })));
    let reopened = LocalStore::open(&missing).unwrap();
    assert_eq!(reopened.read_header().unwrap().unwrap(), b"header");
    std::fs::File::options().write(true).open(missing.join("vault")).unwrap().set_len(9_000_000).unwrap();
    assert!(matches!(reopened.read_header(), Err(StoreError::TooLarge { .. })));
}

#[test]
fn files_tell_no_time_and_are_for_their_owner_only() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault");
    let store = LocalStore::create(&path).unwrap();
    store.put_new(name(0xab, 1), b"x").unwrap();
    store.barrier().unwrap();
    store.write_header_new(b"header").unwrap();
    store.get(name(0xab, 1), 1).unwrap();
    for (below, mode) in [(".", 0o700), ("vault", 0o600), ("objects", 0o700), ("objects/ab", 0o700)] {
        let found = path.join(below).metadata().unwrap();
        assert_eq!((found.mtime(), found.mode() & 0o777), (315_532_800, mode), "{below}");
    }
    let found = path.join(name(0xab, 1).path()).metadata().unwrap();
    assert_eq!((found.mtime(), found.atime(), found.mode() & 0o777), (315_532_800, 315_532_800, 0o600));
}

#[test]
fn full_disk_leaves_the_store_as_it_was() {
    for option in ["size=1m", "size=10m,nr_inodes=12"] {
        let Some(mount) = available("store suite on a full tmpfs", mount_tmpfs(option)) else { return };
        let store = LocalStore::create(&mount.path().join("v")).unwrap();
        let put = |last| store.put_new(name(1, last), &pattern(100_000));
        let (put, full): (Vec<_>, Vec<_>) = (0..20).map(put).partition(Result::is_ok);
        assert!(!put.is_empty() && !full.is_empty());
        assert!(full.iter().all(|full| matches!(full, Err(StoreError::Full { .. }))));
        assert_eq!(store.list(1).unwrap().len(), put.len());
        for name in store.list(1).unwrap() {
            assert!(store.get(name, 100_000).unwrap() == pattern(100_000));
        }
        assert_eq!(store.strays().unwrap(), Vec::<PathBuf>::new());
        store.delete(name(1, 0)).unwrap();
        store.put_new(name(1, 0), &pattern(100_000)).unwrap();
        store.barrier().unwrap();
    }
}

#[test]
fn read_only_file_system_can_be_read_and_is_named() {
    let Some(mount) = available("store suite on a read-only tmpfs", mount_tmpfs("size=1m")) else { return };
    let path = mount.path().join("v");
    let store = LocalStore::create(&path).unwrap();
    store.write_header_new(b"header").unwrap();
    store.put_new(name(1, 1), b"x").unwrap();
    mount.make_read_only();
    for store in [store, LocalStore::open(&path).unwrap()] {
        assert_eq!(store.get(name(1, 1), 9).unwrap(), b"x");
        for taken in [name(1, 1), name(1, 2), name(2, 2)] {
            assert!(matches!(store.put_new(taken, b"y"), Err(StoreError::ReadOnly { .. })));
        }
        assert!(matches!(store.delete(name(1, 1)), Err(StoreError::ReadOnly { .. })));
        assert_eq!(store.list(1).unwrap(), [name(1, 1)]);
    }
    let refused = LocalStore::create(&mount.path().join("w")).err();
    assert!(matches!(refused, Some(StoreError::ReadOnly { .. })));
}

#[test]
fn folder_that_may_not_be_changed_is_named() {
    let mount = mounts::immutable_folder();
    let Some(mount) = available("store suite on an immutable folder", mount) else { return };
    let store = LocalStore::create(mount.path()).unwrap();
    assert!(matches!(store.put_new(name(1, 1), b"x"), Err(StoreError::Denied { .. })));
    assert!(matches!(store.write_header_new(b"x"), Err(StoreError::Denied { .. })));
    assert!(matches!(files::create_new(&mount.path().join("f"), b"x"), Err(StoreError::Denied { .. })));
}

/// Fails when a barrier that failed is tried again. Which error it is depends on who comes first: where the journal was
/// written before, in vain, the disk is read-only already.
#[test]
fn lost_write_fails_the_barrier_and_it_is_not_retried() {
    for pause in [Duration::ZERO, Duration::from_secs(3)] {
        let Some((_mount, store)) = lose_a_write() else { return };
        std::thread::sleep(pause);
        let failed = store.barrier();
        assert!(is_of_a_broken_disk(&failed), "after {pause:?}: {failed:?}");
        assert!(matches!(store.barrier(), Err(StoreError::NotDurable)));
        assert!(matches!(store.put_new(name(1, 2), b"x"), Err(StoreError::NotDurable)));
    }
}

fn is_of_a_broken_disk(result: &Result<(), StoreError>) -> bool {
    use StoreError::{Full, ReadOnly, Unreachable};
    matches!(result, Err(Unreachable { .. } | Full { .. } | ReadOnly { .. }))
}

/// A store that took an object its disk cannot keep. Seldom, on a busy machine, the disk breaks while it is written.
fn lose_a_write() -> Option<(Mount, LocalStore)> {
    for _ in 0..5 {
        let mount = mounts::mount_on_too_small_a_disk();
        let mount = available("store suite on a failing disk", mount)?;
        let store = LocalStore::create(&mount.path().join("v")).unwrap();
        match store.put_new(name(1, 1), &pattern(30_000_000)) {
            Ok(()) => return Some((mount, store)),
            broken => assert!(is_of_a_broken_disk(&broken), "{broken:?}"),
        }
    }
    unreachable!("the disk broke five times before the object was written")
}

/// The mount, or one line saying why not (past the test harness, which hides what passes).
pub(crate) fn available(what: &str, mount: Result<Mount, String>) -> Option<Mount> {
    let say = |reason| {
        let line = format!("{what}: not run ({reason})\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    };
    mount.map_err(say).ok()
}

fn name(folder: u8, last: u8) -> ObjectName {
    let mut bytes = [0x5a; 32];
    (bytes[0], bytes[31]) = (folder, last);
    ObjectName::new(bytes)
}

fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i * 7 + i / 251) as u8).collect()
}

fn foreign_file(path: &Path) {
    std::fs::File::create_new(path).unwrap().write_all(b"foreign").unwrap();
}
