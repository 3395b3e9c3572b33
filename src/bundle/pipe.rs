//! Three threads in a row: one makes the archive, one seals it, one hashes and writes what is sealed, with a few
//! buffers between each two.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, ScopedJoinHandle};

use super::BundleError;
use crate::crypto::age::file::AgeWriter;
use crate::crypto::age::recipient::AgeRecipient;
use crate::crypto::{Sha256Stream, leaving_no_stack};
use crate::record::Digest;

/// Bytes of one buffer.
const BUFFER_BYTES: usize = 512 << 10;
/// Full buffers that may wait.
const WAITING: usize = 4;

/// Runs `produce` with a sink whose bytes are sealed for `recipient` and written to `out` on other threads, and
/// gives back size and SHA-256 of the sealed file.
pub(super) fn seal<W: Write + Send>(
    recipient: &AgeRecipient,
    out: W,
    produce: impl FnOnce(&mut Feed) -> Result<(), BundleError>,
) -> Result<(u64, Digest), BundleError> {
    let (mut plain, plain_out) = pipe();
    let (sealed, sealed_out) = pipe();
    thread::scope(|scope| {
        let writing = scope.spawn(move || leaving_no_stack(|| write(out, &sealed_out)));
        let sealing = scope.spawn(move || leaving_no_stack(|| seal_all(recipient, sealed, &plain_out)));
        let produced = produce(&mut plain).and_then(|()| plain.finish().map_err(BundleError::Write));
        drop(plain);
        let (sealed, written) = (join(sealing), join(writing));
        // Where a later thread failed, the ones before it know only that it stopped.
        match (written, sealed, produced) {
            (Err(cause), ..) => Err(BundleError::Write(cause)),
            (_, Err(error), _) | (_, _, Err(error)) => Err(error),
            (Ok(None), ..) => unreachable!("what was produced and sealed to its end has an end mark"),
            (Ok(Some(size_and_digest)), ..) => Ok(size_and_digest),
        }
    })
}

fn join<T>(thread: ScopedJoinHandle<'_, Box<T>>) -> T {
    *thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Seals what comes; without an end mark the file stays cut off, which nothing opens.
fn seal_all(recipient: &AgeRecipient, sealed: Feed, plain: &Drain) -> Result<(), BundleError> {
    let mut sealer = AgeWriter::seal(sealed, recipient).map_err(BundleError::Seal)?;
    let whole = plain.each(|bytes| sealer.write_all(bytes)).map_err(BundleError::Write)?;
    if whole {
        sealer.finish().and_then(|mut sealed| sealed.finish()).map_err(BundleError::Write)?;
    }
    Ok(())
}

/// Writes and hashes what comes; gives size and digest if the end mark came.
fn write(mut out: impl Write, sealed: &Drain) -> io::Result<Option<(u64, Digest)>> {
    let (mut hash, mut size) = (Sha256Stream::default(), 0);
    let whole = sealed.each(|bytes| {
        hash.update(bytes);
        size += bytes.len() as u64;
        out.write_all(bytes)
    })?;
    out.flush()?;
    Ok(whole.then(|| (size, hash.finish())))
}

/// A buffer, or the end mark.
type Piece = Option<Vec<u8>>;

fn pipe() -> (Feed, Drain) {
    let (full, incoming) = sync_channel(WAITING);
    let (empty, returned) = channel();
    (Feed { buffer: Vec::with_capacity(BUFFER_BYTES), full, returned }, Drain { incoming, empty })
}

/// The end of a pipe that takes bytes.
pub(super) struct Feed {
    buffer: Vec<u8>,
    full: SyncSender<Piece>,
    returned: Receiver<Vec<u8>>,
}

/// The end of a pipe that gives them.
struct Drain {
    incoming: Receiver<Piece>,
    empty: Sender<Vec<u8>>,
}

impl Drain {
    /// Hands over what comes; tells whether the end mark came.
    fn each(&self, mut sink: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<bool> {
        loop {
            match self.incoming.recv() {
                Err(_) => return Ok(false),
                Ok(None) => return Ok(true),
                Ok(Some(mut buffer)) => {
                    sink(&buffer)?;
                    buffer.clear();
                    // The other thread may be done and take no more.
                    self.empty.send(buffer).unwrap_or(());
                }
            }
        }
    }
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
    io::Error::other("the thread that takes the bytes has stopped")
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
