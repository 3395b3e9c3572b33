//! What the fuzzer has kept, as ordinary tests: every file of `fuzz/corpus/` through the check of its target.

#![expect(clippy::unwrap_used, reason = "clippy knows only functions marked as tests")]

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, clippy::panic, reason = "the fuzz targets see a library, and a panic is a finding")]
mod checks;
#[path = "corpora/seeds.rs"]
mod seeds;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

/// Most bytes that all corpora together may hold: they are part of every checkout.
const MAX_BYTES: u64 = 2 << 20;
/// The cap of the campaign; a build for debugging is given some more.
const MAX_TIME: Duration = Duration::from_secs(3);

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(fuzz().join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// Fails when a check breaks: seen when `parse_part` took what renders otherwise.
#[test]
fn every_kept_input_passes_its_check() {
    let (mut bytes, mut files) = (0, 0);
    for (name, check) in checks::TARGETS {
        for entry in fs::read_dir(fuzz().join("corpus").join(name)).unwrap() {
            let path = entry.unwrap().path();
            let input = fs::read(&path).unwrap();
            bytes += input.len() as u64;
            files += 1;
            let start = Instant::now();
            let passed = std::panic::catch_unwind(|| check(&input));
            assert!(passed.is_ok(), "{}", path.display());
            assert!(start.elapsed() < MAX_TIME, "{} took {:?}", path.display(), start.elapsed());
        }
    }
    assert!(files > 500, "{files} files");
    assert!(bytes <= MAX_BYTES, "{bytes} bytes");
}

/// What is done at a place of an input.
#[derive(Clone, Debug)]
enum Change {
    Flip(u8),
    Set(u8),
    Cut,
    Remove(u8),
    Repeat(u8),
    Insert(Vec<u8>),
    /// Goes on as another input does from there on.
    Splice(Index, Index),
}

fn change() -> impl Strategy<Value = (Index, Change)> {
    let change = prop_oneof![
        (0..8u8).prop_map(Change::Flip),
        any::<u8>().prop_map(Change::Set),
        Just(Change::Cut),
        (1..40u8).prop_map(Change::Remove),
        (1..40u8).prop_map(Change::Repeat),
        proptest::collection::vec(any::<u8>(), 1..9).prop_map(Change::Insert),
        (any::<Index>(), any::<Index>()).prop_map(|(other, from)| Change::Splice(other, from)),
    ];
    (any::<Index>(), change)
}

/// Applies a change; `all` is what else the target has kept.
fn apply(input: &mut Vec<u8>, (at, change): &(Index, Change), all: &[Vec<u8>]) {
    let at = at.index(input.len() + 1);
    let end = |length: u8| (at + usize::from(length)).min(input.len());
    match change {
        Change::Flip(bit) => input.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << bit),
        Change::Set(new) => input.iter_mut().skip(at).take(1).for_each(|byte| *byte = *new),
        Change::Cut => input.truncate(at),
        Change::Remove(length) => drop(input.drain(at..end(*length))),
        Change::Repeat(length) => {
            let again = input[at..end(*length)].to_vec();
            drop(input.splice(at..at, again));
        }
        Change::Insert(new) => drop(input.splice(at..at, new.iter().copied())),
        Change::Splice(other, from) => {
            let other = other.get(all);
            input.truncate(at);
            input.extend(&other[from.index(other.len() + 1)..]);
        }
    }
}

/// Eight times as many cases as `PROPTEST_CASES` says, 2048 by default, for each target.
/// Fails when a check breaks that no kept input breaks: seen when `RevisionCore::check` held for every vector.
#[test]
fn every_kept_input_passes_its_check_however_it_is_changed() {
    let cases = ProptestConfig::default().cases * 8;
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    for (name, check) in checks::TARGETS {
        let files = fs::read_dir(fuzz().join("corpus").join(name)).unwrap();
        let kept: Vec<Vec<u8>> = files.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
        let changes = (any::<Index>(), proptest::collection::vec(change(), 1..6));
        let passed = TestRunner::new(config.clone()).run(&changes, |(start, changes)| {
            let mut input = start.get(&kept).clone();
            changes.iter().for_each(|change| apply(&mut input, change, &kept));
            check(&input);
            Ok(())
        });
        assert!(passed.is_ok(), "{name}: {passed:?}");
    }
}

/// Fails when a target is left out of the table, of `fuzz_targets/` or of `corpus/`.
#[test]
fn every_target_has_a_check_and_a_corpus() {
    let table: BTreeSet<String> = checks::TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(table.len(), checks::TARGETS.len());
    assert_eq!(names("fuzz_targets"), table);
    assert_eq!(names("corpus"), table);
    for name in &table {
        let target = fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!("target(\"{name}\")")), "{name}");
        checks::target(name)(b"");
    }
}

/// Fails when the fuzzer runs against another version of a crate than the program does.
#[test]
fn the_fuzzer_links_the_versions_of_the_program() {
    let program = versions("Cargo.lock");
    let fuzzer = versions("fuzz/Cargo.lock");
    assert!(fuzzer.contains_key("libfuzzer-sys") && fuzzer.len() > 100);
    for (name, versions) in fuzzer {
        let same = program.get(&name).is_none_or(|known| versions.is_subset(known));
        assert!(same, "{name}: {versions:?}, and the program has {:?}", program.get(&name));
    }
}

fn versions(lock: &str) -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(lock)).unwrap();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.windows(2) {
        if let Some(name) = pair[0].strip_prefix("name = ") {
            let version = pair[1].strip_prefix("version = ").unwrap();
            found.entry(name.trim_matches('"').to_owned()).or_default().insert(version.to_owned());
        }
    }
    found
}
