//! Every point of every command, on every kind of disk. Minutes; docs/assurance.md has the command and the figures.

use super::disk::{Ending, Promise};
use super::judge::Judge;
use super::points::{Tally, can_record, judge_all, say};
use super::scenes::{Scene, prepare, strings};
use super::stage::{Numbers, Recording, Stage};
use super::tree::{Step, Tree, Visible};
use crate::store::mounts::mount_exfat;

/// More than the three of the ordinary tests: all that a commit ever has on its way.
pub(super) const ALL_ENDINGS: [Ending; 4] =
    [Ending::Killed, Ending::PowerCut, Ending::Torn(3), Ending::Reordered(7)];

/// A disk, and what the program is to take it for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) promise: Promise,
    numbers: Numbers,
    /// The file system's number as `statfs` is made to tell it, lowest byte first; none for the true one.
    magic: Option<&'static str>,
}

pub(super) const KINDS: [Kind; 3] = [
    Kind { name: "syncfs flushes", promise: Promise::Flushes, numbers: Numbers::Stable, magic: None },
    Kind {
        name: "syncfs hands over, as on FAT",
        promise: Promise::HandsOver,
        numbers: Numbers::None,
        magic: Some("444d000000000000"),
    },
    Kind {
        name: "syncfs is nothing, as on FUSE",
        promise: Promise::IsNothing,
        numbers: Numbers::None,
        magic: Some("4655736500000000"),
    },
];

impl Kind {
    /// Options with which `strace` makes the system tell of this kind.
    pub(super) fn told(&self) -> Vec<String> {
        let told = self.magic.map(|magic| format!("--inject=fstatfs:poke_exit=@arg2={magic}"));
        told.into_iter().collect()
    }

    pub(super) fn record(&self, stage: &Stage, base: &Visible, scene: &Scene) -> Recording {
        stage.lay(base, self.numbers);
        let recording = stage.record(scene.who, (&scene.args, &scene.input), &self.told());
        assert_eq!(recording.run.code, 0, "{}: {}", scene.name, recording.run.err);
        recording
    }
}

#[test]
#[ignore = "campaign: 5 minutes, every point of every command on a model of three kinds of disk"]
fn campaign_model_disk() {
    if !can_record("the campaign") {
        return;
    }
    let (stage, scenes, base) = stage_with_scenes();
    let mut wrong = Vec::new();
    for kind in KINDS {
        for scene in &scenes {
            let recording = kind.record(&stage, &base, scene);
            let judge = Judge::new(&stage, scene, &recording);
            let with = (kind.promise, &ALL_ENDINGS[..]);
            let tally = judge_all(&judge, (&recording.before, &recording.steps, 0), with);
            wrong.extend(report(kind.name, scene.name, tally));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The real fallback of the store: no unnamed files, no links, nothing that renames without replacing.
#[test]
#[ignore = "campaign: 3 minutes, every point of every command recorded on a real exFAT stick"]
fn campaign_exfat_stick() {
    let mount = match mount_exfat() {
        Ok(mount) if can_record("the campaign") => mount,
        Ok(_) => return,
        Err(reason) => return say(&format!("campaign on exFAT: not run ({reason})")),
    };
    let (stick, stage) = (Stage::at(&mount.path().join("stage")), Stage::empty());
    let scenes = prepare(&stick);
    // Judged in memory, which is faster; whose vaults they are moves along.
    let stage = stage.with_people_of(&stick);
    let base = Tree::read(&stick.root).visible();
    let mut wrong = Vec::new();
    for scene in &scenes {
        stick.lay(&base, Numbers::None);
        let recording = stick.record(scene.who, (&scene.args, &scene.input), &[]);
        assert_eq!(recording.run.code, 0, "{}: {}", scene.name, recording.run.err);
        let judge = Judge::new(&stage, scene, &recording);
        let with = (Promise::IsNothing, &ALL_ENDINGS[..]);
        let tally = judge_all(&judge, (&recording.before, &recording.steps, 0), with);
        wrong.extend(report("exFAT stick", scene.name, tally));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

pub(super) fn report(kind: &str, scene: &str, tally: Tally) -> Vec<String> {
    let Tally { points, before, after, wrong } = tally;
    say(&format!("{kind}: {scene}: {points} points, found {before} old, {after} new, {} wrong", wrong.len()));
    wrong.into_iter().map(|wrong| format!("{kind}: {wrong}")).collect()
}

/// A process is killed, another one goes on where it stopped, and then the power fails: what the second one built on
/// must have become durable with what it wrote.
#[test]
#[ignore = "campaign: 5 minutes, killed at every point, written on, and then a power cut at every point"]
fn campaign_killed_then_power_cut() {
    if !can_record("the campaign") {
        return;
    }
    let (stage, scenes, base) = stage_with_scenes();
    let next = next_put(&scenes);
    let mut wrong = Vec::new();
    for kind in KINDS {
        for scene in scenes.iter().filter(|scene| ["put", "share", "unshare"].contains(&scene.name)) {
            let first = kind.record(&stage, &base, scene);
            let mut total = Tally::default();
            for n in 1..=first.steps.len() {
                if matches!(first.steps[n - 1], Step::Sync { .. } | Step::Said) {
                    continue;
                }
                let tally = go_on(&stage, kind, (&first, n), &next);
                total.points += tally.points;
                total.before += tally.before;
                total.after += tally.after;
                total.wrong.extend(tally.wrong.into_iter().map(|wrong| format!("killed after {n}: {wrong}")));
            }
            wrong.extend(report(kind.name, &format!("{} killed, put", scene.name), total));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Another text for the case that the first scene is about.
pub(super) fn next_put(scenes: &[Scene]) -> Scene {
    let args = strings(&["put", &scenes[0].args[1], "notes"]);
    Scene { name: "the next put", who: "activist", args, input: "екінші".into() }
}

/// Kills a recorded run after `n` calls, runs another command where it stopped, and cuts the power at every point.
pub(super) fn go_on(stage: &Stage, kind: Kind, (first, n): (&Recording, usize), next: &Scene) -> Tally {
    let mut killed = first.before.clone();
    first.steps[..n].iter().for_each(|step| killed.apply(step));
    stage.lay(&killed.visible(), kind.numbers);
    let second = stage.record_after(&killed, (next.who, &next.args, &next.input), &kind.told());
    assert_eq!(second.run.code, 0, "{}", second.run.err);
    let judge = Judge::new(stage, next, &second).with_earlier(&first.before.visible());
    let mut steps = first.steps[..n].to_vec();
    steps.extend(second.steps.iter().map(|step| match step {
        Step::Sync { what, since } => Step::Sync { what: *what, since: since + n },
        other => other.clone(),
    }));
    judge_all(&judge, (&first.before, &steps, n), (kind.promise, &[Ending::PowerCut]))
}

/// A furnished stage, what can be played on it, and how it lay at first.
pub(super) fn stage_with_scenes() -> (Stage, Vec<Scene>, Visible) {
    let stage = Stage::new();
    let scenes = prepare(&stage);
    let base = Tree::read(&stage.root).visible();
    (stage, scenes, base)
}
