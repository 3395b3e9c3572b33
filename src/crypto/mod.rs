//! Secrets: the only module that names `age`, a source of randomness, or holds key bytes.
//!
//! Knows no paths, no vault, no people. docs/format.md sections 1, 3, 4 and 5.

mod aead;
pub mod age;
#[cfg(test)]
mod answers;
mod card;
mod checkpoint;
mod digest;
pub mod error;
mod identity;
mod identity_file;
mod kdf;
mod mailbox;
pub mod minisign;
mod object;
pub mod padme;
mod random;
mod recovery;
mod secret;
mod sign;
pub mod slip39;
mod stack;
pub mod stream;
mod words;

pub use card::{CardError, Fingerprint, KnownCard};
pub use checkpoint::{CHECKPOINT_WORDS, checkpoint_words, is_listed_word};
pub use digest::{
    LeafKind, LeafSalts, Sha256Stream, case_code, case_digest, leaf, merkle_path, merkle_root,
    merkle_root_from_path, redaction_digest, sha256,
};
pub use error::{OpenError, SealError};
pub use identity::{Identity, Signer};
pub use identity_file::{IdentityFileError, identity_cost, open_identity, seal_identity};
pub use mailbox::{Chain, Mailbox};
pub use object::{
    OBJECT_HEADER_BYTES, ObjectOpener, ObjectSealer, ObjectType, SEALED_CHUNK_BYTES, SEGMENT_BYTES, Stretch,
    object_name, open_object, seal_object,
};
pub use random::{random, random_key};
pub use recovery::{RecoverySecret, SHARE_WORDS, open_recovery, seal_recovery};
pub use secret::{Passphrase, Secret};
pub use sign::{BadSignature, SignatureLabel, verify};
pub use stack::leaving_no_stack;
pub use stream::CHUNK_BYTES;
pub use words::{WeakPassphrase, check_strength, generate_passphrase};
