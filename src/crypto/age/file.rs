//! Whole age files: sealing a stream to one recipient, opening a foreign stream with bounded effort.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::iter;

use age::secrecy::{ExposeSecret, SecretString};
use age::stream::StreamReader;
use age::{DecryptError, Decryptor, EncryptError, Encryptor};
use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::fault::AgeFault;
use super::hybrid::HybridRecipient;
use super::keys::{AgeIdentity, AgeKeys};
use super::prescan;
use super::recipient::AgeRecipient;
use super::replay::Replay;
use super::source::Source;
use super::xwing;
use crate::crypto::error::{OpenError, SealError};
use crate::crypto::stream::{CHUNK_BYTES, StreamCipher, TAG_BYTES};

/// Largest scrypt work factor accepted when opening (`N = 2^20`: 1 GiB of memory); age itself writes 18.
const MAX_SCRYPT_WORK_FACTOR: u8 = 20;
/// Bytes between header and payload, from which the payload's key is derived. <https://c2sp.org/age>, "Payload".
const NONCE_BYTES: usize = 16;

/// Seals a stream as an age file.
///
/// The crate writes the header; the payload is sealed by our own [`StreamCipher`], twice as fast.
/// [`Self::finish`] **MUST** be called, or the file is cut off and cannot be opened.
pub struct AgeWriter<W: Write> {
    output: W,
    cipher: StreamCipher,
    index: u64,
    chunk: Zeroizing<Vec<u8>>,
}

impl<W: Write> AgeWriter<W> {
    /// Begins an age file for exactly one recipient.
    pub fn seal(output: W, recipient: &AgeRecipient) -> Result<Self, SealError> {
        match recipient {
            AgeRecipient::Hybrid(public) => Self::begin(output, &HybridRecipient(public)),
            AgeRecipient::Classic(public) => {
                // The crate panics on such a point.
                if !xwing::is_usable_point(public) {
                    return Err(SealError::UnusableRecipient);
                }
                let text = recipient.to_string();
                let age: age::x25519::Recipient = text.parse().expect("32 bytes are a classic recipient");
                Self::begin(output, &age)
            }
        }
    }

    pub(super) fn begin(mut output: W, recipient: &dyn age::Recipient) -> Result<Self, SealError> {
        let capture = Capture { recipient, file_key: OnceCell::new() };
        let encryptor =
            Encryptor::with_recipients(iter::once(&capture as _)).map_err(|error| match error {
                EncryptError::Io(error) if error.kind() != io::ErrorKind::InvalidInput => {
                    SealError::Io(error)
                }
                _ => SealError::UnusableRecipient,
            })?;
        let mut header = Vec::new();
        drop(encryptor.wrap_output(&mut header).map_err(SealError::Io)?);
        output.write_all(&header).map_err(SealError::Io)?;
        let (_, nonce) = header.split_last_chunk::<NONCE_BYTES>().expect("a nonce ends the header");
        let file_key = capture.file_key.get().expect("the crate has just wrapped it");
        let mut key = Zeroizing::new([0; 32]);
        let expanded = Hkdf::<Sha256>::new(Some(nonce), &file_key[..]).expand(b"payload", &mut key[..]);
        expanded.expect("32 bytes are one block");
        let chunk = Zeroizing::new(Vec::with_capacity(CHUNK_BYTES + TAG_BYTES));
        Ok(Self { output, cipher: StreamCipher::new(&key), index: 0, chunk })
    }

    /// Writes the last chunk and gives back the output, which is neither flushed nor durable yet.
    pub fn finish(mut self) -> io::Result<W> {
        self.put_chunk(true)?;
        Ok(self.output)
    }

    fn put_chunk(&mut self, last: bool) -> io::Result<()> {
        self.cipher.seal_chunk(self.index, last, &mut self.chunk);
        self.index += 1;
        let written = self.output.write_all(&self.chunk);
        self.chunk.clear();
        written
    }
}

impl<W: Write> Write for AgeWriter<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        // A full chunk waits: only what follows tells that it is not the last.
        if self.chunk.len() == CHUNK_BYTES && !buffer.is_empty() {
            self.put_chunk(false)?;
        }
        let count = buffer.len().min(CHUNK_BYTES - self.chunk.len());
        self.chunk.extend_from_slice(&buffer[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// Sees the file key that the crate draws.
struct Capture<'a> {
    recipient: &'a dyn age::Recipient,
    file_key: OnceCell<Zeroizing<[u8; FILE_KEY_BYTES]>>,
}

impl age::Recipient for Capture<'_> {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        self.file_key.get_or_init(|| Zeroizing::new(*file_key.expose_secret()));
        self.recipient.wrap_file_key(file_key)
    }
}

/// What an age file is opened with.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Opener<'a> {
    /// Secret keys from elsewhere, tried in order.
    Identities(&'a [AgeIdentity]),
    /// The keys of an identity.
    Keys(&'a AgeKeys),
    /// A passphrase.
    Passphrase(&'a str),
}

/// Gives the plaintext of an age file, each chunk only after its tag verified.
///
/// Errors while reading are judged by [`OpenError::from_read`]. After one, nothing more is given. What was read
/// before is authentic but incomplete: only a read to the end without error is the whole file.
pub struct AgeReader<R: Read> {
    stream: StreamReader<Replay<Source<BufReader<R>>>>,
    plain_len: Option<u64>,
    position: u64,
    failed: bool,
}

impl<R: Read> AgeReader<R> {
    /// Opens an age file, binary or armored, with the keys of an identity.
    pub fn open(reader: R, keys: &AgeKeys) -> Result<Self, OpenError> {
        Ok(Self::open_with(reader, Opener::Keys(keys))?)
    }

    /// Opens an age file, binary or armored, and tells at which layer it failed.
    pub fn open_with(reader: R, opener: Opener<'_>) -> Result<Self, AgeFault> {
        let mut source = Source::sniff(BufReader::new(reader))?;
        let header = prescan::read_header(&mut source)?;
        let decryptor = Decryptor::new_buffered(Replay::new(header, source)).map_err(header_fault)?;
        let opened = match opener {
            Opener::Identities(identities) => decryptor.decrypt(identities.iter().map(AgeIdentity::as_age)),
            Opener::Keys(keys) => decryptor.decrypt(keys.identities().into_iter()),
            Opener::Passphrase(passphrase) => {
                let mut identity = age::scrypt::Identity::new(SecretString::from(passphrase));
                identity.set_max_work_factor(MAX_SCRYPT_WORK_FACTOR);
                decryptor.decrypt(iter::once(&identity as &dyn age::Identity))
            }
        };
        let stream = opened.map_err(header_fault)?;
        Ok(Self { stream, plain_len: None, position: 0, failed: false })
    }

    /// Runs one step of the stream; after a failure none runs again.
    fn step<T>(&mut self, run: impl FnOnce(&mut Self) -> io::Result<T>) -> io::Result<T> {
        if self.failed {
            return Err(AgeFault::Payload.into());
        }
        run(self).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted | io::ErrorKind::Unsupported => error,
            _ => {
                self.failed = true;
                AgeFault::from(error).into()
            }
        })
    }
}

impl<R: Read> Read for AgeReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.step(|reader| {
            let count = reader.stream.read(buffer)?;
            reader.position += count as u64;
            Ok(count)
        })
    }
}

impl<R: Read + Seek> AgeReader<R> {
    /// Length of the plaintext, in bytes; known once the last chunk verified as the last one.
    pub fn plain_len(&mut self) -> io::Result<u64> {
        if let Some(len) = self.plain_len {
            return Ok(len);
        }
        let len = self.step(|reader| {
            let len = reader.stream.seek(SeekFrom::End(0))?;
            reader.stream.seek(SeekFrom::Start(reader.position))?;
            Ok(len)
        })?;
        self.plain_len = Some(len);
        Ok(len)
    }
}

impl<R: Read + Seek> Seek for AgeReader<R> {
    /// Moves within a binary file. A place behind the end is refused (the crate's reader would panic there), and
    /// so is every move in an armored file.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let len = self.plain_len()?;
        let target = match to {
            SeekFrom::Start(target) => Some(target),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => len.checked_add_signed(by),
        };
        let target = target.filter(|target| *target <= len).ok_or(io::ErrorKind::InvalidInput)?;
        self.position = self.step(|reader| reader.stream.seek(SeekFrom::Start(target)))?;
        Ok(target)
    }
}

fn header_fault(error: DecryptError) -> AgeFault {
    match error {
        DecryptError::InvalidMac => AgeFault::Mac,
        DecryptError::Io(error) => AgeFault::from_io(error, AgeFault::Header),
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys => {
            AgeFault::NoIdentityMatches
        }
        DecryptError::UnknownFormat => AgeFault::UnknownVersion,
        // `InvalidHeader`, `ExcessiveWork`, and what only plugins give.
        _ => AgeFault::Header,
    }
}
