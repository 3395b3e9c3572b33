//! One case from its opening to its log, in four scripts.

use crate::support::program::{Home, PASSPHRASE, feed};

const TEXTS: [(&str, &str, &str); 4] = [
    ("person", "ug-Arab", "ئىسمى: ئالىم ئۈلگە، ئۈرۈمچىدىن"),
    ("testimony", "kk-Cyrl", "Мен үш адамды көрдім, олар түнде келді."),
    ("whereabouts", "zh-Hans", "他们被带到了北边的一座房子。"),
    ("notes/interview", "en", "Met Nadia Example in Altwil; she was calm."),
];

fn case_with_texts(home: &Home) -> String {
    let code = home.new_case();
    for (part, lang, text) in TEXTS {
        let run = home.run_with(&["put", &code, part, "--lang", lang], text).succeeds();
        assert_eq!(run.out, format!("{part} of {code}: revision 1, its first\n"));
    }
    code
}

#[test]
fn init_says_what_to_copy_and_keep_apart() {
    let home = Home::new();
    let run = home.run(&["init", "--kdf", "low"]).succeeds();
    for words in ["vault folder", "identity file", "address book", "passphrase", "keep the copies apart"] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
    assert!(!run.out.contains(PASSPHRASE) && !run.err.contains(PASSPHRASE));
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |name: &str| home.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(".config/sanduq"), 0o700);
    assert_eq!(mode(".config/sanduq/identity"), 0o600);
    assert_eq!(mode("vault"), 0o700);
}

#[test]
fn an_identity_that_is_there_is_used_for_a_second_vault() {
    let home = Home::with_vault();
    let run = home.run(&["init", "--kdf", "low", "--vault", "second"]).succeeds();
    assert!(run.err.contains("is used") && run.err.contains("left aside"), "{}", run.err);
    home.run(&["new", "--vault", "second"]).succeeds();
}

#[test]
fn show_reads_back_four_scripts_with_author_date_and_language() {
    let home = Home::with_vault();
    let code = case_with_texts(&home);
    home.run_with(&["title", &code], "Көрші үй\n").succeeds();
    let page = home.run(&["show", &code]).succeeds().out;
    assert!(page.starts_with(&format!("{code}  Көрші үй\n")), "{page}");
    let mut at = 0;
    for (part, lang, text) in TEXTS {
        let here = page.find(&format!("== {part} ==")).unwrap_or_else(|| panic!("{part}: {page}"));
        assert!(here >= at, "parts stand in order");
        at = here;
        assert!(page.contains(text) && page.contains(&format!("UTC, in {lang}")), "{page}");
    }
    assert!(page.contains("revision 1 of 1, by you, 20"), "{page}");
}

#[test]
fn list_has_a_line_for_each_case_and_the_code_is_read_however_it_is_typed() {
    let home = Home::with_vault();
    assert!(home.run(&["list"]).succeeds().out.contains("sanduq new"));
    let code = case_with_texts(&home);
    let titled = home.run_with(&["new", "--title", "-"], "证人甲\n").succeeds().out;
    let list = home.run(&["list"]).succeeds().out;
    assert_eq!(list.lines().count(), 3, "{list}");
    assert!(list.contains("person testimony whereabouts notes/interview"), "{list}");
    assert!(list.lines().any(|line| line.starts_with(titled.trim()) && line.ends_with("证人甲")), "{list}");
    let typed = code.to_lowercase().replace('-', "").replace('0', "o").replace('1', "l");
    home.run(&["show", &typed]).succeeds();
}

#[test]
fn each_text_says_which_revision_it_follows_and_the_earlier_ones_stay() {
    let home = Home::with_vault();
    let code = home.new_case();
    home.run_with(&["put", &code, "testimony"], "бірінші").succeeds();
    let second = home.run_with(&["put", &code, "testimony", "--add"], "екінші").succeeds();
    assert_eq!(second.out, format!("testimony of {code}: revision 2, follows revision 1\n"));
    let page = home.run(&["show", &code]).succeeds().out;
    assert!(page.contains("| бірінші\n| \n| екінші") && page.contains("revision 2 of 2"), "{page}");
    let early = home.run(&["show", &code, "--part", "testimony", "--revision", "1"]).succeeds().out;
    assert!(!early.contains("екінші") && early.contains("EARLIER: a later one stands"), "{early}");
    let same = home.run_with(&["put", &code, "testimony"], "бірінші\n\nекінші").succeeds();
    assert!(same.out.contains("unchanged") && same.err.contains("exactly this text"), "{}", same.err);
}

#[test]
fn a_text_from_a_file_warns_that_the_file_is_still_readable() {
    let home = Home::with_vault();
    let code = home.new_case();
    home.write("text.txt", "\u{feff}жол\r\nекі\r\n");
    let run = home.run(&["put", &code, "notes", "--from", "text.txt"]).succeeds();
    assert!(run.err.contains("text.txt is still readable"), "{}", run.err);
    assert_eq!(home.json(&["show", &code], "")["parts"][0]["shown"][0]["text"], "жол\nекі\n");
}

#[test]
fn exhibits_go_in_come_out_and_are_left_out() {
    let home = Home::with_vault();
    let code = home.new_case();
    let photo: Vec<u8> = (0..200_000u32).map(|i| (i * 7 % 251) as u8).collect();
    home.write("сурет.jpg", &photo);
    home.write("empty.txt", "");
    let run = home.run(&["attach", &code, "сурет.jpg", "empty.txt"]).succeeds();
    assert!(run.out.contains("E1  сурет.jpg  200000 bytes  sha256 "), "{}", run.out);
    assert!(run.out.contains("E2  empty.txt  0 bytes"), "{}", run.out);
    assert!(run.err.contains("сурет.jpg, empty.txt are still readable"), "{}", run.err);

    let before = crate::support::program::content_of(&home.path("vault")).len();
    let again = home.run(&["attach", &code, "сурет.jpg"]).succeeds();
    assert!(again.out.contains("E1  сурет.jpg  is attached already"), "{}", again.out);
    assert_eq!(crate::support::program::content_of(&home.path("vault")).len(), before);

    let out = home.run(&["extract", &code, "E1", "--out", "copy.jpg"]).succeeds();
    assert!(out.err.contains("copy.jpg is now readable by anyone"), "{}", out.err);
    assert_eq!(std::fs::read(home.path("copy.jpg")).unwrap(), photo);
    home.run(&["extract", &code, "E1", "--out", "copy.jpg"]).fails(14, "already exists");

    let gone = home.run(&["detach", &code, "E1"]).succeeds();
    assert!(gone.out.contains("revision 2, follows revision 1"), "{}", gone.out);
    let page = home.run(&["show", &code]).succeeds().out;
    assert!(!page.contains("сурет.jpg") && page.contains("empty.txt"), "{page}");
    home.run(&["detach", &code, "E1"]).fails(14, "has no E1");
    home.run(&["extract", &code, "E9", "--out", "x"]).fails(14, "has no exhibit E9");
    assert!(!home.path("x").exists());
}

#[test]
fn an_exhibit_goes_down_a_pipe_byte_for_byte() {
    let home = Home::with_vault();
    let code = home.new_case();
    home.write("a.txt", "мәтін\u{1b}[2J");
    home.run(&["attach", &code, "a.txt", "--part", "exhibits/doctor"]).succeeds();
    assert_eq!(home.run(&["extract", &code, "E1", "--out", "-"]).succeeds().out, "мәтін\u{1b}[2J");
}

#[test]
fn the_log_tells_what_was_done_newest_first() {
    let home = Home::with_vault();
    let code = case_with_texts(&home);
    let other = home.new_case();
    let log = home.run(&["log"]).succeeds().out;
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 1 + 1 + 4 + 1, "{log}");
    assert!(lines[1].contains(&other) && lines[1].ends_with("case opened"), "{log}");
    assert!(lines[2].ends_with("notes/interview: revision 1 written"), "{log}");
    let one = home.run(&["log", &code]).succeeds().out;
    assert!(one.lines().count() == 6 && !one.contains(&other), "{one}");
}

#[test]
fn contacts_are_kept_without_a_vault() {
    let (home, other) = (Home::with_vault(), Home::with_vault());
    let card = other.path("her.card");
    other.run(&["card", "--out", card.to_str().unwrap(), "--qr"]).succeeds();
    let alone = ["--vault", "nowhere"];
    let with = |args: &[&str]| home.run(&[args, &alone].concat());
    let added = with(&["contact", "add", "адвокат", "--card", card.to_str().unwrap()]).succeeds();
    assert!(added.err.contains("contact verify адвокат") || added.err.contains("contact verify 'адвокат'"));
    let list = with(&["contact", "list"]).succeeds().out;
    assert!(list.contains("адвокат  unverified"), "{list}");
    with(&["contact", "add", "second", "--card", card.to_str().unwrap()]).fails(14, "has this key already");
    with(&["contact", "verify", "адвокат"]).fails(14, "no terminal");
    with(&["contact", "verify", "nobody"]).fails(14, "no contact `nobody`");
    with(&["contact", "remove", "адвокат"]).succeeds();
    assert!(with(&["contact", "list"]).succeeds().out.contains("no contacts yet"));
}

#[test]
fn age_keys_are_readable_by_stock_age_and_passphrases_change() {
    let home = Home::with_vault();
    let run =
        home.run_with(&["identity", "age-keys", "--out", "keys.age"], "ұзын және сирек кездесетін сөздер\n");
    assert!(run.succeeds().out.contains("age -d -i keys.age"));
    let head = std::fs::read(home.path("keys.age")).unwrap();
    assert!(head.starts_with(b"age-encryption.org/v1\n-> scrypt "));
    let new = "тағы бір ұзын құпия сөйлем керек\n";
    home.run_with(&["identity", "passphrase", "--kdf", "low"], new).succeeds();
    home.run(&["list"]).fails(11, "the passphrase is wrong");
    let mut command = home.command();
    command.args(["--passphrase-fd", "0", "list"]);
    feed(&mut command, new.as_bytes()).succeeds();
}

#[test]
fn passphrases_come_from_any_descriptor_the_caller_opened() {
    let home = Home::with_vault();
    home.write("pass", PASSPHRASE);
    let mut shell = std::process::Command::new("/bin/sh");
    home.confine(&mut shell);
    shell.args(["-c", "echo the text | \"$0\" --passphrase-fd 3 put \"$1\" notes 3<pass"]);
    shell.arg(env!("CARGO_BIN_EXE_sanduq")).arg(home.new_case());
    feed(&mut shell, b"").succeeds();
}

#[test]
fn texts_written_apart_are_shown_beside_each_other_until_one_follows_both() {
    let home = Home::with_vault();
    let code = home.new_case();
    home.run_with(&["put", &code, "testimony"], "бірінші жол\nекінші жол").succeeds();
    let sh = |line: &str| {
        let mut shell = std::process::Command::new("/bin/sh");
        home.confine(&mut shell);
        feed(shell.args(["-c", line]), b"").succeeds();
    };
    // The other device has the identity file and a copy of the vault, and no memory.
    sh("cp .config/sanduq/identity other.id && cp -r vault other");
    let other = ["--identity", "other.id", "--vault", "other"];
    home.run_with(&["put", &code, "testimony"], "бірінші жол\nсол жақ").succeeds();
    home.run_with(&[&["put", &code, "testimony"], &other[..]].concat(), "бірінші жол\nоң жақ").succeeds();
    sh("cp -rn other/. vault/");
    let page = home.run(&["show", &code]).succeeds().out;
    assert!(page.contains("2 revisions stand beside each other, written apart"), "{page}");
    assert!(page.contains("differ first in line 2") && page.contains("сол жақ") && page.contains("оң жақ"));
    home.write("a.txt", "a");
    home.run(&["attach", &code, "a.txt", "--part", "testimony"])
        .fails(14, "two versions of this part's text");
    home.run_with(&["put", &code, "testimony", "--add"], "тағы").fails(14, "two versions");
    let joined = home.run_with(&["put", &code, "testimony"], "бірінші жол\nекі жақ").succeeds();
    assert!(joined.err.contains("2 revisions of testimony stand beside each other"), "{}", joined.err);
    assert!(joined.out.contains("revision 4, follows and joins revisions 2 and 3"), "{}", joined.out);
    assert!(!home.run(&["show", &code]).succeeds().out.contains("beside each other"));
}

#[test]
fn a_reader_without_a_share_and_an_owner_elsewhere_write_nothing() {
    let (home, other) = (Home::with_vault(), Home::with_vault());
    let code = home.new_case();
    let vault = home.path("vault");
    other
        .run(&["put", &code, "notes", "--vault", vault.to_str().unwrap()])
        .fails(11, "has shared anything here");
}

#[test]
fn lines_of_standard_input_are_commands_unlocked_once() {
    let home = Home::with_vault();
    let run = home.run_with(&[], "new\nlist --json\nexit\nlist everything\n").succeeds();
    let (code, document) = run.out.split_once('\n').unwrap();
    let listed: serde_json::Value = serde_json::from_str(document).unwrap();
    assert_eq!(listed[0]["code"], code);
}
