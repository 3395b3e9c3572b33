//! The words of a checkpoint. docs/format.md section 6, "Checkpoints".

use super::kdf::Deriver;
use super::sha256;
use super::words::WORDS;
use crate::record::VaultId;

/// Words of a checkpoint: 77 bits.
pub const CHECKPOINT_WORDS: usize = 6;

/// `K(SHA-256(heads); "checkpoint"; vault id; 48)` as words: what stands for a list of heads, and holds no secret.
pub fn checkpoint_words(vault: &VaultId, heads: &[u8]) -> [&'static str; CHECKPOINT_WORDS] {
    let bytes: [u8; CHECKPOINT_WORDS * 8] =
        Deriver::new(sha256(heads).as_bytes()).bytes("checkpoint", &[vault.as_bytes()]);
    std::array::from_fn(|i| {
        let number = u64::from_be_bytes(bytes[i * 8..i * 8 + 8].try_into().expect("eight bytes"));
        WORDS[usize::try_from(number % WORDS.len() as u64).expect("below 7776")]
    })
}

/// Whether a word is one of which checkpoints and fingerprints are made.
pub fn is_listed_word(word: &str) -> bool {
    WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_differ_by_heads_and_vault_and_are_listed() {
        let (one, other) = (VaultId::new([1; 32]), VaultId::new([2; 32]));
        let words = checkpoint_words(&one, b"heads");
        assert_ne!(words, checkpoint_words(&one, b"headz"));
        assert_ne!(words, checkpoint_words(&other, b"heads"));
        assert!(words.iter().all(|word| is_listed_word(word)));
        assert!(!is_listed_word("құпия") && !is_listed_word(""));
    }
}
