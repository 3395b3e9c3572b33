//! The secret side: age keys made from seeds, or read from the text another tool wrote.

use std::str::FromStr;

use zeroize::Zeroizing;

use super::hybrid::HybridIdentity;
use super::recipient::AgeRecipient;
use super::text;

const CLASSIC_PREFIX: &str = "age-secret-key-";
const HYBRID_PREFIX: &str = "age-secret-key-pq-";

/// A secret key as text, wiped when dropped.
pub struct KeyText(Zeroizing<String>);

impl KeyText {
    fn encode(prefix: &str, secret: &[u8; 32]) -> Self {
        // Long enough from the start: a text that grows leaves its beginning behind in freed memory.
        let mut text = Zeroizing::new(String::with_capacity(128));
        text::encode_upper(&mut *text, prefix, secret).expect("a string takes every character");
        Self(text)
    }

    /// The text. Whoever copies it **MUST** wipe the copy.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The two age keys of one identity.
pub struct AgeKeys {
    classic: ClassicIdentity,
    hybrid: HybridIdentity,
}

impl AgeKeys {
    /// Makes the keys: `classic` is the X25519 secret, `hybrid` the MLKEM768-X25519 seed.
    pub fn from_seeds(classic: &[u8; 32], hybrid: &[u8; 32]) -> Self {
        Self { classic: ClassicIdentity::from_secret(classic), hybrid: HybridIdentity::from_seed(hybrid) }
    }

    /// The X25519 recipient, `age1…`.
    pub fn classic_recipient(&self) -> AgeRecipient {
        AgeRecipient::Classic(*self.classic.public.as_bytes())
    }

    /// The post-quantum recipient, `age1pq1…`.
    pub fn hybrid_recipient(&self) -> AgeRecipient {
        AgeRecipient::Hybrid(Box::new(*self.hybrid.public()))
    }

    /// `AGE-SECRET-KEY-1…`, as stock age reads it.
    pub fn classic_text(&self) -> KeyText {
        KeyText::encode(CLASSIC_PREFIX, self.classic.secret.as_bytes())
    }

    /// `AGE-SECRET-KEY-PQ-1…`, as stock age 1.3 and newer reads it.
    pub fn hybrid_text(&self) -> KeyText {
        KeyText::encode(HYBRID_PREFIX, self.hybrid.seed())
    }

    /// Both keys, in the order they are tried.
    pub(super) fn identities(&self) -> [&dyn age::Identity; 2] {
        [&self.hybrid, &self.classic.age]
    }
}

/// One age secret key, of either kind.
pub struct AgeIdentity(Kind);

enum Kind {
    Classic(Box<ClassicIdentity>),
    Hybrid(Box<HybridIdentity>),
}

/// A text is no age secret key. Never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an age secret key, or one mistyped or cut off")]
pub struct IdentityError;

impl FromStr for AgeIdentity {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        let (prefix, secret) = text::decode(text.trim()).ok_or(IdentityError)?;
        let secret: &[u8; 32] = secret.as_slice().try_into().map_err(|_| IdentityError)?;
        match prefix.as_str() {
            CLASSIC_PREFIX => Ok(Self(Kind::Classic(Box::new(ClassicIdentity::from_secret(secret))))),
            HYBRID_PREFIX => Ok(Self(Kind::Hybrid(Box::new(HybridIdentity::from_seed(secret))))),
            _ => Err(IdentityError),
        }
    }
}

impl AgeIdentity {
    /// The public side.
    pub fn recipient(&self) -> AgeRecipient {
        match &self.0 {
            Kind::Classic(classic) => AgeRecipient::Classic(*classic.public.as_bytes()),
            Kind::Hybrid(hybrid) => AgeRecipient::Hybrid(Box::new(*hybrid.public())),
        }
    }

    pub(super) fn as_age(&self) -> &dyn age::Identity {
        match &self.0 {
            Kind::Classic(classic) => &classic.age,
            Kind::Hybrid(hybrid) => &**hybrid,
        }
    }
}

/// An X25519 secret key, beside the form the `age` crate takes it in.
struct ClassicIdentity {
    secret: x25519_dalek::StaticSecret,
    public: x25519_dalek::PublicKey,
    age: age::x25519::Identity,
}

impl ClassicIdentity {
    fn from_secret(secret: &[u8; 32]) -> Self {
        // The crate makes identities from text only.
        let age =
            KeyText::encode(CLASSIC_PREFIX, secret).as_str().parse().expect("32 bytes are a secret key");
        let secret = x25519_dalek::StaticSecret::from(*secret);
        Self { public: (&secret).into(), secret, age }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_the_key_texts_of_the_specification() {
        const CLASSIC: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
        const HYBRID: &str = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR";
        let keys =
            AgeKeys::from_seeds(&[0x42; 32], &text::decode(HYBRID).unwrap().1.as_slice().try_into().unwrap());
        assert_eq!(keys.classic_text().as_str(), CLASSIC);
        assert_eq!(keys.hybrid_text().as_str(), HYBRID);
        assert_eq!(
            keys.classic_recipient().to_string(),
            "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
        );
        assert!(keys.hybrid_recipient().to_string().starts_with("age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9r"));
        assert_eq!(CLASSIC.parse::<AgeIdentity>().unwrap().recipient(), keys.classic_recipient());
        assert_eq!(HYBRID.parse::<AgeIdentity>().unwrap().recipient(), keys.hybrid_recipient());
    }

    #[test]
    fn refuses_texts_that_are_no_secret_key() {
        for text in
            ["", "AGE-SECRET-KEY-1GFPYY", "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"]
        {
            assert_eq!(text.parse::<AgeIdentity>().err(), Some(IdentityError));
        }
    }
}
