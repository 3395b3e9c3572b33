//! Shares beside the reference implementation of SLIP-0039 (Python's `shamir-mnemonic`), both ways.
#![cfg(test)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use sanduq::crypto::random;
use sanduq::crypto::slip39::{Scheme, Share, combine, split};

/// What the reference prints.
fn reference(arguments: &[&str], input: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(root.join("target/reader-venv/bin/python"));
    command.arg(root.join("tests/interop/slip39.py")).args(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("bash tests/run installs it");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Groups needed, and needed and all of each group.
const SCHEMES: [(u8, &[(u8, u8)]); 5] =
    [(1, &[(1, 1)]), (1, &[(2, 3)]), (1, &[(3, 5)]), (2, &[(1, 1), (2, 3), (3, 4)]), (1, &[(16, 16)])];

/// Fails when our shares are not those of the standard (seen with the identifier left in the salt of extendable ones).
#[test]
fn the_reference_combines_our_shares() {
    for (group_threshold, groups) in SCHEMES {
        let secret: [u8; 32] = random();
        let scheme = Scheme { group_threshold, groups, exponent: 0 };
        let made = split(&secret, b"a passphrase", &scheme).unwrap();
        let enough = made.iter().zip(groups).take(usize::from(group_threshold));
        // The last ones of each group: those come from the polynomial, not from chance.
        let words = enough.flat_map(|(shares, (needed, _))| shares.iter().rev().take(usize::from(*needed)));
        let words: Vec<String> = words.map(|share| share.words().to_string()).collect();
        assert_eq!(
            reference(&["combine", "a passphrase"], &words.join("\n")).trim(),
            hex(&secret),
            "{groups:?}"
        );
    }
}

/// Fails when we do not understand shares of others (seen with the salt left out where a splitting is not extendable).
#[test]
fn we_combine_the_shares_of_the_reference() {
    for (number, (group_threshold, groups)) in SCHEMES.into_iter().enumerate() {
        // 256 bits in extendable splittings, 128 bits in others.
        let secret: [u8; 32] = random();
        let secret = &secret[..if number % 2 == 0 { 32 } else { 16 }];
        let cut: Vec<String> = groups.iter().map(|(needed, all)| format!("{needed}/{all}")).collect();
        let made =
            reference(&["split", &group_threshold.to_string(), &cut.join(","), &hex(secret), "x y"], "");
        let shares: Vec<Share> = made.lines().map(|words| Share::from_words(words).unwrap()).collect();
        // All of them: more than are needed must agree.
        assert_eq!(*combine(&shares, b"x y").unwrap(), secret, "{groups:?}");
    }
}
