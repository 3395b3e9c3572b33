//! Secrets in memory: boxed, wiped on drop, without `Debug`, `Clone` or serde.

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Thirty-two secret bytes.
#[derive(ZeroizeOnDrop)]
pub struct Secret(Box<[u8; 32]>);

impl Secret {
    /// Fills a new secret in place, so that no copy stays behind.
    pub(crate) fn fill(with: impl FnOnce(&mut [u8; 32])) -> Self {
        let mut bytes = Box::new([0; 32]);
        with(&mut bytes);
        Self(bytes)
    }

    /// Copies secret bytes that are kept elsewhere too.
    pub(crate) fn copy_of(bytes: &[u8; 32]) -> Self {
        Self::fill(|out| out.copy_from_slice(bytes))
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A passphrase in its normal form: NFKC, one space between words. docs/format.md section 5.
#[derive(ZeroizeOnDrop)]
pub struct Passphrase(String);

impl Passphrase {
    /// Takes a passphrase as it was typed and wipes it.
    pub fn new(mut typed: impl AsMut<str> + AsRef<str>) -> Self {
        use unicode_normalization::UnicodeNormalization;
        // Twice the room: growing would leave copies behind.
        let mut nfkc = String::with_capacity(typed.as_ref().len().saturating_mul(4).saturating_add(64));
        nfkc.extend(typed.as_ref().nfkc());
        let mut normal = String::with_capacity(nfkc.len());
        for word in nfkc.split_whitespace() {
            if !normal.is_empty() {
                normal.push(' ');
            }
            normal.push_str(word);
        }
        nfkc.zeroize();
        typed.as_mut().zeroize();
        Self(normal)
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both are the same.
    pub fn matches(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq;
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }

    /// The words, to be shown to their owner once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(crate) fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_typed_differently_are_the_same_passphrase() {
        let one = Passphrase::new(String::from("  жеті  сөз\tﬁn "));
        assert_eq!(one.reveal(), "жеті сөз fin");
        assert!(one.matches(&Passphrase::new(String::from("жеті сөз fin"))));
        assert!(!one.matches(&Passphrase::new(String::from("жеті сөз"))));
        assert!(!one.is_empty() && Passphrase::new(String::from(" ")).is_empty());
    }
}
