//! What only small pieces, two equal codes or odd labels show.

use std::io::{self, Cursor};

use serde_bytes::{ByteArray, ByteBuf};

use super::collect::Collector;
use super::layout::{Cut, content_digest, exhibits, lay_out, part_content, pieces, rank};
use super::read::read_cut;
use super::tar::MemberPath;
use super::write::write_cut;
use super::{BundleError, ExhibitFault, ExhibitSource, Export, Judge, Parcel, ParcelCase, Trust};
use crate::crypto::{Identity, SignatureLabel, sha256};
use crate::format::{Exhibit, Revision, RevisionCore, encode, render_part};
use crate::record::{Branch, BundleId, CaseId, Digest, PartName, Position, Time, Vector};

const CUT: Cut = Cut { whole: 1000, piece: 400 };

struct One(Vec<u8>);

impl ExhibitSource for One {
    fn read(
        &self,
        _: &Exhibit,
        sink: &mut (dyn FnMut(&[u8]) -> io::Result<()> + Send),
    ) -> io::Result<Digest> {
        self.0.chunks(333).try_for_each(sink)?;
        Ok(sha256(&self.0))
    }
}

fn revision(author: &Identity, part: &str, seed: u8, exhibits: Vec<Exhibit>) -> Revision {
    let own = Position { author: author.card().hash(), branch: Branch::new([seed; 16]), index: 0 };
    let mut core = RevisionCore {
        case: CaseId::new([1; 16]),
        part: part.parse().unwrap(),
        branch: own.branch,
        index: 0,
        vector: Vector::joining(&[] as &[RevisionCore], own.author, own),
        content: Digest::new([0; 32]),
        exhibits: exhibits.iter().map(|exhibit| exhibit.sha256).collect(),
        author: own.author,
        time: Time::from_seconds(u64::from(seed)),
    };
    let mut revision = Revision {
        core: ByteBuf::new(),
        sig: ByteArray::new([0; 64]),
        random: ByteArray::new([seed; 32]),
        lang: None,
        text: None,
        exhibits,
        removed: vec![],
        form: None,
    };
    core.content = content_digest(&render_part(&part_content(&core, &revision)));
    revision.core = ByteBuf::from(encode(&core));
    revision.sig = author.sign(SignatureLabel::Revision, &revision.core);
    revision
}

fn parcel(identity: &Identity, revisions: Vec<Revision>) -> Parcel {
    Parcel {
        bundle: BundleId::new([2; 16]),
        date: Time::from_seconds(0),
        to: identity.card().recipient(),
        cases: vec![ParcelCase { case: CaseId::new([1; 16]), revisions }],
        cards: vec![],
        log: vec![],
        head: Digest::new([0; 32]),
    }
}

fn exhibit(content: &[u8]) -> Exhibit {
    let (sha256, bytes) = (sha256(content), content.len() as u64);
    Exhibit { number: 1, name: "видео.MP4".into(), bytes, sha256, segments: vec![] }
}

#[test]
fn large_exhibits_go_in_pieces_and_come_back_whole() {
    let identity = Identity::generate();
    for len in [1000, 1001, 1200, 1999] {
        let source = One((0..len).map(|n| (n % 253) as u8).collect());
        let attached = exhibit(&source.0);
        // In two parts: each has its own copy, which are read as one.
        let parts = ["exhibits", "notes"].map(|part| revision(&identity, part, 3, vec![attached.clone()]));
        let parcel = parcel(&identity, parts.to_vec());
        let recipient = identity.card().hybrid();
        let export = Export { parcel: &parcel, exhibits: &source, signer: &identity, recipient: &recipient };
        let mut file = Vec::new();
        write_cut(&export, CUT, &mut file, &mut |_| {}).unwrap();
        let judge = Judge { own: None, trust: &|_| Trust::Known };
        let keys = identity.age_keys();
        let mut bundle =
            read_cut(Cursor::new(&file), &keys, Collector::new(judge, CUT), &mut |_| {}).unwrap();
        let names: Vec<String> = bundle
            .files()
            .filter_map(|(path, _)| {
                path.as_str().split_once("notes/exhibits/").map(|(_, name)| name.to_owned())
            })
            .collect();
        match len {
            1000 => assert_eq!(names, ["E1.mp4"]),
            1001 | 1200 => assert_eq!(names, ["E1.mp4.001", "E1.mp4.002", "E1.mp4.003"]),
            _ => assert_eq!(names.len(), 5),
        }
        let mut content = Vec::new();
        bundle
            .read_exhibit(&attached, &mut |bytes| {
                content.extend_from_slice(bytes);
                Ok(())
            })
            .unwrap();
        assert_eq!(content, source.0);
        // A reader that cuts otherwise expects other files.
        if len > 1000 {
            let judge = Judge { own: None, trust: &|_| Trust::Known };
            let other = Collector::new(judge, Cut::default());
            let error = read_cut(Cursor::new(&file), &keys, other, &mut |_| {}).err().unwrap();
            assert!(matches!(error, BundleError::Unexpected { .. }), "{error}");
        }
    }
}

#[test]
fn an_exhibit_in_pieces_that_changed_is_noticed_in_either_pass() {
    let identity = Identity::generate();
    let good: Vec<u8> = (0..1500).map(|n| (n % 253) as u8).collect();
    let parcel = parcel(&identity, vec![revision(&identity, "exhibits", 3, vec![exhibit(&good)])]);
    let recipient = identity.card().hybrid();
    let mut changed = good.clone();
    changed[1400] ^= 1;
    for content in [changed, good[..1499].to_vec(), [&good[..], b"x"].concat()] {
        let source = One(content);
        let export = Export { parcel: &parcel, exhibits: &source, signer: &identity, recipient: &recipient };
        let error = write_cut(&export, CUT, Vec::new(), &mut |_| {}).unwrap_err();
        let differs = matches!(error, BundleError::Exhibit { fault: ExhibitFault::Differs, .. });
        assert!(differs, "{error}");
    }
}

#[test]
fn every_path_fits_and_no_two_parts_share_a_folder() {
    let identity = Identity::generate();
    let label = "a".repeat(31);
    let attached = Exhibit { number: 123_456, name: "x.ABCDEFGH".into(), ..exhibit(b"x") };
    let twin = Exhibit { name: "y.ABCDEFGH".into(), ..Exhibit { number: 123_456, ..exhibit(b"y") } };
    let mut both = vec![attached, twin];
    both.sort_by_key(|exhibit| exhibit.sha256);
    let names = ["person", "person/1", &format!("whereabouts/{label}b"), &format!("whereabouts/{label}c")];
    let mut revisions: Vec<Revision> =
        names.iter().map(|part| revision(&identity, part, 1, both.clone())).collect();
    revisions.push(revision(&identity, "person", 2, vec![]));
    let cases = parcel(&identity, revisions).cases;
    let laid = lay_out(&cases).unwrap();
    let mut folders: Vec<&str> = laid[0].parts.iter().map(|part| part.folder.as_str()).collect();
    assert!(folders[0].ends_with("/person+1") && folders[1].ends_with("/person+2"), "{folders:?}");
    assert!(folders[2].ends_with("/person.1"), "{folders:?}");
    for (folder, (_, file)) in folders.iter().zip(exhibits(&cases[0].revisions[0])) {
        for (piece, _) in pieces(&file, 900 << 30, Cut::default()).unwrap() {
            let path = format!("sanduq-01234567/{folder}/{piece}");
            assert!(path.parse::<MemberPath>().is_ok(), "{} {path}", path.len());
            assert_eq!(rank(path.split_once('/').unwrap().1), 9);
        }
    }
    folders.sort_unstable();
    folders.dedup();
    assert_eq!(folders.len(), 5);
    assert!(pieces("E1", u64::MAX, Cut::default()).is_none());
}

#[test]
fn two_cases_with_one_bare_code_get_longer_ones() {
    // Found by trying: the first 35 bits of two of some 300,000 random digests are often alike.
    let mut seen = std::collections::HashMap::new();
    let twins = (0u64..).find_map(|n| {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&n.to_be_bytes());
        let case = CaseId::new(id);
        seen.insert(crate::crypto::case_code(&case), case).map(|other| [other, case])
    });
    let [one, other] = twins.unwrap();
    let case = |case| ParcelCase { case, revisions: vec![] };
    let cases = [case(one), case(CaseId::new([9; 16])), case(other)];
    let laid = lay_out(&cases).unwrap();
    let mut lengths: Vec<usize> = laid.iter().map(|case| case.code.to_string().len()).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [9, 14, 14]);
    assert_ne!(laid[0].code, laid[1].code);
    let part: PartName = "notes".parse().unwrap();
    assert_eq!(part.folder(), "notes");
}
