//! Wiping the stack, where keys were moved, copied and computed with, and nothing else would overwrite them.

use std::hint::black_box;

use zeroize::Zeroize;

/// Stack overwritten below the caller, in bytes; no command and no thread goes deeper (a test looks).
const STACK_BYTES: usize = 256 << 10;
/// Room left free above the frames of the work: the frame that overwrites begins with things of its own.
const GAP_BYTES: usize = 2 << 10;

/// Runs `work`, then overwrites the stack it ran on.
///
/// The result comes in a box: moved up as it lies there, it would bring along what stood before in the bytes that an
/// empty variant leaves as they were.
pub fn leaving_no_stack<T>(work: impl FnOnce() -> T) -> Box<T> {
    let done = below_a_gap(work);
    overwrite();
    done
}

#[inline(never)]
fn below_a_gap<T>(work: impl FnOnce() -> T) -> Box<T> {
    let gap = [0_u8; GAP_BYTES];
    black_box(&gap);
    let done = on_a_frame_of_its_own(work);
    black_box(&gap);
    done
}

#[inline(never)]
fn on_a_frame_of_its_own<T>(work: impl FnOnce() -> T) -> Box<T> {
    Box::new(work())
}

#[inline(never)]
fn overwrite() {
    let mut room = [0_u8; STACK_BYTES];
    room.zeroize();
    black_box(&mut room);
}
