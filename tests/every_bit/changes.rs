//! What is done to bytes, and the count of it.

use std::fmt;
use std::ops::Range;

/// A change of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// This bit is flipped.
    Flip(usize),
    /// So many bytes are left.
    Cut(usize),
    /// This byte follows.
    Append(u8),
}

impl Change {
    pub(crate) fn of(self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        match self {
            Self::Flip(bit) => bytes[bit / 8] ^= 1 << (bit % 8),
            Self::Cut(left) => bytes.truncate(left),
            Self::Append(byte) => bytes.push(byte),
        }
        bytes
    }
}

/// How many changes are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Every bit, every length, a byte more.
    All,
    /// Every bit of the header, of the end, and around each chunk's edges and tag; a sample between; every length, or of
    /// very long things those around the edges and a sample.
    Edges,
    /// About so many of each, spread evenly, and a bit of the salt and of the commitment.
    Sample(usize),
}

/// Before the first chunk, and a sealed chunk. docs/format.md section 4.
const HEADER: usize = 56;
const SEALED_CHUNK: usize = 65_552;
const TAG: usize = 16;
/// Longest thing that is cut to every length.
const EVERY_LENGTH: usize = 1 << 18;
/// Bits between the edges that are tried.
const BETWEEN: usize = 2048;

impl Reach {
    /// The changes of something of this length.
    pub(crate) fn changes(self, len: usize) -> Vec<Change> {
        let (flips, cuts): (Vec<usize>, Vec<usize>) = match self {
            Self::All => ((0..len * 8).collect(), (0..len).collect()),
            Self::Edges if len <= EVERY_LENGTH => (edges(len), (0..len).collect()),
            Self::Edges => {
                let bits = edges(len);
                let mut cuts: Vec<usize> = bits.iter().map(|bit| bit / 8).collect();
                cuts.dedup();
                (bits, cuts)
            }
            Self::Sample(count) => (sample(len * 8, count), spread(0..len, count.div_ceil(4))),
        };
        let changes = flips.into_iter().map(Change::Flip).chain(cuts.into_iter().map(Change::Cut));
        changes.chain([Change::Append(0), Change::Append(0xff)]).collect()
    }
}

/// About `count` numbers of a range, its first and last among them.
fn spread(range: Range<usize>, count: usize) -> Vec<usize> {
    let step = (range.len() / count.max(1)).max(1);
    let mut numbers: Vec<usize> = range.clone().step_by(step).collect();
    numbers.extend(range.last());
    numbers.dedup();
    numbers
}

fn sample(bits: usize, count: usize) -> Vec<usize> {
    let header = [8 * 11 + 3, 8 * 40 + 6].into_iter().filter(|bit| *bit < bits);
    spread(0..bits, count).into_iter().chain(header).collect()
}

/// The bits at and around what a sealed thing is cut into.
fn edges(len: usize) -> Vec<usize> {
    let mut bytes: Vec<usize> = (0..HEADER).chain(len.saturating_sub(2 * TAG)..len).collect();
    for edge in (HEADER..len).step_by(SEALED_CHUNK) {
        let tag = edge.saturating_sub(TAG);
        bytes.extend([tag.saturating_sub(1), tag, tag + 1]);
        bytes.extend([edge.saturating_sub(1), edge, edge + 1]);
    }
    let mut bits: Vec<usize> =
        bytes.into_iter().filter(|byte| *byte < len).flat_map(|byte| byte * 8..byte * 8 + 8).collect();
    bits.extend(spread(0..len * 8, BETWEEN));
    bits.sort_unstable();
    bits.dedup();
    bits
}

/// How a changed thing was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// An error or a finding said that something is wrong.
    Noticed,
    /// Nothing was said: what was read is what it was, or something else.
    Accepted(&'static str),
}

/// How often each was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tried {
    pub(crate) flips: u64,
    pub(crate) cuts: u64,
    pub(crate) longer: u64,
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9} flips {:>7} cuts {:>3} longer", self.flips, self.cuts, self.longer)
    }
}

/// Tries all changes; the first that is accepted fails the test.
pub(crate) fn none_accepted(
    what: &str,
    whole: &[u8],
    reach: Reach,
    mut take: impl FnMut(&[u8]) -> Taken,
) -> Tried {
    let mut tried = Tried::default();
    for change in reach.changes(whole.len()) {
        match change {
            Change::Flip(_) => tried.flips += 1,
            Change::Cut(_) => tried.cuts += 1,
            Change::Append(_) => tried.longer += 1,
        }
        let taken = take(&change.of(whole));
        assert_eq!(taken, Taken::Noticed, "{what} of {} bytes, {change:?}", whole.len());
    }
    println!("{what:<24} {:>8} bytes: {tried}, accepted 0", whole.len());
    tried
}

#[test]
fn a_flip_changes_one_bit_and_the_edges_are_among_those_tried() {
    assert_eq!(Change::Flip(9).of(&[0, 0]), [0, 2]);
    assert_eq!(Reach::All.changes(3).len(), 24 + 3 + 2);
    let edges = Reach::Edges.changes(200_000);
    for byte in [0, 55, 56, HEADER + SEALED_CHUNK - 17, HEADER + SEALED_CHUNK, 199_999] {
        assert!((0..8).all(|bit| edges.contains(&Change::Flip(byte * 8 + bit))), "{byte}");
    }
    let sample = Reach::Sample(10).changes(1000);
    assert!(sample.contains(&Change::Flip(0)) && sample.contains(&Change::Flip(7999)), "{sample:?}");
}
