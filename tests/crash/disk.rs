//! A model of a disk: what may be found on it after the power failed at any point of a recorded run.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::tree::{Step, Synced, Tree, Visible};

/// What the syncs of a file system are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    /// `syncfs` makes everything durable (ext4, XFS, btrfs).
    Flushes,
    /// `syncfs` hands everything to the device, and the next `fsync` makes it durable (FAT, exFAT).
    HandsOver,
    /// `syncfs` does nothing: only what was synced itself is durable (FUSE, unknown file systems).
    IsNothing,
}

/// Something that may be found on the disk.
pub(super) struct State {
    pub(super) visible: Visible,
    /// Whether the program had said that it is done.
    pub(super) said: bool,
    /// How it came about.
    pub(super) story: String,
}

/// How a process or a disk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The process was killed: what it wrote is there.
    Killed,
    /// The power failed: only what is durable is there.
    PowerCut,
    /// The power failed while so many last changes were on their way: any of them are lost, and one is half done.
    Torn(usize),
    /// As `Torn`, and none is half done.
    Reordered(usize),
}

/// Everything that may be found, each once, for every point of a run from the given one on.
pub(super) fn states(
    (before, steps, from): (&Tree, &[Step], usize),
    (promise, endings): (Promise, &[Ending]),
    mut found: impl FnMut(State) -> ControlFlow<()>,
) -> usize {
    let mut seen = HashSet::new();
    let base = before.visible();
    let mut points = 0;
    for n in from..=steps.len() {
        let said = steps[..n].iter().any(|step| matches!(step, Step::Said));
        points += usize::from(n > from);
        for ending in endings {
            for (kept, story) in losses(&steps[..n], promise, *ending) {
                let mut tree = before.clone();
                kept.iter().for_each(|step| tree.apply(step));
                let visible = tree.visible();
                if seen.insert((said, fingerprint(&base, &visible))) {
                    let story = format!("{ending:?} after {n} calls: {story}");
                    if found(State { visible, said, story }).is_break() {
                        return points;
                    }
                }
            }
        }
    }
    points
}

/// The changes that are kept, in each way in which the others may be lost.
fn losses(done: &[Step], promise: Promise, ending: Ending) -> Vec<(Vec<Step>, String)> {
    let durable = durable(done, promise);
    let keep = |kept: &dyn Fn(usize) -> bool| (0..done.len()).filter(|i| kept(*i)).collect::<Vec<_>>();
    let steps = |kept: &[usize]| kept.iter().map(|i| done[*i].clone()).collect::<Vec<_>>();
    match ending {
        Ending::Killed => vec![(done.to_vec(), String::new())],
        Ending::PowerCut => vec![(steps(&keep(&|i| durable[i])), String::new())],
        Ending::Torn(reordered) | Ending::Reordered(reordered) => {
            let is_change = |i: &usize| !matches!(done[*i], Step::Sync { .. } | Step::Said);
            let pending: Vec<usize> = (0..done.len()).filter(|i| !durable[*i]).filter(is_change).collect();
            let (earlier, last) = pending.split_at(pending.len().saturating_sub(reordered));
            let mut all = Vec::new();
            for choice in 0..2usize << last.len() {
                let (with_earlier, subset) = (choice & 1 == 1, choice >> 1);
                let kept = keep(&|i| match last.iter().position(|last| *last == i) {
                    Some(bit) => subset >> bit & 1 == 1,
                    None => durable[i] || (with_earlier && earlier.contains(&i)),
                });
                let story =
                    format!("kept of {last:?} {subset:b}, of {} earlier ones {with_earlier}", earlier.len());
                let tears = matches!(ending, Ending::Torn(_));
                for (place, i) in kept.iter().enumerate().filter(|(_, i)| tears && last.contains(i)) {
                    for half in halves(&done[*i]) {
                        let mut torn = steps(&kept);
                        torn[place] = half;
                        all.push((torn, format!("{story}, {i} half done")));
                    }
                }
                all.push((steps(&kept), story));
            }
            all
        }
    }
}

/// A write half done: cut off, or its second half not there yet.
fn halves(step: &Step) -> Vec<Step> {
    let Step::Write { inode, offset, bytes } = step else { return Vec::new() };
    let half = bytes[..bytes.len() / 2].to_vec();
    let mut zeros = half.clone();
    zeros.resize(bytes.len(), 0);
    let with = |bytes| Step::Write { inode: *inode, offset: *offset, bytes: Arc::new(bytes) };
    vec![with(half), with(zeros)]
}

/// Which changes survive a power cut now.
fn durable(done: &[Step], promise: Promise) -> Vec<bool> {
    let mut durable = vec![false; done.len()];
    let mut handed_over = vec![false; done.len()];
    for step in done {
        let Step::Sync { what, since } = step else { continue };
        for i in 0..*since {
            match (what, promise) {
                (Synced::Everything, Promise::Flushes) => durable[i] = true,
                (Synced::Everything, Promise::HandsOver) => handed_over[i] = true,
                (Synced::Everything, Promise::IsNothing) => {}
                (Synced::Inode(inode), _) => durable[i] |= handed_over[i] || touches(&done[i], *inode),
            }
        }
    }
    durable
}

/// Whether syncing this file or folder makes a change durable: a file its bytes, a folder its names.
fn touches(step: &Step, synced: usize) -> bool {
    match step {
        Step::Write { inode, .. } | Step::Resize { inode, .. } => *inode == synced,
        Step::Link { folder, .. }
        | Step::Folder { folder, .. }
        | Step::Unlink { folder, .. }
        | Step::Rename { folder, .. } => *folder == synced,
        Step::Sync { .. } | Step::Said => false,
    }
}

fn fingerprint(base: &Visible, visible: &Visible) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (path, bytes) in visible {
        path.hash(&mut hasher);
        match (bytes, base.get(path)) {
            (Some(now), Some(Some(before))) if Arc::ptr_eq(now, before) => {}
            (now, _) => now.hash(&mut hasher),
        }
    }
    hasher.finish()
}
