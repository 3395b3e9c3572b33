//! Two threads: one makes the archive, the other seals and writes it, with a few buffers between them.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use super::BundleError;
use crate::crypto::Sha256Stream;
use crate::crypto::age::file::AgeWriter;
use crate::crypto::age::recipient::AgeRecipient;
use crate::record::Digest;

/// Bytes of one buffer.
const BUFFER_BYTES: usize = 1 << 20;
/// Full buffers that may wait.
const WAITING: usize = 4;

/// Runs `produce` with a sink whose bytes are sealed for `recipient` on another thread, and gives back size and
/// SHA-256 of the sealed file.
pub(super) fn seal<W: Write + Send>(
    recipient: &AgeRecipient,
    out: W,
    produce: impl FnOnce(&mut Feed) -> Result<(), BundleError>,
) -> Result<(u64, Digest), BundleError> {
    let counted = Counted { out, bytes: 0, digest: Sha256Stream::default() };
    let sealer = AgeWriter::seal(counted, recipient).map_err(BundleError::Seal)?;
    let (full, incoming) = sync_channel(WAITING);
    let (empty, returned) = channel();
    let (produced, sealed) = thread::scope(|scope| {
        let sealing = scope.spawn(move || drain(sealer, &incoming, &empty));
        let mut feed = Feed { buffer: Vec::with_capacity(BUFFER_BYTES), full, returned };
        let produced = produce(&mut feed).and_then(|()| feed.finish().map_err(BundleError::Write));
        drop(feed);
        (produced, sealing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    match (sealed, produced) {
        // Where sealing stopped, the other thread knows only that it did.
        (Err(cause), _) => Err(BundleError::Write(cause)),
        (Ok(_), Err(error)) => Err(error),
        (Ok(None), Ok(())) => unreachable!("what was produced to its end has an end mark"),
        (Ok(Some(counted)), Ok(())) => Ok((counted.bytes, counted.digest.finish())),
    }
}

/// Seals buffers until the end mark; without one the file stays cut off, which nothing opens.
fn drain<W: Write>(
    mut sealer: AgeWriter<Counted<W>>,
    incoming: &Receiver<Option<Vec<u8>>>,
    empty: &Sender<Vec<u8>>,
) -> io::Result<Option<Counted<W>>> {
    loop {
        match incoming.recv() {
            Err(_) => return Ok(None),
            Ok(None) => break,
            Ok(Some(mut buffer)) => {
                sealer.write_all(&buffer)?;
                buffer.clear();
                // The other thread may be done and take no more.
                empty.send(buffer).unwrap_or(());
            }
        }
    }
    let mut counted = sealer.finish()?;
    counted.flush()?;
    Ok(Some(counted))
}

/// Takes the bytes of the archive.
pub(super) struct Feed {
    buffer: Vec<u8>,
    full: SyncSender<Option<Vec<u8>>>,
    returned: Receiver<Vec<u8>>,
}

impl Feed {
    fn finish(&mut self) -> io::Result<()> {
        self.send()?;
        self.full.send(None).map_err(|_| stopped())
    }

    fn send(&mut self) -> io::Result<()> {
        let next = self.returned.try_recv().unwrap_or_else(|_| Vec::with_capacity(BUFFER_BYTES));
        let full = std::mem::replace(&mut self.buffer, next);
        self.full.send(Some(full)).map_err(|_| stopped())
    }
}

fn stopped() -> io::Error {
    io::Error::other("the sealing thread has stopped")
}

impl Write for Feed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() == BUFFER_BYTES {
            self.send()?;
        }
        let count = bytes.len().min(BUFFER_BYTES - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Counts and hashes what is written.
struct Counted<W> {
    out: W,
    bytes: u64,
    digest: Sha256Stream,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.bytes += count as u64;
        self.digest.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
