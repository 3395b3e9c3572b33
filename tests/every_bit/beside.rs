//! What lies outside the objects: identity file, address book, memory, places, the plain header, cards.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanduq::crypto::{Identity, KnownCard, Passphrase, identity_cost, open_identity, seal_identity};
use sanduq::format::KdfCost;
use sanduq::store::Store;
use sanduq::vault::{Contacts, Vault};

use super::changes::{Change, Reach, Taken, none_accepted};
use super::scene::Scene;
use crate::support::altered::Altered;

const CHEAP: KdfCost = KdfCost { memory_kib: 64, passes: 1, lanes: 2 };
/// What a flipped cost may ask for in the ordinary suite.
const LITTLE_KIB: u32 = 1 << 16;

fn change_identity_file(reach: Reach, most_kib: u32) {
    let passphrase = || Passphrase::new("жеті жұлдыз аспанда жарық тұр".to_owned());
    let file = seal_identity(&Identity::generate(), &passphrase(), CHEAP).unwrap();
    assert!(open_identity(&file, &passphrase()).is_ok());
    let mut left_out = 0;
    none_accepted("identity file", &file, reach, |changed| {
        if identity_cost(changed).is_ok_and(|cost| cost.memory_kib > most_kib) {
            left_out += 1;
            return Taken::Noticed;
        }
        match open_identity(changed, &passphrase()) {
            Err(_) => Taken::Noticed,
            Ok(_) => Taken::Accepted("it opens"),
        }
    });
    println!("of them not tried for the memory they ask: {left_out}");
}

/// Changes a file in its place; `read` says whether it was taken.
fn change_file(what: &str, file: &Path, reach: Reach, read: impl Fn() -> bool) {
    let whole = std::fs::read(file).unwrap();
    assert!(read(), "{what} is taken as it is");
    none_accepted(what, &whole, reach, |changed| {
        std::fs::write(file, changed).unwrap();
        if read() { Taken::Accepted("it is taken") } else { Taken::Noticed }
    });
    std::fs::write(file, whole).unwrap();
    assert!(read(), "{what} is taken again");
}

/// A scene whose owner's device has all its files.
fn settled() -> (Scene, [PathBuf; 3]) {
    let scene = Scene::small();
    let mut vault = Vault::open(Arc::clone(&scene.store), scene.owner.desktop.clone()).unwrap();
    vault.notice_place(b"/media/usb/vault").unwrap();
    let memory = scene.owner.path("identity.memory");
    let is_memory =
        |path: &PathBuf| path.extension().is_none() && path.file_name().is_some_and(|name| name.len() == 32);
    let found = std::fs::read_dir(&memory).unwrap().map(|entry| entry.unwrap().path()).find(is_memory);
    let files = [scene.owner.path("identity.contacts"), found.unwrap(), memory.join("places")];
    (scene, files)
}

fn change_files_beside(reach: Reach) {
    let (scene, [contacts, memory, places]) = settled();
    let owner = &scene.owner.desktop;
    change_file("address book", &contacts, reach, || Contacts::load(&owner.desk, &owner.identity).is_ok());
    let open = || Vault::open(Arc::clone(&scene.store), owner.clone());
    change_file("memory", &memory, reach, || open().is_ok());
    let mut vault = open().unwrap();
    let vault = std::cell::RefCell::new(&mut vault);
    change_file("places", &places, reach, || vault.borrow_mut().notice_place(b"/media/usb/vault").is_ok());
}

fn change_header(reach: Reach) {
    let scene = Scene::small();
    let (whole, header) = (scene.whole(), scene.store.read_header().unwrap().unwrap());
    none_accepted("vault", &header, reach, |changed| {
        let altered: Arc<dyn Store> = Altered::with_header(&scene.store, changed);
        scene.taken_as(&whole, &altered)
    });
}

/// What stands after the card in its file is ignored, docs/format.md section 5; everything else is the card.
fn change_card(reach: Reach) {
    let card = Identity::generate().card().clone();
    let text = card.to_text().into_bytes();
    let framed = text.len() - 1;
    assert_eq!(KnownCard::from_text(&text[..framed]).as_ref(), Ok(&card));
    let mut lawful = 0;
    none_accepted("card", &text, reach, |changed| match KnownCard::from_text(changed) {
        Err(_) => Taken::Noticed,
        Ok(read) if read == card && changed.get(..framed) == text.get(..framed) => {
            lawful += 1;
            Taken::Noticed
        }
        Ok(_) => Taken::Accepted("a card is read"),
    });
    println!("of them after the end of the card, where anything may stand: {lawful}");
    assert!(lawful >= 3, "the last line feed flipped, cut off, a byte more");
}

/// Fails when `open_identity` does not compare the commitment.
#[test]
fn no_change_of_identity_header_card_and_files_beside_is_accepted() {
    change_identity_file(Reach::Sample(300), LITTLE_KIB);
    change_files_beside(Reach::Sample(200));
    change_header(Reach::Sample(60));
    change_card(Reach::Sample(300));
}

#[test]
#[ignore = "campaign: 3 min of processor time and 4 GiB of memory, every bit of identity file, files beside it, header and card"]
fn campaign_every_bit_beside_the_objects() {
    change_identity_file(Reach::All, u32::MAX);
    change_files_beside(Reach::All);
    change_header(Reach::All);
    change_card(Reach::All);
}

/// Key, type under the seal and type in the structure all differ; before and after, each is taken in its own place.
#[test]
fn no_file_beside_the_identity_is_taken_for_another() {
    let (scene, files) = settled();
    let whole: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    let owner = &scene.owner.desktop;
    let read = || -> Result<(), sanduq::vault::VaultError> {
        Contacts::load(&owner.desk, &owner.identity)?;
        Vault::open(Arc::clone(&scene.store), owner.clone())?.notice_place(b"/media/usb/vault")
    };
    read().unwrap();
    for (i, file) in files.iter().enumerate() {
        for (_, other) in whole.iter().enumerate().filter(|(j, _)| *j != i) {
            std::fs::write(file, other).unwrap();
            assert!(read().is_err(), "{}", file.display());
        }
        std::fs::write(file, &whole[i]).unwrap();
    }
    read().unwrap();
}

/// The card's frame ends where the text says so: of two cards the first counts, line ends and what stands around do not.
#[test]
fn the_first_card_of_a_text_counts_and_mail_may_wrap_it() {
    let (one, other) = (Identity::generate(), Identity::generate());
    let text = format!("Сәлем,\n{}{}", one.card().to_text(), other.card().to_text());
    assert_eq!(KnownCard::from_text(text.as_bytes()).as_ref(), Ok(one.card()));
    let wrapped = text.replace('\n', "\r\n  ");
    assert_eq!(KnownCard::from_text(wrapped.as_bytes()).as_ref(), Ok(one.card()));
    // Other white space is no line end of any mail, but may be what a flipped bit left of one.
    let odd = one.card().to_text().replacen("=\n", "=\u{b}", 1).replacen("A\n", "A\u{b}", 1);
    assert!(odd.contains('\u{b}') && KnownCard::from_text(odd.as_bytes()).is_err());
    assert_eq!(Change::Flip(0).of(b"\n"), b"\x0b");
}
