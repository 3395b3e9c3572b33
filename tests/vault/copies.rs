//! Copies of vaults, of memories, and several processes: nothing forks, nothing is lost.

use sanduq::record::CaseCode;
use sanduq::vault::{Finding, VaultError};

use crate::support::vaults::*;

const DEVICES: [&str; 3] = ["laptop", "phone", "office"];
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

#[test]
fn three_copies_written_apart_join_in_every_order() {
    let place = Place::new();
    let mut vault = place.create("base", "laptop");
    let shared = new_case(&mut vault, Some("ортақ"));
    put(&mut vault, &shared, "testimony", "бастапқы");
    attach(&mut vault, &shared, "base.jpg", &[7; 3000]);
    let mut own = Vec::new();
    for device in DEVICES {
        place.copy("base", &format!("at-{device}"));
        let mut vault = place.open(&format!("at-{device}"), device);
        put(&mut vault, &shared, "testimony", device);
        attach(&mut vault, &shared, &format!("{device}.jpg"), device.as_bytes());
        let code = new_case(&mut vault, Some(device));
        put(&mut vault, &code, "person", device);
        own.push(code);
    }
    for order in ORDERS {
        let [first, second, third] = order.map(|i| format!("at-{}", DEVICES[i]));
        place.copy(&first, "joined");
        place.join(&second, "joined");
        let two = place.open("joined", "reader");
        assert_eq!(texts(&two, &shared).unwrap()["testimony"].len(), 2, "{order:?}");
        check_sound(&two);
        place.join(&third, "joined");
        keeps_everything(&place, &shared, &own);
        goes_on(&place, &shared);
        place.remove("joined");
        for name in ["reader", "laptop", "phone", "office"] {
            place.remove(name);
        }
    }
}

fn keeps_everything(place: &Place, shared: &CaseCode, own: &[CaseCode]) {
    let vault = place.open("joined", "reader");
    assert_eq!(vault.findings(), []);
    let heads = &texts(&vault, shared).unwrap()["testimony"];
    assert_eq!(heads.iter().map(String::as_str).collect::<Vec<_>>(), ["laptop", "office", "phone"]);
    let kept = exhibits(&vault, shared).unwrap();
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["base.jpg", "laptop.jpg", "office.jpg", "phone.jpg"]);
    for (code, device) in own.iter().zip(DEVICES) {
        assert_eq!(text(&vault, code, "person"), device);
        assert_eq!(kept[&format!("{device}.jpg")], device.as_bytes());
    }
    assert_eq!(vault.cases().unwrap().len(), 4);
    let report = check_sound(&vault);
    // The first entry's writer, the one that wrote base and went on at its laptop, and one each for two copies.
    assert_eq!((report.sound.writers, report.sound.revisions, report.sound.exhibits), (4, 11, 4));
}

/// The next edit covers all heads and keeps all exhibits; then every device writes in the joined vault.
fn goes_on(place: &Place, shared: &CaseCode) {
    let mut vault = place.open("joined", "reader");
    put(&mut vault, shared, "testimony", "біріктірілген");
    assert_eq!(text(&vault, shared, "testimony"), "біріктірілген");
    attach(&mut vault, shared, "more.jpg", &[1]);
    assert_eq!(exhibits(&vault, shared).unwrap().len(), 5);
    for device in DEVICES {
        let mut vault = place.open("joined", device);
        assert_eq!(vault.findings(), [], "{device}");
        put(&mut vault, shared, "notes", device);
        check_sound(&vault);
    }
}

#[test]
fn a_restored_older_copy_is_noticed_and_can_be_accepted() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let code = new_case(&mut vault, None);
    put(&mut vault, &code, "notes", "ескі");
    place.copy("v", "older");
    put(&mut vault, &code, "notes", "жаңа");
    place.copy("v", "newer");
    place.remove("v");
    place.copy("older", "v");

    let mut vault = place.open("v", "laptop");
    assert!(vault.is_rolled_back());
    assert_eq!(text(&vault, &code, "notes"), "ескі", "reading goes on");
    assert!(matches!(try_put(&mut vault, &code, "notes", "x"), Err(VaultError::RolledBack)));
    assert!(place.open("v", "laptop").is_rolled_back(), "a second opening says so again");
    assert!(!place.open("v", "phone").is_rolled_back(), "who never saw more notices nothing");

    let lost = vault.accept_rollback(at(9)).unwrap();
    assert_eq!(lost.len(), 1);
    assert!(!vault.is_rolled_back());
    put(&mut vault, &code, "notes", "қабылданды");
    assert!(matches!(vault.accept_rollback(at(9)), Err(VaultError::Nothing(_))));
    let vault = place.open("v", "laptop");
    assert_eq!(vault.findings(), []);
    let report = check_sound(&vault);
    assert_eq!(report.sound.writers, 3, "a new writer goes on");

    // The lost copy turns up: everything of both is there, side by side.
    place.join("newer", "v");
    let vault = place.open("v", "laptop");
    assert_eq!(vault.findings(), []);
    let notes = texts(&vault, &code).unwrap().remove("notes").unwrap();
    assert_eq!(notes, ["жаңа", "қабылданды"].map(String::from).into());
    check_sound(&vault);
}

#[test]
fn an_accepted_rollback_holds_where_entries_name_what_is_gone() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let code = new_case(&mut vault, None);
    place.copy("v", "before");
    put(&mut vault, &code, "notes", "кейін жоғалады");
    // The phone saw the laptop's entry; then the laptop's last entry alone is lost.
    let mut phone = place.open("v", "phone");
    put(&mut phone, &code, "person", "телефон");
    let lost: Vec<_> = objects(phone.store()).into_iter().collect();
    let mut gone = 0;
    for name in lost {
        let path = place.path("v").join(name.path());
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let noticed = place.try_open("v", "stranger").is_ok_and(|vault| {
            vault.is_rolled_back() && texts(&vault, &code).is_ok_and(|texts| texts.len() == 2)
        });
        place.remove("stranger");
        if noticed {
            gone += 1;
            let mut vault = place.open("v", "stranger");
            vault.accept_rollback(at(9)).unwrap();
            put(&mut vault, &code, "medical", "жалғасы");
            // Neither this device nor one that never was here is stopped by it any more.
            for device in ["stranger", "another"] {
                let vault = place.open("v", device);
                assert_eq!(vault.findings(), [], "{device}");
                check_sound(&vault);
                assert_eq!(texts(&vault, &code).unwrap().len(), 3);
            }
        }
        std::fs::write(&path, bytes).unwrap();
    }
    assert_eq!(gone, 1, "exactly the laptop's last entry");
}

#[test]
fn a_cloned_memory_forks_nothing() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let code = new_case(&mut vault, None);
    place.copy("laptop", "cloned");
    // The same machine, as after copying a home folder: only the file is another one.
    let clone = place.path("cloned");
    let desk = sanduq::vault::Desk::beside(&clone.join("identity"), b"laptop");
    let desktop = sanduq::vault::Desktop { identity: place.identity.clone(), desk };
    let store = std::sync::Arc::new(sanduq::store::LocalStore::open(&place.path("v")).unwrap());
    let mut cloned = sanduq::vault::Vault::open(store, desktop).unwrap();
    put(&mut cloned, &code, "notes", "көшірме");
    put(&mut vault, &code, "person", "түпнұсқа");
    put(&mut cloned, &code, "notes", "көшірме 2");
    let vault = place.open("v", "laptop");
    assert_eq!(text(&vault, &code, "notes"), "көшірме 2");
    assert_eq!(text(&vault, &code, "person"), "түпнұсқа");
    let report = check_sound(&vault);
    assert_eq!((report.sound.writers, report.sound.entries), (3, 5));
}

#[test]
fn a_memory_put_back_to_an_earlier_state_forks_nothing() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let code = new_case(&mut vault, None);
    let memory = files(&place.memory("laptop")).into_iter().find(|file| file.extension().is_none()).unwrap();
    // A hard link keeps the very file, as a snapshot of the whole machine would.
    std::fs::hard_link(&memory, place.path("kept")).unwrap();
    put(&mut vault, &code, "notes", "екінші");
    std::fs::rename(place.path("kept"), &memory).unwrap();
    let mut vault = place.open("v", "laptop");
    put(&mut vault, &code, "notes", "үшінші");
    assert_eq!(vault.findings(), [Finding::Clone]);
    assert_eq!(text(&vault, &code, "notes"), "үшінші");
    let report = check_sound(&vault);
    assert_eq!((report.sound.writers, report.sound.entries, report.sound.revisions), (3, 4, 2));
}

#[test]
fn a_clones_entry_in_the_place_of_ours_is_reported_and_writing_goes_on() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let code = new_case(&mut vault, None);
    let memory = files(&place.memory("laptop")).into_iter().find(|file| file.extension().is_none()).unwrap();
    std::fs::hard_link(&memory, place.path("kept")).unwrap();
    place.copy("v", "copy");
    put(&mut vault, &code, "notes", "мұнда");
    // The very memory of before writes an entry of the same number in the copy.
    std::fs::rename(place.path("kept"), &memory).unwrap();
    put(&mut place.open("copy", "laptop"), &code, "person", "көшірмеде");
    place.join("copy", "v");
    let mut vault = place.open("v", "laptop");
    assert_eq!(vault.findings(), [Finding::Clone]);
    put(&mut vault, &code, "medical", "жалғасы");
    let vault = place.open("v", "phone");
    let texts = texts(&vault, &code).unwrap();
    assert_eq!(texts.keys().collect::<Vec<_>>(), ["medical", "notes", "person"], "{:?}", vault.findings());
    assert_eq!(place.open("v", "laptop").findings(), []);
}

#[test]
fn a_lost_memory_forks_nothing() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let code = new_case(&mut vault, None);
    put(&mut vault, &code, "notes", "бір");
    std::fs::remove_dir_all(place.memory("laptop")).unwrap();
    let mut vault = place.open("v", "laptop");
    put(&mut vault, &code, "notes", "екі");
    assert_eq!(vault.findings(), []);
    assert_eq!(text(&vault, &code, "notes"), "екі");
    assert_eq!(check_sound(&vault).sound.writers, 3);
}

#[test]
fn two_writing_in_turns_and_at_once_both_stand() {
    let place = Place::new();
    let mut one = place.create("v", "laptop");
    let code = new_case(&mut one, None);
    let mut two = place.open("v", "laptop");
    for i in 0..6 {
        put(&mut one, &code, "notes", &format!("one {i}"));
        put(&mut two, &code, "notes", &format!("two {i}"));
        assert_eq!(text(&two, &code, "notes"), format!("two {i}"));
    }
    let threads: Vec<_> = [("notes", one), ("person", two)]
        .map(|(name, mut vault)| {
            let code = code.clone();
            std::thread::spawn(move || {
                for i in 0..12 {
                    put(&mut vault, &code, name, &i.to_string());
                }
            })
        })
        .into_iter()
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let vault = place.open("v", "laptop");
    assert_eq!((text(&vault, &code, "notes"), text(&vault, &code, "person")), ("11".into(), "11".into()));
    let report = check_sound(&vault);
    // One memory, one writer: nobody's entry was skipped or written twice.
    assert_eq!((report.sound.writers, report.sound.entries, report.sound.revisions), (2, 2 + 12 + 24, 36));
}
