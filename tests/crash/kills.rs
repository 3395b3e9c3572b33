//! The real program, really killed: before each of its calls, and at moments chosen by chance.

use std::io::Write as _;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use sanduq::vault::Vault;

use super::campaigns::stage_with_scenes;
use super::judge::{Judge, Which};
use super::points::{Tally, can_record, record, say};
use super::scenes::{Scene, strings};
use super::stage::{Numbers, Stage};
use super::strace;
use super::tree::{Tree, Visible};
use crate::support::program::PASSPHRASE;
use crate::support::vaults::check_sound;

/// Calls before which a stop leaves something else behind than before the call that came last.
const STOPS: [&str; 14] = [
    "write",
    "pwrite64",
    "ftruncate",
    "fallocate",
    "mkdir",
    "mkdirat",
    "linkat",
    "unlinkat",
    "rename",
    "renameat",
    "renameat2",
    "fsync",
    "fdatasync",
    "syncfs",
];

/// Starts a command with the passphrase and its input.
pub(super) fn start(command: &mut Command, input: &str) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Whoever is killed before reading has closed the pipe.
    child.stdin.take().unwrap().write_all(format!("{PASSPHRASE}\n{input}").as_bytes()).ok();
    child
}

/// Runs a scene under `strace` with something injected into its calls.
pub(super) fn run_injected(stage: &Stage, scene: &Scene, (call, inject): (&str, &str)) -> Output {
    let options = ["-o", "/dev/null", "-e"].map(String::from).into_iter();
    let options =
        options.chain([format!("trace={call}"), format!("--inject={call}:{inject}")]).collect::<Vec<_>>();
    let mut command = stage.command(strace::command(&options), scene.who, &scene.args);
    start(&mut command, &scene.input).wait_with_output().unwrap()
}

/// How often each of these calls is made by one thread of a scene.
pub(super) fn count_calls(
    stage: &Stage,
    scene: &Scene,
    base: &Visible,
    names: &[&str],
) -> Vec<(String, usize)> {
    stage.lay(base, Numbers::Stable);
    let log = tempfile::NamedTempFile::new().unwrap();
    let options =
        ["-o", log.path().to_str().unwrap(), "-e", &format!("trace={}", names.join(","))].map(String::from);
    let mut command = stage.command(strace::command(&options), scene.who, &scene.args);
    let output = start(&mut command, &scene.input).wait_with_output().unwrap();
    assert!(output.status.success(), "{}: {}", scene.name, String::from_utf8_lossy(&output.stderr));
    strace::most_by_one_thread(&std::fs::read_to_string(log.path()).unwrap())
}

#[test]
#[ignore = "campaign: 5 minutes, every command killed before each of its calls"]
fn campaign_killed_before_every_call() {
    if !can_record("the campaign") {
        return;
    }
    let (stage, scenes, base) = stage_with_scenes();
    let mut wrong = Vec::new();
    for scene in &scenes {
        stage.lay(&base, Numbers::Stable);
        let judge = Judge::new(&stage, scene, &record(&stage, scene));
        let mut tally = Tally::default();
        for (call, times) in count_calls(&stage, scene, &base, &STOPS) {
            for when in 1..=times {
                stage.lay(&base, Numbers::Stable);
                let output = run_injected(&stage, scene, (&call, &format!("signal=KILL:when={when}")));
                if output.status.success() {
                    continue; // names are drawn by chance: this time fewer folders were new
                }
                assert_eq!(output.status.code(), None, "{} at {call} {when}", scene.name);
                tally.points += 1;
                judge_killed(
                    &stage,
                    &judge,
                    &output,
                    &format!("{} before {call} {when}", scene.name),
                    &mut tally,
                );
            }
        }
        wrong.extend(super::campaigns::report("killed", scene.name, tally));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn judge_killed(stage: &Stage, judge: &Judge<'_>, output: &Output, story: &str, tally: &mut Tally) {
    let visible = Tree::read(&stage.root).visible();
    match judge.plain_words(&visible).and_then(|()| judge.found(!output.stdout.is_empty())) {
        Ok(Which::Before) => tally.before += 1,
        Ok(Which::After) => tally.after += 1,
        Err(error) => tally.wrong.push(format!("{story}: {error}")),
    }
}

/// Numbers that look random and come again, so that a failure can be played again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

#[test]
#[ignore = "campaign: 10 minutes, 1,000 kills at random moments of all commands"]
fn campaign_thousand_kills() {
    let (stage, scenes, base) = stage_with_scenes();
    let mut judges = Vec::new();
    for scene in &scenes {
        stage.lay(&base, Numbers::Stable);
        let judge = Judge::new(&stage, scene, &record(&stage, scene));
        judges.push((scene, judge, duration(&stage, scene, &base)));
    }
    let (mut chance, mut tally, mut killed) = (Chance(2026), Tally::default(), 0);
    while killed < 1000 {
        let (scene, judge, micros) = &judges[chance.below(judges.len() as u64) as usize];
        stage.lay(&base, Numbers::Stable);
        let command = Command::new(env!("CARGO_BIN_EXE_sanduq"));
        let mut child = start(&mut stage.command(command, scene.who, &scene.args), &scene.input);
        let after = chance.below(*micros);
        std::thread::sleep(Duration::from_micros(after));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        killed += usize::from(output.status.code().is_none());
        tally.points += 1;
        judge_killed(&stage, judge, &output, &format!("{} after {after} µs", scene.name), &mut tally);
        if tally.points.is_multiple_of(100) {
            say(&format!(
                "killed at random: {} runs, {killed} killed, {} wrong",
                tally.points,
                tally.wrong.len()
            ));
        }
    }
    let wrong = super::campaigns::report("killed at random", "all", tally);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// How long a scene takes, in microseconds.
fn duration(stage: &Stage, scene: &Scene, base: &Visible) -> u64 {
    stage.lay(base, Numbers::Stable);
    let start = Instant::now();
    stage.run(scene.who, &scene.args, &scene.input).succeeds();
    start.elapsed().as_micros() as u64
}

/// One vault, killed over and over: what was acknowledged must all be there in the end.
#[test]
#[ignore = "campaign: 5 minutes, one vault whose writers are killed 1,000 times"]
fn campaign_one_vault_killed_again_and_again() {
    let (stage, scenes, base) = stage_with_scenes();
    let (told, micros) = (scenes[0].args[1].clone(), duration(&stage, &scenes[0], &base));
    stage.lay(&base, Numbers::Stable);
    let (mut chance, mut killed, mut said, mut i) = (Chance(1979), 0, Vec::new(), 0);
    while killed < 1000 {
        i += 1;
        let part = format!("notes/n{i}");
        let args = strings(&["put", &told, &part]);
        let command = Command::new(env!("CARGO_BIN_EXE_sanduq"));
        let mut child = start(&mut stage.command(command, "activist", &args), &format!("жазба {i}"));
        std::thread::sleep(Duration::from_micros(chance.below(micros + micros / 4)));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        killed += usize::from(output.status.code().is_none());
        if !output.stdout.is_empty() {
            said.push((part, format!("жазба {i}")));
        }
        let noticed = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!noticed.contains("warning"), "run {i}: {noticed}");
    }
    let vault = stage.open("activist");
    assert_eq!(vault.findings(), []);
    check_all_there(&vault, &told, &said);
    let writers = check_sound(&vault).sound.writers;
    say(&format!("one vault: {i} runs, {killed} killed, {} acknowledged, {writers} writers", said.len()));
}

fn check_all_there(vault: &Vault, told: &str, said: &[(String, String)]) {
    let texts = crate::support::vaults::texts(vault, &told.parse().unwrap()).unwrap();
    for (part, text) in said {
        assert!(
            texts.get(part).is_some_and(|found| found.contains(text)),
            "{part} was acknowledged and is gone"
        );
    }
}
