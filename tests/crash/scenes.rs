//! What people were doing when it happened: a furnished stage, and the commands that change something on it.

use std::ops::ControlFlow;

use sanduq::crypto::{Identity, RecoverySecret};
use sanduq::vault::{IngestCase, IngestPart};

use super::look::OTHER_PASSPHRASE;
use super::stage::{Numbers, Stage};
use super::tree::Tree;
use crate::support::vaults::{at, attach, check, part, put};

/// Where an export is written, in the activist's home.
pub(super) const BUNDLE: &str = "шығыс.age";

/// Words that stand in what is recorded here, and nowhere in plain.
pub(super) const PLANTED: [&str; 8] = [
    "Айгерім Сапарова",
    "таңертең алып кетті",
    "ئەتىگەندە",
    "他们早上",
    "суретке",
    "түсірген",
    "журналист",
    "testimony",
];

/// A command that writes.
pub(super) struct Scene {
    pub(super) name: &'static str,
    pub(super) who: &'static str,
    pub(super) args: Vec<String>,
    pub(super) input: String,
}

/// What a person agreed to who later withdraws.
const AGREED: &str = "[[consent]]\nperson = \"P1\"\nstatus = \"unclear\"\nnote = \"Қайта сұрау керек.\"\n";

/// Furnishes the vaults and gives every scene that can be played on them.
pub(super) fn prepare(stage: &Stage) -> Vec<Scene> {
    let mut vault = stage.open("activist");
    let many = (0..8).map(|i| Ok(case(&format!("{i}-куә"))));
    vault.ingest(many, at(1), &mut |_| ControlFlow::Continue(())).unwrap();
    let title = |words: &str| words.parse().unwrap();
    let told = vault.open_case(Some(&title("Айгерім Сапарова")), at(1)).unwrap();
    put(&mut vault, &told, "testimony", "Мені таңертең алып кетті.");
    attach(&mut vault, &told, "сурет.jpg", "суретке ".repeat(7_000).as_bytes());
    let given = vault.open_case(Some(&title("берілген іс")), at(1)).unwrap();
    put(&mut vault, &given, "testimony", "مېنى ئەتىگەندە ئېلىپ كەتتى");
    attach(&mut vault, &given, "хат.pdf", "түсірген ".repeat(9_000).as_bytes());
    let case = vault.find(&given).unwrap();
    let agreed = sanduq::format::read_form(AGREED, "consent").unwrap();
    vault.put_form(case, &part("consent"), &agreed, at(2)).unwrap();
    let plan = vault.plan_share(&[case], "lawyer", &[part("testimony"), part("exhibits")], false).unwrap();
    let plan = plan.overruled("nobody was asked".parse().unwrap());
    vault.share(&plan, at(2)).unwrap();
    vault.set_recovery(&RecoverySecret::generate(), 3, 5, at(3)).unwrap();
    drop(vault);
    let (told, given) = (told.to_string(), given.to_string());
    prepare_files(stage, &given);
    stop_before_a_merge(stage, &told.parse().unwrap());
    scenes(&told, &given)
}

fn case(text: &str) -> IngestCase {
    let words = IngestPart { part: part("testimony"), text: Some(text.into()), lang: None, form: None };
    IngestCase { title: Some(text.parse().unwrap()), parts: vec![words], exhibits: vec![] }
}

/// What is read from outside the vaults: a photo, cases to ingest, a bundle from the activist to the lawyer.
fn prepare_files(stage: &Stage, given: &str) {
    for name in ["activist", "lawyer"] {
        std::fs::create_dir(stage.home(name).join("in")).unwrap();
    }
    let into = stage.home("activist").join("in");
    std::fs::write(into.join("фото.jpg"), "түсірген ".repeat(10_000)).unwrap();
    let line = |i: usize| {
        let exhibits = if i.is_multiple_of(4) { r#","exhibits":["фото.jpg"]"# } else { "" };
        format!(
            "{{\"title\":\"{i}-іс\",\"parts\":{{\"testimony\":{{\"text\":\"Айгерім Сапарова {i}\"}}}}{exhibits}}}\n"
        )
    };
    std::fs::write(into.join("cases.jsonl"), (0..9).map(line).collect::<String>()).unwrap();
    let args = [
        "export",
        given,
        "--to",
        "lawyer",
        "--parts",
        "testimony,exhibits",
        "--override",
        "unasked",
        "--yes",
        "--out",
    ];
    let out = stage.home("lawyer").join("in/case.age");
    stage.run("activist", &strings(&[&args[..], &[out.to_str().unwrap()]].concat()), "").succeeds();
}

/// Writes until the next commit would merge two runs into its own.
fn stop_before_a_merge(stage: &Stage, told: &sanduq::record::CaseCode) {
    for i in 0.. {
        let before = Tree::read(&stage.root).visible();
        let runs = check(&stage.open("activist")).sound.runs;
        put(&mut stage.open("activist"), told, "testimony", &format!("Мені таңертең алып кетті, {i}."));
        if check(&stage.open("activist")).sound.runs < runs {
            return stage.lay(&before, Numbers::Stable);
        }
    }
}

fn scenes(told: &str, given: &str) -> Vec<Scene> {
    let scene = |name, who, args: &[&str], input: &str| Scene {
        name,
        who,
        args: strings(args),
        input: input.to_owned(),
    };
    let reporter = Identity::generate().age_keys().classic_recipient().to_string();
    let by = "activist";
    let unasked = ["--override", "unasked", "--yes"];
    let share = [&["share", told, "--to", "lawyer", "--parts", "testimony,exhibits"][..], &unasked].concat();
    vec![
        scene("put", by, &["put", told, "testimony"], "Мені таңертең алып кетті.\n他们早上带走了我。"),
        scene("share", by, &share, ""),
        scene("withdraw", by, &["withdraw", given, "P1", "--yes"], ""),
        scene(
            "recovery split",
            by,
            &["recovery", "split", "--shares", "2/3", "--out", "беттер", "--yes"],
            "",
        ),
        scene("attach", by, &["attach", told, "in/фото.jpg"], ""),
        scene("unshare", by, &["unshare", given, "--from", "lawyer", "--yes"], ""),
        scene("ingest", by, &["ingest", "in/cases.jsonl"], ""),
        scene(
            "export",
            by,
            &[
                "export",
                told,
                "--to",
                "lawyer",
                "--parts",
                "testimony",
                "--override",
                "unasked",
                "--out",
                BUNDLE,
                "--yes",
            ],
            "",
        ),
        scene("accept", "lawyer", &["accept", "--from", "../activist/vault"], ""),
        scene("import", "lawyer", &["import", "in/case.age"], ""),
        scene("contact", by, &["contact", "add", "журналист", "--age", &reporter], ""),
        scene(
            "passphrase",
            by,
            &["identity", "passphrase", "--kdf", "low"],
            &format!("{OTHER_PASSPHRASE}\n"),
        ),
    ]
}

pub(super) fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}
