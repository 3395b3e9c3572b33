//! Stock tools, with exactly the lines that the bundle's own texts print.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{Story, story};

/// The lines of a text that are indented as commands, without the indent.
fn commands(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("    "));
    lines.filter(|line| !line.starts_with("    ")).map(str::to_owned).collect()
}

/// Runs lines with bash, with `bagit` at hand, as one would paste them.
fn bash(folder: &Path, script: &str) -> Output {
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bagit-venv").join("bin");
    let script = format!("PATH={}:$PATH\n{script}", venv.display());
    Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(folder)
        .env("LC_ALL", "C.UTF-8")
        .env("HOME", folder)
        .env("PYTHONWARNINGS", "ignore")
        .output()
        .unwrap()
}

fn run(folder: &Path, script: &str) -> (String, String) {
    let output = bash(folder, script);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script}\n{out}\n{err}");
    (out.into_owned(), err.into_owned())
}

/// A folder with a classic bundle and the key file of its reader, and the README.txt that is inside.
fn classic(story: &Story) -> (tempfile::TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let (bytes, _) = story.write_to(&story.agency.card().classic()).unwrap();
    let mut bundle = story.read(&bytes).unwrap();
    let readme = super::all_files(&mut bundle).remove(0);
    assert_eq!(readme.0, "README.txt");
    let readme = String::from_utf8(readme.1).unwrap();
    assert!(!readme.contains("1.3 or newer"));
    put(&folder.path().join("BUNDLE.age"), &bytes);
    put(&folder.path().join("KEY"), story.agency.age_keys().classic_text().as_str().as_bytes());
    (folder, commands(&readme))
}

fn put(path: &Path, bytes: &[u8]) {
    File::create(path).unwrap().write_all(bytes).unwrap();
}

fn unpacked(folder: &Path, lines: &[String]) -> PathBuf {
    let at = lines.iter().position(|line| line.starts_with("cd ")).unwrap();
    let (listing, _) = run(folder, &lines[..at].join("\n"));
    assert!(listing.lines().all(|line| line.starts_with("-rw-r--r--")), "{listing}");
    folder.join(lines[at].strip_prefix("cd ").unwrap())
}

#[test]
fn the_lines_of_the_readme_open_and_check_a_classic_bundle() {
    let story = story();
    let (folder, lines) = classic(&story);
    let bag = unpacked(folder.path(), &lines);
    let at = lines.iter().position(|line| line.starts_with("cd ")).unwrap();
    let checks: Vec<&String> = lines[at + 1..].iter().filter(|line| !line.starts_with("cat FILE")).collect();
    assert_eq!(checks.len(), 6, "{checks:?}");
    let said: Vec<(String, String)> = checks.iter().map(|line| run(&bag, line)).collect();
    assert!(said[0].0.contains("Signature and comment signature verified"), "{said:?}");
    assert!(said[0].0.contains("sanduq bundle 1 id=7f7f7f7f"));
    assert!(said[1].0.contains("custody/RECIPE.txt: OK") && said[2].0.contains("E1.jpg: OK"));
    // What is there is what is listed, but for the two files that no manifest lists.
    let there: Vec<&str> = said[3].0.lines().map(|line| line.trim_start_matches("./")).collect();
    let mut listed: Vec<&str> = said[4].0.lines().collect();
    listed.extend(["tagmanifest-sha256.txt", "tagmanifest-sha256.txt.minisig"]);
    listed.sort_unstable();
    let mut there_sorted = there.clone();
    there_sorted.sort_unstable();
    assert_eq!(there_sorted, listed);
    assert!(said[5].1.contains("is valid"), "{}", said[5].1);
    // And each check notices a change.
    let statement =
        fs::read_dir(bag.join("data")).unwrap().flat_map(|case| fs::read_dir(case.unwrap().path()).unwrap());
    let statement =
        statement.map(|part| part.unwrap().path().join("statement.txt")).find(|path| path.exists());
    put(&statement.unwrap(), b"changed");
    assert!(!bash(&bag, checks[2]).status.success());
    assert!(!bash(&bag, checks[5]).status.success());
    put(&bag.join("tagmanifest-sha256.txt"), b"changed");
    assert!(!bash(&bag, checks[0]).status.success());
}

#[test]
fn the_lines_of_the_recipe_check_who_wrote_what_and_the_log() {
    let story = story();
    let (folder, lines) = classic(&story);
    let bag = unpacked(folder.path(), &lines);
    let recipe = fs::read_to_string(bag.join("custody/RECIPE.txt")).unwrap();
    let script = commands(&recipe).join("\n");
    let (out, err) = run(&bag, &script);
    let revisions: usize = story.parcel.cases.iter().map(|case| case.revisions.len()).sum();
    let count = |what: &str| out.lines().filter(|line| line.contains(what)).count();
    assert_eq!(count("Signature Verified Successfully"), revisions + 1, "{out}{err}");
    assert_eq!((count(": as signed"), count("NOT AS SIGNED")), (revisions, 0), "{out}");
    assert_eq!((count(": named rightly"), count("NAMED WRONGLY")), (revisions, 0), "{out}");
    assert_eq!((count("is in the entry"), count("IS NOT IN")), (2, 0), "{out}");
    // Each of them notices a change.
    let notices = |path: PathBuf, change: &dyn Fn(Vec<u8>) -> Vec<u8>, said: &str| {
        let before = fs::read(&path).unwrap();
        put(&path, &change(before.clone()));
        let output = bash(&bag, &script);
        let all =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(all.contains(said), "{said}: {all}");
        put(&path, &before);
    };
    let index = fs::read_to_string(bag.join("custody/index.txt")).unwrap();
    let fields: Vec<&str> = index.lines().last().unwrap().split(' ').collect();
    let flip = |mut bytes: Vec<u8>| {
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        bytes
    };
    notices(bag.join(fields[0]).join("part.json"), &flip, "NOT AS SIGNED");
    notices(bag.join(format!("custody/revisions/{}.sig", fields[1])), &flip, "Verification Failure");
    let log = fs::read_dir(bag.join("custody/log")).unwrap().map(|file| file.unwrap().path());
    let json = log.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "json")).unwrap();
    let other_index = |bytes: Vec<u8>| {
        String::from_utf8(bytes).unwrap().replace("\"index\": 0", "\"index\": 1").into_bytes()
    };
    notices(json, &other_index, "IS NOT IN THE ENTRY");
}

#[test]
fn a_hybrid_bundle_says_which_age_opens_it_and_no_name_stands_in_the_texts() {
    let story = story();
    let files = super::all_files(&mut story.read(&story.write()).unwrap());
    let text = |path: &str| {
        let file = files.iter().find(|(other, _)| other == path).unwrap();
        String::from_utf8(file.1.clone()).unwrap()
    };
    assert!(text("README.txt").contains("age 1.3 or newer"));
    for word in story.lawyer.card().fingerprint().words() {
        assert!(text("README.txt").contains(word));
    }
    // File names as people wrote them stand in part.json only.
    for (path, content) in &files {
        let holds = |word: &str| content.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(!holds("Brief an die Tante") || path.ends_with("/part.json"), "{path}");
        assert!(path.len() <= 100 - "sanduq-7f7f7f7f/".len());
    }
}
