//! Cards that no honest program makes, and files that are none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signer as _, SigningKey};
use sanduq::crypto::Identity;
use sanduq::crypto::age::recipient::AgeRecipient;
use sanduq::format::{Card, CardCore, encode};
use sanduq::record::CardHash;
use serde_bytes::{ByteArray, ByteBuf};

use super::harmless;
use crate::support::program::{Home, tree_of};

const BEGIN: &str = "-----BEGIN SANDUQ CARD-----";
const END: &str = "-----END SANDUQ CARD-----";

fn text_of(bytes: &[u8]) -> String {
    format!("{BEGIN}\n{}\n{END}\n", BASE64.encode(bytes))
}

/// A card of changed keys, well signed by a signing key of its own.
fn card(change: impl FnOnce(&mut CardCore)) -> Card {
    let key = SigningKey::from_bytes(&[9; 32]);
    let mut core = Identity::generate().card().core().clone();
    core.signing = ByteArray::new(key.verifying_key().to_bytes());
    change(&mut core);
    let core = encode(&core);
    let sig = key.sign(&[b"sanduq/1 card\0", &core[..]].concat()).to_bytes();
    Card { core: ByteBuf::from(core), sig: ByteArray::new(sig), succession: None }
}

fn changed(change: impl FnOnce(&mut CardCore)) -> String {
    text_of(&encode(&card(change)))
}

/// Cards and other files, and the exit code each gets.
fn hostile() -> Vec<(&'static str, String, i32)> {
    let right = encode(&card(|_| {}));
    let text = text_of(&right);
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let flipped = |at: usize| {
        let mut bytes = right.clone();
        bytes[at] ^= 1;
        text_of(&bytes)
    };
    let mut half = card(|_| {});
    half.succession = Some(ByteArray::new([7; 64]));
    vec![
        ("nothing", String::new(), 1),
        ("a letter", "Сәлем, бұл карта емес".into(), 1),
        ("escape sequences", "\u{1b}[2J\u{1b}]0;owned\u{7}\nFORGED".into(), 1),
        ("only a beginning", format!("{BEGIN}\n"), 1),
        ("no bytes", text_of(b""), 12),
        ("no base64", text.replace(END, &format!("\u{1b}[2J\n{END}")), 12),
        ("cut off", text_of(&right[..right.len() - 1]), 12),
        ("a byte more", text_of(&[&right[..], b"\0"].concat()), 12),
        ("a flipped key", flipped(100), 12),
        ("a flipped signature", flipped(right.len() - 14), 12),
        ("a later version", text_of(&[&right[..3], b"\x02", &right[4..]].concat()), 1),
        ("a mailbox of low order", changed(|core| core.mailbox = ByteArray::new(neutral)), 12),
        ("a classic key of low order", changed(|core| core.classic = ByteArray::new([0; 32])), 12),
        ("a lattice key out of range", changed(|core| core.hybrid = ByteArray::new([0xff; 1216])), 12),
        ("a minisign key of low order", changed(|core| core.minisign = ByteArray::new(neutral)), 12),
        ("a signing key of low order", changed(|core| core.signing = ByteArray::new(neutral)), 12),
        (
            "another's signing key",
            changed(|core| core.signing = Identity::generate().card().core().signing),
            12,
        ),
        ("a successor nobody signed", changed(|core| core.succeeds = Some(CardHash::new([1; 32]))), 12),
        ("a signature nobody asked for", text_of(&encode(&half)), 12),
        ("far behind the beginning", format!("{}{text}", "x".repeat(17 << 10)), 1),
        ("too large for a card", format!("{text}{}", "x".repeat(65 << 10)), 1),
    ]
}

/// Fails when a card is kept that does not hold, or words of its file reach the screen.
#[test]
fn cards_that_no_honest_program_makes_are_not_kept() {
    let home = Home::of(&Identity::generate());
    for (what, text, code) in hostile() {
        home.write("hostile.card", text);
        let before = tree_of(&home.path(""));
        let run = home.run(&["contact", "add", "lawyer", "--card", "hostile.card"]);
        assert_eq!(run.code, code, "{what}: {}", run.err);
        let run = run.fails(code, "");
        assert!(run.out.is_empty() && !run.err.contains("owned"), "{what}: {}", run.out);
        harmless(&run);
        assert!(tree_of(&home.path("")) == before, "{what}");
    }
    // Around a right one stands what mail adds; nothing of it is shown.
    let text = changed(|_| {});
    home.write("mailed.card", format!("\u{1b}[2J\u{1b}]0;owned\u{7}\nFORGED\n{text}\n\u{1b}[31mFORGED\n"));
    let run = home.run(&["contact", "add", "lawyer", "--card", "mailed.card"]).succeeds();
    assert_eq!(run.out, "contact `lawyer` added, unverified\n");
    harmless(&run);
}

/// Fails when a bare recipient is taken whose secret everybody knows.
#[test]
fn bare_recipients_of_low_order_are_not_kept() {
    let home = Home::of(&Identity::generate());
    let mut one = [0; 32];
    one[0] = 1;
    for point in [[0; 32], one] {
        let text = AgeRecipient::Classic(point).to_string();
        home.run(&["contact", "add", "x", "--age", &text]).fails(2, "unusable key");
    }
    assert!(home.run(&["contact", "list"]).succeeds().out.contains("no contacts yet"));
}
