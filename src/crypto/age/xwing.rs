//! MLKEM768-X25519 (X-Wing): one key encapsulated by ML-KEM-768 and X25519 together.
//!
//! Source: draft-connolly-cfrg-xwing-kem, with one rule more: an X25519 result that the other side alone decides
//! (a point of low order) is refused, as age does.

use ml_kem::kem::{Decapsulate, Encapsulate};
use ml_kem::{Ciphertext, Encoded, EncodedSizeUser, KemCore, MlKem768};
use rand_core::OsRng;
use sha3::digest::{ExtendableOutput, Update, XofReader};
use sha3::{Digest, Sha3_256, Shake256};
use x25519_dalek::{EphemeralSecret, PublicKey, SharedSecret, StaticSecret};
use zeroize::{Zeroize, Zeroizing};

/// Length of the seed of a key pair, in bytes.
pub(super) const SEED_BYTES: usize = 32;
/// Length of a public key, in bytes: ML-KEM-768 encapsulation key ‖ X25519 point.
pub(super) const PUBLIC_BYTES: usize = LATTICE_PUBLIC_BYTES + 32;
/// Length of an encapsulated key, in bytes: ML-KEM-768 ciphertext ‖ X25519 point.
pub(super) const ENCAPSULATED_BYTES: usize = LATTICE_CIPHERTEXT_BYTES + 32;

const LATTICE_PUBLIC_BYTES: usize = 1184;
const LATTICE_CIPHERTEXT_BYTES: usize = 1088;
/// The label of the combiner: `\.//^\`.
const LABEL: &[u8; 6] = br"\.//^\";

type LatticeSecret = <MlKem768 as KemCore>::DecapsulationKey;
type LatticePublic = <MlKem768 as KemCore>::EncapsulationKey;

/// The shared key both sides arrive at.
pub(super) type SharedKey = Zeroizing<[u8; 32]>;

/// The secret half of a key pair, expanded from its seed.
pub(super) struct SecretKey {
    lattice: Box<LatticeSecret>,
    curve: StaticSecret,
    public: Box<[u8; PUBLIC_BYTES]>,
}

impl SecretKey {
    /// `d ‖ z ‖ x = SHAKE256(seed, 96)`; ML-KEM-768 key from `d, z`, X25519 key from `x`.
    pub(super) fn from_seed(seed: &[u8; SEED_BYTES]) -> Self {
        let mut expanded = Zeroizing::new([[0u8; 32]; 3]);
        let mut shake = Shake256::default();
        shake.update(seed);
        shake.finalize_xof().read(expanded.as_flattened_mut());
        let [d, z, x] = &*expanded;
        let (mut d, mut z) = (ml_kem::B32::from(*d), ml_kem::B32::from(*z));
        let (lattice, lattice_public) = MlKem768::generate_deterministic(&d, &z);
        d.as_mut_slice().zeroize();
        z.as_mut_slice().zeroize();

        let curve = StaticSecret::from(*x);
        let mut public = Box::new([0; PUBLIC_BYTES]);
        public[..LATTICE_PUBLIC_BYTES].copy_from_slice(&lattice_public.as_bytes());
        public[LATTICE_PUBLIC_BYTES..].copy_from_slice(PublicKey::from(&curve).as_bytes());
        Self { lattice: Box::new(lattice), curve, public }
    }

    /// The public half.
    pub(super) fn public(&self) -> &[u8; PUBLIC_BYTES] {
        &self.public
    }

    /// Arrives at the shared key of an encapsulation; `None` if its X25519 point has low order.
    ///
    /// An encapsulation for another key gives an unrelated key (implicit rejection of ML-KEM).
    pub(super) fn decapsulate(&self, encapsulated: &[u8; ENCAPSULATED_BYTES]) -> Option<SharedKey> {
        let (ciphertext, point) =
            encapsulated.split_last_chunk::<32>().expect("an encapsulated key is longer than a point");
        let ciphertext = Ciphertext::<MlKem768>::try_from(ciphertext).expect("the lengths add up");
        let curve_shared = self.curve.diffie_hellman(&PublicKey::from(*point));
        let mut lattice_shared = self.lattice.decapsulate(&ciphertext).expect("ML-KEM rejects implicitly");
        let (_, own_point) = self.public.split_last_chunk::<32>().expect("a public key ends in a point");
        let shared = combine(&lattice_shared, &curve_shared, point, own_point);
        lattice_shared.as_mut_slice().zeroize();
        shared
    }
}

/// Encapsulates a fresh key for `public`; `None` if [`is_usable`] does not hold.
pub(super) fn encapsulate(public: &[u8; PUBLIC_BYTES]) -> Option<(Box<[u8; ENCAPSULATED_BYTES]>, SharedKey)> {
    let (lattice, point) = split_public(public)?;
    let ephemeral = EphemeralSecret::random_from_rng(OsRng);
    let ephemeral_point = PublicKey::from(&ephemeral);
    let curve_shared = ephemeral.diffie_hellman(&PublicKey::from(*point));
    let (ciphertext, mut lattice_shared) =
        lattice.encapsulate(&mut OsRng).expect("ML-KEM encapsulation has no failing path");

    let shared = combine(&lattice_shared, &curve_shared, ephemeral_point.as_bytes(), point);
    lattice_shared.as_mut_slice().zeroize();
    let mut encapsulated = Box::new([0; ENCAPSULATED_BYTES]);
    encapsulated[..LATTICE_CIPHERTEXT_BYTES].copy_from_slice(&ciphertext);
    encapsulated[LATTICE_CIPHERTEXT_BYTES..].copy_from_slice(ephemeral_point.as_bytes());
    shared.map(|shared| (encapsulated, shared))
}

/// Whether a public key is one an honest tool makes: coefficients in range (FIPS 203, section 7.2), no X25519
/// point of low order.
pub(super) fn is_usable(public: &[u8; PUBLIC_BYTES]) -> bool {
    split_public(public).is_some_and(|(_, point)| is_usable_point(point))
}

/// Whether an X25519 point has not a low order.
pub(super) fn is_usable_point(point: &[u8; 32]) -> bool {
    StaticSecret::from([1; 32]).diffie_hellman(&PublicKey::from(*point)).was_contributory()
}

fn split_public(public: &[u8; PUBLIC_BYTES]) -> Option<(LatticePublic, &[u8; 32])> {
    let (lattice, point) = public.split_last_chunk::<32>()?;
    let encoded = Encoded::<LatticePublic>::try_from(lattice).ok()?;
    let key = LatticePublic::from_bytes(&encoded);
    (key.as_bytes() == encoded).then_some((key, point))
}

/// `SHA3-256(lattice ‖ curve ‖ point sent ‖ recipient's point ‖ label)`.
fn combine(
    lattice_shared: &[u8],
    curve_shared: &SharedSecret,
    sent_point: &[u8; 32],
    recipient_point: &[u8; 32],
) -> Option<SharedKey> {
    if !curve_shared.was_contributory() {
        return None;
    }
    let mut hash = Sha3_256::new();
    Digest::update(&mut hash, lattice_shared);
    Digest::update(&mut hash, curve_shared.as_bytes());
    Digest::update(&mut hash, sent_point);
    Digest::update(&mut hash, recipient_point);
    Digest::update(&mut hash, LABEL);
    let mut shared = Zeroizing::new([0; 32]);
    hash.finalize_into(shared.as_mut_slice().into());
    Some(shared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_arrive_at_the_same_key_and_strangers_do_not() {
        let ours = SecretKey::from_seed(&[1; 32]);
        let (encapsulated, shared) = encapsulate(ours.public()).unwrap();
        assert_eq!(*ours.decapsulate(&encapsulated).unwrap(), *shared);
        let theirs = SecretKey::from_seed(&[2; 32]);
        assert_ne!(*theirs.decapsulate(&encapsulated).unwrap(), *shared);
    }

    #[test]
    fn refuses_points_of_low_order_on_both_sides() {
        let ours = SecretKey::from_seed(&[1; 32]);
        let (mut encapsulated, _) = encapsulate(ours.public()).unwrap();
        encapsulated[LATTICE_CIPHERTEXT_BYTES..].fill(0);
        assert!(ours.decapsulate(&encapsulated).is_none());

        let mut public = *ours.public();
        public[LATTICE_PUBLIC_BYTES..].fill(0);
        assert!(encapsulate(&public).is_none());
        assert!(!is_usable(&public));
    }

    #[test]
    fn refuses_lattice_keys_with_coefficients_out_of_range() {
        let mut public = *SecretKey::from_seed(&[1; 32]).public();
        assert!(is_usable(&public));
        public[0] = 0xff;
        public[1] |= 0x0f;
        assert!(!is_usable(&public));
    }
}
