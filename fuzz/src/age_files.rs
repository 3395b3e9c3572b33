//! Foreign age files: the scan before the crate sees them, and our own kind of stanza.

use std::io::Read;
use std::sync::LazyLock;

use sanduq::crypto::age::fault::AgeFault;
use sanduq::crypto::age::file::{AgeReader, Opener};
use sanduq::crypto::age::keys::AgeKeys;
use sanduq::crypto::age::prescan::MAX_HEADER_BYTES;

/// A stanza to [`KEYS`].
const KNOWN: &[u8] = include_bytes!("../known/hybrid_stanza");
/// More of a file than its header that may have been read when the header was judged: buffers.
const READ_AHEAD: usize = 10 << 10;

/// The keys that everything here is sealed to.
pub static KEYS: LazyLock<AgeKeys> = LazyLock::new(|| AgeKeys::from_seeds(&[3; 32], &[3; 32]));

/// Counts what is read.
struct Counting<R>(R, usize);

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1 += read;
        Ok(read)
    }
}

/// No header, however long, is read further than its limit; a file that opens to a payload was sealed to us; after
/// an error nothing more is given.
pub fn prescan(bytes: &[u8]) {
    // What is cut off never ends: a header without end must be left all the same.
    let mut endless = Counting(bytes.chain(std::io::repeat(bytes.last().copied().unwrap_or(b'A'))), 0);
    if AgeReader::open_with(&mut endless, Opener::Keys(&KEYS)).is_err() {
        // Armor is a third longer than what is in it, and has line ends.
        assert!(endless.1 <= MAX_HEADER_BYTES * 3 / 2 + READ_AHEAD, "{} bytes read", endless.1);
    }
    let Ok(mut reader) = AgeReader::open_with(bytes, Opener::Keys(&KEYS)) else { return };
    let mut plain = Vec::new();
    if reader.read_to_end(&mut plain).is_err() {
        assert!(reader.read(&mut [0; 64]).is_err(), "goes on after a failure");
    }
    assert!(plain.len() < bytes.len());
}

/// Of all stanzas only the one that was sealed to us is unwrapped.
pub fn hybrid_stanza(stanza: &[u8]) {
    const MAC: &[u8] = b"--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
    let file = [b"age-encryption.org/v1\n", stanza, MAC, &[0; 32]].concat();
    // The authentication code is wrong on purpose: it is looked at once the stanza has given a file key.
    match AgeReader::open_with(&file[..], Opener::Keys(&KEYS)) {
        Err(AgeFault::Mac) => assert_eq!(without_others(stanza), KNOWN),
        Err(_) => {}
        Ok(_) => panic!("a header opens whose authentication code is not of its file key"),
    }
}

/// The hybrid stanzas of a header.
fn without_others(header: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(header);
    let mut ours = Vec::new();
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        if line.starts_with("-> ") {
            inside = line.starts_with("-> mlkem768x25519 ");
        }
        if inside {
            ours.extend(line.as_bytes());
        }
    }
    ours
}
