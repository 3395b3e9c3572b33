//! The texts in a bundle, for people who have no sanduq.

use super::layout::{bag_folder, short_name};
use crate::crypto::KnownCard;
use crate::crypto::age::recipient::AgeRecipient;
use crate::crypto::minisign::MinisignPublicKey;
use crate::record::{BundleId, Time};

/// The program that checks log openings.
pub(super) const OPENINGS_PY: &str = include_str!("text/openings.py");

/// `README.txt`: what this is, how to open and check it with stock tools.
pub(super) fn readme(
    bundle: &BundleId,
    date: Time,
    recipient: &AgeRecipient,
    signer: &KnownCard,
    key: &MinisignPublicKey,
) -> String {
    let age = match recipient {
        AgeRecipient::Classic(_) => "age",
        AgeRecipient::Hybrid(_) => "age 1.3 or newer",
    };
    let words = signer.fingerprint().words();
    let words: Vec<String> = words.chunks(6).map(|line| format!("        {}", line.join(" "))).collect();
    include_str!("text/README.txt")
        .replace("{{DATE}}", &date.date())
        .replace("{{AGE}}", age)
        .replace("{{FOLDER}}", &bag_folder(bundle))
        .replace("{{KEY}}", &key.to_string())
        .replace("{{WORDS}}", &words.join("\n"))
}

/// `custody/RECIPE.txt`: how to check who wrote each part.
pub(super) fn recipe(signer: &KnownCard) -> String {
    include_str!("text/RECIPE.txt").replace("{{SIGNER}}", &short_name(&signer.hash()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Identity;

    #[test]
    fn every_placeholder_is_filled_in() {
        let identity = Identity::generate();
        let key = identity.minisign_key().public();
        let (bundle, date) = (BundleId::new([3; 16]), Time::from_seconds(0));
        for recipient in [identity.card().hybrid(), identity.card().classic()] {
            let text = readme(&bundle, date, &recipient, identity.card(), &key);
            assert!(!text.contains("{{") && text.contains("made with sanduq on 1970-01-01"));
            let newer = matches!(recipient, AgeRecipient::Hybrid(_));
            assert_eq!(text.contains("age 1.3 or newer"), newer);
        }
        assert!(!recipe(identity.card()).contains("{{"));
    }
}
