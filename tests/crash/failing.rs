//! Disks that fail: every call of a command refused by the system in every way, and disks that are really full.

use std::path::PathBuf;
use std::process::{Command, Output};

use super::campaigns::{report, stage_with_scenes};
use super::judge::{Judge, Which};
use super::kills::{count_calls, run_injected, start};
use super::points::{Tally, can_record, record, say};
use super::scenes::{Scene, prepare, strings};
use super::stage::{Numbers, Stage};
use super::tree::{Tree, Visible};
use crate::store::mounts::{Mount, mount_exfat, mount_tmpfs};

/// Calls, and how the system may refuse them.
const REFUSALS: [(&str, &[&str]); 12] = [
    ("write", &["ENOSPC", "EIO", "EDQUOT", "EROFS", "EINTR"]),
    ("fsync", &["EIO", "ENOSPC", "EDQUOT", "EROFS", "EINTR"]),
    ("syncfs", &["EIO", "ENOSPC", "EDQUOT", "EROFS", "EINTR"]),
    ("linkat", &["ENOSPC", "EIO", "EDQUOT", "EROFS", "EINTR"]),
    ("renameat", &["ENOSPC", "EIO", "EDQUOT", "EROFS", "EINTR"]),
    ("mkdirat", &["ENOSPC", "EIO", "EDQUOT", "EROFS", "EINTR"]),
    ("mkdir", &["ENOSPC", "EIO", "EDQUOT", "EROFS", "EINTR"]),
    ("fallocate", &["ENOSPC", "EIO", "EDQUOT", "EROFS", "EINTR"]),
    ("unlinkat", &["EIO", "EROFS"]),
    ("utimensat", &["EIO", "EROFS"]),
    ("openat", &["EIO", "ENOSPC", "EROFS", "EINTR"]),
    ("flock", &["EIO", "EINTR"]),
];

/// What a program says whose error came after the commit.
const RECORDED: &str = "it is recorded: do not run it again";

/// What it says when only its answer could not be written.
const UNANSWERED: &str = "only the answer is missing: what the command was to record is recorded";

/// What it says of something that stands, if perhaps not for long.
const UNSETTLED: &str = "was written, and may be lost again if the power fails";

/// Judges a run that may have failed: what it says is true, it says what to do next, and the vault opens.
fn judge_failed(judge: &Judge<'_>, output: &Output) -> Result<Which, String> {
    let said = String::from_utf8_lossy(&output.stderr);
    let which = judge.found(false).map_err(|error| format!("{error}; it said {said}"))?;
    let recorded = said.contains(RECORDED) || said.contains(UNANSWERED);
    let unsettled = said.contains(UNSETTLED);
    let clear =
        said.contains("sanduq: error: ") && said.contains("sanduq: hint: ") && !said.contains("panicked");
    match (output.status.code(), which) {
        (Some(0), Which::After) => Ok(which),
        // The loader could not read a library.
        (Some(127), Which::Before) => Ok(which),
        (None | Some(0 | 127), _) => Err(format!("{:?}, found {which:?}: {said}", output.status)),
        (Some(_), _) if !clear => Err(format!("no clear error: {said}")),
        (Some(_), Which::Before) if recorded => Err(format!("said to be recorded and is not: {said}")),
        (Some(_), Which::After) if !recorded && !unsettled => Err(format!("done, and not said: {said}")),
        _ => Ok(which),
    }
}

impl Tally {
    pub(super) fn take(&mut self, story: &str, judged: Result<Which, String>) {
        self.points += 1;
        match judged {
            Ok(Which::Before) => self.before += 1,
            Ok(Which::After) => self.after += 1,
            Err(error) => self.wrong.push(format!("{story}: {error}")),
        }
    }
}

/// Refuses each call of a scene in turn, once or from then on, and judges each time.
fn refuse_each(stage: &Stage, scene: &Scene, base: &Visible, refusals: &[(&str, &[&str])]) -> Tally {
    stage.lay(base, Numbers::Stable);
    let judge = Judge::new(stage, scene, &record(stage, scene));
    let mut tally = Tally::default();
    let names: Vec<&str> = refusals.iter().map(|(call, _)| *call).collect();
    for (call, times) in count_calls(stage, scene, base, &names) {
        let (_, errors) = refusals.iter().find(|(name, _)| *name == call).unwrap();
        for (when, error) in (1..=times).flat_map(|when| errors.iter().map(move |error| (when, error))) {
            // A full disk stays full; but standard error is no file on it.
            let more = if *error == "ENOSPC" && call != "write" { "+" } else { "" };
            stage.lay(base, Numbers::Stable);
            let output = run_injected(stage, scene, (&call, &format!("error={error}:when={when}{more}")));
            tally.take(
                &format!("{}: {error} at {call} {when}{more}", scene.name),
                judge_failed(&judge, &output),
            );
        }
    }
    tally
}

/// Fails when a failed sync is tried again, or when what was recorded is reported as not done.
#[test]
fn a_put_on_a_failing_disk_says_so_and_the_vault_opens() {
    if !can_record("a put on a failing disk") {
        return;
    }
    let stage = Stage::new();
    let scenes = prepare(&stage);
    let base = Tree::read(&stage.root).visible();
    let refusals: [(&str, &[&str]); 4] =
        [("write", &["ENOSPC"]), ("fsync", &["EIO"]), ("syncfs", &["EIO"]), ("linkat", &["EDQUOT"])];
    let tally = refuse_each(&stage, &scenes[0], &base, &refusals);
    assert!(tally.wrong.is_empty(), "{:#?}", tally.wrong);
    assert!(tally.before >= 8 && tally.after >= 3, "{tally:?}");
}

/// Fails when an error after the new file took its place sounds as if nothing had been changed.
#[test]
fn a_passphrase_that_is_in_force_is_said_to_be() {
    if !can_record("a passphrase changed on a failing disk") {
        return;
    }
    let stage = Stage::new();
    let scene = prepare(&stage).pop().unwrap();
    let base = Tree::read(&stage.root).visible();
    let tally = refuse_each(&stage, &scene, &base, &[("fsync", &["EIO"])]);
    assert!(tally.wrong.is_empty(), "{:#?}", tally.wrong);
    assert_eq!((tally.before, tally.after), (1, 1));
}

#[test]
#[ignore = "campaign: 20 minutes, every call of every command refused in every way"]
fn campaign_every_call_refused() {
    if !can_record("the campaign") {
        return;
    }
    let (stage, scenes, base) = stage_with_scenes();
    let mut wrong = Vec::new();
    for scene in &scenes {
        wrong.extend(report("refused", scene.name, refuse_each(&stage, scene, &base, &REFUSALS)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A file that takes what room a disk has. Dropped, it gives it back at once: it is emptied, for a child that another
/// test starts just then holds it open for a moment, and a file that is only removed would stay as long.
struct Filler(std::fs::File, PathBuf);

impl Filler {
    fn leaving(mount: &Mount, room: u64) -> Self {
        let path = mount.path().join("filler");
        let file = std::fs::File::create(&path).unwrap();
        let disk = rustix::fs::statvfs(mount.path()).unwrap();
        fill(&file, (disk.f_bavail * disk.f_frsize).saturating_sub(room));
        Self(file, path)
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        self.0.set_len(0).unwrap();
        std::fs::remove_file(&self.1).unwrap();
    }
}

/// Runs a scene with so many bytes left on the disk.
fn run_with_room(mount: &Mount, stage: &Stage, scene: &Scene, room: u64) -> Output {
    let _filler = Filler::leaving(mount, room);
    let program = Command::new(env!("CARGO_BIN_EXE_sanduq"));
    start(&mut stage.command(program, scene.who, &scene.args), &scene.input).wait_with_output().unwrap()
}

/// Really writes: on a stick a hole costs nothing.
fn fill(file: &std::fs::File, bytes: u64) {
    let mut left = bytes;
    while left > 0 {
        let piece = left.min(1 << 20);
        if std::io::Write::write_all(&mut &*file, &vec![7; piece as usize]).is_err() {
            return;
        }
        left -= piece;
    }
}

/// Gives a scene more and more room until it has enough.
fn with_more_and_more_room(
    mount: &Mount,
    scene: &Scene,
    (stage, base): (&Stage, &Visible),
    step: u64,
) -> Tally {
    stage.lay(base, Numbers::Stable);
    let judge = Judge::new(stage, scene, &record(stage, scene));
    let mut tally = Tally::default();
    for room in (0..200).map(|steps| steps * step) {
        stage.lay(base, Numbers::Stable);
        let output = run_with_room(mount, stage, scene, room);
        tally.take(&format!("{} with {room} bytes left", scene.name), judge_failed(&judge, &output));
        if output.status.success() {
            break;
        }
    }
    tally
}

/// Fails when room is not reserved or a short write is taken for a whole one.
#[test]
fn a_put_on_a_really_full_disk_says_so_and_the_vault_opens() {
    let mount = match mount_tmpfs("size=6m") {
        Ok(mount) if can_record("a put on a full disk") => mount,
        Ok(_) => return,
        Err(reason) => return say(&format!("a put on a full disk: not run ({reason})")),
    };
    let stage = Stage::at(&mount.path().join("stage"));
    let scene = &prepare(&stage)[0];
    let base = Tree::read(&stage.root).visible();
    let tally = with_more_and_more_room(&mount, scene, (&stage, &base), 4096);
    assert!(tally.wrong.is_empty(), "{:#?}", tally.wrong);
    assert!(tally.before >= 3 && tally.after >= 1, "{tally:?}");
}

/// Fails when what cannot be remembered keeps anybody from reading, or is not said.
#[test]
fn a_vault_on_a_full_disk_is_read_and_what_cannot_be_remembered_is_said() {
    let mount = match mount_tmpfs("size=8m") {
        Ok(mount) => mount,
        Err(reason) => return say(&format!("reading on a full disk: not run ({reason})")),
    };
    let stage = Stage::at(&mount.path().join("stage"));
    let told = prepare(&stage)[0].args[1].clone();
    let reads = [
        ("activist", vec!["show", &told], "Мені таңертең алып кетті"),
        ("lawyer", vec!["--vault", "../activist/vault", "list"], "1 "),
    ];
    // Devices that saw nothing yet, and have something to remember.
    for (who, ..) in &reads {
        let memory = stage.identity_file(who).with_extension("memory");
        std::fs::remove_dir_all(memory).unwrap();
    }
    let filler = Filler::leaving(&mount, 0);
    let read = |said: bool| {
        for (who, args, text) in &reads {
            let run = stage.run(who, &strings(args), "").succeeds();
            assert!(run.out.contains(text), "{who}: {}", run.out);
            assert_eq!(
                run.err.contains("cannot be remembered beside the identity file"),
                said,
                "{who}: {}",
                run.err
            );
        }
    };
    read(true);
    read(true);
    drop(filler);
    read(false);
}

#[test]
#[ignore = "campaign: 10 minutes, every command on a full tmpfs and a full exFAT stick, with more and more room"]
fn campaign_full_disks() {
    let mut wrong = Vec::new();
    for (name, mount, step) in
        [("tmpfs", mount_tmpfs("size=8m"), 4096), ("exFAT stick", mount_exfat(), 16_384)]
    {
        let mount = match mount {
            Ok(mount) => mount,
            Err(reason) => {
                say(&format!("campaign on a full {name}: not run ({reason})"));
                continue;
            }
        };
        let stage = Stage::at(&mount.path().join("stage"));
        let scenes = prepare(&stage);
        let base = Tree::read(&stage.root).visible();
        for scene in &scenes {
            let tally = with_more_and_more_room(&mount, scene, (&stage, &base), step);
            wrong.extend(report(&format!("full {name}"), scene.name, tally));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A limit on the size of files makes the system write a part of what it was given, and then nothing.
#[test]
#[ignore = "campaign: 2 minutes, every command with writes cut short at every size"]
fn campaign_short_writes() {
    let (stage, scenes, base) = stage_with_scenes();
    let mut wrong = Vec::new();
    for scene in &scenes {
        stage.lay(&base, Numbers::Stable);
        let judge = Judge::new(&stage, scene, &record(&stage, scene));
        let mut tally = Tally::default();
        for bytes in (0..64).map(|step| step * 3000) {
            stage.lay(&base, Numbers::Stable);
            let mut limited = Command::new("prlimit");
            limited.arg(format!("--fsize={bytes}")).args(["env", "--ignore-signal=XFSZ"]);
            limited.arg(env!("CARGO_BIN_EXE_sanduq"));
            let mut command = stage.command(limited, scene.who, &scene.args);
            let output = start(&mut command, &scene.input).wait_with_output().unwrap();
            tally.take(&format!("{} in files of {bytes} bytes", scene.name), judge_failed(&judge, &output));
            if output.status.success() {
                break;
            }
        }
        wrong.extend(report("cut short", scene.name, tally));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
