//! Whole bundles in memory: a story of three people, and how it is written, opened and refused.

use std::collections::BTreeMap;
use std::io::{self, Cursor};

use sanduq::bundle::{
    BundleError, ExhibitSource, Export, Judge, Parcel, ParcelCase, Trust, VerifiedBundle, WrittenBundle,
    own_recipients, read_bundle, write_bundle,
};
use sanduq::crypto::age::recipient::AgeRecipient;
use sanduq::crypto::{Identity, KnownCard, SignatureLabel, leaf, merkle_path, merkle_root, sha256};
use sanduq::format::{
    EntryCore, Exhibit, Operation, OperationBody, PartContent, Revision, RevisionCore, encode, encode_value,
    render_part,
};
use sanduq::record::{Branch, BundleId, CaseId, Digest, Position, RevisionId, Time, VaultId, Vector, Writer};
use sanduq::vault::{LogExtract, Opening};
use serde_bytes::{ByteArray, ByteBuf};

/// Files of exhibits in memory.
#[derive(Default)]
pub(crate) struct Files(pub(crate) BTreeMap<Digest, Vec<u8>>);

impl Files {
    pub(crate) fn add(&mut self, number: u64, name: &str, content: &[u8]) -> Exhibit {
        let sha256 = sha256(content);
        self.0.insert(sha256, content.to_vec());
        Exhibit { number, name: name.into(), bytes: content.len() as u64, sha256, segments: vec![] }
    }
}

impl ExhibitSource for Files {
    fn read(
        &self,
        exhibit: &Exhibit,
        sink: &mut (dyn FnMut(&[u8]) -> io::Result<()> + Send),
    ) -> io::Result<Digest> {
        let content = &self.0[&exhibit.sha256];
        content.chunks(7001).try_for_each(sink)?;
        Ok(sha256(content))
    }
}

/// A revision of a part as its author writes it.
pub(crate) struct Draft<'a> {
    pub(crate) case: u8,
    pub(crate) part: &'a str,
    pub(crate) lang: &'a str,
    pub(crate) text: Option<&'a str>,
    pub(crate) exhibits: Vec<Exhibit>,
    pub(crate) index: u64,
}

impl Draft<'_> {
    pub(crate) fn sign(self, author: &Identity) -> Revision {
        let (case, random) = (CaseId::new([self.case; 16]), [self.case ^ self.part.len() as u8; 32]);
        let own = Position { author: author.card().hash(), branch: Branch::new([7; 16]), index: self.index };
        let content = PartContent {
            case,
            part: self.part.parse().unwrap(),
            lang: Some(self.lang.parse().unwrap()),
            random: Digest::new(random),
            text: self.text.map(str::to_owned),
            exhibits: self.exhibits,
            removed: vec![],
            form: None,
        };
        let lines: String = render_part(&content)
            .iter()
            .map(|file| format!("{}  {}\n", sha256(&file.bytes), file.path))
            .collect();
        let core = encode(&RevisionCore {
            case,
            part: content.part.clone(),
            branch: own.branch,
            index: own.index,
            vector: Vector::joining(&[] as &[RevisionCore], own.author, own),
            content: sha256(lines.as_bytes()),
            exhibits: content.exhibits.iter().map(|exhibit| exhibit.sha256).collect(),
            author: own.author,
            time: Time::from_seconds(1_795_000_000 + self.index),
        });
        let sig = author.sign(SignatureLabel::Revision, &core);
        let PartContent { lang, text, exhibits, removed, form, .. } = content;
        Revision {
            core: ByteBuf::from(core),
            sig,
            random: ByteArray::new(random),
            lang,
            text,
            exhibits,
            removed,
            form,
        }
    }
}

/// An activist records, a lawyer passes on, an agency receives.
pub(crate) struct Story {
    pub(crate) activist: Identity,
    pub(crate) lawyer: Identity,
    pub(crate) agency: Identity,
    pub(crate) files: Files,
    pub(crate) parcel: Parcel,
}

pub(crate) fn story() -> Story {
    story_for(Identity::generate())
}

/// The story with this agency.
pub(crate) fn story_for(agency: Identity) -> Story {
    let (activist, lawyer) = (Identity::generate(), Identity::generate());
    let mut files = Files::default();
    let photo: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
    let exhibits = vec![
        files.add(1, "фото с улицы.JPG", &photo),
        files.add(2, "شاھىت خېتى.pdf", "خەت".as_bytes()),
        files.add(3, "录音.tar.gz", b""),
        files.add(4, "Brief an die Tante", b"Liebe Tante"),
    ];
    let drafts =
        |case, index| Draft { case, part: "testimony", lang: "ru", text: None, exhibits: vec![], index };
    let one = vec![
        Draft { text: Some("Я видела это сама.\n"), ..drafts(1, 0) }.sign(&activist),
        Draft { text: Some("Я видела это сама, и сестра тоже.\n"), ..drafts(1, 1) }.sign(&activist),
        Draft {
            part: "person/doctor", lang: "ug-Arab", text: Some("گۈلنار دوختۇر"), ..drafts(1, 0)
        }
        .sign(&activist),
        Draft { part: "exhibits", exhibits, ..drafts(1, 0) }.sign(&activist),
    ];
    let two = vec![
        Draft {
            part: "whereabouts/the-house-near-the-second-mill",
            lang: "zh-Hans",
            text: Some("磨坊旁的第二座房子"),
            ..drafts(2, 0)
        }
        .sign(&activist),
        Draft { part: "notes", lang: "en", text: Some("The lawyer's own note."), ..drafts(2, 3) }
            .sign(&lawyer),
    ];
    let id = |revision: &Revision| RevisionId::new(*sha256(&revision.core).as_bytes());
    let log = vec![log_entry(&lawyer, &[(1, id(&one[0])), (9, id(&one[1])), (2, id(&two[1]))])];
    let cases = [(1, one), (2, two)]
        .map(|(case, revisions)| ParcelCase { case: CaseId::new([case; 16]), revisions })
        .to_vec();
    let parcel = Parcel {
        bundle: BundleId::new([0x7f; 16]),
        date: Time::from_seconds(1_795_356_301),
        to: agency.card().recipient(),
        cases,
        cards: vec![activist.card().clone(), lawyer.card().clone(), agency.card().clone()],
        log,
        head: Digest::new([0x44; 32]),
    };
    Story { activist, lawyer, agency, files, parcel }
}

/// An entry that records revisions of cases; those of case 9, which is in no bundle, are not opened.
fn log_entry(owner: &Identity, recorded: &[(u8, RevisionId)]) -> LogExtract {
    let operations: Vec<Vec<u8>> = recorded
        .iter()
        .map(|(case, revision)| {
            let body = OperationBody::PartRevised {
                part: "testimony".parse().unwrap(),
                revision: *revision,
                replaces: vec![],
            };
            encode_value(&Operation::new(Some(CaseId::new([*case; 16])), &body))
        })
        .collect();
    let salt = |index: usize| [index as u8 + 100; 16];
    let leaves: Vec<Digest> =
        operations.iter().enumerate().map(|(index, operation)| leaf(&salt(index), operation)).collect();
    let core = encode(&EntryCore {
        vault: VaultId::new([5; 32]),
        owner: owner.card().hash(),
        writer: Writer::new([6; 16]),
        n: 0,
        previous: None,
        heads: merkle_root(&[]),
        time: Time::from_seconds(1_795_000_100),
        operations: merkle_root(&leaves),
        private: Digest::new([8; 32]),
    });
    let opening = |index: usize| Opening {
        index: index as u64,
        count: operations.len() as u64,
        salt: salt(index),
        operation: operations[index].clone(),
        path: merkle_path(&leaves, index),
    };
    let shown = (0..recorded.len()).filter(|index| recorded[*index].0 != 9).map(opening).collect();
    let sig = owner.sign(SignatureLabel::Entry, &core);
    LogExtract { core, sig, openings: shown }
}

impl Story {
    pub(crate) fn write_to(&self, recipient: &AgeRecipient) -> Result<(Vec<u8>, WrittenBundle), BundleError> {
        let export = Export { parcel: &self.parcel, exhibits: &self.files, signer: &self.lawyer, recipient };
        let mut file = Vec::new();
        let written = write_bundle(&export, &mut file, &mut |_| {})?;
        Ok((file, written))
    }

    pub(crate) fn recipient(&self) -> AgeRecipient {
        self.agency.card().hybrid()
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        self.write_to(&self.recipient()).unwrap().0
    }

    /// Opens as the agency, which knows the lawyer.
    pub(crate) fn read(&self, file: &[u8]) -> Result<VerifiedBundle<Cursor<Vec<u8>>>, BundleError> {
        let lawyer = self.lawyer.card().hash();
        let trust = |card: &KnownCard| if card.hash() == lawyer { Trust::Known } else { Trust::Unknown };
        self.read_as(&self.agency, file, &trust)
    }

    pub(crate) fn read_as(
        &self,
        reader: &Identity,
        file: &[u8],
        trust: &dyn Fn(&KnownCard) -> Trust,
    ) -> Result<VerifiedBundle<Cursor<Vec<u8>>>, BundleError> {
        let own = own_recipients(reader.card());
        let judge = Judge { own: Some(&own), trust };
        read_bundle(Cursor::new(file.to_vec()), &reader.age_keys(), judge, &mut |_| {})
    }
}

/// The error of something that must fail.
pub(crate) fn refused<T>(result: Result<T, BundleError>) -> BundleError {
    match result {
        Ok(_) => panic!("this must be refused"),
        Err(error) => error,
    }
}

/// Every file of a bundle, in its order.
pub(crate) fn all_files(bundle: &mut VerifiedBundle<Cursor<Vec<u8>>>) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    bundle
        .each_file(&mut |path, bytes, reader| {
            let mut content = Vec::new();
            reader.read_to_end(&mut content)?;
            assert_eq!(content.len() as u64, bytes);
            files.push((path.to_string(), content));
            Ok(())
        })
        .unwrap();
    files
}
