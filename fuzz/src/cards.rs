//! Cards, and recipients as text.

use sanduq::crypto::KnownCard;
use sanduq::crypto::age::recipient::AgeRecipient;

/// A card that is accepted is the same card when it is written and read again; so is a recipient.
pub fn card(bytes: &[u8]) {
    for card in [KnownCard::from_text(bytes), KnownCard::decode(bytes)].into_iter().flatten() {
        let text = card.to_text();
        assert_eq!(KnownCard::from_text(text.as_bytes()).as_ref(), Ok(&card));
        assert_eq!(KnownCard::decode(&card.encode()).as_ref(), Ok(&card));
        assert!(text.lines().all(|line| line.len() <= 64));
        let words = card.fingerprint().words();
        assert!(words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(recipient) = text.parse::<AgeRecipient>()
    {
        assert_eq!(recipient.to_string(), text.trim().to_ascii_lowercase());
        assert_eq!(AgeRecipient::from_bytes(recipient.as_bytes()), Ok(recipient));
    }
}
