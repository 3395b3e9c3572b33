//! Every point of a command, on the model of a disk.

use std::io::Write as _;
use std::ops::ControlFlow;

use super::campaigns::{KINDS, go_on, next_put, stage_with_scenes};
use super::disk::{Ending, Promise, State, states};
use super::judge::{Judge, Which};
use super::scenes::{Scene, prepare};
use super::stage::{Numbers, Recording, Stage};
use super::strace;
use super::tree::{Step, Synced, Tree};

pub(super) const ENDINGS: [Ending; 3] = [Ending::Killed, Ending::PowerCut, Ending::Torn(3)];

/// How many points, how many different things found after them, how often the old and the new state.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) points: usize,
    pub(super) before: usize,
    pub(super) after: usize,
    pub(super) wrong: Vec<String>,
}

/// Judges everything that may be found after any point of a recorded run.
pub(super) fn judge_all(
    judge: &Judge<'_>,
    run: (&Tree, &[Step], usize),
    with: (Promise, &[Ending]),
) -> Tally {
    judge_some(judge, run, with, 100)
}

/// As [`judge_all`], until so much is wrong.
fn judge_some(
    judge: &Judge<'_>,
    run: (&Tree, &[Step], usize),
    with: (Promise, &[Ending]),
    most: usize,
) -> Tally {
    let mut tally = Tally::default();
    let judged = |state: State| {
        match judge.state(&state) {
            Ok(Which::Before) => tally.before += 1,
            Ok(Which::After) => tally.after += 1,
            Err(error) => tally.wrong.push(error),
        }
        if tally.wrong.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let points = states(run, with, judged);
    Tally { points, ..tally }
}

/// Whether calls can be recorded here; says why not, past the test harness.
pub(super) fn can_record(what: &str) -> bool {
    match strace::unavailable() {
        None => true,
        Some(reason) => {
            say(&format!("{what}: not run ({reason})"));
            false
        }
    }
}

pub(super) fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

pub(super) fn record(stage: &Stage, scene: &Scene) -> Recording {
    let recording = stage.record(scene.who, (&scene.args, &scene.input), &[]);
    assert_eq!(recording.run.code, 0, "{}: {}", scene.name, recording.run.err);
    recording
}

/// Fails when an entry is put before the barrier, or a message before its entry.
#[test]
fn at_every_point_of_put_share_withdraw_and_recovery_split_the_old_state_or_the_new_one_is_found() {
    if !can_record("every point of put, share, withdraw and recovery split") {
        return;
    }
    let stage = Stage::new();
    let scenes = prepare(&stage);
    let base = Tree::read(&stage.root).visible();
    for scene in &scenes[..4] {
        stage.lay(&base, Numbers::Stable);
        let recording = record(&stage, scene);
        let judge = Judge::new(&stage, scene, &recording);
        assert!(judge.one_writer());
        let with = (Promise::Flushes, &ENDINGS[..]);
        let tally = judge_all(&judge, (&recording.before, &recording.steps, 0), with);
        assert!(tally.wrong.is_empty(), "{:#?}", tally.wrong);
        assert!(tally.points >= 18 && tally.before >= 8 && tally.after >= 5, "{tally:?}");
    }
}

/// The model and the judge notice what they are there for: without one of its syncs, a commit is not safe.
#[test]
fn every_sync_of_a_commit_is_needed() {
    if !can_record("every sync of a commit") {
        return;
    }
    let stage = Stage::new();
    let scene = &prepare(&stage)[0];
    let recording = record(&stage, scene);
    let judge = Judge::new(&stage, scene, &recording);
    let is_sync = |step: &Step| matches!(step, Step::Sync { .. });
    let syncs: Vec<usize> = (0..recording.steps.len()).filter(|i| is_sync(&recording.steps[*i])).collect();
    let unneeded: Vec<usize> = syncs
        .iter()
        .copied()
        .filter(|left_out| {
            let mut steps = recording.steps.clone();
            steps[*left_out] = Step::Sync { what: Synced::Everything, since: 0 };
            let with = (Promise::Flushes, &ENDINGS[1..]);
            judge_some(&judge, (&recording.before, &steps, 0), with, 1).wrong.is_empty()
        })
        .collect();
    assert!(syncs.len() >= 5, "{:?}", recording.steps);
    // But for the last: that an entry stands is found out again where the memory forgot it.
    assert_eq!(unneeded, syncs[syncs.len() - 1..], "of {syncs:?}");
}

/// Fails when the entry of a killed process is built on and not made durable.
#[test]
fn what_a_killed_process_put_is_made_durable_by_the_next_one() {
    if !can_record("killed, then a power cut") {
        return;
    }
    let (stage, scenes, base) = stage_with_scenes();
    // Only where every name is synced on its own can one be forgotten.
    let kind = KINDS[2];
    let first = kind.record(&stage, &base, &scenes[0]);
    let entry = (0..first.steps.len()).rposition(|i| names_a_written_file(&first.steps[..=i])).unwrap();
    let tally = go_on(&stage, kind, (&first, entry + 1), &next_put(&scenes));
    assert!(tally.wrong.is_empty(), "{:#?}", tally.wrong);
    assert!(tally.before >= 1 && tally.after >= 1, "{tally:?}");
}

/// Whether the last of these gives a name to a file that has content already, as the store does.
fn names_a_written_file(steps: &[Step]) -> bool {
    let Some((Step::Link { inode: named, .. }, before)) = steps.split_last() else { return false };
    before.iter().any(|step| matches!(step, Step::Write { inode, .. } if inode == named))
}
