//! `init`: at every point there is no vault, or a whole one with its identity.

use std::sync::Arc;

use sanduq::crypto::{Passphrase, open_identity};
use sanduq::store::LocalStore;
use sanduq::vault::Vault;

use super::campaigns::KINDS;
use super::disk::{Ending, Promise, State, states};
use super::judge::{Which, sound};
use super::points::{ENDINGS, Tally, can_record};
use super::scenes::strings;
use super::stage::{Numbers, Person, Recording, Stage};
use super::tree::Tree;
use crate::support::program::PASSPHRASE;
use crate::support::vaults::at;

const WHO: &str = "newcomer";

/// Records an `init` in an empty home, and gives the stage whoever was made by it.
fn record(told: &[String]) -> (Stage, Recording) {
    let mut stage = Stage::empty();
    std::fs::create_dir(stage.home(WHO)).unwrap();
    let args = strings(&["init", "--kdf", "low"]);
    let recording = stage.record(WHO, (&args, ""), told);
    assert_eq!(recording.run.code, 0, "{}", recording.run.err);
    let file = std::fs::read(stage.identity_file(WHO)).unwrap();
    let identity = open_identity(&file, &Passphrase::new(PASSPHRASE.to_owned())).unwrap();
    stage.people.push(Person { name: WHO, identity: Arc::new(identity) });
    (stage, recording)
}

fn judge(stage: &Stage, recording: &Recording, state: &State) -> Result<Which, String> {
    stage.lay(&state.visible, Numbers::Stable);
    let file = format!("{WHO}/.config/sanduq/identity");
    let identity = state.visible.get(&file);
    if identity.is_some() && identity != recording.after.get(&file) {
        return Err("half an identity file".into());
    }
    if !stage.vault(WHO).join("vault").exists() {
        return if state.said { Err("the vault is gone".into()) } else { begin_again(stage) };
    }
    if identity.is_none() {
        return Err("a vault, and no identity".into());
    }
    let mut vault = stage.try_open(WHO).map_err(|error| format!("does not open: {error:?}"))?;
    if !vault.findings().is_empty() {
        return Err(format!("noticed {:?}", vault.findings()));
    }
    sound(&vault)?;
    let remembered =
        state.visible.keys().any(|path| path.contains("identity.memory/") && !path.ends_with(".lock"));
    if state.said && !remembered {
        return Err("nothing is remembered of it".into());
    }
    vault.open_case(None, at(1)).map_err(|error| format!("next commit: {error:?}"))?;
    sound(&stage.open(WHO))?;
    Ok(Which::After)
}

/// What was left may be removed, and the next `init` works.
fn begin_again(stage: &Stage) -> Result<Which, String> {
    std::fs::remove_dir_all(stage.vault(WHO)).ok();
    let store = LocalStore::create(&stage.vault(WHO)).map_err(|error| format!("begun again: {error:?}"))?;
    sanduq::store::files::make_folder(stage.identity_file(WHO).parent().unwrap()).unwrap();
    let vault = Vault::create(Arc::new(store), stage.desktop(WHO), at(0));
    sound(&vault.map_err(|error| format!("begun again: {error:?}"))?)?;
    Ok(Which::Before)
}

fn judge_all(stage: &Stage, recording: &Recording, with: (Promise, &[Ending])) -> Tally {
    let mut tally = Tally::default();
    let points = states((&recording.before, &recording.steps, 0), with, |state| {
        tally.take(&state.story, judge(stage, recording, &state));
        std::ops::ControlFlow::Continue(())
    });
    Tally { points, ..tally }
}

/// Fails when the name of a new folder is not made durable: then the identity file is gone with it.
#[test]
fn at_every_point_of_init_there_is_no_vault_or_a_whole_one() {
    if !can_record("every point of init") {
        return;
    }
    for kind in KINDS {
        let (stage, recording) = record(&kind.told());
        let tally = judge_all(&stage, &recording, (kind.promise, &ENDINGS));
        assert!(tally.wrong.is_empty(), "{}: {:#?}", kind.name, tally.wrong);
        assert!(tally.before >= 8 && tally.after >= 3, "{}: {tally:?}", kind.name);
    }
}

/// Whoever comes back after an interrupted `init` is told what to do.
#[test]
#[ignore = "campaign: 1 minute, the program started again after every interrupted init"]
fn campaign_init_again() {
    if !can_record("the campaign") {
        return;
    }
    let (stage, recording) = record(&[]);
    let no_vault = |state: State| {
        let half = !state.visible.contains_key(&format!("{WHO}/vault/vault"));
        if half {
            stage.lay(&state.visible, Numbers::Stable);
            let run = stage.run(WHO, &strings(&["init", "--kdf", "low"]), "");
            let told = run.code == 14 && run.err.contains("it may be removed; then run init again");
            assert!(run.code == 0 || told, "{}: {}", state.story, run.err);
        }
        std::ops::ControlFlow::Continue(())
    };
    states((&recording.before, &recording.steps, 0), (Promise::Flushes, &ENDINGS), no_vault);
    assert!(Tree::read(&stage.root).visible().len() > 2);
}
