//! What goes in comes out, and nothing else.

use std::io::{Cursor, Read, Seek, SeekFrom};

use sanduq::bundle::tar::MemberPath;
use sanduq::bundle::{
    BundleError, BundleFiles, ExhibitFault, Judge, ListedFile, Trust, bare_recipient, verify_folder,
};
use sanduq::crypto::age::file::AgeReader;
use sanduq::crypto::padme::padme;
use sanduq::crypto::sha256;
use sanduq::format::Revision;

use super::{Files, all_files, refused, story};

fn sorted(mut revisions: Vec<Revision>) -> Vec<Revision> {
    revisions.sort_by(|a, b| a.core.cmp(&b.core));
    revisions
}

#[test]
fn content_cards_and_log_come_out_as_they_went_in() {
    let story = story();
    for recipient in [story.agency.card().hybrid(), story.agency.card().classic()] {
        let (file, written) = story.write_to(&recipient).unwrap();
        assert_eq!((written.bytes, written.sha256), (file.len() as u64, sha256(&file)));
        let bundle = story.read(&file).unwrap();
        let (verified, parcel) = (bundle.verified(), bundle.verified().parcel());
        assert_eq!(verified.signer(), story.lawyer.card());
        assert_eq!(verified.manifest(), written.manifest);
        let expected = &story.parcel;
        assert_eq!(
            (parcel.bundle, parcel.to, parcel.head, parcel.date.date()),
            (expected.bundle, expected.to, expected.head, expected.date.date())
        );
        assert_eq!(parcel.log, expected.log);
        // The agency wrote nothing: its card stays out.
        let mut cards = vec![story.activist.card().clone(), story.lawyer.card().clone()];
        cards.sort_by_key(|card| card.hash().to_string());
        assert_eq!(parcel.cards, cards);
        for case in &expected.cases {
            let found = parcel.cases.iter().find(|found| found.case == case.case).unwrap();
            assert_eq!(sorted(found.revisions.clone()), sorted(case.revisions.clone()));
        }
    }
}

#[test]
fn exhibits_are_read_back_whole_and_by_their_digest() {
    let story = story();
    let mut bundle = story.read(&story.write()).unwrap();
    let exhibits = story.parcel.cases[0].revisions[3].exhibits.clone();
    assert_eq!(exhibits.len(), 4);
    for exhibit in exhibits.iter().rev() {
        let mut content = Vec::new();
        bundle
            .read_exhibit(exhibit, &mut |bytes| {
                content.extend_from_slice(bytes);
                Ok(())
            })
            .unwrap();
        assert_eq!(&content, &story.files.0[&exhibit.sha256], "{}", exhibit.name);
    }
    let mut other = exhibits[0].clone();
    other.sha256 = sha256(b"never attached");
    let error = refused(bundle.read_exhibit(&other, &mut |_| Ok(())));
    assert!(matches!(error, BundleError::NoSuchExhibit), "{error}");
}

#[test]
fn the_same_parcel_gives_the_same_archive_of_a_padme_length() {
    let story = story();
    let archive = || {
        let mut plain = Vec::new();
        let file = story.write();
        AgeReader::open(file.as_slice(), &story.agency.age_keys()).unwrap().read_to_end(&mut plain).unwrap();
        plain
    };
    let one = archive();
    assert!(one == archive());
    assert_eq!(padme(one.len() as u64), one.len() as u64);
}

#[test]
fn a_bundle_for_a_bare_recipient_opens_for_whoever_holds_its_key() {
    let mut story = story();
    let recipient = story.agency.card().classic();
    story.parcel.to = bare_recipient(&recipient);
    let (file, _) = story.write_to(&recipient).unwrap();
    story.read(&file).unwrap();
}

#[test]
fn an_unpacked_bundle_verifies_in_any_order_and_not_when_changed() {
    let story = story();
    let mut files = all_files(&mut story.read(&story.write()).unwrap());
    files.reverse();
    let trust = |_: &_| Trust::Known;
    let verify = |files: Vec<(String, Vec<u8>)>, strange: Option<&str>| {
        let judge = Judge { own: None, trust: &trust };
        verify_folder(&mut Unpacked(files, strange.map(str::to_owned)), judge, &mut |_| {})
    };
    let verified = verify(files.clone(), None).unwrap();
    assert_eq!(&verified, story.read(&story.write()).unwrap().verified());
    for at in 0..files.len() {
        let mut changed = files.clone();
        changed[at].1.push(b'\n');
        refused(verify(changed, None));
        let mut fewer = files.clone();
        fewer.remove(at);
        refused(verify(fewer, None));
    }
    let error = refused(verify(files.clone(), Some("data/link")));
    assert!(matches!(error, BundleError::Unexpected { .. }), "{error}");
    // Nothing that a stranger put there is named, wherever it stands: before a card is seen, nothing is known.
    let readme = files.iter().filter(|(path, _)| path == "README.txt").cloned().collect();
    let error = refused(verify(readme, Some("data/call-0800-at-once")));
    assert!(matches!(error, BundleError::Missing { .. }), "{error}");
    assert!(matches!(refused(verify(files, Some("../x"))), BundleError::Path));
}

/// Files in memory as a folder, and something in it that is no plain file.
struct Unpacked(Vec<(String, Vec<u8>)>, Option<String>);

impl BundleFiles for Unpacked {
    fn list(&mut self) -> std::io::Result<Vec<ListedFile>> {
        let file = |(path, content): &(String, Vec<u8>)| ListedFile {
            path: path.clone().into_bytes(),
            bytes: Some(content.len() as u64),
        };
        let strange = self.1.iter().map(|path| ListedFile { path: path.clone().into_bytes(), bytes: None });
        Ok(self.0.iter().map(file).chain(strange).collect())
    }

    fn open(&mut self, path: &MemberPath) -> std::io::Result<Box<dyn Read + '_>> {
        let (_, content) = self.0.iter().find(|(other, _)| other == path.as_str()).unwrap();
        Ok(Box::new(content.as_slice()))
    }
}

#[test]
fn an_exhibit_that_is_not_the_attached_file_stops_the_export() {
    let mut story = story();
    let exhibit = story.parcel.cases[0].revisions[3].exhibits[0].clone();
    let good = story.files.0[&exhibit.sha256].clone();
    let mut changed = good.clone();
    changed[77] ^= 1;
    for content in [changed, good[..good.len() - 1].to_vec(), [&good[..], b"x"].concat(), Vec::new()] {
        story.files = Files([(exhibit.sha256, content)].into());
        for other in &story.parcel.cases[0].revisions[3].exhibits[1..] {
            story.files.0.insert(other.sha256, self::story().files.0[&other.sha256].clone());
        }
        let error = refused(story.write_to(&story.agency.card().hybrid()));
        let BundleError::Exhibit { file, fault: ExhibitFault::Differs, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!(file, "exhibits/E1.jpg");
    }
}

#[test]
fn a_part_that_no_reader_would_take_is_not_written() {
    let mut story = story();
    story.parcel.cases[0].revisions[0].text = Some("Меня там не было.\n".into());
    assert!(matches!(refused(story.write_to(&story.agency.card().hybrid())), BundleError::Part { .. }));
    let mut story = self::story();
    story.parcel.cards.clear();
    assert!(matches!(refused(story.write_to(&story.agency.card().hybrid())), BundleError::Part { .. }));
}

#[test]
fn a_file_changed_between_the_passes_is_noticed() {
    let story = story();
    let file = story.write();
    let shared = std::rc::Rc::new(std::cell::RefCell::new(Cursor::new(file)));
    struct Shared(std::rc::Rc<std::cell::RefCell<Cursor<Vec<u8>>>>);
    impl Read for Shared {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0.borrow_mut().read(buffer)
        }
    }
    impl Seek for Shared {
        fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
            self.0.borrow_mut().seek(to)
        }
    }
    let judge = Judge { own: None, trust: &|_: &_| Trust::Known };
    let keys = story.agency.age_keys();
    let mut bundle = sanduq::bundle::read_bundle(Shared(shared.clone()), &keys, judge, &mut |_| {}).unwrap();
    shared.borrow_mut().get_mut()[200_000] ^= 1;
    let photo = &story.parcel.cases[0].revisions[3].exhibits[0];
    assert!(matches!(refused(bundle.read_exhibit(photo, &mut |_| Ok(()))), BundleError::Open(_)));
}
