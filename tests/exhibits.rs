//! Exhibits through the public functions, in memory and in a folder. Segment edges: unit tests of `vault::exhibits`.

use std::io::{self, Read};
use std::ops::ControlFlow;

use sanduq::crypto::padme::sealed_size;
use sanduq::crypto::sha256;
use sanduq::format::Exhibit;
use sanduq::record::{CaseId, Digest, PartName};
use sanduq::store::{LocalStore, MemoryStore, NewObject, ObjectName, ObjectReader, Store, StoreError};
use sanduq::vault::{Damage, Item, VaultError, read_exhibit, store_exhibit};

const CASE: CaseId = CaseId::new([7; 16]);

fn content(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|i| (i * 31 + i / 999) as u8).collect()
}

fn attach(store: &dyn Store, bytes: &[u8]) -> Result<Exhibit, VaultError> {
    let size = bytes.len() as u64;
    let stored = store_exhibit(store, &mut { bytes }, size, &mut |_| ControlFlow::Continue(()))?;
    let name = "سۈرەت.jpg".to_owned();
    Ok(Exhibit { number: 3, name, bytes: stored.bytes, sha256: stored.sha256, segments: stored.segments })
}

fn extract(store: &dyn Store, exhibit: &Exhibit) -> Result<Vec<u8>, VaultError> {
    let mut out = Vec::new();
    let part = PartName::exhibits();
    read_exhibit(store, (CASE, &part), exhibit, &mut |piece| {
        out.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(out)
}

fn names(store: &dyn Store) -> Vec<ObjectName> {
    (0..=255).flat_map(|folder| store.list(folder).expect("these stores list")).collect()
}

#[test]
fn every_size_comes_back_from_memory_and_from_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let stores: [&dyn Store; 2] =
        [&MemoryStore::new(), &LocalStore::create(&folder.path().join("vault")).unwrap()];
    for store in stores {
        for bytes in
            [0, 1, 943, 944, 945, 65_392, 65_393, 65_528, 65_529, 65_536, 131_072, 524_280, 5_000_000]
        {
            let before = names(store);
            let exhibit = attach(store, &content(bytes)).unwrap();
            assert_eq!(exhibit.sha256, sha256(&content(bytes)));
            assert!(extract(store, &exhibit).unwrap() == content(bytes), "{bytes}");
            let new: Vec<_> = names(store).into_iter().filter(|name| !before.contains(name)).collect();
            let sizes: Vec<_> = new.iter().map(|name| store.size(*name).unwrap().unwrap()).collect();
            assert_eq!(sizes, if bytes == 0 { vec![] } else { vec![sealed_size(bytes as u64)] }, "{bytes}");
        }
    }
}

#[test]
fn nothing_of_the_file_stands_in_the_folder() {
    let store = MemoryStore::new();
    let planted = "Сәуле Нұрланқызы, куәгер ".repeat(8_000);
    attach(&store, planted.as_bytes()).unwrap();
    for name in names(&store) {
        let object = store.get(name, u64::MAX).unwrap();
        assert!(!object.windows(16).any(|window| planted.as_bytes()[..600].windows(16).any(|w| w == window)));
    }
}

#[test]
fn damage_names_case_part_and_number() {
    let store = MemoryStore::new();
    let exhibit = attach(&store, &content(3_000_000)).unwrap();
    let name = names(&store)[0];
    let mut object = store.get(name, u64::MAX).unwrap();
    let middle = object.len() / 2;
    object[middle] ^= 0x10;
    store.delete(name).unwrap();
    let missing = extract(&store, &exhibit).unwrap_err();
    store.put_new(name, &object).unwrap();
    let flipped = extract(&store, &exhibit).unwrap_err();
    for (error, found) in [(missing, false), (flipped, true)] {
        let VaultError::Damaged(item, damage) = error else { panic!("{error:?}") };
        assert_eq!(item, Item::Exhibit(CASE, PartName::exhibits(), 3));
        assert_eq!(matches!(damage, Damage::Open(_)), found, "{damage:?}");
    }
}

#[test]
fn a_wrong_digest_is_said_after_the_bytes_went_out() {
    let store = MemoryStore::new();
    for bytes in [0, 10, 2_000_000] {
        let exhibit = Exhibit { sha256: Digest::new([9; 32]), ..attach(&store, &content(bytes)).unwrap() };
        let mut taken = 0;
        let part = PartName::exhibits();
        let read = read_exhibit(&store, (CASE, &part), &exhibit, &mut |piece| {
            taken += piece.len();
            Ok(())
        });
        assert!(matches!(read, Err(VaultError::Damaged(Item::Exhibit(..), Damage::Other))));
        assert_eq!(taken, bytes);
    }
}

#[test]
fn a_sink_that_fails_ends_it_with_its_own_error() {
    let store = MemoryStore::new();
    let exhibit = attach(&store, &content(9_000_000)).unwrap();
    for allowed in [0, 65_536, 8_000_000] {
        let mut taken = 0;
        let part = PartName::exhibits();
        let read = read_exhibit(&store, (CASE, &part), &exhibit, &mut |piece| {
            taken += piece.len();
            if taken > allowed { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
        });
        let Err(VaultError::Sink(error)) = read else { panic!("{read:?}") };
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        assert!(taken <= allowed + 65_536, "nothing more is offered after an error");
    }
}

#[test]
fn a_source_of_another_length_is_the_sources_fault_and_leaves_nothing() {
    let store = MemoryStore::new();
    for (given, said) in [(0, 1), (1, 0), (100, 99), (3_000_000, 3_000_001), (3_000_000, 2_999_999)] {
        let source = &mut io::repeat(5).take(given);
        let stored = store_exhibit(&store, source, said, &mut |_| ControlFlow::Continue(()));
        assert!(matches!(stored, Err(VaultError::Source(_))), "{given} {said}");
    }
    assert_eq!(names(&store), []);
}

#[test]
fn a_store_that_fails_is_the_stores_fault_whenever_it_fails() {
    for allowed in [0, 60, 1_000_000, 5_000_000] {
        let stored = attach(&Narrow { inner: MemoryStore::new(), bytes: allowed }, &content(6_000_000));
        assert!(matches!(stored, Err(VaultError::Store(StoreError::Full { .. }))), "{allowed}: {stored:?}");
    }
}

#[test]
fn many_at_once_in_one_store_do_not_disturb_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::create(&folder.path().join("vault")).unwrap();
    std::thread::scope(|scope| {
        for i in 1..6 {
            let store = &store;
            scope.spawn(move || {
                let content = content(i * 700_001);
                let exhibit = attach(store, &content).unwrap();
                assert!(extract(store, &exhibit).unwrap() == content);
            });
        }
    });
}

/// A store that is full after so many bytes of an object.
struct Narrow {
    inner: MemoryStore,
    bytes: usize,
}

struct NarrowObject<'a> {
    inner: Box<dyn NewObject + 'a>,
    name: ObjectName,
    left: usize,
}

impl Store for Narrow {
    fn create(&self, name: ObjectName, size: u64) -> Result<Box<dyn NewObject + '_>, StoreError> {
        Ok(Box::new(NarrowObject { inner: self.inner.create(name, size)?, name, left: self.bytes }))
    }

    fn barrier(&self) -> Result<(), StoreError> {
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

    fn strays(&self) -> Result<Vec<std::path::PathBuf>, StoreError> {
        self.inner.strays()
    }

    fn delete(&self, name: ObjectName) -> Result<(), StoreError> {
        self.inner.delete(name)
    }

    fn read_header(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.read_header()
    }

    fn write_header_new(&self, bytes: &[u8]) -> Result<(), StoreError> {
        self.inner.write_header_new(bytes)
    }
}

impl NewObject for NarrowObject<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let full = || StoreError::Full { place: self.name.into(), source: io::ErrorKind::StorageFull.into() };
        self.left = self.left.checked_sub(bytes.len()).ok_or_else(full)?;
        self.inner.write(bytes)
    }

    fn publish(self: Box<Self>) -> Result<(), StoreError> {
        self.inner.publish()
    }
}
