//! From an activist to a lawyer to an agency, and what stops on the way.

use std::process::Command;

use super::circle::{Circle, SHOWN, add, path};
use crate::support::program::{Home, OVERRIDE, PASSPHRASE, content_of, feed};

#[test]
fn a_case_goes_from_activist_to_lawyer_to_agency_and_verify_names_both() {
    let circle = Circle::new();
    let Circle { activist, lawyer, .. } = &circle;
    let code = circle.case();
    let shared = activist.run(&[
        "share",
        &code,
        "--to",
        "lawyer",
        "--parts",
        "testimony,exhibits,medical",
        "--override",
        OVERRIDE,
        "--yes",
    ]);
    let shared = shared.succeeds();
    assert!(
        shared.err.contains("to lawyer (verified):") && shared.err.contains("cannot be undone"),
        "{}",
        shared.err
    );
    assert!(shared.err.contains("not in this case: medical"), "{}", shared.err);
    assert!(shared.out.contains("shared with lawyer: 1 case, 2 revisions"), "{}", shared.out);

    // On a copy of the folder that can only be read.
    let copy = path(lawyer, "copy");
    sh(&format!("cp -r '{}' '{copy}' && chmod -R a-w '{copy}'", activist.path("vault").display()));
    let before = content_of(&lawyer.path("copy"));
    let inbox = lawyer.run(&["inbox", "--from", &copy]).succeeds();
    assert!(inbox.out.contains(&code) && inbox.out.contains("activist, verified"), "{}", inbox.out);
    assert!(inbox.out.contains("your vault") && inbox.out.contains("2 new"), "{}", inbox.out);
    let page = lawyer.run(&["--vault", &copy, "show", &code]).succeeds();
    assert!(page.out.contains(SHOWN) && page.out.contains("by activist, verified"), "{}", page.out);
    assert!(!page.out.contains("doctor") && page.err.is_empty(), "{}{}", page.out, page.err);
    lawyer.run(&["--vault", &copy, "extract", &code, "E1", "--out", "got.jpg"]).succeeds();
    assert_eq!(std::fs::read(lawyer.path("got.jpg")).unwrap(), vec![7; 100_000]);
    assert!(read_only_mount(lawyer, &copy, &["show", &code]).contains(SHOWN));

    let taken = lawyer.run(&["accept", "--from", &copy]).succeeds();
    assert!(taken.out.contains(&format!("{code}  2 new revisions, a new case")), "{}", taken.out);
    assert_eq!(content_of(&lawyer.path("copy")), before);
    assert!(lawyer.run(&["accept", "--from", &copy]).succeeds().out.contains("nothing new"));
    assert!(lawyer.run(&["inbox", "--from", &copy]).succeeds().out.contains("has all"));
    let page = lawyer.run(&["show", &code]).succeeds().out;
    assert!(page.contains(SHOWN) && page.contains("came from activist, verified"), "{page}");

    hand_on(&circle, &code);
    sh(&format!("chmod -R u+w '{copy}'"));
}

/// The lawyer exports to the agency, which judges, reads and keeps it.
fn hand_on(circle: &Circle, code: &str) {
    let Circle { activist, lawyer, agency } = circle;
    let file = path(agency, "case.age");
    let args = [
        "export",
        code,
        "--to",
        "agency",
        "--parts",
        "testimony,exhibits",
        "--override",
        OVERRIDE,
        "--out",
        &file,
    ];
    let done = lawyer.run(&[&args[..], &["--note", "note.txt", "--yes"]].concat()).succeeds();
    let note = std::fs::read_to_string(lawyer.path("note.txt")).unwrap();
    assert!(done.out.contains("sanduq open case.age") && note.contains("they may be said aloud"), "{note}");
    assert!(!note.contains("activist") && !note.contains(code), "the note names nobody: {note}");
    let judged = agency.run(&["verify", &file]).succeeds().out;
    assert!(judged.contains("passed on by  lawyer, verified"), "{judged}");
    assert!(judged.contains("testimony: recorded by unknown, card "), "{judged}");
    add(agency, "field", activist);
    let judged = agency.run(&["verify", &file]).succeeds().out;
    assert!(judged.contains("testimony: recorded by field, unverified"), "{judged}");
    let opened = agency.run(&["open", &file, "--out", "opened"]).succeeds();
    assert!(opened.out.contains(SHOWN) && opened.err.contains("can now be read by anyone"), "{}", opened.err);
    assert_eq!(agency.run(&["verify", "opened"]).succeeds().out, judged);
    let taken = agency.run(&["import", &file]).succeeds();
    assert!(taken.out.contains(&format!("{code}  2 new revisions, a new case")), "{}", taken.out);
    let page = agency.run(&["show", code]).succeeds().out;
    assert!(page.contains("by field, unverified") && page.contains("came from lawyer, verified"), "{page}");
}

/// Runs on a folder behind a mount that is really read-only, where this machine allows mounts; else as it is.
fn read_only_mount(home: &Home, folder: &str, args: &[&str]) -> String {
    let mut command = Command::new("unshare");
    home.confine(&mut command);
    let mount = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && ! touch \"$1/x\" 2>/dev/null || exit 99; \
                 v=$1; p=$2; shift 2; exec \"$p\" --passphrase-fd 0 --vault \"$v\" \"$@\"";
    command.args(["-m", "sh", "-c", mount, "sh", folder, env!("CARGO_BIN_EXE_sanduq")]).args(args);
    let run = feed(&mut command, format!("{PASSPHRASE}\n").as_bytes());
    if run.code != 99 && !run.err.contains("unshare failed") {
        return run.succeeds().out;
    }
    println!("no mounts here: the folder was only chmodded");
    home.run(&[&["--vault", folder], args].concat()).succeeds().out
}

fn sh(line: &str) {
    assert!(Command::new("sh").args(["-c", line]).status().unwrap().success(), "{line}");
}

#[test]
fn a_reader_hears_the_same_words_for_what_was_not_shared_and_what_does_not_exist() {
    let circle = Circle::new();
    let code = circle.case();
    let other = circle.activist.new_case();
    circle.share(&code, "testimony");
    let theirs = path(&circle.activist, "vault");
    let nowhere = circle.agency.new_case();
    let ask = |args: &[&str]| {
        let run = circle.lawyer.run(&[&["--vault", theirs.as_str()], args].concat());
        run.fails(14, "not shared with you").err
    };
    let same = |err: String, name: &str| err.replacen(name, "IT", 1);
    let hidden = same(ask(&["show", &other]), &other);
    assert_eq!(hidden, same(ask(&["show", &nowhere]), &nowhere));
    let part = |part: &str| same(ask(&["show", &code, "--part", part]), &format!("{code} {part}"));
    assert_eq!(part("person/doctor"), part("medical"));
    assert_eq!(part("person/doctor"), hidden);
    // What can only be done by the owner says so, and names what a reader can do.
    let run = circle.lawyer.run(&["--vault", &theirs, "put", &code, "notes"]).fails(11, "not yours");
    assert!(run.err.contains("sanduq show CODE"), "{}", run.err);
}

#[test]
fn an_inbox_of_ones_own_vault_says_where_to_look() {
    let circle = Circle::new();
    let code = circle.case();
    circle.share(&code, "testimony");
    let run = circle.activist.run(&["inbox"]).fails(2, "is your own vault");
    assert!(run.err.contains("--from DIR"), "{}", run.err);
    circle.activist.run(&["accept", "--from", "vault"]).fails(2, "is your own vault");
    circle.activist.run(&["accept"]).fails(2, "whose vault");
    circle
        .agency
        .run(&["inbox", "--from", &path(&circle.activist, "vault")])
        .fails(11, "no contact of yours");
    circle.agency.run(&["inbox", "--from", "nowhere"]).fails(10, "does not exist");
}

#[test]
fn an_unverified_contact_is_refused_before_anything_goes() {
    let circle = Circle::new();
    let Circle { activist, agency, .. } = &circle;
    let code = circle.case();
    add(activist, "stranger", agency);
    let before = content_of(&activist.path("vault"));
    let give = ["share", &code, "--to", "stranger", "--parts", "testimony", "--override", OVERRIDE, "--yes"];
    let run = activist.run(&give).fails(14, "were never compared");
    assert!(
        run.err.contains("sanduq contact verify stranger") && run.err.contains("--unverified"),
        "{}",
        run.err
    );
    let out = [
        "export",
        &code,
        "--to",
        "stranger",
        "--parts",
        "testimony",
        "--override",
        OVERRIDE,
        "--out",
        "x.age",
        "--yes",
    ];
    activist.run(&out).fails(14, "were never compared");
    assert!(!activist.path("x.age").exists());
    assert_eq!(content_of(&activist.path("vault")), before);
    let gone = activist.run(&[&give[..], &["--unverified"]].concat()).succeeds();
    assert!(gone.err.contains("UNVERIFIED"), "{}", gone.err);

    // An update for all stops at the one unverified contact before it sends to the other.
    circle.share(&code, "testimony");
    activist.run_with(&["put", &code, "testimony"], "Мен екі адамды көрдім.").succeeds();
    let before = content_of(&activist.path("vault"));
    activist.run(&["share", "--update", "--override", OVERRIDE, "--yes"]).fails(14, "were never compared");
    assert_eq!(content_of(&activist.path("vault")), before);
}

#[test]
fn the_plan_is_printed_before_the_question_and_nothing_goes_without_an_answer() {
    let circle = Circle::new();
    let code = circle.case();
    circle.activist.run_with(&["put", &code, "testimony"], "Мен екі адамды көрдім.").succeeds();
    let before = content_of(&circle.activist.path("vault"));
    let run = circle.activist.run(&[
        "share",
        &code,
        "--to",
        "lawyer",
        "--parts",
        "testimony,person",
        "--override",
        OVERRIDE,
    ]);
    let run = run.fails(14, "no terminal to ask at");
    for words in [
        "testimony: the current revision; 1 earlier revision stays behind",
        "not in this case: person",
        "cannot be undone",
        "--yes",
    ] {
        assert!(run.err.contains(words), "{words}: {}", run.err);
    }
    let out =
        ["export", &code, "--to", "lawyer", "--parts", "testimony", "--override", OVERRIDE, "--out", "x.age"];
    circle.activist.run(&out).fails(14, "no terminal to ask at");
    assert_eq!(content_of(&circle.activist.path("vault")), before);
    assert!(!circle.activist.path("x.age").exists());
}

#[test]
fn a_part_written_apart_goes_only_when_all_heads_are_wanted() {
    let circle = Circle::new();
    let Circle { activist, .. } = &circle;
    let code = circle.case();
    // A second device: the vault and the identity are copied, its memory is its own.
    let second = Home::new();
    let config = |home: &Home| home.path(".config/sanduq").display().to_string();
    sh(&format!(
        "mkdir -p '{1}' && cp '{0}/identity' '{0}/identity.contacts' '{1}' && cp -r '{2}' '{3}'",
        config(activist),
        config(&second),
        activist.path("vault").display(),
        second.path("vault").display()
    ));
    activist.run_with(&["put", &code, "testimony"], "Мен көрдім.\nТүнде болды.").succeeds();
    second.run_with(&["put", &code, "testimony"], "Мен көрдім.\nТаңертең болды.").succeeds();
    sh(&format!("cp -rn '{}/.' '{}'", second.path("vault").display(), activist.path("vault").display()));

    let page = activist.run(&["show", &code]).succeeds().out;
    assert!(page.contains("Түнде болды.") && page.contains("Таңертең болды."), "{page}");
    let give = ["share", &code, "--to", "lawyer", "--parts", "testimony", "--override", OVERRIDE, "--yes"];
    let before = content_of(&activist.path("vault"));
    let run = activist.run(&give).fails(14, "several revisions stand beside each other");
    assert!(run.err.contains("revision 2, by you") && run.err.contains("revision 3, by you"), "{}", run.err);
    assert!(
        run.err.contains("differs from the first in line 2") && run.err.contains("--all-heads"),
        "{}",
        run.err
    );
    assert_eq!(content_of(&activist.path("vault")), before);
    activist.run(&[&give[..], &["--all-heads"]].concat()).succeeds();
    let theirs = path(activist, "vault");
    let page = circle.lawyer.run(&["--vault", &theirs, "show", &code]).succeeds().out;
    assert!(page.contains("Түнде болды.") && page.contains("Таңертең болды."), "{page}");
    // The next text follows both.
    let joined = activist.run_with(&["put", &code, "testimony"], "Мен көрдім.").succeeds();
    assert!(joined.out.contains("joins revisions 2 and 3"), "{}", joined.out);
}

#[test]
fn later_revisions_go_by_update_and_none_after_unshare() {
    let circle = Circle::new();
    let Circle { activist, lawyer, .. } = &circle;
    let code = circle.case();
    circle.share(&code, "testimony");
    activist
        .run(&["share", "--update", "--override", OVERRIDE, "--yes"])
        .fails(14, "everyone has the newest revision");
    activist.run_with(&["put", &code, "testimony"], "екінші").succeeds();
    let shares = activist.run(&["shares"]).succeeds().out;
    assert!(shares.contains("a newer revision stands"), "{shares}");
    let reads = |text: &str| {
        let page = lawyer.run(&["--vault", &path(activist, "vault"), "show", &code]).succeeds().out;
        assert!(page.contains(text), "{page}");
    };
    reads(SHOWN);
    activist.run(&["share", "--update", "--override", OVERRIDE, "--to", "lawyer", "--yes"]).succeeds();
    reads("екінші");

    activist.run(&["unshare", &code, "--from", "lawyer"]).fails(14, "no terminal to ask at");
    let ended = activist.run(&["unshare", &code, "--from", "lawyer", "--yes"]).succeeds();
    assert!(ended.err.contains("they keep 2 revisions of testimony"), "{}", ended.err);
    assert!(ended.err.contains("nothing takes that back") && !ended.err.contains("revoke"), "{}", ended.err);
    activist.run_with(&["put", &code, "testimony"], "үшінші").succeeds();
    activist
        .run(&["share", "--update", "--override", OVERRIDE, "--yes"])
        .fails(14, "everyone has the newest");
    reads("екінші");
    let shares = activist.run(&["shares", &code, "--contact", "lawyer"]).succeeds().out;
    assert!(shares.contains("ended: they keep this"), "{shares}");
    activist.run(&["unshare", &code, "--from", "lawyer", "--yes"]).fails(14, "none of these cases is shared");
}
