//! What a bundle is made of: tag files, and the signature over them.

use sanduq::bundle::bag::{BagInfo, MAX_INFO_BYTES, Manifest, ManifestKind, PAYLOAD_FOLDER};
use sanduq::crypto::minisign::{MinisignHasher, MinisignKey, MinisignPublicKey, MinisignSignature};

/// The tag files of a bag: each has one form.
pub fn tag_files(bytes: &[u8]) {
    manifests(bytes);
    info(bytes);
}

/// A manifest that is accepted is written with the same bytes, and lists only files that belong into it, by paths
/// that stay inside.
fn manifests(bytes: &[u8]) {
    for kind in [ManifestKind::Payload, ManifestKind::Tag] {
        let Ok(manifest) = Manifest::parse(kind, bytes) else { continue };
        let mut written = Vec::new();
        manifest.write_to(&mut written).expect("memory takes every write");
        assert_eq!(written, bytes);
        for (path, _) in manifest.iter() {
            super::archives::assert_stays_inside(path.as_str());
            assert_eq!(path.as_str().starts_with(PAYLOAD_FOLDER), kind == ManifestKind::Payload);
        }
    }
}

/// What is accepted is rendered with the same bytes.
fn info(bytes: &[u8]) {
    if let Ok(info) = BagInfo::parse(bytes) {
        assert_eq!(info.render().as_bytes(), bytes);
        assert!(bytes.len() <= MAX_INFO_BYTES);
    }
}

/// A signature that is accepted for a content is the very file that was signed.
pub fn minisign(bytes: &[u8]) {
    let key = MinisignKey::from_seed(&[5; 32]);
    let content = MinisignHasher::new().finish();
    if let Ok(signature) = MinisignSignature::parse(bytes)
        && let Ok(comment) = signature.verify(&key.public(), &content)
    {
        assert_eq!(key.sign(&content, comment).map(String::into_bytes), Ok(bytes.to_vec()));
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(key) = text.parse::<MinisignPublicKey>()
    {
        assert_eq!(key.to_string(), text.trim());
    }
}
