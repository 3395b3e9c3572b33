//! What bad input gets: an error that names the next step, its exit code, and nothing half-written.

use std::process::Command;

use crate::support::program::{Home, PASSPHRASE, content_of, feed};

/// Runs a command that must fail and leave the vault byte for byte as it was.
#[track_caller]
fn refused(home: &Home, args: &[&str], input: impl AsRef<[u8]>, code: i32, words: &str) {
    let before = content_of(&home.path("vault"));
    home.run_with(args, input).fails(code, words);
    assert_eq!(content_of(&home.path("vault")), before, "{args:?} changed the vault");
}

#[test]
fn a_wrong_passphrase_is_told_as_such() {
    let home = Home::with_vault();
    let mut command = home.command();
    command.args(["--passphrase-fd", "0", "list"]);
    feed(&mut command, b"another one\n").fails(11, "the passphrase is wrong");
}

#[test]
fn without_a_terminal_and_a_descriptor_the_way_through_is_named() {
    let home = Home::with_vault();
    let mut command = Command::new("setsid");
    home.confine(&mut command);
    command.args(["-w", env!("CARGO_BIN_EXE_sanduq"), "list"]);
    let run = feed(&mut command, PASSPHRASE.as_bytes()).fails(2, "no terminal");
    assert!(run.err.contains("--passphrase-fd N"), "{}", run.err);
}

#[test]
fn a_folder_that_is_no_vault_and_one_that_is_not_there_are_told_before_a_passphrase_is_asked() {
    let home = Home::with_vault();
    std::fs::create_dir(home.path("folder")).unwrap();
    home.write("folder/letter.txt", "x");
    for (vault, words) in [("folder", "is not a vault"), ("nowhere", "does not exist")] {
        let mut command = home.command();
        command.args(["--vault", vault, "list"]);
        let run = feed(&mut command, b"").fails(10, words);
        assert!(run.err.contains("sanduq init"), "{}", run.err);
    }
    let mut command = home.command();
    command.env_remove("SANDUQ_VAULT").arg("list");
    feed(&mut command, b"").fails(10, "no vault named");
}

#[test]
fn without_an_identity_the_two_ways_to_one_are_named() {
    let home = Home::with_vault();
    let run = home.run(&["list", "--identity", "nowhere"]).fails(11, "no identity file at nowhere");
    assert!(run.err.contains("--identity FILE") && run.err.contains("sanduq init"), "{}", run.err);
    home.write("letter", "Dear Nadia");
    home.run(&["list", "--identity", "letter"]).fails(11, "not an identity file");
}

#[test]
fn a_vault_of_somebody_else_names_card_and_identity() {
    let (home, other) = (Home::with_vault(), Home::with_vault());
    let theirs = other.path("vault");
    let run = home.run(&["list", "--vault", theirs.to_str().unwrap()]);
    let run = run.fails(11, "no contact of yours has shared anything here");
    assert!(run.err.contains("add the sender's card"), "{}", run.err);
}

#[test]
fn mistyped_and_unknown_codes_are_told_apart() {
    let home = Home::with_vault();
    let code = home.new_case();
    let last = if code.ends_with('0') { "1" } else { "0" };
    let mistyped = format!("{}{last}", &code[..8]);
    refused(&home, &["show", &mistyped], "", 2, "mistyped: its last character");
    refused(&home, &["show", "K7Q2"], "", 2, "two groups of four");
    let other = Home::with_vault().new_case();
    refused(&home, &["show", &other], "", 14, "not shared with you");
    refused(&home, &["put", &other, "testimony"], "text", 14, "not shared with you");
}

#[test]
fn texts_that_cannot_be_taken_leave_nothing() {
    let home = Home::with_vault();
    let code = home.new_case();
    home.write("empty.txt", "");
    home.write("latin1.txt", b"caf\xe9 in Altwil");
    std::fs::create_dir(home.path("folder")).unwrap();
    let put = |from: &'static str| ["put", code.as_str(), "testimony", "--from", from].map(str::to_owned);
    for (from, exit, words) in [
        ("empty.txt", 2, "the text is empty"),
        ("latin1.txt", 2, "not UTF-8: first wrong byte at offset 3"),
        ("folder", 2, "not a regular file"),
        ("nowhere.txt", 2, "does not exist"),
    ] {
        let args = put(from);
        refused(&home, &args.each_ref().map(String::as_str), "", exit, words);
    }
    refused(&home, &["put", &code, "testimony"], b"\xff\xfe", 2, "not UTF-8");
    refused(&home, &["put", &code, "testimony"], " \n", 2, "the text is empty");
    refused(&home, &["put", &code, "diary"], "text", 2, "a part is person, testimony");
    refused(&home, &["put", &code, "notes", "--lang", "kazakh_cyrillic"], "text", 2, "language tag");
    refused(&home, &["title", &code], "\n", 2, "the text is empty");
    refused(&home, &["show", &code, "--part", "medical"], "", 14, "has no part medical");
    home.run_with(&["put", &code, "notes"], "жол").succeeds();
    refused(&home, &["show", &code, "--part", "notes", "--revision", "2"], "", 14, "it has 1");
}

#[test]
fn folders_pipes_and_missing_files_are_not_attached() {
    let home = Home::with_vault();
    let code = home.new_case();
    home.write("good.txt", "good");
    std::fs::create_dir(home.path("folder")).unwrap();
    assert!(Command::new("mkfifo").arg(home.path("pipe")).status().unwrap().success());
    for (name, exit, words) in
        [("folder", 2, "is a folder"), ("pipe", 2, "no plain file"), ("nowhere", 1, "cannot attach nowhere")]
    {
        let before = content_of(&home.path("vault"));
        let run = home.run(&["attach", &code, "good.txt", name]);
        assert!(run.code == exit && run.err.contains(words), "{name}: {} {}", run.code, run.err);
        assert_eq!(content_of(&home.path("vault")), before, "{name}: not even the good one went in");
    }
}

#[test]
fn init_touches_no_folder_that_holds_something() {
    let home = Home::with_vault();
    refused(&home, &["init"], "", 14, "is a vault already");
    std::fs::create_dir_all(home.path("letters")).unwrap();
    home.write("letters/a.txt", "Dear Nadia");
    refused(&home, &["init", "--vault", "letters"], "", 14, "is not empty");
    std::fs::create_dir_all(home.path("half/objects")).unwrap();
    refused(&home, &["init", "--vault", "half"], "", 14, "interrupted init");
    refused(&home, &["init", "--vault", "no/such/folder"], "", 13, "does not exist");
}

#[test]
fn a_weak_passphrase_makes_no_identity() {
    let home = Home::new();
    let mut command = home.command();
    command.args(["--passphrase-fd", "0", "init", "--kdf", "low"]);
    feed(&mut command, b"hunter2\n").fails(14, "too short");
    assert!(!home.path(".config/sanduq/identity").exists());
}

#[test]
fn a_vault_of_a_newer_version_is_left_untouched() {
    let home = Home::with_vault();
    let code = home.new_case();
    let header = home.path("vault/vault");
    let newer = std::fs::read_to_string(&header).unwrap().replace("vault 1", "vault 2");
    std::fs::write(&header, newer).unwrap();
    refused(&home, &["list"], "", 1, "written by a newer sanduq");
    refused(&home, &["put", &code, "notes"], "жол", 1, "written by a newer sanduq");
}

#[test]
fn a_damaged_part_is_named_and_the_others_are_still_shown() {
    let home = Home::with_vault();
    let code = home.new_case();
    home.run_with(&["put", &code, "testimony"], "Мен көрдім").succeeds();
    let before = content_of(&home.path("vault"));
    home.run_with(&["put", &code, "medical"], "他受伤了").succeeds();
    let added: Vec<_> =
        content_of(&home.path("vault")).into_iter().filter(|file| !before.contains(file)).collect();
    // Of the objects that the second text added, its revision is the one that `list` does not miss.
    let hurt = added.iter().find(|(path, bytes)| {
        std::fs::remove_file(path).unwrap();
        let list = home.run(&["list"]);
        let stands = list.code == 0 && list.err.is_empty();
        if !stands {
            std::fs::write(path, bytes).unwrap();
        }
        stands
    });
    assert!(hurt.is_some(), "one of {} objects is the revision", added.len());
    let run = home.run(&["show", &code]).fails(12, "1 of 2 revisions");
    assert!(run.out.contains("Мен көрдім"), "{}", run.out);
    assert!(run.out.contains("DAMAGED: medical, revision 1: a revision of medical of"), "{}", run.out);
}

#[test]
fn a_folder_that_may_only_be_read_is_read_and_nothing_is_half_written() {
    let home = Home::with_vault();
    let code = home.new_case();
    home.run_with(&["put", &code, "testimony"], "Мен көрдім").succeeds();
    let sh =
        |line: &str| assert!(Command::new("sh").args(["-c", line]).status().unwrap().success(), "{line}");
    let (root, vault) = (home.path(""), home.path("vault"));
    let as_root =
        String::from_utf8(Command::new("id").arg("-u").output().unwrap().stdout).unwrap().trim() == "0";
    let mut command = match as_root {
        // Permissions do not bind root: another user looks at root's vault, with a copy of the identity.
        true => {
            sh(&format!(
                "chmod -R a+rX,go-w '{0}'; chown -R 65534 '{0}'; chown -R 0 '{1}'",
                root.display(),
                vault.display()
            ));
            let mut command = Command::new("setpriv");
            command.args([
                "--reuid",
                "65534",
                "--regid",
                "65534",
                "--clear-groups",
                env!("CARGO_BIN_EXE_sanduq"),
            ]);
            command
        }
        false => {
            sh(&format!("chmod -R a-w '{}'", vault.display()));
            Command::new(env!("CARGO_BIN_EXE_sanduq"))
        }
    };
    home.confine(&mut command);
    command.args(["--passphrase-fd", "0"]);
    let before = content_of(&vault);
    let input = format!("{PASSPHRASE}\nshow {code}\nput {code} notes\nжол\n");
    let run = feed(&mut command, input.as_bytes());
    if !as_root {
        sh(&format!("chmod -R u+w '{}'", vault.display()));
    }
    assert!(run.out.contains("Мен көрдім"), "{} {}", run.out, run.err);
    run.fails(13, "not allowed to use");
    assert_eq!(content_of(&vault), before);
}
