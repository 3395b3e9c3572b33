//! The memory of an exhibit's way in or out: a fixed number of buffers that go round, wiped in the end.

use std::sync::mpsc::Receiver;

use zeroize::Zeroizing;

use crate::crypto::SEALED_CHUNK_BYTES;

/// Chunks that travel together.
pub(super) const STRETCH_CHUNKS: u64 = 8;
/// Buffers there are at most.
pub(super) const BUFFERS: usize = 12;
/// Room for one stretch of sealed chunks, in bytes.
const BUFFER_BYTES: usize = STRETCH_CHUNKS as usize * SEALED_CHUNK_BYTES;

// All buffers of one exhibit together.
const _: () = assert!(BUFFERS * BUFFER_BYTES <= 16 << 20);

/// Holds one stretch; wiped on drop.
pub(super) type Buffer = Zeroizing<Vec<u8>>;

/// Makes a buffer.
pub(super) fn buffer(bytes: usize) -> Buffer {
    Zeroizing::new(vec![0; bytes.min(BUFFER_BYTES)])
}

/// Gives out buffers, makes at most [`BUFFERS`], and waits for one to come back otherwise.
pub(super) struct Pool {
    unmade: usize,
    back: Receiver<Buffer>,
}

impl Pool {
    pub(super) fn new(back: Receiver<Buffer>) -> Self {
        Self { unmade: BUFFERS, back }
    }

    /// A buffer; none when nobody is left who could give one back.
    pub(super) fn take(&mut self) -> Option<Buffer> {
        if let Ok(buffer) = self.back.try_recv() {
            return Some(buffer);
        }
        if self.unmade > 0 {
            self.unmade -= 1;
            return Some(buffer(BUFFER_BYTES));
        }
        self.back.recv().ok()
    }
}

/// How many threads seal or open at once.
pub(super) fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(BUFFERS / 3)
}
