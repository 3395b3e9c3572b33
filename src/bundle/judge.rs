//! Who a bundle is by and for: the first files of it, judged before anything else is believed.

use std::io::Write as _;

use super::BundleError;
use super::bag::{
    BAG_DECLARATION, BAG_INFO, BagInfo, DECLARATION, Manifest, ManifestKind, PAYLOAD_MANIFEST, TAG_MANIFEST,
    TAG_SIGNATURE,
};
use super::comment::TrustedComment;
use super::layout::{SIGNER, member};
use super::small::SmallFiles;
use crate::crypto::minisign::{MinisignHasher, MinisignPublicKey, MinisignSignature};
use crate::crypto::{CardError, KnownCard, sha256};
use crate::format::Malformed;
use crate::record::{Digest, Recipient};

/// What the reader thinks of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A contact, or oneself.
    Known,
    /// Nobody known.
    Unknown,
}

/// Whose bundles are taken.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// The names of the reader ([`super::own_recipients`]); none takes bundles for anybody, as a checker does.
    pub own: Option<&'a [Recipient]>,
    /// Which signers are known.
    pub trust: &'a dyn Fn(&KnownCard) -> Trust,
}

/// The signed head of a bundle.
pub(super) struct Head {
    pub(super) signer: KnownCard,
    pub(super) comment: TrustedComment,
    pub(super) tags: Manifest,
    pub(super) manifest: Digest,
}

impl Judge<'_> {
    /// Checks the signature over the tag manifest, then who made it and for whom.
    pub(super) fn head(&self, small: &mut SmallFiles) -> Result<Head, BundleError> {
        let card = small.take(SIGNER)?;
        let tags = small.take(TAG_MANIFEST)?;
        let signature = small.take(TAG_SIGNATURE)?;
        let refused = |cause| BundleError::card(member(SIGNER).expect("a fixed path"), cause);
        let signer = KnownCard::from_text(&card).map_err(refused)?;
        if signer.to_text().as_bytes() != card {
            return Err(refused(CardError::Malformed(Malformed::NotCanonical)));
        }
        let comment = verified_comment(&signer, &signature, &tags)?;
        if (self.trust)(&signer) == Trust::Unknown {
            return Err(BundleError::UnknownSigner { card: Box::new(signer) });
        }
        let comment = TrustedComment::parse(&comment)?;
        if self.own.is_some_and(|own| !own.contains(&comment.to)) {
            return Err(BundleError::MisAddressed { to: comment.to });
        }
        let manifest = sha256(&tags);
        let tags = Manifest::parse(ManifestKind::Tag, tags.as_slice())?;
        Ok(Head { signer, comment, tags, manifest })
    }
}

/// The signed line, as it stands: what it says counts only of a known signer.
fn verified_comment(signer: &KnownCard, signature: &[u8], tags: &[u8]) -> Result<String, BundleError> {
    let mut hasher = MinisignHasher::new();
    hasher.write_all(tags).expect("hashing does not fail");
    let key = MinisignPublicKey::from_bytes(&signer.core().minisign).map_err(BundleError::Signature)?;
    let signature = MinisignSignature::parse(signature).map_err(BundleError::Signature)?;
    signature.verify(&key, &hasher.finish()).map(str::to_owned).map_err(BundleError::Signature)
}

impl Head {
    /// Reads the files that describe the payload: the listed ones, and in agreement with the signed line.
    pub(super) fn payload(&self, small: &mut SmallFiles) -> Result<(BagInfo, Manifest), BundleError> {
        let declaration = self.listed(small, DECLARATION)?;
        if declaration != BAG_DECLARATION.as_bytes() {
            return Err(BundleError::Rendering { path: member(DECLARATION)? });
        }
        let info = BagInfo::parse(&self.listed(small, BAG_INFO)?)?;
        if info.bundle_id != *self.comment.bundle.as_bytes() || info.bagging_date != self.comment.date {
            return Err(BundleError::TrustedComment);
        }
        let manifest = self.listed(small, PAYLOAD_MANIFEST)?;
        Ok((info, Manifest::parse(ManifestKind::Payload, manifest.as_slice())?))
    }

    fn listed(&self, small: &mut SmallFiles, path: &str) -> Result<Vec<u8>, BundleError> {
        let bytes = small.take(path)?;
        check_listed(&self.tags, &member(path)?, &sha256(&bytes))?;
        Ok(bytes)
    }
}

/// Checks a file against the manifest that must list it.
pub(super) fn check_listed(
    manifest: &Manifest,
    path: &super::tar::MemberPath,
    found: &Digest,
) -> Result<(), BundleError> {
    use super::bag::BagError;
    match manifest.digest(path) {
        Some(listed) if listed == found.as_bytes() => Ok(()),
        Some(_) => Err(BagError::DigestDiffers { path: path.clone() }.into()),
        None => Err(BagError::Unlisted { path: path.clone() }.into()),
    }
}
