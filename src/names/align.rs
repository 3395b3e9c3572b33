//! How well Latin letters fit a word: the cheapest way to share them out among its letters, in order.

use super::normal::MAX_LETTERS;
use super::table::{Cost, Known, MAX_SPAN, Span, push};

/// Width of a row of the alignment: a query's letters, and room to look ahead without asking for its end.
const WIDTH: usize = 32;
/// More than any alignment costs.
pub(super) const NEVER: Cost = Cost::MAX / 4;

/// Costs of the query's letters up to each place.
pub(super) type Front = [Cost; WIDTH];

/// The spans of a query: of every length from every place.
#[derive(Clone, Debug)]
pub(super) struct Spans {
    pub(super) length: usize,
    reach: usize,
    spans: Vec<[Span; MAX_SPAN + 1]>,
    extra: [Cost; WIDTH],
}

impl Spans {
    pub(super) fn new(letters: &[char], reach: usize) -> Self {
        let letters = &letters[..letters.len().min(MAX_LETTERS)];
        let from = |start: usize| {
            let mut spans = [0; MAX_SPAN + 1];
            for (n, letter) in letters[start..].iter().take(MAX_SPAN).enumerate() {
                spans[n + 1] = push(spans[n], *letter);
            }
            spans
        };
        let mut extra = [NEVER; WIDTH];
        extra.iter_mut().zip(letters).for_each(|(cost, letter)| *cost = too_much(*letter));
        Self { length: letters.len(), reach, spans: (0..=letters.len()).map(from).collect(), extra }
    }

    /// What each span of the query costs under one unit.
    pub(super) fn costs(&self, known: &Known<'_>) -> Costs {
        let mut costs = [[NEVER; WIDTH]; MAX_SPAN + 1];
        for (start, spans) in self.spans.iter().enumerate() {
            for length in 0..=self.reach.min(self.length - start) {
                costs[length][start] = known.cost(spans[length], length);
            }
        }
        Costs { costs, extra: self.extra, length: self.length, reach: self.reach }
    }

    /// Where every alignment begins.
    pub(super) fn start(&self) -> Front {
        let mut front = [NEVER; WIDTH];
        front[0] = 0;
        front
    }
}

/// Costs of every span of a query under one unit, by length and place.
#[derive(Clone, Debug)]
pub(super) struct Costs {
    costs: [[Cost; WIDTH]; MAX_SPAN + 1],
    extra: [Cost; WIDTH],
    length: usize,
    reach: usize,
}

impl Costs {
    /// The alignment with one letter more. Most names are short: then half of the row is enough.
    pub(super) fn step(&self, front: &Front) -> Front {
        match self.length < WIDTH / 2 {
            true => self.step_in::<{ WIDTH / 2 }>(front),
            false => self.step_in::<WIDTH>(front),
        }
    }

    /// As [`step`](Self::step), in the first `N` places: loops of one known length are done many places at a time.
    fn step_in<const N: usize>(&self, front: &Front) -> Front {
        let mut next = [NEVER; WIDTH + MAX_SPAN];
        for (length, costs) in self.costs.iter().enumerate().take(self.reach + 1) {
            take_least::<N>(&mut next[length..], front, costs);
        }
        // Up to two letters that nothing stands for.
        for _ in 0..2 {
            let before = next;
            take_least::<N>(&mut next[1..], &before, &self.extra);
        }
        let mut row = [NEVER; WIDTH];
        row[..N].copy_from_slice(&next[..N]);
        row
    }
}

/// Where `from` and what goes from there cost less than what is there already, takes it.
fn take_least<const N: usize>(to: &mut [Cost], from: &[Cost], costs: &[Cost]) {
    let (Some(to), Some(from), Some(costs)) =
        (to.first_chunk_mut::<N>(), from.first_chunk::<N>(), costs.first_chunk::<N>())
    else {
        return;
    };
    for at in 0..N {
        to[at] = to[at].min(from[at].saturating_add(costs[at]));
    }
}

/// What a letter of the query costs that no letter of the name stands for.
fn too_much(letter: char) -> Cost {
    match letter {
        'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h' | 'w' => 88,
        _ => 120,
    }
}

/// The least of a front: nothing behind it costs less.
pub(super) fn least(front: &Front) -> Cost {
    front.iter().fold(NEVER, |least, cost| least.min(*cost))
}
