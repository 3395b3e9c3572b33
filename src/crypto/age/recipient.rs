//! Whom an age file is sealed to: native recipients, as text and as bytes.

use std::fmt;
use std::str::FromStr;

use super::text;
use super::xwing::{self, PUBLIC_BYTES};

const CLASSIC_PREFIX: &str = "age";
const HYBRID_PREFIX: &str = "age1pq";

/// The public side of an age identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AgeRecipient {
    /// X25519, `age1…`: every stock age opens what is sealed to it.
    Classic([u8; 32]),
    /// ML-KEM-768 and X25519 together, `age1pq1…`: stays sealed against quantum computers; needs age 1.3 or newer.
    Hybrid(Box<[u8; PUBLIC_BYTES]>),
}

/// A text or bytes are no recipient that can be sealed to. Never repeats the text: it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipientError {
    /// Begins as an age recipient and fails its checksum or length.
    #[error("age recipient is mistyped or cut off; copy it again as a whole")]
    Damaged,
    /// Nothing known.
    #[error("not an age recipient; those begin with age1 or age1pq1")]
    NotARecipient,
    /// Names an age plugin, which would be a program to run.
    #[error("an age plugin recipient, which cannot be used; ask for one that begins with age1pq1 or age1")]
    Plugin,
    /// A secret key, age's or another program's.
    #[error("a secret key, which nobody else may see; the recipient is the public key that belongs to it")]
    SecretKey,
    /// An SSH public key.
    #[error("an ssh public key, which cannot be used; ask for an age recipient (age1pq1 or age1)")]
    SshKey,
    /// A recipient of a hardware key (`age1tag…`).
    #[error(
        "an age recipient of a hardware key, which cannot be used; ask for one that begins with age1pq1 or age1"
    )]
    Tag,
    /// Intact in form, but a key no honest tool makes: sealing to it would protect nothing.
    #[error("age recipient holds an unusable key")]
    Unusable,
    /// The recipient of an unstandardised plugin (`age1xwing…`).
    #[error("an age1xwing recipient, which is not the standard one; ask for one that begins with age1pq1")]
    Xwing,
}

impl AgeRecipient {
    /// Takes an X25519 public key.
    pub fn classic(public: [u8; 32]) -> Result<Self, RecipientError> {
        xwing::is_usable_point(&public).then_some(Self::Classic(public)).ok_or(RecipientError::Unusable)
    }

    /// Takes an MLKEM768-X25519 public key.
    pub fn hybrid(public: Box<[u8; PUBLIC_BYTES]>) -> Result<Self, RecipientError> {
        xwing::is_usable(&public).then_some(Self::Hybrid(public)).ok_or(RecipientError::Unusable)
    }

    /// Takes a public key of either kind; its length tells which.
    pub fn from_bytes(public: &[u8]) -> Result<Self, RecipientError> {
        if let Ok(public) = <[u8; 32]>::try_from(public) {
            return Self::classic(public);
        }
        Self::hybrid(Box::<[u8]>::from(public).try_into().map_err(|_| RecipientError::Damaged)?)
    }

    /// The public key: 32 bytes, or 1,216 of a hybrid one.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Classic(public) => public,
            Self::Hybrid(public) => &public[..],
        }
    }

    fn prefix(&self) -> &'static str {
        match self {
            Self::Classic(_) => CLASSIC_PREFIX,
            Self::Hybrid(_) => HYBRID_PREFIX,
        }
    }
}

impl fmt::Display for AgeRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::encode_lower(f, self.prefix(), self.as_bytes())
    }
}

impl FromStr for AgeRecipient {
    type Err = RecipientError;

    /// Reads `age1…` or `age1pq1…`, white space around it aside.
    fn from_str(text: &str) -> Result<Self, RecipientError> {
        let text = text.trim();
        if let Some(error) = other_kind(text) {
            return Err(error);
        }
        let Some((prefix, public)) = text::decode(text) else {
            let begins_well = starts_with(text, "age1");
            return Err(if begins_well { RecipientError::Damaged } else { RecipientError::NotARecipient });
        };
        let recipient = match prefix.as_str() {
            CLASSIC_PREFIX | HYBRID_PREFIX => Self::from_bytes(&public)?,
            plugin if plugin.starts_with("age1") => return Err(RecipientError::Plugin),
            _ => return Err(RecipientError::NotARecipient),
        };
        // Each length belongs to one prefix.
        if recipient.prefix() == prefix { Ok(recipient) } else { Err(RecipientError::Damaged) }
    }
}

/// What a text is by its beginning, if it is something else than a usable recipient.
fn other_kind(text: &str) -> Option<RecipientError> {
    const KINDS: [(&str, RecipientError); 9] = [
        ("age-secret-key-", RecipientError::SecretKey),
        ("age-plugin-", RecipientError::SecretKey),
        ("-----begin", RecipientError::SecretKey),
        ("ssh-", RecipientError::SshKey),
        ("ecdsa-sha2-", RecipientError::SshKey),
        ("sk-ssh-", RecipientError::SshKey),
        ("sk-ecdsa-", RecipientError::SshKey),
        ("age1tag", RecipientError::Tag),
        ("age1xwing", RecipientError::Xwing),
    ];
    KINDS.into_iter().find_map(|(prefix, kind)| starts_with(text, prefix).then_some(kind))
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASSIC: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

    #[test]
    fn classic_and_hybrid_texts_read_back() {
        let hybrid = super::super::hybrid::HybridIdentity::from_seed(&[3; 32]);
        let hybrid = AgeRecipient::hybrid(Box::new(*hybrid.public())).unwrap();
        assert!(hybrid.to_string().starts_with("age1pq1"));
        for text in [CLASSIC.to_owned(), hybrid.to_string()] {
            let recipient: AgeRecipient = text.parse().unwrap();
            assert_eq!(recipient.to_string(), text);
            assert_eq!(AgeRecipient::from_bytes(recipient.as_bytes()).unwrap(), recipient);
        }
    }

    #[test]
    fn says_what_a_text_is_instead_and_never_repeats_it() {
        let mistyped = CLASSIC.replace('z', "y");
        for (text, expected) in [
            (mistyped.as_str(), RecipientError::Damaged),
            (&CLASSIC[..40], RecipientError::Damaged),
            ("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZ", RecipientError::SecretKey),
            (" age-secret-key-pq-1xx76jralnlxdmew0crk45q", RecipientError::SecretKey),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", RecipientError::SecretKey),
            ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI", RecipientError::SshKey),
            ("age1xwing1qqqq", RecipientError::Xwing),
            ("age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e", RecipientError::Tag),
            ("Амина", RecipientError::NotARecipient),
            ("", RecipientError::NotARecipient),
        ] {
            let error = text.parse::<AgeRecipient>().unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(text.is_empty() || !error.to_string().contains(text));
        }
        let mut plugin = String::new();
        text::encode_lower(&mut plugin, "age1yubikey", &[2; 33]).unwrap();
        assert_eq!(plugin.parse::<AgeRecipient>(), Err(RecipientError::Plugin));
        let mut short = String::new();
        text::encode_lower(&mut short, HYBRID_PREFIX, &[9; 32]).unwrap();
        assert_eq!(short.parse::<AgeRecipient>(), Err(RecipientError::Damaged));
    }

    #[test]
    fn refuses_keys_that_protect_nothing() {
        assert_eq!(AgeRecipient::from_bytes(&[0; 32]), Err(RecipientError::Unusable));
        assert_eq!(AgeRecipient::from_bytes(&[0xff; PUBLIC_BYTES]), Err(RecipientError::Unusable));
        assert_eq!(AgeRecipient::from_bytes(&[1; 33]), Err(RecipientError::Damaged));
    }
}
