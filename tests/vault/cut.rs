//! Writing that ends in the middle: a failed call, a crash between two of them.

use std::sync::Arc;

use sanduq::store::{LocalStore, MemoryStore};
use sanduq::vault::{Finding, Item, Vault, VaultError};

use super::faulty::Faulty;
use crate::support::vaults::*;

#[test]
fn a_write_cut_anywhere_leaves_the_old_or_the_new_state() {
    let place = Place::new();
    let store = Faulty::new(MemoryStore::new());
    let mut vault = Vault::create(store.clone(), place.device("laptop"), at(0)).unwrap();
    let code = new_case(&mut vault, None);
    put(&mut vault, &code, "notes", "0");
    let (mut before, mut cut) = ("0".to_owned(), 0);
    let (mut old, mut new) = (0, 0);
    loop {
        let after = format!("{}-ші", cut + 1);
        store.fail_after(cut);
        let result = try_put(&mut vault, &code, "notes", &after);
        let failed = store.has_failed();
        store.fail_after(i64::MAX);
        // A crash: whatever the process knew is gone.
        vault = Vault::open(store.clone(), place.device("laptop")).unwrap();
        let now = text(&vault, &code, "notes");
        match &result {
            Ok(_) => assert_eq!(now, after),
            Err(_) if now == after => new += 1,
            Err(_) => old += usize::from(now == before),
        }
        assert!(now == after || now == before, "{now}");
        assert_eq!(vault.findings(), [], "cut at {cut}");
        check_sound(&vault);
        before = now;
        cut += 1;
        if !failed {
            break;
        }
    }
    // Both happen: cut before the entry appeared, and after it.
    assert!(old >= 3 && new >= 1, "{old} {new}");
    let revisions = put(&mut vault, &code, "notes", "соңғы").number as u64;
    assert_eq!(check_sound(&vault).sound.revisions, revisions);
}

#[test]
fn a_pending_entry_that_never_appeared_ends_the_writer() {
    let place = Place::new();
    drop(place.create("v", "laptop"));
    let store = Faulty::new(LocalStore::open(&place.path("v")).unwrap());
    let mut vault = Vault::open(store.clone(), place.device("laptop")).unwrap();
    let code = new_case(&mut vault, None);
    assert_eq!(check_sound(&vault).sound.writers, 2);
    // Run and barrier work, the entry does not: its hash is remembered as pending.
    store.fail_after(2);
    assert!(matches!(
        vault.title_case(vault.find(&code).unwrap(), &"т".parse().unwrap(), at(2)),
        Err(VaultError::Store(_))
    ));
    assert_eq!(store.put().len(), 3, "the run, the first entry, the second run: {:?}", store.put());
    // Another copy may hold that entry: the next commit must not write a second one of its number.
    let mut vault = place.open("v", "laptop");
    put(&mut vault, &code, "notes", "жаңа");
    let report = check_sound(&vault);
    assert_eq!((report.sound.writers, report.sound.entries), (3, 3));
}

#[test]
fn a_pending_entry_that_stands_is_marked_and_the_writer_goes_on() {
    let place = Place::new();
    drop(place.create("v", "laptop"));
    let store = Faulty::new(LocalStore::open(&place.path("v")).unwrap());
    let mut vault = Vault::open(store.clone(), place.device("laptop")).unwrap();
    let code = new_case(&mut vault, None);
    // Run, barrier and entry work, the barrier after it does not.
    store.fail_after(3);
    let titled = vault.title_case(vault.find(&code).unwrap(), &"т".parse().unwrap(), at(2));
    assert!(matches!(titled, Err(VaultError::Recorded(_))), "{titled:?}");
    let mut vault = place.open("v", "laptop");
    put(&mut vault, &code, "notes", "жаңа");
    let report = check_sound(&vault);
    assert_eq!((report.sound.writers, report.sound.entries), (2, 4));
    assert_eq!(vault.case(vault.find(&code).unwrap()).unwrap().title(), Some("т"));
}

#[test]
fn an_entry_cut_short_is_named_and_the_state_before_it_goes_on() {
    let place = Place::new();
    drop(place.create("v", "laptop"));
    let store = Faulty::new(LocalStore::open(&place.path("v")).unwrap());
    let mut vault = Vault::open(store.clone(), place.device("laptop")).unwrap();
    let code = new_case(&mut vault, None);
    put(&mut vault, &code, "notes", "бұрын");
    // Revision, run, barrier and entry work; then the power fails, and the entry is found empty.
    store.fail_after(4);
    assert!(matches!(try_put(&mut vault, &code, "notes", "кейін"), Err(VaultError::Recorded(_))));
    let entry = place.path("v").join(store.put().last().unwrap().path());
    std::fs::write(&entry, b"").unwrap();
    // The device that was writing, and one that was never here.
    for device in ["laptop", "phone"] {
        let mut vault = place.open("v", device);
        assert!(matches!(vault.findings(), [Finding::Torn(Item::Entry(_, 2))]), "{:?}", vault.findings());
        assert!(!vault.is_read_only());
        assert_eq!(text(&vault, &code, "notes"), "бұрын");
        let report = check(&vault);
        assert_eq!(report.damaged.len(), 1, "{:?}", report.damaged);
        assert_eq!(report.torn.iter().map(|path| place.path("v").join(path)).collect::<Vec<_>>(), [&*entry]);
        put(&mut vault, &code, "person", device);
    }
    std::fs::remove_file(&entry).unwrap();
    for device in ["laptop", "phone", "stranger"] {
        let vault = place.open("v", device);
        assert_eq!(vault.findings(), [], "{device}");
        assert_eq!(
            (text(&vault, &code, "notes").as_str(), text(&vault, &code, "person").as_str()),
            ("бұрын", "phone")
        );
        check_sound(&vault);
    }
}

#[test]
fn an_entry_withheld_in_the_middle_is_reported() {
    let place = Place::new();
    drop(place.create("v", "laptop"));
    let store = Faulty::new(LocalStore::open(&place.path("v")).unwrap());
    let mut vault = Vault::open(store.clone(), place.device("laptop")).unwrap();
    let mut entries = Vec::new();
    for _ in 0..9 {
        new_case(&mut vault, None);
        entries.extend(store.put().last().copied());
    }
    for (withheld, entry) in entries.iter().enumerate().take(8) {
        place.copy("v", "withheld");
        std::fs::remove_file(place.path("withheld").join(entry.path())).unwrap();
        // A device that saw nothing before: only the vault itself can show it.
        let opened = place.try_open("withheld", "phone");
        let noticed = match &opened {
            // The announcement is gone, and with it the writer: what other entries have seen of it is missed.
            Ok(vault) => !vault.findings().is_empty() || !check(vault).is_sound() || withheld == 0,
            Err(_) => true,
        };
        assert!(noticed, "entry {withheld}");
        // The device that wrote them knows more.
        if let Ok(vault) = place.try_open("withheld", "laptop") {
            assert!(!vault.findings().is_empty() || !check(&vault).is_sound(), "entry {withheld}");
        }
        place.remove("withheld");
        place.remove("phone");
    }
    check_sound(
        &Vault::open(Arc::new(LocalStore::open(&place.path("v")).unwrap()), place.device("laptop")).unwrap(),
    );
}
