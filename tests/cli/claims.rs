//! What docs/threat-model.md says of folders, files and sockets, looked at from outside.

use std::process::Command;

use sanduq::crypto::Identity;

use super::circle::{add, meet, path};
use crate::support::program::{Home, OVERRIDE, PASSPHRASE, content_of};

const LABEL: &str = "Адвокат Нұрлан";
const WORDS: &str = "Мен ол жерде болдым.";

/// Two homes; the first shared a case with the second and exported a bundle for it, hybrid and classic.
fn shared() -> (Home, Home, [Identity; 2], String) {
    let people = [Identity::generate(), Identity::generate()];
    let (giver, reader) = (Home::of(&people[0]), Home::of(&people[1]));
    meet(&giver, LABEL, &reader);
    add(&reader, LABEL, &giver);
    let code = giver.new_case();
    giver.run_with(&["put", &code, "testimony"], WORDS).succeeds();
    let give = [&code, "--to", LABEL, "--parts", "testimony", "--override", OVERRIDE, "--yes"];
    giver.run(&[&["share"][..], &give].concat()).succeeds();
    giver.run(&[&["export"][..], &give, &["--out", "hybrid.age"]].concat()).succeeds();
    giver.run(&[&["export"][..], &give, &["--out", "classic.age", "--classic"]].concat()).succeeds();
    reader.run(&["show", &code, "--vault", &path(&giver, "vault")]).succeeds();
    (giver, reader, people, code)
}

/// Fails when a label, a card, a key or the beginning of an age file stands anywhere in the clear.
#[test]
fn neither_the_vault_nor_what_lies_beside_the_identity_file_names_anybody() {
    let (giver, reader, people, code) = shared();
    let mut needles: Vec<Vec<u8>> = [LABEL, WORDS, &code, "age-encryption.org", "mlkem768x25519"]
        .map(|word| word.as_bytes().to_vec())
        .into();
    for card in people.iter().map(Identity::card) {
        let core = card.core();
        needles.extend([card.hash().to_string().into_bytes(), card.hash().as_bytes().to_vec()]);
        needles.extend(
            [&core.classic[..], &core.mailbox[..], &core.signing[..], &core.minisign[..]].map(<[u8]>::to_vec),
        );
        needles.push(core.hybrid[..32].to_vec());
    }
    let files = [
        content_of(&giver.path("vault")),
        content_of(&giver.path(".config")),
        content_of(&reader.path(".config")),
    ];
    let files = files.concat();
    assert!(files.len() > 15, "{}", files.len());
    assert!(
        files.iter().any(|(_, bytes)| bytes.starts_with(b"sanduq vault 1")),
        "what is in the clear is seen"
    );
    for (file, bytes) in files {
        for needle in &needles {
            let name = file.to_str().unwrap().as_bytes();
            let holds = |bytes: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
            assert!(
                !holds(&bytes) && !holds(name),
                "{} holds {:?}",
                file.display(),
                String::from_utf8_lossy(needle)
            );
        }
    }
}

/// Fails when a bundle is sealed to anything but what is said: hybrid, or classic where that was asked for.
#[test]
fn bundles_are_hybrid_unless_classic_is_asked_for() {
    let (giver, ..) = shared();
    for (file, kind) in [("hybrid.age", "mlkem768x25519"), ("classic.age", "X25519")] {
        let bytes = std::fs::read(giver.path(file)).unwrap();
        let header = String::from_utf8_lossy(&bytes[..4096]).into_owned();
        let header = header.split("\n---").next().unwrap();
        let kinds: Vec<&str> =
            header.split("\n-> ").skip(1).map(|stanza| stanza.split(' ').next().unwrap()).collect();
        // Beside it stands one stanza of a random kind, as every age program writes it.
        let known = ["mlkem768x25519", "X25519", "scrypt", "piv-p256", "ssh-ed25519"];
        assert_eq!(kinds.iter().filter(|kind| known.contains(kind)).collect::<Vec<_>>(), [&kind], "{header}");
    }
}

/// Fails when a command opens a socket of any kind. `strace` sees every call of every thread.
#[test]
fn no_command_opens_a_socket() {
    let (giver, reader, _, code) = shared();
    let (vault, trace) = (path(&giver, "vault"), reader.path("trace"));
    let bundle = path(&giver, "hybrid.age");
    for args in [
        &["show", &code, "--vault", &vault][..],
        &["timeline", &code, "--vault", &vault],
        &["due", "--vault", &vault],
        &["accept", "--from", &vault],
        &["import", &bundle],
        &["open", &bundle, "--out", "out"],
        &["check", "--read-data"],
        &["card"],
    ] {
        let mut strace = Command::new("/usr/bin/strace");
        reader.confine(&mut strace);
        strace
            .args(["-f", "-qq", "-e", "trace=%net,openat", "-o"])
            .arg(&trace)
            .arg(env!("CARGO_BIN_EXE_sanduq"));
        strace.args(["--passphrase-fd", "0"]).args(args);
        crate::support::program::feed(&mut strace, PASSPHRASE.as_bytes()).succeeds();
        let seen = std::fs::read_to_string(&trace).unwrap();
        assert!(seen.contains("openat("), "strace saw nothing: {seen}");
        assert!(!seen.contains("socket("), "{args:?}: {seen}");
    }
    // That it would be seen.
    let mut strace = Command::new("/usr/bin/strace");
    strace.args(["-f", "-qq", "-e", "trace=%net", "-o"]).arg(&trace);
    assert!(strace.args(["/bin/bash", "-c", "exec 3<>/dev/udp/127.0.0.1/9"]).status().unwrap().success());
    assert!(std::fs::read_to_string(&trace).unwrap().contains("socket("));
}
