//! The identity file.

use sanduq::crypto::{Passphrase, open_identity};
use sanduq::format::{IdentityContent, IdentityHeader, decode, encode};

/// Sealed under [`PASSPHRASE`] at a cost that a fuzzer can pay.
const KNOWN: &[u8] = include_bytes!("../known/identity_file");
const PASSPHRASE: &str = "жеті жұлдыз";

/// The frame has one encoding and a cost within bounds; only the file as it was sealed opens; the content has one
/// encoding.
pub fn identity_file(bytes: &[u8]) {
    if let Ok((header, commitment, sealed)) = IdentityHeader::split(bytes) {
        assert_eq!([&header.encode(), commitment, sealed].concat(), bytes);
        assert!(header.cost.is_permitted());
        let affordable = header.cost.memory_kib <= 64 && header.cost.passes == 1 && header.cost.lanes == 1;
        let opens = || open_identity(bytes, &Passphrase::new(PASSPHRASE.to_owned())).is_ok();
        assert!(!affordable || opens() == (bytes == KNOWN));
    }
    if let Ok(content) = decode::<IdentityContent>(bytes) {
        assert_eq!(encode(&content), bytes);
    }
}
