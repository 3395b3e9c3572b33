//! Escape sequences and forged lines in every text, name and argument that reaches the screen.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use sanduq::bundle::ParcelCase;
use sanduq::crypto::Identity;

use super::{harmless, path};
use crate::cli::circle::{add, meet};
use crate::cli::terminal::play;
use crate::support::bundles::{Draft, story_for};
use crate::support::program::{Home, OVERRIDE, PASSPHRASE, Run, feed};

/// What a text of several lines can carry: a window title, a cleared screen, 8-bit sequences, signs that turn letters
/// round, characters that overwrite, and lines that look like the program's own.
const EVIL: &str = "x\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{9d}52;c;eA==\u{9c}\u{202e}\u{2066}\u{7f}\u{8}\u{e0041}\u{85}\u{2028}\nFORGED\n\
                    == person ==\nrevision 1 of 1, by you, 2026-01-01 00:00 UTC\nsanduq: hint: FORGED";
/// The same as a file name.
const NAME: &str =
    "x\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{7f}\u{8}\r\nFORGED\nsanduq: hint: FORGED.jpg";
/// What a label or a title, which are one line without control characters, can carry.
const LINE: &str = "x\u{202e}y\u{2066}z\u{e0041}";

/// Runs a command with and without `--json` and looks at every byte of it.
#[track_caller]
fn look(home: &Home, args: &[&str], input: &str) -> Run {
    harmless(&home.run_with(&[args, &["--json"]].concat(), input));
    let run = home.run_with(args, input);
    harmless(&run);
    run
}

/// Runs a command that changes something, once, and looks at every byte of it.
#[track_caller]
fn act(home: &Home, args: &[&str]) -> Run {
    let run = home.run(args).succeeds();
    harmless(&run);
    run
}

/// Lines of the program's own making: those of texts begin with a bar.
fn own_lines(page: &str) -> Vec<&str> {
    page.lines().filter(|line| !line.starts_with("| ")).collect()
}

/// Fails when one of the pages, warnings or errors prints what it was given.
#[test]
fn whatever_one_writes_oneself_is_cleaned() {
    let home = Home::of(&Identity::generate());
    for refused in [EVIL, "\u{1b}[2J"] {
        assert_eq!(look(&home, &["new", "--title", "-"], refused).code, 2);
    }
    let new = home.json(&["new", "--title", "-"], LINE);
    let code = new["code"].as_str().unwrap();
    assert_eq!(new["title"], LINE, "nothing of it is lost in JSON");
    home.run_with(&["put", code, "testimony"], EVIL).succeeds();
    home.run_with(&["put", code, "person"], "Айгүл").succeeds();
    home.write(NAME, "photo");
    look(&home, &["attach", code, NAME], "").succeeds();
    assert!(look(&home, &["attach", code, NAME], "").succeeds().out.contains("attached already"));
    look(&home, &["put", code, "notes", "--from", NAME], "").succeeds();
    look(&home, &["extract", code, "E1", "--out", "got\u{1b}[2J\nFORGED"], "");
    for args in
        [&["list"][..], &["log"], &["show", code], &["log", code], &["shares"], &["check", "--read-data"]]
    {
        look(&home, args, "").succeeds();
    }
    let page = home.run(&["show", code]).succeeds().out;
    assert!(page.contains("\n| FORGED\n| == person ==\n"), "{page}");
    assert_eq!(own_lines(&page).iter().filter(|line| line.starts_with("== person ==")).count(), 1, "{page}");
    let shown = home.json(&["show", code], "");
    assert_eq!(shown["parts"][3]["shown"][0]["exhibits"][0]["name"], NAME);
}

/// Fails when an argument, or the name of a file that is or is not there, is repeated as it came.
#[test]
fn arguments_and_file_names_are_cleaned_in_errors() {
    let home = Home::of(&Identity::generate());
    let code = home.new_case();
    home.write(NAME, "\u{1b}[2J");
    for name in [NAME, EVIL, "\u{1b}[2J/x", "nowhere\u{1b}[2J\nFORGED"] {
        for args in [
            &[name][..],
            &["show", name],
            &["show", &code, "--part", name],
            &["put", &code, name],
            &["put", &code, "notes", "--lang", name],
            &["put", &code, "notes", "--from", name],
            &["attach", &code, name],
            &["detach", &code, name],
            &["extract", &code, name, "--out", "x"],
            &["contact", "add", name, "--card", name],
            &["contact", "add", "x", "--card", name],
            &["contact", "add", "x", "--age", name],
            &["contact", "remove", name],
            &["share", &code, "--to", name, "--parts", "notes", "--override", OVERRIDE],
            &["open", name],
            &["open", name, "--out", name],
            &["verify", name],
            &["import", name],
            &["ingest", name],
            &["accept", "--from", name],
            &["inbox", "--from", name],
            &["list", "--from", name],
            &["list", "--vault", name],
            &["list", "--identity", name],
            &["list", name],
        ] {
            look(&home, args, "x");
        }
    }
    let mut command = home.command();
    command.args(["--passphrase-fd", "0", "open"]).arg(OsString::from_vec(b"\xff\x1b[2J\nFORGED".to_vec()));
    harmless(&feed(&mut command, PASSPHRASE.as_bytes()));
    // Lines at the program's own prompt.
    for line in ["show '\u{1b}[2J'", "'\u{9b}31m'", "show \u{1b}[2J 'open", "list --from '\u{202e}x'"] {
        let mut command = home.command();
        command.args(["--passphrase-fd", "0"]);
        harmless(&feed(&mut command, format!("{PASSPHRASE}\n{line}\n").as_bytes()));
    }
    look(&home, &["card", "--out", "card\u{1b}[2J\nFORGED"], "");
    look(&home, &["init", "--vault", "vault\u{1b}[2J\nFORGED"], "");
}

/// Fails when a key, a value or a path of a file of cases is told as it stands there.
#[test]
fn files_of_cases_are_cleaned_in_errors_and_when_lines_are_left_out() {
    let home = Home::of(&Identity::generate());
    let evil = serde_json::to_string(EVIL).unwrap();
    let lines = [
        format!("{{{evil}:1}}"),
        format!("{{\"title\":{evil}}}"),
        format!("{{\"parts\":{{{evil}:{{\"text\":\"x\"}}}}}}"),
        format!("{{\"parts\":{{\"notes\":{{{evil}:\"x\"}}}}}}"),
        format!("{{\"parts\":{{\"notes\":{{\"text\":\"x\",\"lang\":{evil}}}}}}}"),
        format!("{{\"parts\":{{\"notes\":{evil}}}}}"),
        format!("{{\"exhibits\":[{evil}]}}"),
        format!("{{\"title\":\"x\",{evil}:1,{evil}:2}}"),
        EVIL.replace('\n', " "),
        format!(
            "{{\"title\":{},\"parts\":{{\"notes\":{{\"text\":{evil}}}}}}}",
            serde_json::to_string(LINE).unwrap()
        ),
    ];
    home.write("cases.jsonl", lines.join("\n"));
    let refused = look(&home, &["ingest", "cases.jsonl"], "").fails(2, "9 lines");
    assert!(refused.err.lines().all(|line| line.starts_with("sanduq: ")), "{}", refused.err);
    let taken = look(&home, &["ingest", "cases.jsonl", "--skip-bad"], "").succeeds();
    assert!(taken.out.lines().skip(1).all(|line| line.starts_with("left out: line ")), "{}", taken.out);
    for header in [
        format!("\"{EVIL}\",notes"),
        format!("title,{}", EVIL.replace('\n', " ")),
        "title;notes\u{1b}[2J".into(),
    ] {
        home.write("cases.csv", format!("{header}\na,b\n"));
        assert_ne!(look(&home, &["ingest", "cases.csv"], "").code, 0, "{header:?}");
    }
    look(&home, &["list"], "").succeeds();
}

/// Fails when a file of cases may name any file of the computer it is read on.
#[test]
fn a_file_of_cases_takes_no_files_from_outside_its_folder() {
    let home = Home::of(&Identity::generate());
    std::fs::create_dir_all(home.path("given/photos")).unwrap();
    home.write("given/photos/a.jpg", "a photo");
    home.write("private.txt", "what nobody asked for");
    std::os::unix::fs::symlink(home.path("private.txt"), home.path("given/photos/link.jpg")).unwrap();
    std::os::unix::fs::symlink(home.path(".config"), home.path("given/config")).unwrap();
    let private = path(&home, "private.txt");
    for exhibit in [
        "../private.txt",
        "photos/../../private.txt",
        &private,
        "/etc/hostname",
        "photos/link.jpg",
        "config/sanduq/identity",
        "photos",
        "..",
        "nowhere",
    ] {
        home.write("given/cases.jsonl", format!("{{\"title\":\"x\",\"exhibits\":[\"{exhibit}\"]}}"));
        let run = home
            .run(&["ingest", "given/cases.jsonl"])
            .fails(2, "1 line of given/cases.jsonl cannot be taken");
        let named = run.err.contains("lies outside the folder of") || run.err.contains("no file");
        assert!(named, "{exhibit}: {}", run.err);
    }
    assert!(home.run(&["list"]).succeeds().out.contains("no cases yet"));
    let inside = path(&home, "given/photos/a.jpg");
    home.write(
        "given/cases.jsonl",
        format!("{{\"exhibits\":[\"photos/a.jpg\",\"./photos/../photos/a.jpg\",\"{inside}\"]}}"),
    );
    home.run(&["ingest", "given/cases.jsonl"]).succeeds();
}

/// Fails when a text, a file name, a language or a label from somebody else is shown as it came.
#[test]
fn what_comes_in_a_bundle_is_cleaned() {
    let agency = Identity::generate();
    let home = Home::of(&agency);
    let mut story = story_for(agency);
    let exhibits = vec![story.files.add(1, NAME, b"photo")];
    // Its last line would be broken by a terminal of eighty columns just before what looks like a heading.
    let text = format!("{EVIL}\nseen{}== notes ==", " ".repeat(76));
    let draft = Draft { case: 3, part: "testimony", lang: "kk", text: Some(&text), exhibits, index: 0 };
    let revision = draft.sign(&story.activist);
    story.parcel.log.clear();
    let case = sanduq::record::CaseId::new([3; 16]);
    story.parcel.cases = vec![ParcelCase { case, revisions: vec![revision] }];
    home.write("lawyer.card", story.lawyer.card().to_text());
    home.run(&["contact", "add", LINE, "--card", "lawyer.card"]).succeeds();
    home.write("hostile.age", story.write());
    let code = sanduq::crypto::case_code(&case).to_string();
    for args in [&["open", "hostile.age"][..], &["verify", "hostile.age"], &["import", "hostile.age"]] {
        let run = look(&home, args, "").succeeds();
        assert!(own_lines(&run.out).iter().all(|line| !line.starts_with("== person")), "{}", run.out);
    }
    look(&home, &["open", "hostile.age", "--out", "out"], "");
    assert!(
        home.path("out").join(format!("data/{code}/testimony/exhibits/E1.jpg")).exists(),
        "a name of our own"
    );
    for args in [
        &["show", &code][..],
        &["list"],
        &["log"],
        &["extract", &code, "E1", "--out", "got"],
        &["contact", "list"],
    ] {
        look(&home, args, "");
    }
    home.write(NAME, vec![7; 1000]);
    play(&home, "hostile", &[PASSPHRASE, &code, NAME]);
}

/// Fails when what somebody shared, or the folder it lies in, is shown as it is.
#[test]
fn what_is_shared_and_what_lies_in_a_folder_is_cleaned() {
    let (giver, reader) = (Home::of(&Identity::generate()), Home::of(&Identity::generate()));
    meet(&giver, LINE, &reader);
    add(&reader, LINE, &giver);
    let code = giver.new_case();
    giver.run_with(&["put", &code, "testimony"], EVIL).succeeds();
    giver.write(NAME, "photo");
    giver.run(&["attach", &code, NAME, "--part", "testimony"]).succeeds();
    look(&giver, &["share", &code, "--to", LINE, "--parts", "testimony", "--override", OVERRIDE], "")
        .fails(14, "there is no terminal");
    act(&giver, &["share", &code, "--to", LINE, "--parts", "testimony", "--override", OVERRIDE, "--yes"]);
    look(&giver, &["shares"], "").succeeds();
    act(
        &giver,
        &[
            "export",
            &code,
            "--to",
            LINE,
            "--parts",
            "testimony",
            "--override",
            OVERRIDE,
            "--out",
            "b\u{1b}[2J\nFORGED",
            "--yes",
        ],
    );
    let vault = path(&giver, "vault");
    for args in [
        &["inbox", "--from", &vault][..],
        &["list", "--vault", &vault],
        &["show", &code, "--vault", &vault],
        &["accept", "--from", &vault],
        &["show", &code],
    ] {
        look(&reader, args, "").succeeds();
    }
    act(&giver, &["unshare", &code, "--from", LINE, "--yes"]);
    for stray in [NAME, "ab\u{1b}[2J"] {
        std::fs::write(giver.path("vault/objects").join(stray), "x").unwrap();
    }
    let checked = look(&giver, &["check"], "").succeeds();
    assert!(checked.out.contains("stray      objects/x\u{fffd}"), "{}", checked.out);
    std::fs::write(giver.path("vault/vault"), EVIL).unwrap();
    assert_ne!(look(&giver, &["list"], "").code, 0);
}
