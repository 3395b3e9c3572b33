//! Generated passphrases, and how strong a chosen one is. The words are the EFF's large list.

use rand_core::{OsRng, RngCore};

use super::Passphrase;

/// The EFF large word list: 7776 words, 12.9 bits each.
pub(crate) const WORDS: &[&str; 7776] = &diceware_wordlists::EFF_LONG_WORDLIST;
/// Words in a generated passphrase: 90 bits.
const PASSPHRASE_WORDS: usize = 7;
/// Characters a chosen passphrase must have at least.
const LEAST_CHARS: usize = 20;
/// Different characters it must have at least.
const LEAST_DIFFERENT: usize = 8;
/// Words it must have at least, unless it is long.
const LEAST_WORDS: usize = 4;

/// Draws seven words.
pub fn generate_passphrase() -> Passphrase {
    let words: Vec<&str> = (0..PASSPHRASE_WORDS).map(|_| WORDS[below(WORDS.len())]).collect();
    Passphrase::new(words.join(" "))
}

/// A number below `bound`, without bias.
fn below(bound: usize) -> usize {
    let bound = bound as u64;
    let fair = u64::MAX - u64::MAX % bound;
    loop {
        let drawn = OsRng.next_u64();
        if drawn < fair {
            return usize::try_from(drawn % bound).expect("below a usize");
        }
    }
}

/// A chosen passphrase is too easy to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WeakPassphrase {
    /// The same few characters over and over.
    #[error("the passphrase repeats the same few characters")]
    Repetitive,
    /// Shorter than 20 characters, or fewer than four words and shorter than 28.
    #[error("the passphrase is too short: take at least four uncommon words, 20 characters in all")]
    Short,
}

/// Checks a passphrase that a person chose. A floor, not a promise: only generated ones have a known strength.
pub fn check_strength(passphrase: &Passphrase) -> Result<(), WeakPassphrase> {
    let text = passphrase.reveal();
    let (chars, words) = (text.chars().count(), text.split(' ').count());
    let different = text.chars().collect::<std::collections::BTreeSet<_>>().len();
    let different_words = text.split(' ').collect::<std::collections::BTreeSet<_>>().len();
    if chars < LEAST_CHARS || (words < LEAST_WORDS && chars < LEAST_CHARS + 8) {
        return Err(WeakPassphrase::Short);
    }
    if different < LEAST_DIFFERENT || different_words * 2 <= words {
        return Err(WeakPassphrase::Repetitive);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_passphrases_have_seven_words_and_pass_the_check() {
        let passphrase = generate_passphrase();
        assert_eq!(passphrase.reveal().split(' ').count(), 7);
        assert_eq!(check_strength(&passphrase), Ok(()));
        assert!(!passphrase.matches(&generate_passphrase()));
    }

    #[test]
    fn weak_ones_are_refused_in_every_script() {
        let check = |text: &str| check_strength(&Passphrase::new(text.to_owned()));
        assert_eq!(check("hunter2"), Err(WeakPassphrase::Short));
        assert_eq!(check("құпия сөз"), Err(WeakPassphrase::Short));
        assert_eq!(check(&"ab ".repeat(20)), Err(WeakPassphrase::Repetitive));
        assert_eq!(check("алма ағашы терезе алдында"), Ok(()));
    }

    #[test]
    fn the_floor_is_where_it_is_said_to_be() {
        for (floor, below) in [
            ("abcd efgh ijkl mnopq", "abcd efgh ijkl mnop"),
            ("abcdefghi jklmnopqr stuvwxyz", "abcdefghi jklmnopqr stuvwxy"),
        ] {
            assert_eq!(check_strength(&Passphrase::new(floor.to_owned())), Ok(()), "{floor}");
            assert_eq!(
                check_strength(&Passphrase::new(below.to_owned())),
                Err(WeakPassphrase::Short),
                "{below}"
            );
        }
        for (floor, below) in [
            ("abcdefg gfedcba bacdefg cabdefg", "abcdef fedcba bacdef cabdef"),
            ("abcdefgh ijklmnop abcdefgh qrstuvwx", "abcdefghijk lmnopqrstuv abcdefghijk lmnopqrstuv"),
        ] {
            assert_eq!(check_strength(&Passphrase::new(floor.to_owned())), Ok(()), "{floor}");
            let weak = check_strength(&Passphrase::new(below.to_owned()));
            assert_eq!(weak, Err(WeakPassphrase::Repetitive), "{below}");
        }
    }
}
