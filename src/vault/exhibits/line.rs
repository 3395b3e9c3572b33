//! Threads that carry pieces of one exhibit, each in a buffer of its own, and keep the pieces' order where it counts.
//!
//! A piece stays with its thread from the first step to the last, so that its bytes stay in that core's cache.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use zeroize::Zeroizing;

use crate::crypto::{SEALED_CHUNK_BYTES, leaving_no_stack};

/// Chunks in a full piece: with fewer the threads wait for each other more often than they work (docs/benchmarks.md).
pub(super) const PIECE_CHUNKS: u64 = 16;
/// Threads there are at most.
const MAX_THREADS: usize = 16;
/// Threads there are at least, so that one computes while another waits for the disk. More than cores cost more
/// than they bring: pieces leave the cores' caches, and waking a thread takes as long as sealing half a piece.
const MIN_THREADS: usize = 2;
/// Room for one piece, in bytes.
const BUFFER_BYTES: usize = PIECE_CHUNKS as usize * SEALED_CHUNK_BYTES;

// All buffers of one exhibit together.
const _: () = assert!(MAX_THREADS * BUFFER_BYTES <= 32 << 20);

/// How many steps have an order.
const STEPS: usize = 2;

/// Holds one piece; wiped on drop.
pub(super) type Buffer = Zeroizing<Vec<u8>>;

/// Which piece may do which ordered step next.
pub(super) struct Line {
    state: Mutex<State>,
    moved: Condvar,
}

struct State {
    next: [u64; STEPS],
    broken: bool,
}

impl Line {
    /// Runs `carry` on enough threads for `bytes` sealed bytes, each with a buffer, and gives the first error.
    ///
    /// When one fails or panics, the steps of all others end with `None`.
    pub(super) fn run<E: Send>(
        bytes: u64,
        carry: impl Fn(&Self, &mut Buffer) -> Result<(), E> + Sync,
    ) -> Result<(), E> {
        let line =
            Self { state: Mutex::new(State { next: [0; STEPS], broken: false }), moved: Condvar::new() };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let pieces = usize::try_from(bytes.div_ceil(BUFFER_BYTES as u64)).unwrap_or(MAX_THREADS);
        let threads = pieces.min(cores.clamp(MIN_THREADS, MAX_THREADS));
        let room = usize::try_from(bytes).unwrap_or(BUFFER_BYTES).min(BUFFER_BYTES);
        let carry = || {
            let breaks = BreaksOnDrop(&line);
            let mut buffer = Zeroizing::new(vec![0; room]);
            let done = carry(&line, &mut buffer);
            if done.is_ok() {
                std::mem::forget(breaks);
            }
            done
        };
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| leaving_no_stack(carry))).collect();
            let joined = others.into_iter().map(|other| other.join());
            let own = carry();
            joined.fold(own, |done, other| {
                done.and(*other.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            })
        })
    }

    /// Does an ordered step when all pieces with smaller numbers have done it; none when the line broke.
    ///
    /// After an error nobody does this step again.
    pub(super) fn in_turn<E>(
        &self,
        step: usize,
        number: u64,
        act: impl FnOnce() -> Result<(), E>,
    ) -> Result<Option<()>, E> {
        let waits = |state: &mut State| !state.broken && state.next[step] != number;
        let state = self.moved.wait_while(self.state(), waits).unwrap_or_else(PoisonError::into_inner);
        if state.broken {
            return Ok(None);
        }
        drop(state);
        act()?;
        self.state().next[step] = number + 1;
        self.moved.notify_all();
        Ok(Some(()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Numbers and a flag are whole at any moment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets nobody wait for a thread that is gone.
struct BreaksOnDrop<'a>(&'a Line);

impl Drop for BreaksOnDrop<'_> {
    fn drop(&mut self) {
        self.0.state().broken = true;
        self.0.moved.notify_all();
    }
}
