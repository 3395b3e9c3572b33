//! SHA-256 of given bytes, and salted Merkle trees over them. docs/format.md section 6; RFC 6962 section 2.1.

use aws_lc_rs::digest::{self, Context, SHA256};

use super::kdf::Deriver;
use crate::format::ObjectKey;
use crate::record::{CaseCode, CaseId, Digest};

/// `SHA-256(bytes)`.
pub fn sha256(bytes: &[u8]) -> Digest {
    digest_of(&digest::digest(&SHA256, bytes))
}

fn digest_of(computed: &digest::Digest) -> Digest {
    Digest::new(computed.as_ref().try_into().expect("SHA-256 has 32 bytes"))
}

/// SHA-256 of bytes that come piece by piece.
#[derive(Clone)]
pub struct Sha256Stream(Context);

impl Default for Sha256Stream {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Sha256Stream {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes taken.
    pub fn finish(self) -> Digest {
        digest_of(&self.0.finish())
    }
}

/// `SHA-256("sanduq/1 case code" ‖ 00 ‖ case)`, of which a case's code shows the beginning.
pub fn case_digest(case: &CaseId) -> Digest {
    sha256(&case.code_input())
}

/// A case's bare code.
pub fn case_code(case: &CaseId) -> CaseCode {
    CaseCode::of(&case_digest(case))
}

/// `SHA-256("sanduq/1 redaction" ‖ 00 ‖ random ‖ text)`: which text a redacted copy was made of. `random` is that of
/// the revision that holds the text; without it no guess of the text can be tested.
pub fn redaction_digest(random: &[u8; 32], text: &str) -> Digest {
    let mut hash = Sha256Stream::default();
    hash.update(b"sanduq/1 redaction\0");
    hash.update(random);
    hash.update(text.as_bytes());
    hash.finish()
}

/// The salts of an entry's leaves.
pub struct LeafSalts(Deriver);

/// What a leaf of an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeafKind {
    /// A head of another writer.
    Head,
    /// An operation.
    Operation,
}

impl LeafSalts {
    /// Prepares the salts of an entry.
    pub fn new(salt: &ObjectKey) -> Self {
        Self(Deriver::new(salt.expose()))
    }

    /// `salt_i = K(salt; "head" or "operation"; u64(i); 16)`.
    pub fn salt(&self, kind: LeafKind, index: usize) -> [u8; 16] {
        let label = match kind {
            LeafKind::Head => "head",
            LeafKind::Operation => "operation",
        };
        self.0.bytes(label, &[&(index as u64).to_be_bytes()])
    }

    /// Root of the tree over `salt_i ‖ bytes_i`.
    pub fn root<'a>(&self, kind: LeafKind, items: impl IntoIterator<Item = &'a [u8]>) -> Digest {
        merkle_root(&self.leaves(kind, items))
    }

    /// The leaf hashes of all items.
    pub fn leaves<'a>(&self, kind: LeafKind, items: impl IntoIterator<Item = &'a [u8]>) -> Vec<Digest> {
        items.into_iter().enumerate().map(|(i, bytes)| leaf(&self.salt(kind, i), bytes)).collect()
    }
}

/// `SHA-256(00 ‖ salt ‖ bytes)`.
pub fn leaf(salt: &[u8; 16], bytes: &[u8]) -> Digest {
    let mut hash = Sha256Stream::default();
    hash.update(&[0]);
    hash.update(salt);
    hash.update(bytes);
    hash.finish()
}

fn node(left: &Digest, right: &Digest) -> Digest {
    let mut hash = Sha256Stream::default();
    hash.update(&[1]);
    hash.update(left.as_bytes());
    hash.update(right.as_bytes());
    hash.finish()
}

/// Largest power of two below `len`.
fn split_at(len: usize) -> usize {
    (len.next_power_of_two() / 2).max(1)
}

/// Merkle tree hash of leaf hashes, RFC 6962 section 2.1.
pub fn merkle_root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => sha256(b""),
        [one] => *one,
        _ => {
            let (left, right) = leaves.split_at(split_at(leaves.len()));
            node(&merkle_root(left), &merkle_root(right))
        }
    }
}

/// Audit path of leaf `index`, RFC 6962 section 2.1.1.
pub fn merkle_path(leaves: &[Digest], index: usize) -> Vec<Digest> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split_at(leaves.len()));
    let (mut path, sibling) = if index < left.len() {
        (merkle_path(left, index), merkle_root(right))
    } else {
        (merkle_path(right, index - left.len()), merkle_root(left))
    };
    path.push(sibling);
    path
}

/// The root that a leaf and its audit path give in a tree of `count` leaves; none if the path does not fit.
pub fn merkle_root_from_path(leaf: Digest, index: usize, count: usize, path: &[Digest]) -> Option<Digest> {
    if index >= count {
        return None;
    }
    let Some((sibling, rest)) = path.split_last() else {
        return (count == 1).then_some(leaf);
    };
    if count < 2 {
        return None;
    }
    let left = split_at(count);
    if index < left {
        Some(node(&merkle_root_from_path(leaf, index, left, rest)?, sibling))
    } else {
        Some(node(sibling, &merkle_root_from_path(leaf, index - left, count - left, rest)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when the label, its end or the salt is left out; the answer is Python's hashlib's.
    #[test]
    fn a_copy_is_bound_to_salt_and_text() {
        let salt: [u8; 32] = std::array::from_fn(|at| at as u8);
        let digest = redaction_digest(&salt, "Мен көрдім.");
        assert_eq!(digest.to_string(), "b6d09df4cdca43fe2a2483e1ba0e20b40e646fe5e85961beac9542552148ea0f");
        assert_ne!(redaction_digest(&[0; 32], "Мен көрдім."), digest);
    }

    #[test]
    fn every_leaf_of_every_small_tree_proves_itself_and_no_other() {
        for count in 1..20usize {
            let leaves: Vec<Digest> = (0..count).map(|i| leaf(&[0; 16], &[i as u8])).collect();
            let root = merkle_root(&leaves);
            for (i, own) in leaves.iter().enumerate() {
                let path = merkle_path(&leaves, i);
                assert_eq!(merkle_root_from_path(*own, i, count, &path), Some(root));
                let wrong = leaf(&[1; 16], &[i as u8]);
                assert_ne!(merkle_root_from_path(wrong, i, count, &path), Some(root));
                if count > 1 {
                    assert_ne!(merkle_root_from_path(*own, (i + 1) % count, count, &path), Some(root));
                }
            }
        }
    }

    #[test]
    fn a_path_that_is_too_short_or_too_long_gives_no_root() {
        let leaves: Vec<Digest> = (0..5).map(|i| leaf(&[0; 16], &[i])).collect();
        for (i, own) in leaves.iter().enumerate() {
            let path = merkle_path(&leaves, i);
            let longer = [path.as_slice(), &leaves[..1]].concat();
            let before = [&leaves[..1], path.as_slice()].concat();
            for wrong in [&path[1..], &path[..path.len() - 1], &longer, &before] {
                assert_ne!(merkle_root_from_path(*own, i, 5, wrong), Some(merkle_root(&leaves)));
            }
            assert_eq!(merkle_root_from_path(*own, i, 5, &path[1..]), None);
            assert_eq!(merkle_root_from_path(*own, i, 5, &before), None);
        }
        assert_eq!(merkle_root_from_path(leaves[0], 0, 1, &[]), Some(leaves[0]));
        assert_eq!(merkle_root_from_path(leaves[0], 0, 1, &leaves[1..2]), None);
        assert_eq!(merkle_root_from_path(leaves[0], 1, 1, &[]), None);
        assert_eq!(merkle_root_from_path(leaves[0], 0, 0, &[]), None);
    }

    /// The leaves and roots with which Certificate Transparency implementations are tested.
    /// Fails when trees are split at another place than the largest power of two: paths fit such trees as well.
    #[test]
    fn trees_are_those_of_rfc_6962() {
        let leaves = ["", "\x00", "\x10", " !", "01", "@ABC", "PQRSTUVW", "`abcdefghijklmno"];
        let leaves = leaves.map(|bytes| sha256(&[b"\0", bytes.as_bytes()].concat()));
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        for (count, root) in (1..).zip(roots) {
            assert_eq!(merkle_root(&leaves[..count]).to_string(), root, "{count}");
        }
    }

    #[test]
    fn the_empty_tree_is_that_of_rfc_6962() {
        assert!(merkle_root(&[]).to_string().starts_with("e3b0c44298fc1c149afbf4c8996fb924"));
    }
}
