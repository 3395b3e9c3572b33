//! Whole age files: sealing a stream to one recipient, opening a foreign stream with bounded effort.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::iter;

use age::secrecy::SecretString;
use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, EncryptError, Encryptor};

use super::fault::AgeFault;
use super::hybrid::HybridRecipient;
use super::keys::{AgeIdentity, AgeKeys};
use super::prescan;
use super::recipient::AgeRecipient;
use super::replay::Replay;
use super::source::Source;
use super::xwing;
use crate::crypto::error::{OpenError, SealError};

/// Largest scrypt work factor accepted when opening (`N = 2^20`: 1 GiB of memory); age itself writes 18.
const MAX_SCRYPT_WORK_FACTOR: u8 = 20;

/// Seals a stream as an age file.
///
/// [`Self::finish`] **MUST** be called, or the file is cut off and cannot be opened.
pub struct AgeWriter<W: Write>(StreamWriter<W>);

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

    pub(super) fn begin(output: W, recipient: &dyn age::Recipient) -> Result<Self, SealError> {
        let encryptor = Encryptor::with_recipients(iter::once(recipient)).map_err(|error| match error {
            EncryptError::Io(error) if error.kind() != io::ErrorKind::InvalidInput => SealError::Io(error),
            _ => SealError::UnusableRecipient,
        })?;
        encryptor.wrap_output(output).map(Self).map_err(SealError::Io)
    }

    /// Writes the last chunk and gives back the output, which is neither flushed nor durable yet.
    pub fn finish(self) -> io::Result<W> {
        self.0.finish()
    }
}

impl<W: Write> Write for AgeWriter<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
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
