//! A hostile store: it rolls back, withholds, replays, and serves what belongs elsewhere.

use std::collections::BTreeMap;

use super::*;
use crate::vault::error::Item;
use crate::vault::{CheckOptions, CheckReport};

/// A vault written by two devices and shared with a reader, and what it looked like after every step.
struct History {
    owner: Person,
    phone: Person,
    reader: Person,
    past: Vec<Arc<MemoryStore>>,
    words: Vec<String>,
    /// After which step the checkpoint was there.
    checkpoint: usize,
}

const TRUTH: [&str; 3] = ["Ержан көрді", "ئەرجان كۆردى", "她看见了"];

fn history() -> History {
    let (owner, reader) = (Person::new(), Person::new());
    owner.know("reader", &reader);
    reader.know("owner", &owner);
    let phone = owner.device();
    let mut history = History { owner, phone, reader, past: vec![], words: vec![], checkpoint: 0 };
    drop(history.owner.create());
    history.step();
    let case = history.write(TRUTH[0]);
    let mut vault = history.owner.open();
    share(&mut vault, case, "reader", &["testimony"], 10);
    history.step();
    let mut phone = history.phone.open();
    phone.put_text(case, &part("notes"), &text(TRUTH[1]), at(11)).unwrap();
    history.step();
    let stored = store_exhibit(vault.store(), &mut &[7u8; 70_000][..], 70_000, &mut go).unwrap();
    vault
        .attach(case, &part("testimony"), &[NewExhibit { name: "фото.jpg".into(), stored }], at(12))
        .unwrap();
    history.step();
    history.words = vault.checkpoint(at(13)).unwrap().words.map(String::from).to_vec();
    history.checkpoint = history.past.len();
    history.step();
    let plan = unasked(vault.plan_update(None).unwrap().remove(0));
    vault.share(&plan, at(14)).unwrap();
    history.step();
    history.write(TRUTH[2]);
    history
}

impl History {
    /// Keeps the vault as it is now, after everybody looked.
    fn step(&mut self) {
        drop(self.owner.open());
        drop(self.phone.open());
        drop(self.reader.visit(&self.owner));
        self.past.push(copy(&self.owner.store));
    }

    fn write(&mut self, words: &str) -> CaseId {
        let case = new_case(&mut self.owner.open(), words);
        self.step();
        case
    }

    /// The vault as a device finds it in another folder.
    fn open_at(&self, device: &Person, store: &Arc<MemoryStore>) -> Result<Vault, VaultError> {
        Vault::open(store.clone(), device.desktop.clone())
    }

    fn holds_checkpoint(&self, vault: &Vault) -> bool {
        vault.find_checkpoint(&self.words).unwrap().is_some_and(|found| found.missing.is_empty())
    }
}

fn all_names(store: &MemoryStore) -> Vec<ObjectName> {
    (0..=255).flat_map(|folder| store.list(folder).unwrap()).collect()
}

fn checked(vault: &Vault) -> CheckReport {
    vault.check(CheckOptions { read_data: true }, &|_, _, _| ControlFlow::Continue(())).unwrap()
}

#[test]
fn every_earlier_state_is_noticed_by_who_saw_more_and_by_the_words_of_a_checkpoint() {
    // Fails when heads or messages are not remembered, or when a checkpoint is found by its words alone.
    let history = history();
    let last = history.past.len() - 1;
    for (step, past) in history.past.iter().enumerate() {
        for device in [&history.owner, &history.phone] {
            let vault = history.open_at(device, past).unwrap();
            assert_eq!(vault.is_rolled_back(), step < last, "step {step}: {:?}", vault.findings());
        }
        let fresh = history.owner.device();
        let vault = history.open_at(&fresh, past).unwrap();
        assert_eq!(vault.findings(), [], "step {step}: nothing can tell a device that saw nothing");
        assert!(checked(&vault).is_sound(), "step {step}: an earlier state is whole in itself");
        assert_eq!(history.holds_checkpoint(&vault), step >= history.checkpoint, "step {step}");
        // The reader saw two messages, the second of them after the checkpoint.
        let seen = SharedVault::open(past.clone(), history.reader.desktop.clone());
        let missing = seen.is_ok_and(|shared| shared.is_missing_messages());
        assert_eq!(missing, step <= history.checkpoint, "step {step}");
    }
}

#[test]
fn a_checkpoint_is_exact_until_something_follows_and_gone_without_anything_it_covers() {
    let history = history();
    let found = |store: &Arc<MemoryStore>| {
        let vault = history.open_at(&history.owner.device(), store).unwrap();
        vault.find_checkpoint(&history.words).unwrap()
    };
    let after = |step: usize| found(&history.past[step]).unwrap().after;
    assert_eq!((after(history.checkpoint), after(history.checkpoint + 1)), (0, 1));
    let newest = found(&history.owner.store).unwrap();
    assert_eq!((newest.after, newest.missing.len(), newest.checkpoint.writers()), (3, 0, 3));
    let mut wrong = history.words.clone();
    wrong.swap(0, 1);
    let vault = history.open_at(&history.owner.device(), &history.owner.store).unwrap();
    assert_eq!(vault.find_checkpoint(&wrong).unwrap(), None);
    // Without any one entry before it, the checkpoint is not contained (and without its own it is not found).
    let (mut refused, mut lost) = (0, 0);
    for head in &vault.heads {
        for n in 0..=head.core.n {
            let store = copy(&history.past[history.checkpoint]);
            if store.delete(ObjectName::new(vault.chain.name(&head.core.writer, n))).is_err() {
                continue;
            }
            match history
                .open_at(&history.owner.device(), &store)
                .ok()
                .map(|v| v.find_checkpoint(&history.words))
            {
                Some(Ok(Some(found))) => {
                    assert!(!found.missing.is_empty(), "entry {n} is gone and nothing is missing");
                    refused += 1;
                }
                _ => lost += 1,
            }
        }
    }
    assert_eq!((refused + lost) as u64, newest.checkpoint.entries());
    assert!(refused >= 2, "{refused} refused, {lost} without the checkpoint's own entry or writer");
}

/// What a device makes of a vault that was tampered with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Everything is there.
    Whole,
    /// Something is said to be wrong.
    Noticed,
    /// Something is not there, and nobody says so.
    Hidden,
}

/// Reads everything there is: nothing that was never written may appear.
fn judge(history: &History, device: &Person, store: &Arc<MemoryStore>) -> Verdict {
    let Ok(vault) = history.open_at(device, store) else { return Verdict::Noticed };
    let report = checked(&vault);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for view in vault.each_readable_case(|view| view).unwrap().0 {
        for fact in view.parts.values().flatten() {
            match view.open(vault.store(), fact) {
                Ok(opened) => {
                    opened.check_author(vault.owner()).unwrap();
                    *seen.entry(opened.revision.text.unwrap_or_default()).or_default() += 1;
                }
                Err(VaultError::Damaged(..)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
    assert!(seen.keys().all(|text| TRUTH.contains(&text.as_str())), "never anything else: {seen:?}");
    match (!report.is_sound() || !vault.findings().is_empty(), seen.values().sum::<usize>()) {
        (true, _) => Verdict::Noticed,
        (false, 4) => Verdict::Whole,
        (false, _) => Verdict::Hidden,
    }
}

fn judge_reader(history: &History, store: &Arc<MemoryStore>) {
    let Ok(shared) = SharedVault::open(store.clone(), history.reader.desktop.clone()) else { return };
    let views = shared.cases().unwrap();
    let whole = views.iter().map(|view| view.parts.values().flatten().count()).sum::<usize>() == 2;
    let hurt = views.iter().any(|view| !view.damaged.is_empty()) || !shared.findings().is_empty();
    assert!(whole || hurt, "{views:?}");
    for view in &views {
        for fact in view.parts.values().flatten() {
            let text = view.open(shared.store(), fact).unwrap().revision.text;
            assert_eq!(text.as_deref(), Some(TRUTH[0]));
        }
    }
}

#[test]
fn each_object_withheld_is_missed_by_someone_and_hides_nothing_else() {
    // Fails when a head that others name is not missed, or when check lists no damage.
    let history = history();
    let (mut noticed, mut hidden) = (0, 0);
    let names = all_names(&history.owner.store);
    for name in &names {
        let store = copy(&history.owner.store);
        store.delete(*name).unwrap();
        let verdict = judge(&history, &history.owner, &store);
        assert!(verdict != Verdict::Hidden, "{name}");
        noticed += usize::from(verdict == Verdict::Noticed);
        if judge(&history, &history.owner.device(), &store) == Verdict::Hidden {
            hidden += 1;
            let vault = history.open_at(&history.owner.device(), &store).unwrap();
            assert!(history.holds_checkpoint(&vault), "it came after the checkpoint, or that would tell");
        }
        judge_reader(&history, &store);
    }
    // What nobody misses is superseded: runs that later ones hold.
    let vault = history.owner.open();
    let superseded = checked(&vault).sound.older_runs as usize;
    assert_eq!(noticed, names.len() - superseded);
    assert_eq!(hidden, 1, "to a fresh device, the last entry, which no other one names");
}

#[test]
fn objects_served_in_each_others_place_or_from_another_vault_are_refused() {
    // The seals refuse them all; fails when check lists no damage, because a refusal must not pass for absence.
    let history = history();
    // A second vault of the same identity, with the same history.
    let twin = Person::with(history.owner.desktop.identity.clone(), Arc::new(MemoryStore::new()));
    twin.know("reader", &history.reader);
    let mut vault = twin.create();
    let case = new_case(&mut vault, "басқа қойма");
    share(&mut vault, case, "reader", &["testimony"], 10);
    let foreign: Vec<Vec<u8>> =
        all_names(&twin.store).into_iter().map(|name| twin.store.get(name, 1 << 24).unwrap()).collect();
    let names = all_names(&history.owner.store);
    let own: Vec<Vec<u8>> =
        names.iter().map(|name| history.owner.store.get(*name, 1 << 24).unwrap()).collect();
    for (i, name) in names.iter().enumerate() {
        let others = [&own[(i + 1) % own.len()], &own[(i + 7) % own.len()], &foreign[i % foreign.len()]];
        for bytes in others {
            let store = copy(&history.owner.store);
            store.delete(*name).unwrap();
            store.put_new(*name, bytes).unwrap();
            assert!(judge(&history, &history.owner, &store) != Verdict::Hidden, "{name}");
            judge_reader(&history, &store);
        }
    }
    // All of another vault's objects beside ours add nothing.
    let store = copy(&history.owner.store);
    merge(&twin.store, &store);
    let vault = history.open_at(&history.owner, &store).unwrap();
    assert_eq!((vault.findings(), vault.cases().unwrap().len()), (&[][..], 2));
    assert_eq!(checked(&vault).unknown as usize, foreign.len());
}

#[test]
fn an_old_entry_replayed_under_the_next_name_is_not_taken() {
    // Fails when the number inside an entry is not compared with its place. Only who holds S can seal it there: the
    // owner's own device, or one that took it over.
    let history = history();
    let vault = history.owner.open();
    let head = vault.heads.iter().max_by_key(|entry| entry.core.n).unwrap();
    let writer = head.core.writer;
    let old = vault.log().read(&writer, 1).unwrap();
    let key = vault.chain.key(&writer, head.core.n + 1);
    let sealed = crate::crypto::seal_object(
        &key,
        crate::crypto::ObjectType::Entry,
        &crate::format::encode(&old.entry),
    );
    let name = ObjectName::new(vault.chain.name(&writer, head.core.n + 1));
    history.owner.store.put_new(name, &sealed).unwrap();
    let mut vault = history.owner.open();
    assert!(matches!(vault.findings(), [Finding::Torn(Item::Entry(..))]), "{:?}", vault.findings());
    assert_eq!(vault.cases().unwrap().len(), 2);
    vault.open_case(None, at(30)).unwrap();
    assert_eq!(history.phone.open().cases().unwrap().len(), 3, "written under another writer");
}
