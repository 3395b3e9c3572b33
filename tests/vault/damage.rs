//! Objects that are missing, changed, or replaced by others that are validly sealed.

use std::collections::BTreeMap;
use std::path::Path;

use sanduq::crypto::{Identity, ObjectType, SignatureLabel, object_name, seal_object};
use sanduq::format::encode;
use sanduq::record::CaseCode;
use sanduq::store::ObjectName;
use sanduq::vault::{CheckReport, Finding, Item, Vault, VaultError};

use crate::support::vaults::*;

#[test]
fn a_revision_in_anothers_place_is_refused_and_the_others_open() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let code = new_case(&mut vault, None);
    put(&mut vault, &code, "testimony", "ескі куә");
    put(&mut vault, &code, "testimony", "куә");
    put(&mut vault, &code, "person", "адам");
    let other = new_case(&mut vault, None);
    put(&mut vault, &other, "testimony", "басқа");
    let view = vault.case(vault.find(&code).unwrap()).unwrap();
    let victim = view.heads(&part("testimony"))[0].clone();
    // The same part's earlier revision: only its id tells that it is not the one named (tried without that check).
    let forged = view.open(vault.store(), &view.revisions(&part("testimony"))[0]).unwrap();
    assert_eq!(forged.revision.text.as_deref(), Some("ескі куә"));
    // Sealed under the right key, signed by the owner, and yet another revision than the one named.
    let sealed = seal_object(&victim.key, ObjectType::Revision, &encode(&forged.revision));
    replace(&place, &victim.key, &sealed);

    let vault = place.open("v", "laptop");
    let refused = view.open(vault.store(), &victim).unwrap_err();
    let item = Item::Revision(view.case, part("testimony"));
    assert!(matches!(&refused, VaultError::Damaged(found, _) if *found == item), "{refused}");
    assert_eq!(refused.to_string(), format!("a revision of testimony of {code} is damaged or missing"));
    assert_eq!(text(&vault, &other, "testimony"), "басқа");
    assert_eq!(
        view.open(vault.store(), view.heads(&part("person"))[0]).unwrap().revision.text.unwrap(),
        "адам"
    );
    assert_eq!(items(&check(&vault)), [item]);
}

#[test]
fn a_revision_signed_by_a_stranger_is_refused() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let code = new_case(&mut vault, None);
    put(&mut vault, &code, "testimony", "куә");
    let view = vault.case(vault.find(&code).unwrap()).unwrap();
    let fact = view.heads(&part("testimony"))[0].clone();
    let mut opened = view.open(vault.store(), &fact).unwrap();
    opened.revision.sig = Identity::generate().sign(SignatureLabel::Revision, &opened.revision.core);
    replace(&place, &fact.key, &seal_object(&fact.key, ObjectType::Revision, &encode(&opened.revision)));
    let vault = place.open("v", "laptop");
    let item = Item::Revision(view.case, part("testimony"));
    let opened = view.open(vault.store(), &fact).unwrap();
    assert!(
        matches!(opened.check_author(vault.owner()), Err(VaultError::Damaged(found, _)) if found == item)
    );
    assert_eq!(items(&check(&vault)), [item]);
}

fn replace(place: &Place, key: &sanduq::format::ObjectKey, sealed: &[u8]) {
    let path = place.path("v").join(ObjectName::new(object_name(key)).path());
    assert_eq!(std::fs::metadata(&path).unwrap().len(), sealed.len() as u64);
    std::fs::write(path, sealed).unwrap();
}

fn items(report: &CheckReport) -> Vec<Item> {
    let item = |error: &VaultError| match error {
        VaultError::Damaged(item, _) => item.clone(),
        other => panic!("{other}"),
    };
    report.damaged.iter().map(item).collect()
}

/// What a vault holds, to compare with.
type Content = BTreeMap<CaseCode, (Vec<String>, Vec<Vec<u8>>)>;

/// Reads all there is: nothing that was never written may appear. Gives whether all of it is there and newest.
fn read_all(vault: &Vault, expected: &Content) -> bool {
    let mut whole = true;
    for (code, (words, files)) in expected {
        let texts = texts(vault, code).map(|texts| texts.into_values().flatten().collect::<Vec<_>>());
        let found = texts.as_deref().unwrap_or_default();
        assert!(found.iter().all(|text| words.contains(text) || text == "Ержан көрді"), "{found:?}");
        let exhibits = exhibits(vault, code).map(|exhibits| exhibits.into_values().collect::<Vec<_>>());
        assert!(exhibits.as_deref().unwrap_or_default().iter().all(|bytes| files.contains(bytes)));
        whole &=
            texts.is_ok_and(|texts| texts == *words) && exhibits.is_ok_and(|exhibits| exhibits == *files);
    }
    whole
}

/// A vault with every kind of object but messages: two devices, long operations, an exhibit over several chunks.
fn rich_vault(place: &Place) -> Content {
    let mut vault = place.create("v", "laptop");
    let code = new_case(&mut vault, Some("бірінші"));
    put(&mut vault, &code, "testimony", "Ержан көрді");
    put(&mut vault, &code, "testimony", "Ержан екі рет көрді");
    attach(&mut vault, &code, "видео.mp4", &[5; 150_000]);
    attach(&mut vault, &code, "бос.txt", &[]);
    let mut phone = place.open("v", "phone");
    let ingested: Vec<_> = (0..60).map(|i| Ok(super::ingest::one_case(&format!("{i}-куә")))).collect();
    let codes = phone.ingest(ingested, at(4), &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    let mut content = Content::new();
    content.insert(code, (vec!["Ержан екі рет көрді".into()], vec![Vec::new(), vec![5; 150_000]]));
    for (i, code) in codes.into_iter().enumerate().take(3) {
        content.insert(code, (vec![format!("{i}-куә")], vec![]));
    }
    let mut vault = place.open("v", "laptop");
    let code = new_case(&mut vault, None);
    put(&mut vault, &code, "person", "соңғы");
    content.insert(code, (vec!["соңғы".into()], vec![]));
    content
}

/// Damages every object in turn and counts in how many cases that was reported.
fn noticed_when(place: &Place, content: &Content, damage: impl Fn(&Path, &[u8]), device: &str) -> usize {
    let mut noticed = 0;
    for name in objects(place.open("v", device).store()) {
        let path = place.path("v").join(name.path());
        let bytes = std::fs::read(&path).unwrap();
        damage(&path, &bytes);
        let (reported, whole) = match place.try_open("v", device) {
            // The vault does not open at all and says why.
            Err(VaultError::Damaged(..) | VaultError::NotOwner) => (true, false),
            Err(error) => panic!("{name}: {error}"),
            Ok(vault) => {
                let report = check(&vault);
                (!report.is_sound() || !vault.findings().is_empty(), read_all(&vault, content))
            }
        };
        noticed += usize::from(reported);
        assert!(reported || whole, "{name}: something does not open and nobody says why");
        std::fs::write(&path, &bytes).unwrap();
    }
    noticed
}

#[test]
fn every_required_object_that_is_damaged_or_missing_is_found() {
    let place = Place::new();
    let content = rich_vault(&place);
    let vault = place.open("v", "laptop");
    assert!(read_all(&vault, &content));
    let report = check_sound(&vault);
    let sound = report.sound;
    assert_eq!((sound.operations, sound.segments, report.unknown), (1, 1, 0), "{sound:?}");
    assert!(sound.older_runs >= 3, "{sound:?}");
    let genesis = 1;
    let required = genesis + sound.entries + sound.operations + sound.runs + sound.revisions + sound.segments;
    assert_eq!(objects(vault.store()).len() as u64, required + sound.older_runs);
    // Exactly the required ones are missed: fewer would hide damage, more would cry wolf over superseded runs.
    let removed = |path: &Path, _: &[u8]| std::fs::remove_file(path).unwrap();
    assert_eq!(noticed_when(&place, &content, removed, "laptop") as u64, required);
    let flipped = |at: fn(usize) -> usize| {
        move |path: &Path, bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            let at = at(bytes.len());
            bytes[at] ^= 0x10;
            std::fs::write(path, bytes).unwrap();
        }
    };
    for at in [|_| 0, |_| 40, |_| 60, |length| length / 2, |length| length - 1] as [fn(usize) -> usize; 5] {
        assert_eq!(noticed_when(&place, &content, flipped(at), "laptop") as u64, required);
    }
    let cut = |path: &Path, bytes: &[u8]| std::fs::write(path, &bytes[..bytes.len() * 2 / 3]).unwrap();
    assert_eq!(noticed_when(&place, &content, cut, "laptop") as u64, required);
    check_sound(&place.open("v", "laptop"));
}

#[test]
fn a_damaged_announcement_hides_no_other_writer() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let code = new_case(&mut vault, None);
    let before = objects(vault.store());
    let mut phone = place.open("v", "phone");
    put(&mut phone, &code, "person", "телефон");
    // Of the three the phone put, the entry is the one without which only the laptop's state is there.
    let mut hidden = 0;
    for name in objects(vault.store()).difference(&before) {
        let path = place.path("v").join(name.path());
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&bytes[..100], &[0; 40], &bytes[140..]].concat()).unwrap();
        let opened = place.open("v", "stranger");
        place.remove("stranger");
        if matches!(opened.findings(), [Finding::Torn(Item::Entry(..))]) {
            hidden += 1;
            assert_eq!(texts(&opened, &code).unwrap().len(), 0);
            let report = check(&opened);
            assert!(!report.is_sound() && report.torn.is_empty(), "{report:?}");
        }
        std::fs::write(&path, bytes).unwrap();
    }
    assert_eq!(hidden, 1);
    check_sound(&place.open("v", "stranger"));
}

#[test]
fn without_a_part_of_the_index_the_rest_is_read_and_nothing_written() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let cases: Vec<_> = (0..40).map(|i| Ok(super::ingest::one_case(&format!("{i}-куә")))).collect();
    let ingested =
        vault.ingest(cases, at(4), &mut |_| std::ops::ControlFlow::Continue(())).unwrap().swap_remove(0);
    let before = objects(vault.store());
    let code = new_case(&mut vault, None);
    let (mut holed, now) = (0, objects(vault.store()));
    for name in now.difference(&before) {
        let path = place.path("v").join(name.path());
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let mut opened = place.open("v", "stranger");
        if opened.findings() == [Finding::Missing(Item::Run)] {
            holed += 1;
            assert!(opened.is_read_only() && !opened.is_rolled_back());
            assert_eq!(text(&opened, &ingested, "testimony"), "0-куә");
            assert!(matches!(opened.find(&code), Err(VaultError::NotShared(_))));
            let refused = try_put(&mut opened, &ingested, "testimony", "x").unwrap_err();
            assert!(matches!(refused, VaultError::Damaged(Item::Run, _)), "{refused}");
            assert_eq!(items(&check(&opened)), [Item::Run]);
            std::fs::write(&path, &bytes).unwrap();
            opened.reload().unwrap();
            assert_eq!(opened.findings(), []);
            put(&mut opened, &code, "notes", "жалғасы");
        }
        std::fs::write(&path, bytes).unwrap();
        place.remove("stranger");
    }
    assert_eq!(holed, 1);
    check_sound(&place.open("v", "stranger"));
}

#[test]
fn damage_names_case_and_part_and_the_rest_is_checked() {
    let place = Place::new();
    let mut vault = place.create("v", "laptop");
    let code = new_case(&mut vault, None);
    put(&mut vault, &code, "testimony", "куә");
    put(&mut vault, &code, "person/doctor", "дәрігер");
    attach(&mut vault, &code, "видео.mp4", &[5; 150_000]);
    put(&mut vault, &code, "medical", "бүтін");
    let view = vault.case(vault.find(&code).unwrap()).unwrap();
    let delete = |name: &str| {
        let key = &view.heads(&part(name))[0].key;
        std::fs::remove_file(place.path("v").join(ObjectName::new(object_name(key)).path())).unwrap();
    };
    delete("testimony");
    delete("person/doctor");
    let exhibit =
        view.open(vault.store(), view.heads(&part("exhibits"))[0]).unwrap().revision.exhibits.remove(0);
    let path = place.path("v").join(ObjectName::new(object_name(&exhibit.segments[0])).path());
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[140_000] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let report = check(&place.open("v", "laptop"));
    let told: Vec<String> = report.damaged.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            format!("a revision of {} of {code} is damaged or missing", report_order(&report, 0)),
            format!("a revision of {} of {code} is damaged or missing", report_order(&report, 1)),
            format!("exhibit E1 in exhibits of {code} is damaged or missing"),
        ]
    );
    assert_eq!(report.sound.revisions, 2);
    // Without reading the data a change in the middle of an exhibit is not seen, and nobody says that it was.
    let quick =
        vault.check(sanduq::vault::CheckOptions::default(), &|_, _, _| std::ops::ControlFlow::Continue(()));
    assert_eq!(quick.unwrap().damaged.len(), 2);
    let stopped =
        vault.check(sanduq::vault::CheckOptions::default(), &|_, _, _| std::ops::ControlFlow::Break(()));
    assert!(matches!(stopped, Err(VaultError::Cancelled)));
}

fn report_order(report: &CheckReport, i: usize) -> String {
    match &report.damaged[i] {
        VaultError::Damaged(Item::Revision(_, name), _) => {
            assert!(["testimony", "person/doctor"].contains(&name.as_str()));
            name.to_string()
        }
        other => panic!("{other}"),
    }
}

#[test]
fn unknown_objects_are_counted_and_no_error() {
    let place = Place::new();
    drop(place.create("v", "laptop"));
    let whole = place.path("v").join("objects").join("ab");
    std::fs::create_dir_all(&whole).unwrap();
    std::fs::write(whole.join("c".repeat(62)), vec![1; 2048]).unwrap();
    std::fs::write(whole.join("d".repeat(62)), vec![1; 2049]).unwrap();
    std::fs::write(whole.join("readme"), "x").unwrap();
    let report = check(&place.open("v", "laptop"));
    assert!(report.is_sound());
    assert_eq!(report.unknown, 2);
    assert_eq!(report.interrupted, [Path::new("objects/ab").join("d".repeat(62))]);
    assert_eq!(report.strays, [Path::new("objects/ab/readme")]);
}
