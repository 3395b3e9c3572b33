//! With small segments, so that edges are crossed cheaply; through the public functions: tests/exhibits.rs.

use std::io::Read;
use std::ops::ControlFlow;

use super::line::PIECE_CHUNKS;
use super::{Failure, Shape, StoredExhibit, reading, storing};
use crate::crypto::padme::sealed_size;
use crate::crypto::sha256;
use crate::format::Exhibit;
use crate::record::Digest;
use crate::store::{MemoryStore, Store};
use crate::vault::error::{Damage, VaultError};
use crate::vault::objects::name_of;

const CHUNK: u64 = 65_536;
const SEGMENT: u64 = 3 * PIECE_CHUNKS * CHUNK - 1_000;

fn content(bytes: u64) -> Vec<u8> {
    (0..bytes).map(|i| (i * i / 7 % 251) as u8).collect()
}

fn store_from(store: &dyn Store, mut source: impl Read + Send, bytes: u64) -> Result<Exhibit, VaultError> {
    let mut told = 0;
    let mut progress = |more| {
        told += more;
        ControlFlow::Continue(())
    };
    let shape = Shape::of(bytes, SEGMENT);
    let StoredExhibit { bytes, sha256, segments } = storing::store(store, &mut source, shape, &mut progress)?;
    assert_eq!(told, bytes);
    Ok(Exhibit { number: 1, name: "видео.mp4".into(), bytes, sha256, segments })
}

fn stored(bytes: u64) -> (MemoryStore, Exhibit) {
    let store = MemoryStore::new();
    let exhibit = store_from(&store, content(bytes).as_slice(), bytes).unwrap();
    (store, exhibit)
}

fn read(store: &MemoryStore, exhibit: &Exhibit) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    let mut sink = |piece: &[u8]| {
        out.extend_from_slice(piece);
        Ok(())
    };
    reading::read(store, exhibit, Shape::of(exhibit.bytes, SEGMENT), &mut sink)?;
    Ok(out)
}

fn objects(store: &dyn Store) -> usize {
    (0..=255).map(|folder| store.list(folder).unwrap().len()).sum()
}

/// Puts other bytes in an object's place.
fn replace(store: &MemoryStore, exhibit: &Exhibit, segment: usize, bytes: &[u8]) {
    let name = name_of(&exhibit.segments[segment]);
    store.delete(name).unwrap();
    store.put_new(name, bytes).unwrap();
}

fn object(store: &MemoryStore, exhibit: &Exhibit, segment: usize) -> Vec<u8> {
    store.get(name_of(&exhibit.segments[segment]), u64::MAX).unwrap()
}

#[test]
fn gives_back_every_length_around_stretch_and_segment_edges() {
    let stretch = PIECE_CHUNKS * CHUNK;
    let edges = [stretch, 2 * stretch, SEGMENT, 2 * SEGMENT];
    let lengths = edges.into_iter().flat_map(|edge| [edge - 8, edge - 1, edge, edge + 1]);
    for bytes in lengths.chain([1, 15 * stretch]) {
        let (store, exhibit) = stored(bytes);
        assert_eq!(exhibit.segments.len() as u64, bytes.div_ceil(SEGMENT), "{bytes}");
        assert_eq!(exhibit.sha256, sha256(&content(bytes)), "{bytes}");
        let first = object(&store, &exhibit, 0).len() as u64;
        assert_eq!(first, sealed_size(bytes.min(SEGMENT)), "{bytes}");
        assert!(read(&store, &exhibit).unwrap() == content(bytes), "{bytes}");
    }
}

#[test]
fn keys_are_fresh_each_time() {
    let store = MemoryStore::new();
    let twice = [0, 1].map(|_| store_from(&store, content(10).as_slice(), 10).unwrap());
    assert_ne!(twice[0].segments, twice[1].segments);
    assert_eq!(objects(&store), 2);
}

#[test]
fn a_flipped_bit_anywhere_is_damage_and_nothing_of_its_chunk_goes_out() {
    let bytes = 2 * SEGMENT + 100_000;
    let (store, exhibit) = stored(bytes);
    let whole = object(&store, &exhibit, 1);
    let chunk = CHUNK as usize + 16;
    for at in [0, 24, 55, 56, 56 + 9 * chunk, 56 + 12 * chunk - 1, whole.len() - 17, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        replace(&store, &exhibit, 1, &flipped);
        let mut out = Vec::new();
        let mut sink = |piece: &[u8]| {
            out.extend_from_slice(piece);
            Ok(())
        };
        let failure = reading::read(&store, &exhibit, Shape::of(bytes, SEGMENT), &mut sink).unwrap_err();
        assert!(matches!(failure, Failure::Damage(Damage::Open(_))), "{at}: {failure:?}");
        assert!(content(bytes).starts_with(&out), "{at}");
    }
}

#[test]
fn swapped_segments_are_damage() {
    let (store, mut exhibit) = stored(3 * SEGMENT);
    let (first, second) = (object(&store, &exhibit, 0), object(&store, &exhibit, 1));
    replace(&store, &exhibit, 0, &second);
    replace(&store, &exhibit, 1, &first);
    assert!(matches!(read(&store, &exhibit), Err(Failure::Damage(Damage::Open(_)))));
    // Objects in their places, keys swapped: every seal is right, and the digest tells.
    replace(&store, &exhibit, 0, &first);
    replace(&store, &exhibit, 1, &second);
    exhibit.segments.swap(0, 1);
    assert!(matches!(read(&store, &exhibit), Err(Failure::Damage(Damage::Other))));
}

#[test]
fn a_truncated_missing_or_lacking_segment_is_damage() {
    let (store, mut exhibit) = stored(2 * SEGMENT);
    let whole = object(&store, &exhibit, 1);
    for cut in [0, 55, 1_024, whole.len() / 2, whole.len() - 1] {
        replace(&store, &exhibit, 1, &whole[..cut]);
        assert!(matches!(read(&store, &exhibit), Err(Failure::Damage(Damage::Open(_)))), "{cut}");
    }
    store.delete(name_of(&exhibit.segments[1])).unwrap();
    assert!(matches!(read(&store, &exhibit), Err(Failure::Damage(Damage::Store(_)))));
    exhibit.segments.pop();
    assert!(matches!(read(&store, &exhibit), Err(Failure::Damage(Damage::Other))));
}

#[test]
fn another_length_or_digest_in_the_reference_is_damage() {
    let (store, exhibit) = stored(2 * SEGMENT);
    let shorter = Exhibit { bytes: 2 * SEGMENT - 1, ..exhibit.clone() };
    assert!(matches!(read(&store, &shorter), Err(Failure::Damage(Damage::Open(_)))));
    let longer = Exhibit { bytes: u64::MAX, ..exhibit.clone() };
    assert!(matches!(read(&store, &longer), Err(Failure::Damage(Damage::Other))));
    let other = Exhibit { sha256: Digest::new([7; 32]), ..exhibit };
    assert!(matches!(read(&store, &other), Err(Failure::Damage(Damage::Other))));
}

#[test]
fn a_source_that_changes_or_fails_leaves_no_object() {
    let bytes = 3 * SEGMENT;
    let whole = content(bytes);
    let store = MemoryStore::new();
    let of = |source: &mut (dyn Read + Send)| match store_from(&store, source, bytes).unwrap_err() {
        VaultError::Source(error) => error.kind(),
        other => panic!("{other:?}"),
    };
    assert_eq!(of(&mut &whole[..whole.len() - 1]), std::io::ErrorKind::UnexpectedEof);
    assert_eq!(of(&mut &whole[..SEGMENT as usize + 5]), std::io::ErrorKind::UnexpectedEof);
    assert_eq!(of(&mut whole.chain([1].as_slice())), std::io::ErrorKind::InvalidData);
    assert_eq!(of(&mut whole[..2 * SEGMENT as usize].chain(Broken)), std::io::ErrorKind::NotConnected);
    assert_eq!(of(&mut whole.chain(Broken)), std::io::ErrorKind::NotConnected);
    assert_eq!(objects(&store), 0);
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::NotConnected.into())
    }
}

#[test]
fn stopping_leaves_no_object() {
    let store = MemoryStore::new();
    let bytes = 3 * SEGMENT;
    for stop_after in [0, 1, SEGMENT, 2 * SEGMENT + 1] {
        let mut told = 0;
        let mut progress = |more| {
            told += more;
            if told > stop_after { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let source = &mut std::io::repeat(1).take(bytes);
        let stopped = storing::store(&store, source, Shape::of(bytes, SEGMENT), &mut progress);
        assert!(matches!(stopped, Err(VaultError::Cancelled)));
        assert_eq!(objects(&store), 0, "{stop_after}");
    }
}
