//! Two people whose vaults hold everything there is, and the reader that looks at them.

use std::path::{Path, PathBuf};
use std::process::Command;

use sanduq::crypto::{Identity, Passphrase, open_identity, seal_identity};
use sanduq::format::KdfCost;
use serde_json::Value;

use crate::support::program::{Home, PASSPHRASE, Run, feed};

/// Identities here are guessed by nobody.
const CHEAP: KdfCost = KdfCost { memory_kib: 64, passes: 1, lanes: 2 };
pub(super) const IDENTITY: &str = ".config/sanduq/identity";
/// Enough that a run has several blocks.
const INGESTED: usize = 400;

/// A home with an identity and an empty vault.
pub(super) fn home() -> Home {
    let home = Home::new();
    let file = seal_identity(&Identity::generate(), &Passphrase::new(PASSPHRASE.to_owned()), CHEAP).unwrap();
    std::fs::create_dir_all(home.path(".config/sanduq")).unwrap();
    home.write(IDENTITY, file);
    home.run(&["init"]).succeeds();
    home
}

pub(super) fn identity(home: &Home) -> Identity {
    let file = std::fs::read(home.path(IDENTITY)).unwrap();
    open_identity(&file, &Passphrase::new(PASSPHRASE.to_owned())).unwrap()
}

pub(super) fn path(home: &Home, name: &str) -> String {
    home.path(name).to_str().unwrap().to_owned()
}

/// Adds another's card, unverified.
pub(super) fn know(home: &Home, label: &str, other: &Home) {
    other.run(&["card", "--out", "card"]).succeeds();
    home.run(&["contact", "add", label, "--card", &path(other, "card")]).succeeds();
    std::fs::remove_file(other.path("card")).unwrap();
}

/// Runs commands at the program's own prompt: one passphrase for many.
pub(super) fn session(home: &Home, lines: &[String]) -> Run {
    home.run_with(&[], lines.join("\n") + "\n").succeeds()
}

fn shell(home: &Home, line: &str) {
    let status = Command::new("sh").args(["-c", line]).current_dir(home.path("")).status().unwrap();
    assert!(status.success(), "{line}");
}

/// An activist and a lawyer with everything between them; the codes of the cases worth showing.
pub(super) struct Scene {
    pub(super) activist: Home,
    pub(super) lawyer: Home,
    pub(super) codes: Vec<String>,
}

impl Scene {
    pub(super) fn new() -> Self {
        let (activist, lawyer) = (home(), home());
        know(&activist, "lawyer", &lawyer);
        know(&lawyer, "activist", &activist);
        let codes = vec![activist.new_case(), activist.new_case(), lawyer.new_case()];
        let scene = Self { activist, lawyer, codes };
        scene.record();
        scene.write_apart();
        scene.share_both_ways();
        scene
    }

    /// Texts in several scripts, labelled parts, exhibits left out and attached again, hundreds of cases at once.
    fn record(&self) {
        let home = &self.activist;
        home.write("first", "Мен көрдім.\nمەن كۆردۈم.\n我看见了。");
        home.write("second", "Tab\there, \"quoted\", back\\slash, del \u{7f}, bell \u{7} and \u{1f512}.\n");
        home.write("фото \"1\"\t(a\\b).JPG", vec![7; 200_000]);
        home.write("e\u{301}.tar.gz", b"decomposed");
        home.write(".hidden", b"");
        let line = |i: usize| {
            let text = format!("Куәлік {i}: {}", "я".repeat(i % 90));
            format!(
                "{{\"title\":\"{i} 号\",\"parts\":{{\"testimony\":{{\"text\":\"{text}\",\"lang\":\"kk\"}}}}}}\n"
            )
        };
        home.write("many.jsonl", (0..INGESTED).map(line).collect::<String>());
        let (a, b) = (&self.codes[0], &self.codes[1]);
        let lines = [
            format!("put {a} testimony --from first --lang ug-Arab"),
            format!("put {a} person/doctor --from second"),
            format!("attach {a} 'фото \"1\"\t(a\\b).JPG' e\u{301}.tar.gz .hidden"),
            format!("attach {a} first --part testimony"),
            format!("detach {a} E2"),
            format!("put {b} whereabouts --from first --lang zh-Hans"),
            format!("put {b} testimony --from second"),
            "ingest many.jsonl".to_owned(),
        ];
        session(home, &lines);
        home.run_with(&["title", a], "Гүлзар · گۈلزار · 古丽扎尔").succeeds();
    }

    /// A second device writes beside the first; both folders are joined.
    fn write_apart(&self) {
        let home = &self.activist;
        shell(
            home,
            "cp -a vault other && mkdir device && cp .config/sanduq/identity* device/ 2>/dev/null; true",
        );
        let a = &self.codes[0];
        home.write("left", "left");
        home.write("right", "right");
        session(home, &[format!("put {a} testimony --from left"), format!("put {a} notes --from left")]);
        let there = ["--vault", "other", "--identity", "device/identity"];
        home.run(&[&there[..], &["put", a, "testimony", "--from", "right"]].concat()).succeeds();
        home.run_with(&[&there[..], &["title", a]].concat(), "另一个").succeeds();
        shell(home, "cp -rn other/. vault || true");
    }

    /// The activist shares, ends one, and updates; the lawyer accepts, adds and shares back.
    fn share_both_ways(&self) {
        let [a, b, c] = [0, 1, 2].map(|i| &self.codes[i]);
        let share = |code: &str, to: &str, rest: &str| {
            format!("share {code} --to {to} --override unasked --yes --unverified {rest}")
        };
        let lines = [
            share(a, "lawyer", "--parts testimony,exhibits,person/doctor --all-heads --history"),
            share(b, "lawyer", "--parts testimony,whereabouts"),
            format!("unshare {b} --from lawyer --yes"),
            format!("put {b} testimony --from right"),
            format!("put {a} person/doctor --from right"),
            "share --update --override unasked --yes --unverified --all-heads".to_owned(),
        ];
        session(&self.activist, &lines);
        self.lawyer.write("ours", "Біздің сұрақтар.\n");
        let lines = [
            format!("accept --from {}", path(&self.activist, "vault")),
            format!("put {a} person/doctor --from ours"),
            format!("put {c} testimony --from ours"),
            share(&format!("{a} {c}"), "activist", "--parts person/doctor,testimony --all-heads"),
        ];
        session(&self.lawyer, &lines);
        let lines =
            [format!("accept --from {}", path(&self.lawyer, "vault")), format!("put {c} notes --from left")];
        session(&self.activist, &lines);
    }
}

/// What the reader printed and how it ended.
pub(super) struct Read {
    pub(super) code: i32,
    pub(super) result: Value,
    /// What it found damaged, or why it read nothing.
    pub(super) complaints: String,
}

/// Runs the reader with the identity of `home` on a vault.
pub(super) fn reader(home: &Home, vault: &Path, args: &[&str]) -> Read {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(root.join("target/reader-venv/bin/python"));
    command.arg("-B").arg(root.join("tests/interop/reader.py")).arg("--vault").arg(vault);
    command.arg("--identity").arg(home.path(IDENTITY)).args(["--passphrase-fd", "0"]).args(args);
    let run = feed(&mut command, format!("{PASSPHRASE}\n").as_bytes());
    assert!(!run.err.contains("Traceback"), "{}", run.err);
    let printed: Value = serde_json::from_str(&run.out).unwrap_or_default();
    let complaints = format!("{}{}", run.err, printed["damaged"]);
    Read { code: run.code, result: printed["result"].clone(), complaints }
}
