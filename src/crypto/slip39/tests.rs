//! The official vectors, and splittings of our own.

use super::*;

/// Name, shares, secret in hexadecimal digits (empty: refused), and an extended key we have no use for.
type Vector = (String, Vec<String>, String, String);

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Fails when the field, the checksum, the padding, the digest, the cipher or the rules of groups change (seen with the
/// digest not compared, with another reduction, and with rounds in the order of encryption).
#[test]
fn all_official_vectors() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../../../tests/vectors/slip39/vectors.json")).unwrap();
    assert_eq!(vectors.len(), 45);
    for (name, mnemonics, secret, _) in vectors {
        let shares: Result<Vec<Share>, ShareError> =
            mnemonics.iter().map(|words| Share::from_words(words)).collect();
        let combined = shares.ok().and_then(|shares| {
            for (share, words) in shares.iter().zip(&mnemonics) {
                assert_eq!(*share.words(), *words, "{name}");
            }
            combine(&shares, b"TREZOR").ok()
        });
        match combined {
            Some(found) => assert_eq!(hex(&found), secret, "{name}"),
            None => assert_eq!(secret, "", "{name}"),
        }
    }
}

fn flat(secret: &[u8], needed: u8, all: u8) -> Vec<Share> {
    let scheme = Scheme { group_threshold: 1, groups: &[(needed, all)], exponent: 0 };
    split(secret, b"", &scheme).unwrap().remove(0)
}

#[test]
fn every_choice_of_three_of_five_gives_the_secret_and_two_give_nothing() {
    let secret = [7; 32];
    let shares = flat(&secret, 3, 5);
    for choice in 0..32u8 {
        let chosen = shares.iter().enumerate().filter(|(i, _)| choice >> i & 1 == 1);
        let chosen: Vec<Share> =
            chosen.map(|(_, share)| Share::from_words(&share.words()).unwrap()).collect();
        let have = chosen.len() as u8;
        match combine(&chosen, b"") {
            Ok(found) => assert!(have >= 3 && *found == secret),
            Err(CombineError::None) => assert_eq!(have, 0),
            Err(error) => assert_eq!(error, CombineError::TooFew { group: 0, need: 3, have }),
        }
    }
}

#[test]
fn shares_of_another_splitting_or_changed_ones_never_give_a_secret() {
    let (mut one, two) = (flat(&[1; 32], 2, 3), flat(&[1; 32], 2, 3));
    let strange = Share { id: one[0].id, ..Share::from_words(&two[1].words()).unwrap() };
    let mixed = [Share::from_words(&one[0].words()).unwrap(), strange];
    assert_eq!(combine(&mixed, b"").unwrap_err(), CombineError::Digest);
    let other = Share { id: one[0].id ^ 1, ..Share::from_words(&two[1].words()).unwrap() };
    assert_eq!(
        combine(&[Share::from_words(&one[0].words()).unwrap(), other], b"").unwrap_err(),
        CombineError::Other(1)
    );
    // A third one more than needed must agree too.
    one[2].value[5] ^= 1;
    assert_eq!(combine(&one, b"").unwrap_err(), CombineError::Digest);
}

#[test]
fn groups_are_needed_as_they_were_asked_for() {
    let secret: Vec<u8> = (0..16).collect();
    let scheme = Scheme { group_threshold: 2, groups: &[(1, 1), (2, 3), (16, 16)], exponent: 1 };
    let mut groups = split(&secret, b"PASS", &scheme).unwrap();
    let mut shares = vec![groups[0].remove(0), groups[1].remove(2)];
    assert_eq!(combine(&shares, b"PASS").unwrap_err(), CombineError::TooFew { group: 1, need: 2, have: 1 });
    shares.push(groups[1].remove(0));
    assert_eq!(*combine(&shares, b"PASS").unwrap(), secret);
    assert!(*combine(&shares, b"pass").unwrap() != secret, "another passphrase is another secret, by design");
    shares.remove(0);
    assert_eq!(combine(&shares, b"").unwrap_err(), CombineError::TooFewGroups { need: 2, have: 1 });
}

#[test]
fn refuses_what_makes_no_sense() {
    let refused = |secret: &[u8], group_threshold, groups: &[(u8, u8)]| {
        split(secret, b"", &Scheme { group_threshold, groups, exponent: 0 }).err()
    };
    assert_eq!(refused(&[0; 14], 1, &[(2, 3)]), Some(SplitError::Secret));
    assert_eq!(refused(&[0; 17], 1, &[(2, 3)]), Some(SplitError::Secret));
    assert_eq!(refused(&[0; 16], 1, &[(1, 2)]), Some(SplitError::Copies));
    for (threshold, groups) in [(0, [(2, 3)]), (2, [(2, 3)]), (1, [(0, 3)]), (1, [(4, 3)]), (1, [(2, 17)])] {
        assert_eq!(refused(&[0; 16], threshold, &groups), Some(SplitError::Count), "{threshold} {groups:?}");
    }
    assert_eq!(refused(&[0; 16], 1, &[]), Some(SplitError::Count));
}

#[test]
fn a_wrong_word_is_named_and_two_swapped_ones_are_noticed() {
    let words = flat(&[9; 32], 2, 2)[0].words();
    let mut list: Vec<&str> = words.split(' ').collect();
    assert_eq!(list.len(), 33);
    list[6] = "vault";
    assert_eq!(Share::from_words(&list.join(" ")).err(), Some(ShareError::UnknownWord(7)));
    list[6] = if words.split(' ').nth(6) == Some("zero") { "yoga" } else { "zero" };
    assert_eq!(Share::from_words(&list.join("\n")).err(), Some(ShareError::Checksum));
    assert_eq!(Share::from_words(&list[..19].join(" ")).err(), Some(ShareError::Length));
    assert_eq!(Share::from_words(&"zero ".repeat(100_000)).err(), Some(ShareError::Length));
    assert_eq!(Share::from_words(&words.to_uppercase()).unwrap().words(), words);
}
