//! Library scenarios: what vaults promise, on real folders.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "what is damaged on purpose is damaged directly")]
#![allow(clippy::print_stdout, reason = "shown when a test fails")]

#[path = "vault/copies.rs"]
mod copies;
#[path = "vault/cut.rs"]
mod cut;
#[path = "vault/damage.rs"]
mod damage;
#[path = "vault/faulty.rs"]
mod faulty;
#[path = "vault/ingest.rs"]
mod ingest;

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;

use sanduq::crypto::padme::plaintext_capacity;
use sanduq::vault::VaultError;

use crate::support::vaults::*;

const SCRIPTS: [(&str, &str); 4] = [
    ("kk-Cyrl", "Ержан Қасымов 2018 жылы қамауға алынды.\nЕкінші жол: ё, қ, ң."),
    ("ug-Arab", "ئەرجان ئىككى قېتىم تۇتۇلدى.\nئۇ يەردە نېمە كۆردى؟"),
    ("zh-Hans", "古丽在二〇一八年被带走。\n她看见了什么？"),
    ("en", "Gulnar saw the transfer list.\nShe kept a copy — “page two”."),
];

#[test]
fn gives_back_what_was_put_in_four_scripts() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let mut codes = Vec::new();
    for (lang, words) in SCRIPTS {
        let code = new_case(&mut vault, Some(words.lines().next().unwrap()));
        let case = vault.find(&code).unwrap();
        let new =
            sanduq::vault::NewText { text: words.into(), lang: Some(lang.parse().unwrap()), add: false };
        vault.put_text(case, &part("testimony"), &new, at(5)).unwrap();
        put(&mut vault, &code, "person/doctor", lang);
        attach(&mut vault, &code, &format!("{lang}-фото.jpg"), words.as_bytes());
        codes.push(code);
    }
    let vault = place.open("v", "laptop");
    for (code, (lang, words)) in codes.iter().zip(SCRIPTS) {
        let view = vault.case(vault.find(code).unwrap()).unwrap();
        assert_eq!(view.title(), words.lines().next());
        assert_eq!(text(&vault, code, "testimony"), words);
        assert_eq!(text(&vault, code, "person/doctor"), lang);
        let head = view.heads(&part("testimony"))[0];
        let opened = view.open(vault.store(), head).unwrap();
        assert_eq!(opened.revision.lang.as_ref().unwrap().as_str(), lang);
        opened.check_author(vault.owner()).unwrap();
        assert_eq!(exhibits(&vault, code).unwrap()[&format!("{lang}-фото.jpg")], words.as_bytes());
    }
    let report = check_sound(&vault);
    assert_eq!((report.sound.revisions, report.sound.exhibits, report.sound.segments), (12, 4, 4));
    assert_eq!((report.sound.writers, report.sound.entries, report.unknown), (2, 17, 0));
    assert!(place.open("v", "laptop").find(&"K7Q2-9F4N".parse().unwrap_or(codes[0].clone())).is_ok());
}

#[test]
fn an_edit_follows_and_keeps_the_earlier_revision() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let code = new_case(&mut vault, None);
    let first = put(&mut vault, &code, "testimony", "бірінші");
    let second = put(&mut vault, &code, "testimony", "екінші");
    assert_eq!((second.number, second.follows), (2, vec![first.revision.unwrap()]));
    assert!(matches!(try_put(&mut vault, &code, "testimony", "екінші"), Err(VaultError::Nothing(_))));
    let view = vault.case(vault.find(&code).unwrap()).unwrap();
    let earlier = view.open(vault.store(), &view.revisions(&part("testimony"))[0]).unwrap();
    assert_eq!(earlier.revision.text.as_deref(), Some("бірінші"));
    assert_eq!(text(&vault, &code, "testimony"), "екінші");
}

/// The files below a folder that hold one of these words, in their names or bytes.
fn holding(folder: &std::path::Path, words: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files(folder) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&file).unwrap();
        for word in words {
            let word = word.as_bytes();
            if name.as_bytes().windows(word.len()).chain(bytes.windows(word.len())).any(|bytes| bytes == word)
            {
                found.insert(name.clone());
            }
        }
    }
    found
}

#[test]
fn a_vault_folder_shows_none_of_the_planted_words() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let words =
        ["Қасымов", "Ürümchi", "ئەرجان", "古丽", "паспорт", "testimony", "exhibits", "kk-Cyrl", "CASE-TITLE"];
    let code = new_case(&mut vault, Some("CASE-TITLE Қасымов"));
    put(&mut vault, &code, "testimony", "Ürümchi ئەرجان 古丽");
    attach(&mut vault, &code, "паспорт.jpg", "Қасымов ".repeat(40_000).as_bytes());
    for device in ["v", "laptop"] {
        assert_eq!(holding(&place.path(device), &words), BTreeSet::new(), "{device}");
    }
    // The search itself finds what is there: in a name, and in bytes.
    std::fs::write(place.path("v").join("objects/x-паспорт"), "none").unwrap();
    std::fs::write(place.path("v").join("objects/y"), "at 古丽 last").unwrap();
    assert_eq!(holding(&place.path("v"), &words), ["x-паспорт", "y"].map(String::from).into());
    let report = check(&place.open("v", "laptop"));
    assert_eq!(report.strays.len(), 2);
}

#[test]
fn sizes_are_permitted_ones_and_times_say_nothing() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let code = new_case(&mut vault, None);
    for size in [1, 700, 5_000, 70_000, 400_000] {
        put(&mut vault, &code, "notes", &"ж".repeat(size));
        attach(&mut vault, &code, &format!("{size}.bin"), &vec![size as u8; size]);
    }
    let mut times = BTreeSet::new();
    for file in files(&place.path("v")) {
        let metadata = std::fs::metadata(&file).unwrap();
        times.insert((metadata.mtime(), metadata.mtime_nsec()));
        if file.file_name().unwrap() != "vault" {
            assert!(plaintext_capacity(metadata.len()).is_some(), "{} bytes", metadata.len());
        }
    }
    assert_eq!(times.len(), 1, "{times:?}");
    let folder = std::fs::metadata(place.path("v").join("objects")).unwrap();
    assert_eq!(times.first().unwrap().0, folder.mtime());
}

#[test]
fn three_hundred_commits_leave_few_live_runs() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let code = new_case(&mut vault, None);
    let mut most = 0;
    for i in 1..=300u64 {
        put(&mut vault, &code, "notes", &format!("{i}-жазба"));
        if i.is_power_of_two() || i == 300 {
            let vault = place.open("v", "laptop");
            assert_eq!(text(&vault, &code, "notes"), format!("{i}-жазба"));
            let report = check_sound(&vault);
            assert_eq!((report.sound.revisions, report.sound.entries), (i, i + 2));
            most = most.max(report.sound.runs);
            assert!(report.sound.runs <= u64::from(i.ilog2()) + 2, "{} runs after {i}", report.sound.runs);
        }
    }
    // Without merging, there would be one run a commit; with one run only, every commit would write everything anew.
    assert!(most > 1);
}
