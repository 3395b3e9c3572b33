//! Cards that were checked, their text form and fingerprints. docs/format.md section 5.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_bytes::ByteArray;

use super::age::recipient::AgeRecipient;
use super::kdf::Deriver;
use super::minisign::MinisignPublicKey;
use super::sha256;
use super::sign::{BadSignature, SignatureLabel, verify};
use super::words::WORDS;
use crate::format::{Card, CardCore, Malformed, decode, encode};
use crate::record::{CardHash, Recipient};

const BEGIN: &str = "-----BEGIN SANDUQ CARD-----";
const END: &str = "-----END SANDUQ CARD-----";
const LINE_CHARS: usize = 64;
const MAX_FILE_BYTES: usize = 16 << 10;

/// A card whose own signature was checked. Whose it is, only comparing the words tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCard {
    card: Card,
    core: CardCore,
    hash: CardHash,
}

/// A card could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// Its bytes are no card.
    #[error("this is not a readable card")]
    Malformed(#[source] Malformed),
    /// It was made by a later version.
    #[error("written by a newer sanduq")]
    Newer,
    /// It is not signed by its own key.
    #[error("the card was changed after it was made")]
    Signature(#[from] BadSignature),
    /// A key in it is one that no honest program makes; sealing to it would protect nothing or fail.
    #[error("the card holds an unusable key")]
    Unusable,
    /// The text has no card in it.
    #[error("no line `{BEGIN}` … `{END}` was found")]
    NoCard,
}

impl From<Malformed> for CardError {
    fn from(malformed: Malformed) -> Self {
        match malformed {
            Malformed::Newer => Self::Newer,
            malformed => Self::Malformed(malformed),
        }
    }
}

impl KnownCard {
    /// Checks a card's own signature, that something can be sealed to each of its keys, and that only who has its
    /// minisign key can sign with it.
    pub fn verify(card: Card) -> Result<Self, CardError> {
        let core: CardCore = decode(&card.core)?;
        verify(&core.signing, SignatureLabel::Card, &card.core, &card.sig)?;
        // A mailbox key is an X25519 key as the classic one is, and is unusable for the same reasons.
        for key in [&core.hybrid[..], &core.classic[..], &core.mailbox[..]] {
            AgeRecipient::from_bytes(key).map_err(|_| CardError::Unusable)?;
        }
        MinisignPublicKey::from_bytes(&core.minisign).map_err(|_| CardError::Unusable)?;
        if core.succeeds.is_some() != card.succession.is_some() {
            return Err(Malformed::Field("succession").into());
        }
        let hash = CardHash::new(*sha256(&card.core).as_bytes());
        Ok(Self { card, core, hash })
    }

    /// Reads an encoded card and checks it.
    pub fn decode(bytes: &[u8]) -> Result<Self, CardError> {
        Self::verify(decode(bytes)?)
    }

    /// The encoded card.
    pub fn encode(&self) -> Vec<u8> {
        encode(&self.card)
    }

    /// Its public keys.
    pub fn core(&self) -> &CardCore {
        &self.core
    }

    /// Who it is.
    pub fn hash(&self) -> CardHash {
        self.hash
    }

    /// How facts name it.
    pub fn recipient(&self) -> Recipient {
        self.hash.into()
    }

    /// The post-quantum recipient of its bundles and grants.
    pub fn hybrid(&self) -> AgeRecipient {
        AgeRecipient::Hybrid(Box::new(self.core.hybrid.into_array()))
    }

    /// The classic recipient, for stock tools that know no other.
    pub fn classic(&self) -> AgeRecipient {
        AgeRecipient::Classic(self.core.classic.into_array())
    }

    /// Checks a signature by this card's signing key.
    pub fn check(&self, label: SignatureLabel, core: &[u8], sig: &ByteArray<64>) -> Result<(), BadSignature> {
        verify(&self.core.signing, label, core, sig)
    }

    /// The card as text, to be sent or saved.
    pub fn to_text(&self) -> String {
        let mut text = format!("{BEGIN}\n");
        let encoded = BASE64.encode(self.encode());
        for line in encoded.as_bytes().chunks(LINE_CHARS) {
            text.push_str(std::str::from_utf8(line).expect("base64 is ASCII"));
            text.push('\n');
        }
        text + END + "\n"
    }

    /// Finds and checks the first card in a text; what stands around it, and how its lines end, is ignored.
    pub fn from_text(text: &[u8]) -> Result<Self, CardError> {
        let text = text.get(..text.len().min(MAX_FILE_BYTES)).unwrap_or_default();
        let text = String::from_utf8_lossy(text);
        let (_, rest) = text.split_once(BEGIN).ok_or(CardError::NoCard)?;
        let (body, _) = rest.split_once(END).ok_or(CardError::NoCard)?;
        let body: String = body.split_ascii_whitespace().collect();
        let bytes = BASE64.decode(&body).map_err(|_| CardError::Malformed(Malformed::NotA("card")))?;
        Self::decode(&bytes)
    }

    /// Its fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        let bytes: [u8; 96] = Deriver::new(self.hash.as_bytes()).bytes("fingerprint", &[]);
        Fingerprint(std::array::from_fn(|i| {
            u64::from_be_bytes(bytes[i * 8..i * 8 + 8].try_into().expect("eight bytes"))
        }))
    }
}

/// What two people compare aloud: twelve words or twelve groups of five digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u64; 12]);

impl Fingerprint {
    /// Twelve words of the EFF large list.
    pub fn words(&self) -> [&'static str; 12] {
        self.0.map(|n| WORDS[usize::try_from(n % WORDS.len() as u64).expect("below 7776")])
    }

    /// Twelve groups of five digits.
    pub fn digits(&self) -> [String; 12] {
        self.0.map(|n| format!("{:05}", n % 100_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Identity;

    #[test]
    fn a_card_survives_its_text_form_and_what_mail_does_to_it() {
        let identity = Identity::generate();
        let text = identity.card().to_text();
        assert_eq!(&KnownCard::from_text(text.as_bytes()).unwrap(), identity.card());
        let mailed = format!("Сәлем!\r\n\r\n{}\r\n-- \r\n", text.replace('\n', "\r\n"));
        assert_eq!(&KnownCard::from_text(mailed.as_bytes()).unwrap(), identity.card());
        assert_eq!(KnownCard::from_text(b"hello"), Err(CardError::NoCard));
    }

    #[test]
    fn a_card_with_any_bit_flipped_is_refused() {
        let bytes = Identity::generate().card().encode();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(KnownCard::decode(&flipped).is_err(), "bit {bit}");
        }
    }

    /// A card of these keys, well signed by a key of its own.
    fn signed(core: &CardCore, succession: Option<ByteArray<64>>) -> Result<KnownCard, CardError> {
        let key = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
        let signing = ByteArray::new(key.verifying_key().to_bytes());
        let core = encode(&CardCore { signing, ..core.clone() });
        let sig = super::super::sign::sign(&key, SignatureLabel::Card, &core);
        KnownCard::verify(Card { core: serde_bytes::ByteBuf::from(core), sig, succession })
    }

    #[test]
    fn a_card_with_an_unusable_key_is_refused() {
        let honest = Identity::generate().card().core().clone();
        assert!(signed(&honest, None).is_ok());
        let bad = CardCore { hybrid: ByteArray::new([0xff; 1216]), ..honest };
        assert_eq!(signed(&bad, None).err(), Some(CardError::Unusable));
    }

    /// The points of low order of Curve25519, with p and p + 1 for 0 and 1, and each with its unused bit set.
    fn low_order_points() -> Vec<[u8; 32]> {
        let (mut one, mut minus_one) = ([0; 32], [0xff; 32]);
        one[0] = 1;
        (minus_one[0], minus_one[31]) = (0xec, 0x7f);
        let (mut p, mut p_and_one) = (minus_one, minus_one);
        (p[0], p_and_one[0]) = (0xed, 0xee);
        let eight = [
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        ];
        let eight = eight.map(|hex| *crate::record::Digest::from_hex(hex).unwrap().as_bytes());
        let all = [[0; 32], one, eight[0], eight[1], minus_one, p, p_and_one];
        let with_bit = |mut point: [u8; 32]| {
            point[31] |= 0x80;
            point
        };
        all.into_iter().chain(all.map(with_bit)).collect()
    }

    /// Fails when one of the keys of a card is taken as it comes.
    #[test]
    fn a_card_with_a_key_of_low_order_is_refused_whichever_key_it_is() {
        let honest = Identity::generate().card().core().clone();
        for point in low_order_points() {
            let mut hybrid = honest.hybrid;
            hybrid[1184..].copy_from_slice(&point);
            let point = ByteArray::new(point);
            for core in [
                CardCore { hybrid, ..honest.clone() },
                CardCore { classic: point, ..honest.clone() },
                CardCore { mailbox: point, ..honest.clone() },
            ] {
                assert_eq!(signed(&core, None).err(), Some(CardError::Unusable), "{point:?}");
            }
        }
        // The neutral element, for which everybody signs, a point of order four, and one in another writing.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        for minisign in [neutral, [0; 32], [0xff; 32]].map(ByteArray::new) {
            let core = CardCore { minisign, ..honest.clone() };
            assert_eq!(signed(&core, None).err(), Some(CardError::Unusable), "{minisign:?}");
        }
    }

    /// Fails when sixty-four bytes that nobody signed may be added to a card.
    #[test]
    fn a_card_with_half_a_succession_is_refused() {
        let honest = Identity::generate().card().core().clone();
        let more = signed(&honest, Some(ByteArray::new([7; 64])));
        let half = CardCore { succeeds: Some(CardHash::new([1; 32])), ..honest };
        for refused in [more, signed(&half, None)] {
            assert_eq!(refused.err(), Some(CardError::Malformed(Malformed::Field("succession"))));
        }
    }

    #[test]
    fn a_card_behind_16_kib_is_not_looked_for() {
        let text = Identity::generate().card().to_text();
        let behind =
            |bytes: usize| KnownCard::from_text([&vec![b'.'; bytes], text.as_bytes()].concat().as_slice());
        assert!(behind(MAX_FILE_BYTES - text.len()).is_ok());
        assert_eq!(behind(MAX_FILE_BYTES - text.len() + 2), Err(CardError::NoCard));
    }

    #[test]
    fn words_and_digits_are_remainders() {
        let fingerprint = Fingerprint([0, 1, 7775, 7776, 123_456, 99_999, 100_000, 5, 6, 7, 8, u64::MAX]);
        let (words, digits) = (fingerprint.words(), fingerprint.digits());
        assert_eq!((words[0], words[1], words[2], words[3]), (WORDS[0], WORDS[1], WORDS[7775], WORDS[0]));
        assert_eq!(words[11], WORDS[6207]);
        assert_eq!(digits[..7], ["00000", "00001", "07775", "07776", "23456", "99999", "00000"]);
    }

    #[test]
    fn fingerprints_differ_and_have_twelve_words() {
        let (one, other) = (Identity::generate(), Identity::generate());
        assert_ne!(one.card().fingerprint(), other.card().fingerprint());
        assert!(one.card().fingerprint().words().iter().all(|word| !word.is_empty()));
        assert!(one.card().fingerprint().digits().iter().all(|group| group.len() == 5));
    }
}
