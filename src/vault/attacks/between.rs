//! What others write while a vault is being opened or read: never a false alarm, never a lost message.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::store::{NewObject, ObjectReader, StoreError};

/// What somebody wrote, in that order.
type Written = Vec<(ObjectName, Vec<u8>)>;

/// What somebody else does.
type Meanwhile = Box<dyn FnOnce(&MemoryStore) + Send>;

/// Passes everything on and notes what is put; before its k-th reading call somebody else writes.
struct Interleaved {
    inner: Arc<MemoryStore>,
    calls: AtomicU64,
    at: u64,
    meanwhile: Mutex<Option<Meanwhile>>,
    put: Mutex<Vec<ObjectName>>,
    adopted: Mutex<Vec<ObjectName>>,
}

impl Interleaved {
    fn new(
        inner: &Arc<MemoryStore>,
        at: u64,
        meanwhile: impl FnOnce(&MemoryStore) + Send + 'static,
    ) -> Arc<Self> {
        let meanwhile = Mutex::new(Some(Box::new(meanwhile) as Box<_>));
        Arc::new(Self {
            inner: inner.clone(),
            calls: AtomicU64::new(0),
            at,
            meanwhile,
            put: Mutex::default(),
            adopted: Mutex::default(),
        })
    }

    fn reading(&self) {
        if self.calls.fetch_add(1, Ordering::SeqCst) == self.at {
            let act = self.meanwhile.lock().unwrap().take().unwrap();
            act(&self.inner);
        }
    }
}

impl Store for Interleaved {
    fn create(&self, name: ObjectName, size: u64) -> Result<Box<dyn NewObject + '_>, StoreError> {
        self.put.lock().unwrap().push(name);
        self.inner.create(name, size)
    }
    fn barrier(&self) -> Result<(), StoreError> {
        self.inner.barrier()
    }
    fn adopt(&self, name: ObjectName) {
        self.adopted.lock().unwrap().push(name);
    }
    fn open(&self, name: ObjectName) -> Result<Box<dyn ObjectReader>, StoreError> {
        self.reading();
        self.inner.open(name)
    }
    fn size(&self, name: ObjectName) -> Result<Option<u64>, StoreError> {
        self.reading();
        self.inner.size(name)
    }
    fn list(&self, folder: u8) -> Result<Vec<ObjectName>, StoreError> {
        self.reading();
        self.inner.list(folder)
    }
    fn strays(&self) -> Result<Vec<PathBuf>, StoreError> {
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

/// What `act` writes on a copy of the vault.
fn written(store: &MemoryStore, act: impl FnOnce(Arc<Interleaved>)) -> Written {
    let live = copy(store);
    let recorder = Interleaved::new(&live, u64::MAX, |_| {});
    act(recorder.clone());
    let names = recorder.put.lock().unwrap().clone();
    names.into_iter().map(|name| (name, live.get(name, 1 << 24).unwrap())).collect()
}

/// Does `work` on copies of a vault, with what others wrote appearing before the first, second, … of its reading calls.
/// Gives how many calls there were.
fn at_every_call(
    base: &MemoryStore,
    meanwhile: &Written,
    every: usize,
    mut work: impl FnMut(Arc<Interleaved>, u64),
) -> u64 {
    let quiet = Interleaved::new(&copy(base), u64::MAX, |_| {});
    work(quiet.clone(), u64::MAX);
    let calls = quiet.calls.load(Ordering::SeqCst);
    for at in (0..calls).step_by(every) {
        let meanwhile = meanwhile.clone();
        let write = move |store: &MemoryStore| {
            meanwhile.iter().for_each(|(name, bytes)| store.put_new(*name, bytes).unwrap());
        };
        work(Interleaved::new(&copy(base), at, write), at);
    }
    calls
}

/// A vault with three writers, and what two of them and a fourth one write next in four commits.
fn busy() -> (Person, Written) {
    let a = Person::new();
    new_case(&mut a.create(), "x");
    let (b, c) = (a.device(), a.device());
    for device in [&b, &c] {
        device.open().open_case(None, at(4)).unwrap();
    }
    let written = written(&a.store, |store| {
        let open = |device: &Person| Vault::open(store.clone(), device.desktop.clone()).unwrap();
        let (mut b, mut c) = (open(&b), open(&c));
        b.open_case(None, at(5)).unwrap();
        c.open_case(None, at(6)).unwrap();
        let d = a.device();
        open(&d).open_case(None, at(7)).unwrap();
        b.open_case(None, at(8)).unwrap();
    });
    (a, written)
}

#[test]
fn commits_of_others_while_a_vault_is_opened_are_no_alarm() {
    // Fails when heads are read once, or when the gap after a head is not looked at again.
    let (a, meanwhile) = busy();
    let calls = at_every_call(&a.store, &meanwhile, 1, |store, call| {
        let vault = Vault::open(store, a.device().desktop).unwrap();
        assert_eq!(vault.findings(), [], "before call {call}");
    });
    assert!(calls > 250, "{calls}");
}

#[test]
fn commits_of_others_while_a_vault_is_checked_are_no_alarm() {
    // Fails when a check believes that what others named meanwhile is missing.
    let (a, meanwhile) = busy();
    let vault = a.open();
    meanwhile.iter().for_each(|(name, bytes)| a.store.put_new(*name, bytes).unwrap());
    let options = crate::vault::CheckOptions::default();
    let report = vault.check(options, &|_, _, _| ControlFlow::Continue(())).unwrap();
    assert!(report.is_sound(), "{:?}", report.damaged);
}

#[test]
fn a_commit_of_the_same_device_while_a_vault_is_opened_is_no_alarm() {
    // Fails when the memory is read after the heads: it then knows of an entry that the heads do not.
    let a = Person::new();
    let id = a.create().id();
    new_case(&mut a.open(), "x");
    let Desktop { identity, desk } = &a.desktop;
    let recall = || match desk.recall(identity, &id).unwrap() {
        Recall::Own(memory) => memory,
        _ => panic!("own memory"),
    };
    let before = recall();
    let meanwhile = written(&a.store, |store| {
        Vault::open(store, a.desktop.clone()).unwrap().open_case(None, at(5)).unwrap();
    });
    let after = recall();
    assert_ne!(before, after);
    let calls = at_every_call(&a.store, &Written::new(), 1, |store, call| {
        desk.remember(identity, &mut before.clone()).unwrap();
        let (desktop, mut after, meanwhile) = (a.desktop.clone(), after.clone(), meanwhile.clone());
        *store.meanwhile.lock().unwrap() = Some(Box::new(move |store: &MemoryStore| {
            meanwhile.iter().for_each(|(name, bytes)| store.put_new(*name, bytes).unwrap());
            desktop.desk.remember(&desktop.identity, &mut after).unwrap();
        }));
        let vault = Vault::open(store, a.desktop.clone()).unwrap();
        assert_eq!(vault.findings(), [], "before call {call}");
    });
    assert!(calls > 100, "{calls}");
}

#[test]
fn commits_of_others_while_one_is_prepared_all_stand() {
    let (a, meanwhile) = busy();
    let cases = a.open().cases().unwrap().len();
    at_every_call(&a.store, &meanwhile, 7, |store, call| {
        // Counted from here: the calls of opening are another test's.
        let device = a.device();
        let mut vault = Vault::open(store.inner.clone(), device.desktop.clone()).unwrap();
        vault.store = store.clone();
        vault.open_case(None, at(9)).unwrap_or_else(|error| panic!("before call {call}: {error}"));
        assert_eq!(vault.findings(), [], "before call {call}");
        let joined = Vault::open(store.inner.clone(), device.desktop).unwrap();
        let others = if call == u64::MAX { 0 } else { 4 };
        assert_eq!(joined.cases().unwrap().len(), cases + others + 1, "before call {call}");
    });
}

#[test]
fn messages_sent_while_a_reader_walks_are_no_alarm() {
    // Fails when the names before a message that was found are not looked at again.
    let (a, reader) = (Person::new(), Person::new());
    a.know("reader", &reader);
    let mut vault = a.create();
    let case = new_case(&mut vault, "x");
    share(&mut vault, case, "reader", &["testimony"], 10);
    let meanwhile = written(&a.store, |store| {
        let mut vault = Vault::open(store, a.desktop.clone()).unwrap();
        for _ in 0..2 {
            let case = new_case(&mut vault, "y");
            share(&mut vault, case, "reader", &["testimony"], 11);
        }
    });
    let mut seen = std::collections::BTreeSet::new();
    at_every_call(&a.store, &meanwhile, 1, |store, call| {
        let device = reader.device();
        device.know("a", &a);
        let shared = SharedVault::open(store, device.desktop).unwrap();
        assert_eq!(shared.findings(), [], "before call {call}");
        seen.insert(shared.arrivals().unwrap().len());
    });
    assert!(seen.contains(&1) && seen.contains(&3), "{seen:?}");
}

/// What somebody with another device does between two calls of the one who shares.
type ByAnother = fn(&mut Vault);

/// Shares a case, each time from a device of its own, while another one acts before one of its reading calls, each fifth
/// in turn.
/// Gives what was noticed each time, and how many messages of another it took for its own.
fn shared_while(act: ByAnother) -> Vec<(Vec<Finding>, usize)> {
    let (owner, reader) = (Person::new(), Person::new());
    owner.know("reader", &reader);
    let mut vault = owner.create();
    let case = new_case(&mut vault, "Айгүл көрді");
    let mut noticed = Vec::new();
    at_every_call(&owner.store, &Written::new(), 5, |store, _| {
        let (device, phone, inner) = (owner.device(), owner.device(), store.inner.clone());
        let mut vault = Vault::open(inner.clone(), device.desktop).unwrap();
        vault.store = store.clone();
        *store.meanwhile.lock().unwrap() = Some(Box::new(move |_| {
            act(&mut Vault::open(inner, phone.desktop.clone()).unwrap());
        }));
        share(&mut vault, case, "reader", &["testimony"], 10);
        noticed.push((vault.findings().to_vec(), store.adopted.lock().unwrap().len()));
    });
    noticed
}

#[test]
fn a_message_that_another_device_sends_first_is_no_alarm_and_durable_for_both() {
    // Fails when whatever stands in a message's place is taken for something foreign, or is not adopted.
    let noticed = shared_while(|other| {
        other.send_missing().unwrap();
    });
    assert!(noticed.iter().all(|(findings, _)| findings.is_empty()), "{noticed:?}");
    assert!(noticed.iter().any(|(_, adopted)| *adopted == 1), "never was another one first: {noticed:?}");
}

#[test]
fn what_is_put_into_the_place_of_a_message_by_a_stranger_is_told() {
    // Fails when whatever stands in a message's place is taken for the message.
    let noticed = shared_while(|other| {
        for sent in other.state.of_vault::<crate::format::MessageFact>().unwrap() {
            let to = other.card(&sent.fact.to).unwrap().unwrap();
            let name = other.mailbox_to(&to).unwrap().name(&sent.fact.writer, sent.fact.n);
            // The message itself may stand there already.
            other.store.put_new(ObjectName::new(name), &[7; 1024]).unwrap_or(());
        }
    });
    let told = noticed
        .iter()
        .filter(|(findings, adopted)| (&findings[..], *adopted) == (&[Finding::Occupied(0)], 0));
    let quiet = noticed.iter().filter(|(findings, _)| findings.is_empty());
    let (told, quiet) = (told.count(), quiet.count());
    assert!(told >= 1 && told + quiet == noticed.len(), "{noticed:?}");
}

#[test]
fn a_message_taken_away_between_listing_and_reading_is_nothing_foreign() {
    // Fails when a name that was listed and is gone when it is read counts as something that is no message.
    let (owner, reader) = (Person::new(), Person::new());
    owner.know("reader", &reader);
    let case = new_case(&mut owner.create(), "x");
    share(&mut owner.open(), case, "reader", &["testimony"], 10);
    let device = owner.device();
    let mut vault = device.open();
    let case = new_case(&mut vault, "y");
    let stays: std::collections::BTreeSet<_> = names(&owner.store).collect();
    share(&mut vault, case, "reader", &["testimony"], 11);
    let mailbox = vault.mailbox_to(reader.card()).unwrap();
    let sent = names(&owner.store)
        .find(|name| !stays.contains(name) && mailbox.recognise(name.as_bytes()).is_some());
    let sent = sent.unwrap();
    let mut seen = Vec::new();
    at_every_call(&owner.store, &Written::new(), 1, |store, _| {
        *store.meanwhile.lock().unwrap() = Some(Box::new(move |store| store.delete(sent).unwrap()));
        let device = reader.device();
        device.know("owner", &owner);
        let shared = SharedVault::open(store, device.desktop).unwrap();
        seen.push(shared.findings().to_vec());
    });
    assert!(seen.iter().flatten().all(|finding| *finding == Finding::MessageMissing), "{seen:?}");
    assert!(seen.iter().any(|findings| findings.is_empty()), "{seen:?}");
}

fn names(store: &MemoryStore) -> impl Iterator<Item = ObjectName> {
    (0..=255).flat_map(|folder| store.list(folder).unwrap())
}
