//! Age files against other tools: Debian's `age`, and the JavaScript `age-encryption` for hybrid keys.
//!
//! Once before the hybrid tests: `npm ci --prefix tests/interop/js`.
#![cfg(test)]

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use sanduq::crypto::age::fault::AgeFault;
use sanduq::crypto::age::file::{AgeReader, AgeWriter, Opener};
use sanduq::crypto::age::identity_file::{KeyFileLock, KeyFileScope, write_key_file};
use sanduq::crypto::age::keys::{AgeIdentity, AgeKeys};
use sanduq::crypto::age::recipient::AgeRecipient;
use sanduq::crypto::error::{OpenError, SealError};

/// Around every border of the payload: empty, one chunk less one, exactly one, one more, several.
const LENGTHS: [usize; 6] = [0, 1, 65_535, 65_536, 65_537, 300_000];

fn keys() -> AgeKeys {
    AgeKeys::from_seeds(&[11; 32], &[12; 32])
}

fn text(len: usize) -> Vec<u8> {
    "Гүлнар · گۈلنار · 古丽娜尔 · Gulnar\n".bytes().cycle().take(len).collect()
}

fn sealed(recipient: &AgeRecipient, plain: &[u8]) -> Vec<u8> {
    let mut writer = AgeWriter::seal(Vec::new(), recipient).unwrap();
    writer.write_all(plain).unwrap();
    writer.finish().unwrap()
}

fn opened(file: &[u8], keys: &AgeKeys) -> Result<Vec<u8>, OpenError> {
    let mut plain = Vec::new();
    AgeReader::open(file, keys)?.read_to_end(&mut plain).map_err(OpenError::from_read)?;
    Ok(plain)
}

/// Runs a tool on `input` and gives its output; fails the test if the tool fails.
fn run(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn write_file(path: &Path, bytes: &[u8]) {
    File::create_new(path).unwrap().write_all(bytes).unwrap();
}

#[test]
fn stock_age_opens_what_we_seal_to_a_classic_recipient() {
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("key.txt");
    write_file(&key_file, keys().classic_text().as_str().as_bytes());
    for len in LENGTHS {
        let file = sealed(&keys().classic_recipient(), &text(len));
        let plain = run(Command::new("age").arg("-d").arg("-i").arg(&key_file), &file);
        assert!(plain == text(len), "{len} bytes");
    }
}

#[test]
fn we_open_what_stock_age_seals_binary_and_armored() {
    let recipient = keys().classic_recipient().to_string();
    for len in LENGTHS {
        for form in [&[][..], &["-a"]] {
            let file = run(Command::new("age").args(form).args(["-r", &recipient]), &text(len));
            assert!(opened(&file, &keys()).unwrap() == text(len), "{len} bytes {form:?}");
        }
    }
}

#[test]
fn we_read_keys_and_recipients_of_age_keygen_as_it_does() {
    let key_file = String::from_utf8(run(&mut Command::new("age-keygen"), b"")).unwrap();
    let secret = key_file.lines().find(|line| line.starts_with("AGE-SECRET-KEY-1")).unwrap();
    let public = key_file.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    assert_eq!(secret.parse::<AgeIdentity>().unwrap().recipient().to_string(), public);
    let ours = run(Command::new("age-keygen").arg("-y"), keys().classic_text().as_str().as_bytes());
    assert_eq!(String::from_utf8(ours).unwrap().trim(), keys().classic_recipient().to_string());
}

/// Runs `age` on a terminal of its own and types the passphrase there, as a person would.
fn age_asking_passphrase(arguments: &str, passphrase: &str) -> bool {
    let typed = format!("{passphrase}\n");
    let mut child = Command::new("script")
        .args(["-qec", &format!("age {arguments}"), "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    child.wait().unwrap().success()
}

#[test]
fn stock_age_uses_our_passphrase_sealed_key_file() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_file(&at("bundle.age"), &sealed(&keys().classic_recipient(), b"Zhan"));
    let lock = KeyFileLock { passphrase: "тест kilit 锁", work_factor: 10 };
    for (scope, name) in [(KeyFileScope::ClassicHybridAsComment, "classic"), (KeyFileScope::Both, "both")] {
        let key_file = write_key_file(Vec::new(), &keys(), scope, lock).unwrap();
        write_file(&at(name), &key_file);
        let (key, out) = (at(name), at(&format!("{name}.txt")));
        let opens = format!("-d -o {} {}", out.display(), key.display());
        assert!(age_asking_passphrase(&opens, lock.passphrase), "{name}");
        let lines = std::fs::read_to_string(&out).unwrap();
        assert!(lines.contains(keys().classic_text().as_str()));
        assert!(lines.contains(keys().hybrid_text().as_str()));
        assert!(matches!(
            AgeReader::open_with(&key_file[..], Opener::Passphrase("wrong")),
            Err(AgeFault::NoIdentityMatches)
        ));
    }
    let (key, bundle, out) = (at("classic"), at("bundle.age"), at("plain"));
    let uses = format!("-d -i {} -o {} {}", key.display(), out.display(), bundle.display());
    assert!(age_asking_passphrase(&uses, lock.passphrase));
    assert_eq!(std::fs::read(out).unwrap(), b"Zhan");
}

/// The JavaScript age; `None`, with a line past the test harness, where there is no node.
fn javascript(mode: &str, key: &str) -> Option<Command> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/js");
    if Command::new("node").arg("--version").stdout(Stdio::null()).status().is_err() {
        writeln!(
            io::stderr(),
            "SKIPPED: node is missing, hybrid files are not tried against the JavaScript age"
        )
        .unwrap();
        return None;
    }
    assert!(
        folder.join("node_modules/age-encryption").is_dir(),
        "run once: npm ci --prefix tests/interop/js"
    );
    let mut command = Command::new("node");
    command.arg(folder.join("age.mjs")).args([mode, key]);
    Some(command)
}

#[test]
fn javascript_age_opens_what_we_seal_to_a_hybrid_recipient() {
    for len in LENGTHS {
        let Some(mut age) = javascript("open", keys().hybrid_text().as_str()) else { return };
        let plain = run(&mut age, &sealed(&keys().hybrid_recipient(), &text(len)));
        assert!(plain == text(len), "{len} bytes");
    }
}

#[test]
fn we_open_what_javascript_age_seals_to_a_hybrid_recipient() {
    for len in LENGTHS {
        let Some(mut age) = javascript("seal", &keys().hybrid_recipient().to_string()) else { return };
        let file = run(&mut age, &text(len));
        assert!(opened(&file, &keys()).unwrap() == text(len), "{len} bytes");
    }
}

#[test]
fn other_keys_open_nothing_and_no_plaintext_follows_damage() {
    let stranger = AgeKeys::from_seeds(&[21; 32], &[22; 32]);
    for recipient in [keys().classic_recipient(), keys().hybrid_recipient()] {
        let file = sealed(&recipient, &text(200));
        assert!(matches!(opened(&file, &stranger), Err(OpenError::NoIdentityMatches)));
        for cut in 0..file.len() {
            assert!(opened(&file[..cut], &keys()).is_err(), "cut at {cut}");
        }
        for at in (0..file.len()).step_by(7) {
            let mut flipped = file.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(opened(&flipped, &keys()).is_err(), "flipped at {at}");
        }
        let longer = [&file[..], b"x"].concat();
        assert!(matches!(opened(&longer, &keys()), Err(OpenError::Corrupt)));
    }
}

#[test]
fn refuses_to_seal_to_keys_that_protect_nothing() {
    let mut hybrid = Box::new([0; 1216]);
    let AgeRecipient::Hybrid(good) = keys().hybrid_recipient() else { panic!("hybrid") };
    hybrid[..1184].copy_from_slice(&good[..1184]);
    for recipient in [AgeRecipient::Classic([0; 32]), AgeRecipient::Hybrid(hybrid)] {
        assert!(matches!(AgeWriter::seal(Vec::new(), &recipient), Err(SealError::UnusableRecipient)));
    }
}

#[test]
fn seeks_to_every_border_and_never_past_the_end() {
    for len in LENGTHS {
        let plain = text(len);
        let file = sealed(&keys().hybrid_recipient(), &plain);
        let mut reader = AgeReader::open(Cursor::new(&file), &keys()).unwrap();
        assert_eq!(reader.plain_len().unwrap(), len as u64);
        let places = [len, 0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, len.saturating_sub(1), 0];
        for place in places.into_iter().filter(|place| *place <= len) {
            assert_eq!(reader.seek(SeekFrom::Start(place as u64)).unwrap(), place as u64);
            let mut rest = Vec::new();
            reader.read_to_end(&mut rest).unwrap();
            assert!(rest == plain[place..], "{place} of {len}");
        }
        assert!(reader.seek(SeekFrom::End(1)).is_err());
        assert!(reader.seek(SeekFrom::Current(-1 - len as i64)).is_err());
        reader.rewind().unwrap();
        let mut again = Vec::new();
        reader.read_to_end(&mut again).unwrap();
        assert!(again == plain);
    }
}

#[test]
fn cut_files_tell_no_length() {
    let file = sealed(&keys().classic_recipient(), &text(200_000));
    let mut reader = AgeReader::open(Cursor::new(&file[..file.len() - 1]), &keys()).unwrap();
    assert!(reader.plain_len().is_err());
    assert!(reader.read(&mut [0; 10]).is_err());
}

#[test]
fn a_hostile_header_is_refused_at_once() {
    let start = std::time::Instant::now();
    let mut header = b"age-encryption.org/v1\n".to_vec();
    for _ in 0..20_000 {
        header.extend(b"-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\n");
        header.extend(b"hjabGXwSLQ9c3S6LwQH8d2S2Tu2fiwQHslbBN6B41FE\n");
    }
    assert!(matches!(opened(&header, &keys()), Err(OpenError::HeaderTooLarge)));
    let line = [b"age-encryption.org/v1\n-> ".to_vec(), vec![b'A'; 1_000_000]].concat();
    assert!(matches!(opened(&line, &keys()), Err(OpenError::HeaderTooLarge)));
    assert!(matches!(opened(b"%PDF-1.7 not sealed at all", &keys()), Err(OpenError::Unsupported)));
    assert!(start.elapsed().as_millis() < 1000);
}
