//! Bundles made to harm who opens them: what `open`, `verify` and `import` write and print.

use sanduq::bundle::tar::MAX_ENTRIES;
use sanduq::crypto::Identity;

use super::{COMMANDS, Scene, entries, entry, lies, tricks};
use crate::support::bags::{
    self, Bag, FOLDER, bag, comment, file, files_of, path_of, seal, seal_bytes, sign_again,
};
use crate::support::bundles::{Story, story_for};
use crate::support::tars::header;

const END: [u8; 1024] = [0; 1024];

/// Each hostile entry before everything else, when nothing is known, and after a whole and rightly signed bag, when
/// everything is. Fails when the folder for the files is made, or anything is said of them,
/// before all of it was verified.
#[test]
fn no_hostile_entry_writes_or_shows_anything_wherever_it_stands() {
    let scene = Scene::new();
    let whole = files_of(&bag(&scene.story), FOLDER);
    let seal = |archive: &[u8]| seal_bytes(&scene.story.recipient(), archive);
    // `open` meets them all, `verify` and `import`, which read by the same function, each third.
    let commands = |n: usize| if n.is_multiple_of(3) { &COMMANDS[..] } else { &COMMANDS[..1] };
    for (n, (what, bytes)) in entries().into_iter().chain(tricks()).enumerate() {
        for archive in [[&bytes[..], &whole, &END].concat(), [&whole[..], &bytes, &END].concat()] {
            scene.refuses_by(commands(n), (what, &seal(&archive)), 12, "is refused");
        }
    }
    for (n, (what, bytes)) in lies().into_iter().enumerate() {
        scene.refuses_by(commands(n), (what, &seal(&[whole.clone(), bytes].concat())), 12, "is refused");
    }
    scene.takes(&seal(&[&whole[..], &END].concat()));
}

/// A bag of the story, signed again by the lawyer after one change and changed once more after signing.
fn made(story: &Story, before: impl FnOnce(&mut Bag), after: impl FnOnce(&mut Bag)) -> Vec<u8> {
    let mut made = bag(story);
    let comment = comment(&mut made, &story.lawyer);
    before(&mut made);
    made.sort_by_key(|(path, _)| bags::place(path));
    sign_again(&mut made, &story.lawyer, &comment);
    after(&mut made);
    seal(story, &made, FOLDER)
}

/// Fails when a bag may hold a file more or a file less than its content has.
#[test]
fn bags_with_a_file_more_or_less_are_refused() {
    let scene = Scene::new();
    let story = &scene.story;
    for path in [
        "README.txt",
        "signer.card",
        "tagmanifest-sha256.txt",
        "tagmanifest-sha256.txt.minisig",
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "custody/index.txt",
        "padding",
    ] {
        let bundle = made(story, |_| {}, |bag| bag.retain(|(other, _)| other != path));
        scene.refuses(path, &bundle, 12, "");
    }
    // Listed and signed, and no less foreign.
    for path in [
        "fetch.txt",
        "manifest-sha512.txt",
        "manifest-md5.txt",
        "tagmanifest-md5.txt",
        "custody/cards/0000.card",
        "data/autorun.inf",
        "data/Desktop.ini",
        "bundle.age",
    ] {
        let listed = |bag: &mut Bag| bag.push((path.to_owned(), b"x".to_vec()));
        scene.refuses(path, &made(story, listed, |_| {}), 12, "");
        let unlisted = |bag: &mut Bag| {
            bag.push((path.to_owned(), b"x".to_vec()));
            bag.sort_by_key(|(path, _)| bags::place(path));
        };
        scene.refuses(path, &made(story, |_| {}, unlisted), 12, "");
    }
    scene.takes(&made(story, |_| {}, |_| {}));
}

/// Fails when a card that is not known, a signature of another or a text that its author did not sign is taken.
#[test]
fn forged_and_readdressed_bundles_are_refused() {
    let scene = Scene::new();
    let story = &scene.story;
    let stranger = Identity::generate();
    let mut forged = bag(story);
    let line = comment(&mut forged, &story.lawyer);
    sign_again(&mut forged, &stranger, &line);
    scene.refuses("a stranger's", &seal(story, &forged, FOLDER), 14, "signed by a card you do not know");
    *file(&mut forged, "signer.card") = story.lawyer.card().to_text().into_bytes();
    scene.refuses("a stranger's under a known card", &seal(story, &forged, FOLDER), 12, "signature");
    let statement = |bag: &mut Bag| {
        let path = path_of(bag, "/statement.txt");
        file(bag, &path).push(b'!');
    };
    scene.refuses(
        "a text its author did not sign",
        &made(story, statement, |_| {}),
        12,
        "not what its author signed",
    );
    let other = bag(&story_for(Identity::generate()));
    let elsewhere = seal(story, &other, FOLDER);
    scene.refuses(
        "an unknown lawyer's for somebody else",
        &elsewhere,
        14,
        "signed by a card you do not know",
    );
    // The same lawyer's bundle for another agency, sealed anew to this reader by that agency.
    let mut readdressed = bag(story);
    let line =
        line.replace(&story.agency.card().recipient().to_string(), &stranger.card().recipient().to_string());
    sign_again(&mut readdressed, &story.lawyer, &line);
    scene.refuses("for another agency", &seal(story, &readdressed, FOLDER), 11, "addressed to somebody else");
}

/// Fails when what is inside an age file is opened once more, or a header is read to its end.
#[test]
fn age_in_age_and_large_headers_are_refused() {
    let scene = Scene::new();
    let to = scene.story.recipient();
    let bundle = scene.story.write();
    scene.refuses("age in age", &seal_bytes(&to, &bundle), 12, "is refused");
    let member = [entry(format!("{FOLDER}/bundle.age").as_bytes(), &bundle, |_| {}), END.to_vec()].concat();
    scene.refuses("age in tar in age", &seal_bytes(&to, &member), 12, "is refused");
    scene.refuses("nothing sealed", &seal_bytes(&to, b""), 12, "is refused");
    scene.refuses("an empty archive", &seal_bytes(&to, &END), 12, "signer.card is missing");
    let stanza = format!("-> X25519 {}\n{}\n", "A".repeat(43), "B".repeat(43));
    let large = format!("age-encryption.org/v1\n{}", stanza.repeat(11_000));
    let long = format!("age-encryption.org/v1\n-> X25519 {}", "A".repeat(1 << 20));
    let many = format!("age-encryption.org/v1\n{}--- {}\n", stanza.repeat(33), "A".repeat(43));
    for (what, header) in [("many stanzas", large), ("a long line", long), ("33 stanzas", many)] {
        scene.refuses(what, header.as_bytes(), 12, "larger than the accepted limit");
    }
}

/// Signed by somebody who is known, then files without end. Fails when more are looked at than a bundle may have.
#[test]
fn files_without_end_are_refused_at_the_first_that_is_not_listed() {
    let scene = Scene::new();
    let head = files_of(&bag(&scene.story)[..7], FOLDER);
    let many =
        (0..MAX_ENTRIES).flat_map(|n| header(format!("{FOLDER}/custody/x{n:06}").as_bytes(), 0, |_| {}));
    let archive: Vec<u8> = head.into_iter().chain(many).collect();
    scene.refuses("a hundred thousand", &seal_bytes(&scene.story.recipient(), &archive), 12, "is refused");
}
