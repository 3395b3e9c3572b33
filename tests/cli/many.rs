//! Many cases at once, checks, interruptions, two processes, the demo.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::circle::{Circle, path};
use super::json::{documented, keys};
use crate::support::program::{Home, OVERRIDE, PASSPHRASE, Run, content_of, feed};

const GOOD: &str = concat!(
    "{\"title\":\"Көрші\",\"parts\":{\"testimony\":{\"text\":\"Мен көрдім\",\"lang\":\"kk-Cyrl\"}},\"exhibits\":[\"фото.jpg\"]}\n",
    "{\"parts\":{\"person\":{\"text\":\"ئالىم ئۈلگە\"},\"testimony\":{\"text\":\"我看见了\"}}}\n",
);

#[test]
fn many_cases_come_from_jsonl_with_their_files_and_from_csv() {
    let home = Home::with_vault();
    home.write("фото.jpg", vec![9; 5000]);
    home.write("cases.jsonl", GOOD);
    let run = home.run(&["ingest", "cases.jsonl"]).succeeds();
    assert_eq!(run.out, "2 cases recorded in one commit\n");
    assert!(run.err.contains("cases.jsonl is still readable"), "{}", run.err);
    home.write("cases.csv", "title,testimony,testimony.lang\n证人甲,\"Мен, екі рет\",kk-Cyrl\n");
    let done = home.json(&["ingest", "cases.csv"], "");
    let code = done["codes"][0].as_str().unwrap();
    let page = home.run(&["show", code]).succeeds().out;
    assert!(
        page.contains("证人甲") && page.contains("Мен, екі рет") && page.contains("in kk-Cyrl"),
        "{page}"
    );
    let list = home.run(&["list"]).succeeds().out;
    assert_eq!(list.lines().count(), 4, "{list}");
    let first =
        list.lines().find(|line| line.ends_with("Көрші")).unwrap().split(' ').next().unwrap().to_owned();
    home.run(&["extract", &first, "E1", "--out", "got"]).succeeds();
    assert_eq!(std::fs::read(home.path("got")).unwrap(), vec![9; 5000]);
}

#[test]
fn a_wrong_line_is_named_and_nothing_is_recorded_unless_it_is_left_out() {
    let home = Home::with_vault();
    home.write("фото.jpg", vec![9; 5000]);
    let bad = "{\"parts\":{\"diary\":{\"text\":\"x\"}}}\n{\"parts\":{},\"exhibits\":[\"nowhere.jpg\"]}\n";
    home.write("cases.jsonl", format!("{GOOD}{bad}"));
    let before = content_of(&home.path("vault"));
    let run = home.run(&["ingest", "cases.jsonl"]).fails(2, "2 lines of cases.jsonl cannot be taken");
    assert!(run.err.contains("line 3: `diary` is no part") && run.err.contains("line 4: "), "{}", run.err);
    assert!(run.err.contains("--skip-bad"), "{}", run.err);
    assert_eq!(content_of(&home.path("vault")), before);
    let done = home.run(&["ingest", "cases.jsonl", "--skip-bad"]).succeeds().out;
    assert!(done.contains("2 cases recorded") && done.contains("left out: line 3"), "{done}");

    // Without exhibits the file is read once: what was put before the wrong line is taken away again.
    let many = "{\"title\":\"Куәлік\",\"parts\":{\"testimony\":{\"text\":\"Мен көрдім\"}}}\n".repeat(200);
    home.write("many.jsonl", format!("{many}{bad}{many}{{\n"));
    let before = content_of(&home.path("vault"));
    let run = home.run(&["ingest", "many.jsonl"]).fails(2, "3 lines of many.jsonl cannot be taken");
    assert!(run.err.contains("line 201: ") && run.err.contains("line 403: "), "{}", run.err);
    assert_eq!(content_of(&home.path("vault")), before);
    for (name, text) in [("empty.jsonl", ""), ("empty.csv", ""), ("header.csv", "title,testimony\n")] {
        home.write(name, text);
        let run = home.run(&["ingest", name]);
        assert!(run.code != 0 && run.err.contains("sanduq: hint"), "{name}: {}", run.err);
    }
    home.write("cases.txt", GOOD);
    home.run(&["ingest", "cases.txt"]).fails(2, "neither .jsonl nor .csv");
    assert_eq!(content_of(&home.path("vault")), before);
}

#[test]
fn check_names_case_and_part_of_what_is_damaged_and_the_rest_is_still_shown() {
    let home = Home::with_vault();
    let (code, other) = (home.new_case(), home.new_case());
    home.run_with(&["put", &other, "testimony"], "Мен көрдім").succeeds();
    home.write("a.bin", vec![5; 300_000]);
    home.run(&["attach", &code, "a.bin"]).succeeds();
    let sound = home.run(&["check", "--read-data"]).succeeds().out;
    assert!(
        sound.ends_with("sound\n") && sound.contains("exhibits   1 in 1 object, read through"),
        "{sound}"
    );
    let objects = content_of(&home.path("vault/objects"));
    let (object, bytes) = objects.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap();
    let mut hurt = bytes.clone();
    hurt[200_000] ^= 1;
    std::fs::write(object, hurt).unwrap();
    let run = home.run(&["check", "--read-data"]).fails(12, "1 thing is damaged or missing");
    assert!(run.out.contains(&format!("DAMAGED    exhibit E1 in exhibits of {code}")), "{}", run.out);
    home.run(&["extract", &code, "E1", "--out", "got"]).fails(12, "");
    assert!(!home.path("got").exists());
    assert!(home.run(&["show", &other]).succeeds().out.contains("Мен көрдім"));
    std::fs::write(home.path("vault/objects/ab-note.txt"), "left by a file manager").unwrap();
    std::fs::write(object, bytes).unwrap();
    let run = home.run(&["check"]).succeeds();
    assert!(run.out.contains("stray") && run.out.contains("sound"), "{}", run.out);
}

#[test]
fn every_document_of_sharing_and_bundles_has_exactly_the_documented_fields() {
    let table = documented();
    let check = |name: &str, value: &Value| {
        let mut wanted = table.get(name).unwrap_or_else(|| panic!("{name}")).clone();
        let mut found = keys(value);
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted, "{name}");
    };
    let circle = Circle::new();
    let Circle { activist, lawyer, .. } = &circle;
    let code = circle.case();
    let give =
        ["share", &code, "--to", "lawyer", "--parts", "testimony,exhibits", "--override", OVERRIDE, "--yes"];
    let shared = activist.json(&give, "");
    check("share", &shared);
    check("share: cases", &shared[0]["cases"]);
    check("share: parts", &shared[0]["cases"][0]["parts"]);
    check("shares", &activist.json(&["shares"], ""));
    let theirs = path(activist, "vault");
    let inbox = lawyer.json(&["inbox", "--from", &theirs], "");
    check("inbox", &inbox);
    check("show: author", &inbox[0]["from"]);
    let taken = lawyer.json(&["accept", "--from", &theirs], "");
    check("accept", &taken);
    check("accept: cases", &taken["cases"]);
    let out = path(lawyer, "case.age");
    let export = [&["export", "--out", &out][..], &give[1..]].concat();
    let written = activist.json(&export, "");
    check("export", &written);
    check("share", &written["went"]);
    let judged = lawyer.json(&["verify", &out], "");
    check("verify", &judged);
    check("verify: cases", &judged["cases"]);
    check("verify: parts", &judged["cases"][0]["parts"]);
    check("show: author", &judged["passed_on_by"]);
    let opened = lawyer.json(&["open", &out], "");
    check("open", &opened);
    check("verify", &opened["judged"]);
    check("open: texts", &opened["texts"]);
    check("import", &lawyer.json(&["import", &out], ""));
    let ended = activist.json(&["unshare", &code, "--from", "lawyer", "--yes"], "");
    check("unshare", &ended);
    check("unshare: cases", &ended["cases"]);
    check("unshare: keeps", &ended["cases"][0]["keeps"]);
    activist.write("cases.jsonl", "{\"parts\":{\"notes\":{\"text\":\"жол\"}}}\n");
    check("ingest", &activist.json(&["ingest", "cases.jsonl"], ""));
    check("check", &activist.json(&["check"], ""));
    let played = activist.json(&["demo", "play"], "");
    check("demo", &played);
    check("demo: people", &played["people"]);
}

#[test]
fn ctrl_c_while_a_large_file_is_attached_leaves_the_vault_as_it_was() {
    let home = Home::with_vault();
    let code = home.new_case();
    std::fs::File::create(home.path("large.bin")).unwrap().set_len(3 << 30).unwrap();
    let before = content_of(&home.path("vault"));
    let mut command = home.command();
    command.args(["--passphrase-fd", "0", "attach", &code, "large.bin"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{PASSPHRASE}\n").as_bytes()).unwrap();
    // Interrupted once something is being written.
    let begun = Instant::now();
    while names(&home) == before.len()
        && child.try_wait().unwrap().is_none()
        && begun.elapsed() < Duration::from_secs(2)
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(child.try_wait().unwrap().is_none(), "it was still at work");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(content_of(&home.path("vault")), before);
    assert!(home.run(&["check"]).succeeds().out.contains("sound"));
}

fn names(home: &Home) -> usize {
    let folders = std::fs::read_dir(home.path("vault/objects")).unwrap().flatten();
    1 + folders.filter_map(|folder| std::fs::read_dir(folder.path()).ok()).map(Iterator::count).sum::<usize>()
}

#[test]
fn two_processes_writing_at_once_both_stand() {
    let home = Home::with_vault();
    let code = home.new_case();
    let texts = ["Мен көрдім", "مەن كۆردۈم", "我看见了", "I saw it"];
    let runs: Vec<Run> = std::thread::scope(|scope| {
        let write = |text: &'static str| {
            let (home, code) = (&home, &code);
            move || home.run_with(&["put", code, "notes", "--add"], text)
        };
        let threads: Vec<_> = texts.into_iter().map(|text| scope.spawn(write(text))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    runs.into_iter().for_each(|run| drop(run.succeeds()));
    let page = home.run(&["show", &code]).succeeds().out;
    for text in texts {
        assert!(page.contains(text), "{text} stands: {page}");
    }
    assert!(page.contains("revision 4 of 4"), "{page}");
    assert!(home.run(&["check"]).succeeds().out.contains("sound"));
}

#[test]
fn the_demo_plays_to_its_end_and_its_vaults_show_nothing() {
    let home = Home::new();
    let run = |args: &[&str]| feed(home.command().args(args), b"");
    let told = run(&["demo", "folder"]).succeeds().out;
    for words in
        ["not shared with you", "passed on by  lawyer, verified", "sound", "age -d -i folder/agency/age-keys"]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(told.lines().count() < 120, "{} lines are too many to read", told.lines().count());
    let vaults =
        ["folder/activist/vault", "folder/lawyer/vault"].map(|name| content_of(&home.path(name))).concat();
    for word in [
        "ئۈلگە",
        "Үлгіқызы",
        "Мысалұлы",
        "北边",
        "Altwil",
        "letter",
        "testimony",
        "lawyer",
        "activist",
        "doctor",
    ] {
        for (path, bytes) in &vaults {
            let name = path.strip_prefix(home.path("folder")).unwrap().display().to_string();
            let name = name.split_once("/vault").unwrap().1.to_owned();
            let found = bytes.windows(word.len()).any(|stretch| stretch == word.as_bytes());
            assert!(!found && !name.contains(word), "{word} stands in {}", path.display());
        }
    }
    run(&["demo", "folder"]).fails(14, "something at folder already");
    // What it made is real: the lines it prints work.
    let passphrase = std::fs::read(home.path("folder/lawyer/passphrase")).unwrap();
    let mut command = home.command();
    command.args([
        "--passphrase-fd",
        "0",
        "--identity",
        "folder/lawyer/identity",
        "--vault",
        "folder/activist/vault",
        "list",
    ]);
    let listed = feed(&mut command, &passphrase).succeeds();
    assert!(listed.out.lines().count() == 3 && listed.err.is_empty(), "{}{}", listed.out, listed.err);
}
