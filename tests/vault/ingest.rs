//! Many cases in one commit.

use std::ops::ControlFlow;

use sanduq::format::{IngestRecord, read_csv, read_jsonl};
use sanduq::store::{LocalStore, MemoryStore};
use sanduq::vault::{IngestCase, IngestPart, NewExhibit, Vault, VaultError, store_exhibit};

use super::faulty::Faulty;
use crate::support::vaults::*;

pub(super) fn one_case(testimony: &str) -> IngestCase {
    let text = IngestPart { part: part("testimony"), text: Some(testimony.into()), lang: None, form: None };
    IngestCase { title: None, parts: vec![text], exhibits: vec![] }
}

fn case_of(record: IngestRecord) -> IngestCase {
    let parts = record.parts.into_iter();
    let parts = parts
        .map(|part| IngestPart { part: part.part, text: part.text, lang: part.lang, form: part.form })
        .collect();
    IngestCase { title: record.title, parts, exhibits: vec![] }
}

#[test]
fn cases_of_a_file_are_recorded_in_one_commit_and_in_order() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let lines: String = (0..300)
        .map(|i| format!("{{\"title\":\"{i}\",\"parts\":{{\"person\":{{\"text\":\"куә {i}\",\"lang\":\"kk\"}},\"testimony\":{{\"text\":\"көрді {i}\"}}}}}}\n"))
        .collect();
    let table: String = (300..400).map(|i| format!("{i},\"куә {i}\",kk,\"көрді {i}\"\n")).collect();
    let table = format!("title,person,person.lang,testimony\n{table}");
    for records in [
        read_jsonl(lines.as_bytes()).collect::<Result<Vec<_>, _>>().unwrap(),
        read_csv(table.as_bytes()).collect::<Result<Vec<_>, _>>().unwrap(),
    ] {
        let first: usize = records[0].title.as_ref().unwrap().as_str().parse().unwrap();
        let mut told = 0;
        let mut progress = |done| {
            told = done;
            ControlFlow::Continue(())
        };
        let expected = records.len();
        let codes = vault.ingest(records.into_iter().map(|r| Ok(case_of(r))), at(5), &mut progress).unwrap();
        assert_eq!((codes.len(), told), (expected, expected as u64));
        for (i, code) in codes.iter().enumerate().map(|(i, code)| (i + first, code)) {
            let view = vault.case(vault.find(code).unwrap()).unwrap();
            assert_eq!(view.title(), Some(i.to_string().as_str()));
            assert_eq!(text(&vault, code, "person"), format!("куә {i}"));
            assert_eq!(text(&vault, code, "testimony"), format!("көрді {i}"));
        }
    }
    let vault = place.open("v", "laptop");
    assert_eq!(vault.cases().unwrap().len(), 400);
    let report = check_sound(&vault);
    assert_eq!((report.sound.entries, report.sound.revisions, report.unknown), (3, 800, 0));
}

#[test]
fn exhibits_go_into_their_part_and_an_edit_follows() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let stored = |bytes: &[u8]| {
        store_exhibit(vault.store(), &mut &bytes[..], bytes.len() as u64, &mut |_| ControlFlow::Continue(()))
            .unwrap()
    };
    let exhibit = |name: &str, bytes: &[u8]| NewExhibit { name: name.into(), stored: stored(bytes) };
    let case = IngestCase {
        title: None,
        parts: vec![IngestPart {
            part: part("exhibits"),
            text: Some("тізім".into()),
            lang: None,
            form: None,
        }],
        exhibits: vec![exhibit("a.jpg", b"a"), exhibit("b.jpg", b"b"), exhibit("again.jpg", b"a")],
    };
    let code = vault.ingest([Ok(case)], at(5), &mut |_| ControlFlow::Continue(())).unwrap().remove(0);
    assert_eq!(text(&vault, &code, "exhibits"), "тізім");
    assert_eq!(exhibits(&vault, &code).unwrap().keys().collect::<Vec<_>>(), ["a.jpg", "b.jpg"]);
    attach(&mut vault, &code, "c.jpg", b"c");
    assert_eq!(exhibits(&vault, &code).unwrap().len(), 3);
    assert_eq!(put(&mut vault, &code, "exhibits", "жаңа тізім").number, 3);
    check_sound(&vault);
}

#[test]
fn an_ingest_that_fails_records_nothing_and_leaves_nothing() {
    let place = Place::new();
    drop(place.create("v", "laptop"));
    let store = Faulty::new(LocalStore::open(&place.path("v")).unwrap());
    let mut vault = Vault::open(store.clone(), place.device("laptop")).unwrap();
    let before = objects(vault.store());
    let cases = || (0..200).map(|i| Ok(one_case(&i.to_string())));
    // The disk is full in the middle.
    store.fail_after(90);
    let failed = vault.ingest(cases(), at(5), &mut |_| ControlFlow::Continue(()));
    assert!(matches!(failed, Err(VaultError::Store(_))), "{failed:?}");
    store.fail_after(i64::MAX);
    assert_eq!(objects(vault.store()), before);
    // Somebody pressed Ctrl-C.
    let stop = &mut |done| if done < 150 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    assert!(matches!(vault.ingest(cases(), at(5), stop), Err(VaultError::Cancelled)));
    // A line could not be read.
    let lines = cases().chain([Err(VaultError::Changed)]).chain(cases());
    assert!(matches!(
        vault.ingest(lines, at(5), &mut |_| ControlFlow::Continue(())),
        Err(VaultError::Changed)
    ));
    assert!(matches!(
        vault.ingest([], at(5), &mut |_| ControlFlow::Continue(())),
        Err(VaultError::Nothing(_))
    ));
    assert_eq!(objects(vault.store()), before);
    assert!(vault.cases().unwrap().is_empty());
    assert_eq!(vault.ingest(cases(), at(5), &mut |_| ControlFlow::Continue(())).unwrap().len(), 200);
    check_sound(&vault);
}

/// 4 KB of text that nobody can deduplicate.
fn four_kilobytes(i: usize, part: usize) -> String {
    let mut x = (i * 2 + part) as u64 | 1 << 40;
    let word = |_| {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{:x} ", x >> 20)
    };
    (0..400).map(word).collect::<String>()[..4096].to_owned()
}

/// Against `restic backup` of the same texts as files: `cargo test --release ingest_keeps_up -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, in release only"]
fn ingest_keeps_up_with_restic() {
    const CASES: usize = 10_000;
    let base = std::env::temp_dir();
    println!("in {}", base.display());
    let place = Place::new();
    std::fs::create_dir_all(place.path("plain")).unwrap();
    for i in 0..CASES {
        for part in 0..2 {
            std::fs::write(place.path("plain").join(format!("{i}-{part}.txt")), four_kilobytes(i, part))
                .unwrap();
        }
    }
    let cases: Vec<_> = (0..CASES)
        .map(|i| {
            let part_of = |name, n| {
                let text = Some(four_kilobytes(i, n));
                IngestPart { part: part(name), text, lang: None, form: None }
            };
            IngestCase {
                title: None,
                parts: vec![part_of("person", 0), part_of("testimony", 1)],
                exhibits: vec![],
            }
        })
        .collect();
    for round in 0..3 {
        run("sync", &[]);
        let name = format!("v{round}");
        let mut vault = place.create(&name, "laptop");
        let started = std::time::Instant::now();
        vault.ingest(cases.iter().cloned().map(Ok), at(5), &mut |_| ControlFlow::Continue(())).unwrap();
        println!("ingest {:?}", started.elapsed());
        let started = std::time::Instant::now();
        let report = check_sound(&vault);
        println!("check {:?} {:?}", started.elapsed(), report.sound);
        drop(vault);
        run("sync", &[]);
        let repository = place.path(&format!("restic{round}"));
        let restic = |arguments: &[&std::ffi::OsStr]| {
            let status = std::process::Command::new("restic")
                .args(["--no-cache", "-q", "-r"])
                .arg(&repository)
                .args(arguments)
                .env("RESTIC_PASSWORD", "x")
                .status();
            assert!(status.unwrap().success());
        };
        restic(&["init".as_ref()]);
        run("sync", &[]);
        let started = std::time::Instant::now();
        restic(&["snapshots".as_ref()]);
        let unlock = started.elapsed();
        let started = std::time::Instant::now();
        restic(&["backup".as_ref(), place.path("plain").as_ref()]);
        println!("restic backup {:?}, of which to unlock {unlock:?}", started.elapsed());
        // Nothing is removed between rounds: ext4 is slow to make files for a minute after many were deleted.
    }
}

#[test]
fn codes_of_many_cases_differ() {
    let place = Place::new();
    let mut vault =
        Vault::create(std::sync::Arc::new(MemoryStore::new()), place.device("laptop"), at(0)).unwrap();
    let cases = (0..2000).map(|i| Ok(one_case(&i.to_string())));
    let codes = vault.ingest(cases, at(5), &mut |_| ControlFlow::Continue(())).unwrap();
    let distinct: std::collections::BTreeSet<_> = codes.iter().collect();
    assert_eq!(distinct.len(), 2000);
}
