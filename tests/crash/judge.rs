//! The verdict on what was found: the state before or the one after, whole, and it goes on.

use std::ops::ControlFlow;
use std::sync::Arc;

use sanduq::vault::{CheckOptions, CheckReport, Vault};

use super::disk::State;
use super::look::{Case, View, bundle, cases, contacts, passphrase, shared};
use super::scenes::{PLANTED, Scene};
use super::stage::{Numbers, Recording, Stage};
use super::tree::Visible;
use crate::support::vaults::at;

/// Which of the two states was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Before,
    After,
}

/// What was seen, by the one who writes and by whom it is shared with.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    view: View,
    shared: Vec<Case>,
    writers: u64,
}

/// Knows what stood before a scene and what stands after it.
pub(super) struct Judge<'a> {
    stage: &'a Stage,
    scene: &'a Scene,
    base: Visible,
    before: Seen,
    after: Seen,
    /// What stood before something that happened earlier and was never acknowledged.
    earlier: Option<Seen>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(stage: &'a Stage, scene: &'a Scene, recording: &Recording) -> Self {
        let base = recording.before.visible();
        let look = |visible: &Visible| {
            stage.lay(visible, Numbers::Stable);
            look(stage, scene.who).unwrap_or_else(|error| panic!("{}: {error}", scene.name)).1
        };
        let (before, after) = (look(&base), look(&recording.after));
        assert_ne!(before.view, after.view, "{} changes nothing", scene.name);
        Self { stage, scene, base, before, after, earlier: None }
    }

    /// Also lets stand what stood before: the command before this one was killed, and nothing was promised.
    pub(super) fn with_earlier(mut self, visible: &Visible) -> Self {
        self.stage.lay(visible, Numbers::Stable);
        let seen = look(self.stage, self.scene.who).unwrap_or_else(|error| panic!("earlier: {error}")).1;
        self.earlier = Some(seen);
        self
    }

    /// Lays out what was found and judges it.
    pub(super) fn state(&self, state: &State) -> Result<Which, String> {
        let told = |error| format!("{}, {}: {error}", self.scene.name, state.story);
        self.plain_words(&state.visible).map_err(told)?;
        self.stage.lay(&state.visible, Numbers::Stable);
        self.found(state.said).map_err(told)
    }

    /// No new file holds a word of what was recorded.
    pub(super) fn plain_words(&self, visible: &Visible) -> Result<(), String> {
        for (path, bytes) in visible {
            let Some(bytes) = bytes else { continue };
            let known = matches!(self.base.get(path), Some(Some(before)) if Arc::ptr_eq(before, bytes));
            if known || path.contains("/in/") {
                continue;
            }
            for word in PLANTED {
                if path.contains(word) || bytes.windows(word.len()).any(|found| found == word.as_bytes()) {
                    return Err(format!("{word} stands in {path}"));
                }
            }
        }
        Ok(())
    }

    /// Judges what lies on the stage now; `said` is whether the program had said that it is done.
    pub(super) fn found(&self, said: bool) -> Result<Which, String> {
        let (mut vault, seen, report) = look(self.stage, self.scene.who)?;
        let which = self.which(&seen, said)?;
        let given = self.given(which, &seen);
        let missing = seen.shared != *given;
        let unsent = [&self.before.shared].into_iter().chain(self.earlier.as_ref().map(|seen| &seen.shared));
        if missing && (said || !unsent.into_iter().any(|unsent| seen.shared == *unsent)) {
            return Err("what was recorded as shared is not, or more is".into());
        }
        let sent = vault.send_missing().map_err(|error| format!("sending what is missing: {error:?}"))?;
        if sent != usize::from(missing) {
            return Err(format!("{sent} messages were sent, missing: {missing}"));
        }
        if missing && shared(self.stage)? != *given {
            return Err("the message that was missing gives something else".into());
        }
        let report = if missing { check(&vault) } else { report };
        is_whole(&report)?;
        self.goes_on(vault, &seen, said)?;
        Ok(which)
    }

    /// What the other side must have, once what is missing was sent: nothing before it was recorded.
    fn given(&self, which: Which, seen: &Seen) -> &[Case] {
        match (which, &self.earlier) {
            (Which::After, _) => &self.after.shared,
            (Which::Before, None) => &self.before.shared,
            (Which::Before, Some(earlier)) if seen.view == earlier.view => &earlier.shared,
            (Which::Before, Some(_)) => &self.after.shared,
        }
    }

    /// Whether what was acknowledged was written by the writer that wrote before.
    pub(super) fn one_writer(&self) -> bool {
        self.before.writers == self.after.writers
    }

    fn which(&self, seen: &Seen, said: bool) -> Result<Which, String> {
        let earlier = self.earlier.as_ref().is_some_and(|earlier| seen.view == earlier.view);
        if seen.view == self.before.view || earlier {
            return if said {
                Err("what was said to be done is not there".into())
            } else {
                Ok(Which::Before)
            };
        }
        // An export that was recorded and whose file was not named yet must be made again.
        let recorded = View { bundle: false, ..self.after.view.clone() };
        if seen.view == self.after.view || (!said && seen.view == recorded) {
            return Ok(Which::After);
        }
        Err(format!("neither the old state nor the new: {:?}", seen.view))
    }

    /// The next commit works and changes nothing else; after one that was acknowledged the same writer goes on.
    fn goes_on(&self, mut vault: Vault, seen: &Seen, said: bool) -> Result<(), String> {
        let title = "келесі іс";
        let code = vault
            .open_case(Some(&title.parse().unwrap()), at(9))
            .map_err(|e| format!("next commit: {e:?}"))?;
        if !vault.findings().is_empty() {
            return Err(format!("the next commit noticed {:?}", vault.findings()));
        }
        drop(vault);
        let (vault, mut now, report) = look(self.stage, self.scene.who)?;
        vault.find(&code).map_err(|error| format!("the next case: {error:?}"))?;
        let (cases, of_next): (Vec<_>, Vec<_>) =
            now.view.cases.into_iter().partition(|case| case.title() != Some(title));
        now.view.cases = cases;
        if of_next.len() != 1 || now.view != seen.view {
            return Err(format!("the next commit changed something else: {:?}", now.view));
        }
        let most = if said { self.after.writers } else { self.before.writers.max(self.after.writers) + 1 };
        if now.writers > most {
            return Err(format!("{} writers after the next commit, {most} expected", now.writers));
        }
        is_whole(&report)
    }
}

/// Everything there is to be seen, and nothing noticed.
fn look(stage: &Stage, who: &str) -> Result<(Vault, Seen, CheckReport), String> {
    let vault = stage.try_open(who).map_err(|error| format!("does not open: {error:?}"))?;
    if !vault.findings().is_empty() {
        return Err(format!("noticed {:?}", vault.findings()));
    }
    let view = View {
        passphrase: passphrase(stage, who)?,
        contacts: contacts(stage, who)?,
        cases: cases(&vault).map_err(|error| format!("a case does not open: {error:?}"))?,
        bundle: bundle(stage)?,
        recoveries: recoveries(&vault)?,
    };
    let shared = if who == "activist" { shared(stage)? } else { Vec::new() };
    let report = check(&vault);
    let writers = report.sound.writers;
    Ok((vault, Seen { view, shared, writers }, report))
}

fn recoveries(vault: &Vault) -> Result<Vec<(u8, u8)>, String> {
    let facts = vault.recoveries().map_err(|error| format!("the recoveries: {error:?}"))?;
    Ok(facts.iter().map(|fact| (fact.needed, fact.all)).collect())
}

/// Everything that must be there is whole; what nothing names is no harm.
pub(super) fn sound(vault: &Vault) -> Result<(), String> {
    is_whole(&check(vault))
}

fn is_whole(report: &CheckReport) -> Result<(), String> {
    let whole = report.is_sound() && report.torn.is_empty() && report.unknown_authors.is_empty();
    if whole && report.strays.is_empty() { Ok(()) } else { Err(format!("check: {report:?}")) }
}

/// Without reading the exhibits through: whoever looks at the cases has read them.
fn check(vault: &Vault) -> CheckReport {
    vault.check(CheckOptions::default(), &|_, _, _| ControlFlow::Continue(())).unwrap()
}
