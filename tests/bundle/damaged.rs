//! Sealed files that are damaged, cut off, foreign, or made to cost time.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write as _};
use std::process::Command;

use sanduq::bundle::{BundleError, Judge, Trust, read_bundle};
use sanduq::crypto::age::file::AgeReader;
use sanduq::crypto::{Identity, OpenError};

use super::{Story, refused, story};

/// A bundle of one short text.
pub(super) fn small() -> Story {
    let mut story = story();
    story.parcel.cases.truncate(1);
    story.parcel.cases[0].revisions.truncate(1);
    story.parcel.log.clear();
    story
}

#[test]
fn a_bundle_cut_off_anywhere_is_refused() {
    let story = small();
    let file = story.write();
    let near_the_end = file.len() - 70..file.len();
    for len in (0..file.len()).step_by(997).chain(near_the_end) {
        let error = refused(story.read(&file[..len]));
        assert!(matches!(error, BundleError::Open(_)), "{len}: {error}");
    }
}

#[test]
fn a_bundle_with_any_of_the_last_bits_flipped_or_a_byte_more_is_refused() {
    let story = small();
    let file = story.write();
    story.read(&file).unwrap();
    for bit in (file.len() - 200) * 8..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let error = refused(story.read(&flipped));
        assert!(matches!(error, BundleError::Open(OpenError::Corrupt)), "{bit}: {error}");
    }
    refused(story.read(&[&file[..], b"\0"].concat()));
}

#[test]
fn a_bundle_sealed_to_somebody_else_does_not_open() {
    let story = small();
    let known = |_: &_| Trust::Known;
    let error = refused(story.read_as(&Identity::generate(), &story.write(), &known));
    assert!(matches!(error, BundleError::Open(OpenError::NoIdentityMatches)), "{error}");
    let error = refused(story.read(b"PK\x03\x04 not a bundle"));
    assert!(matches!(error, BundleError::Open(OpenError::Unsupported)), "{error}");
}

#[test]
fn an_armored_bundle_is_refused_because_it_cannot_be_read_twice() {
    let story = small();
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("case.tar");
    let mut archive = Vec::new();
    AgeReader::open(story.write().as_slice(), &story.agency.age_keys())
        .unwrap()
        .read_to_end(&mut archive)
        .unwrap();
    File::create(&plain).unwrap().write_all(&archive).unwrap();
    let recipient = story.agency.card().classic().to_string();
    let seal = |form: &[&str]| {
        let output = Command::new("age").args(form).args(["-r", &recipient]).arg(&plain).output().unwrap();
        assert!(output.status.success());
        output.stdout
    };
    story.read(&seal(&[])).unwrap();
    let error = refused(story.read(&seal(&["-a"])));
    assert!(matches!(error, BundleError::Open(OpenError::Unsupported)), "{error}");
}

/// Counts how much is read.
struct Counting<'a>(Cursor<Vec<u8>>, &'a Cell<usize>);

impl Read for Counting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1.set(self.1.get() + count);
        Ok(count)
    }
}

impl Seek for Counting<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_header_of_a_megabyte_is_refused_after_64_kib() {
    let story = small();
    let stanza = format!("-> X25519 {}\n{}\n", "A".repeat(43), "B".repeat(43));
    let file = format!("age-encryption.org/v1\n{}", stanza.repeat(11_000)).into_bytes();
    let long_line = [&b"age-encryption.org/v1\n-> X25519 "[..], &vec![b'A'; 1 << 20]].concat();
    for file in [file, long_line] {
        assert!(file.len() > 1 << 20);
        let read = Cell::new(0);
        let judge = Judge { own: None, trust: &|_: &_| Trust::Known };
        let keys = story.agency.age_keys();
        let error = refused(read_bundle(Counting(Cursor::new(file), &read), &keys, judge, &mut |_| {}));
        assert!(matches!(error, BundleError::Open(OpenError::HeaderTooLarge)), "{error}");
        assert!(read.get() <= 64 << 10, "{}", read.get());
    }
}

#[test]
fn a_full_disk_ends_the_export_with_the_disks_error() {
    struct Full(usize);
    impl io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let story = story();
    let recipient = story.recipient();
    let export = sanduq::bundle::Export {
        parcel: &story.parcel,
        exhibits: &story.files,
        signer: &story.lawyer,
        recipient: &recipient,
    };
    for room in [0, 100, 3000, 150_000] {
        let error = refused(sanduq::bundle::write_bundle(&export, Full(room), &mut |_| {}));
        let full = match &error {
            BundleError::Write(cause) => cause.kind() == io::ErrorKind::StorageFull,
            BundleError::Seal(cause) => cause.to_string().contains("write"),
            _ => false,
        };
        assert!(full, "{room}: {error:?}");
    }
}
