//! Which revision stands: version vectors and heads. docs/format.md section 7, "Which revision stands".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Branch, CardHash};

/// A place on one author's branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Who wrote it.
    pub author: CardHash,
    /// On which branch.
    pub branch: Branch,
    /// Its number there, from 0.
    pub index: u64,
}

/// For each (author, branch) the highest index covered, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Vector(Vec<Position>);

/// What decides whether a revision stands: its place and what it covers.
pub trait Standing {
    /// Its own position.
    fn position(&self) -> Position;
    /// All it covers, its own position included.
    fn vector(&self) -> &Vector;
}

impl Vector {
    /// Its positions, sorted by author, then branch.
    pub fn positions(&self) -> &[Position] {
        &self.0
    }

    /// Positions a vector may have.
    pub const MAX_POSITIONS: usize = 512;

    /// Whether it is sorted without doubles, not too long, and covers `own` exactly: what a signed vector must satisfy.
    pub fn is_proper(&self, own: Position) -> bool {
        let places: Vec<_> = self.0.iter().map(|p| (p.author, p.branch)).collect();
        places.len() <= Self::MAX_POSITIONS && places.is_sorted_by(|a, b| a < b) && self.0.contains(&own)
    }

    /// The vector of the revision at `own` that joins all `heads`, as the vault's owner writes it:
    /// everything the owner's revisions cover, of the others only what is their own author's. Where that is more
    /// than a vector may hold, some of the others' revisions go on standing beside.
    pub fn joining<'a, S: Standing + 'a>(
        heads: impl IntoIterator<Item = &'a S>,
        owner: CardHash,
        own: Position,
    ) -> Self {
        let mut highest = BTreeMap::new();
        let counted = heads.into_iter().flat_map(|head| {
            let author = head.position().author;
            head.vector().0.iter().filter(move |p| author == owner || p.author == author)
        });
        for position in counted.chain([&own]) {
            let index = highest.entry((position.author, position.branch)).or_insert(position.index);
            *index = position.index.max(*index);
        }
        let mut positions: Vec<Position> =
            highest.into_iter().map(|((author, branch), index)| Position { author, branch, index }).collect();
        positions.sort_by_key(|position| (*position != own, position.author != owner));
        positions.truncate(Self::MAX_POSITIONS);
        positions.sort();
        Self(positions)
    }

    /// How many revisions it covers: of two revisions where one covers the other, that one's is larger.
    pub fn weight(&self) -> u64 {
        self.0.iter().fold(0, |sum, position| sum.saturating_add(position.index).saturating_add(1))
    }

    fn covers(&self, place: Position) -> bool {
        self.0.iter().any(|p| p.author == place.author && p.branch == place.branch && p.index >= place.index)
    }
}

/// The revisions of one part that no other one replaces, in the order given.
/// Of a revision that is not by `owner` only its own author's entries count.
pub fn heads<S: Standing>(revisions: &[S], owner: CardHash) -> Vec<&S> {
    let replaces = |a: &S, b: &S| {
        let (by, place) = (a.position().author, b.position());
        a.position() != place && (by == owner || by == place.author) && a.vector().covers(place)
    };
    revisions.iter().filter(|b| !revisions.iter().any(|a| replaces(a, b))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Rev(Position, Vector);

    impl Standing for Rev {
        fn position(&self) -> Position {
            self.0
        }
        fn vector(&self) -> &Vector {
            &self.1
        }
    }

    const OWNER: CardHash = CardHash::new([1; 32]);
    const OTHER: CardHash = CardHash::new([2; 32]);
    const STRANGER: CardHash = CardHash::new([3; 32]);

    fn rev(author: CardHash, branch: u8, index: u64, after: &[&Rev]) -> Rev {
        let own = Position { author, branch: Branch::new([branch; 16]), index };
        Rev(own, Vector::joining(after.iter().copied(), author, own))
    }

    #[test]
    fn the_next_revision_replaces_the_one_before_even_when_those_between_are_missing() {
        let first = rev(OWNER, 1, 0, &[]);
        let second = rev(OWNER, 1, 1, &[&first]);
        let third = rev(OWNER, 1, 2, &[&second]);
        assert_eq!(heads(&[first, third], OWNER).len(), 1);
    }

    #[test]
    fn two_devices_apart_make_two_heads_and_the_next_edit_covers_both() {
        let base = rev(OWNER, 1, 0, &[]);
        let left = rev(OWNER, 1, 1, &[&base]);
        let right = rev(OWNER, 2, 0, &[&base]);
        let joined = rev(OWNER, 2, 1, &[&left, &right]);
        let all = [base, left, right];
        assert_eq!(heads(&all, OWNER).len(), 2);
        let [base, left, right] = all;
        assert_eq!(heads(&[base, left, right, joined], OWNER).len(), 1);
    }

    #[test]
    fn a_strangers_revision_that_claims_to_cover_others_replaces_nothing() {
        let mine = rev(OWNER, 1, 0, &[]);
        let forged = rev(STRANGER, 9, 0, &[&mine]);
        assert!(forged.1.is_proper(forged.0));
        assert_eq!(heads(&[mine, forged], OWNER).len(), 2);
    }

    #[test]
    fn what_a_colleague_wrote_stands_beside_until_the_owner_covers_both() {
        let theirs = rev(OTHER, 5, 0, &[]);
        let mine = rev(OWNER, 1, 0, &[&theirs]);
        let later = rev(OTHER, 5, 1, &[&theirs, &mine]);
        assert_eq!(heads(&[theirs, mine, later], OWNER).len(), 2);
    }
}
