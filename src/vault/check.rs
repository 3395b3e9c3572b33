//! Checking a whole vault: every object that must be there, every signature, link and digest.
//!
//! Writes nothing. What is damaged is listed, and everything else is still checked. docs/format.md sections 2 to 9.

mod chains;
mod content;
mod facts;

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::error::VaultError;
use super::session::Vault;
use crate::crypto::padme::plaintext_capacity;
use crate::record::{CardHash, CaseId, PartName};
use crate::store::ObjectName;
use chains::OlderRuns;

/// How thorough a check is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckOptions {
    /// Reads every exhibit through and compares its SHA-256; else only its objects' sizes and seals are looked at.
    pub read_data: bool,
}

/// What a check is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckStage {
    /// Entries, counted.
    Log,
    /// Revisions, counted.
    Revisions,
    /// Exhibits, in bytes read; only with [`CheckOptions::read_data`].
    Exhibits,
}

/// Told how much of a stage is done, and of how much, from any thread; may say stop.
pub type CheckProgress<'a> = &'a (dyn Fn(CheckStage, u64, u64) -> ControlFlow<()> + Sync);

/// What a check found.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// What was found in order, by kind.
    pub sound: Sound,
    /// What is damaged or missing, each [`VaultError::Damaged`].
    pub damaged: Vec<VaultError>,
    /// Revisions whose author's card is not known here, so that their signature cannot be checked.
    pub unknown_authors: Vec<(CaseId, PartName, CardHash)>,
    /// Messages that must exist to people whose card is not known any more, so that they cannot be looked for.
    pub unlocated_messages: u64,
    /// Objects nothing names: written by someone else, left by an interrupted write, or superseded.
    pub unknown: u64,
    /// Those of them whose size no object has: an interrupted copy. Paths in the vault folder.
    pub interrupted: Vec<PathBuf>,
    /// Entries cut short by a power failure or an interrupted copy, as they are among the damaged: whatever the log
    /// had there, in this folder it is not. Paths in the vault folder.
    pub torn: Vec<PathBuf>,
    /// Parts of the index that were given up and are here again, with what is known nowhere else.
    pub returned: u64,
    /// What lies among the objects and is none. Paths in the vault folder.
    pub strays: Vec<PathBuf>,
}

/// Objects that were found and are what they must be, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sound {
    /// Writers.
    pub writers: u64,
    /// Entries of the log.
    pub entries: u64,
    /// Lists of operations that stand in an object of their own.
    pub operations: u64,
    /// Live runs.
    pub runs: u64,
    /// Runs that older entries name and later ones do not need; not read.
    pub older_runs: u64,
    /// Revisions.
    pub revisions: u64,
    /// Exhibits.
    pub exhibits: u64,
    /// Objects that hold exhibits.
    pub segments: u64,
    /// Messages.
    pub messages: u64,
    /// Cards of others.
    pub cards: u64,
}

impl CheckReport {
    /// Whether nothing that must be there is damaged or missing.
    pub fn is_sound(&self) -> bool {
        self.damaged.is_empty()
    }
}

/// A check under way.
struct Check<'a> {
    vault: &'a Vault,
    progress: CheckProgress<'a>,
    /// Objects that something names.
    known: HashSet<ObjectName>,
    report: CheckReport,
}

impl Vault {
    /// Checks every object that must be there. Only what prevents any check at all, such as a place that cannot be
    /// read, or `progress` saying stop, is an error; damage is in the report.
    pub fn check(
        &self,
        options: CheckOptions,
        progress: CheckProgress<'_>,
    ) -> Result<CheckReport, VaultError> {
        let (known, report) = (HashSet::new(), CheckReport::default());
        let mut check = Check { vault: self, progress, known, report };
        check.known.insert(super::objects::name_of(&self.identity().genesis_key(&self.id())));
        let (recorded, older_runs) = check.chains()?;
        let rows = check.runs()?;
        check.vault_facts(&rows)?;
        let exhibits = check.revisions(&rows, &recorded)?;
        check.exhibits(exhibits, options)?;
        check.returned(&older_runs, &rows)?;
        check.rest(&older_runs)?;
        Ok(check.report)
    }
}

impl Check<'_> {
    fn tell(&self, stage: CheckStage, done: u64, total: u64) -> Result<(), VaultError> {
        match (self.progress)(stage, done, total) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(VaultError::Cancelled),
        }
    }

    /// Lists damage and goes on; anything else ends the check.
    fn judge<T>(&mut self, result: Result<T, VaultError>) -> Result<Option<T>, VaultError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error @ VaultError::Damaged(..)) => {
                self.report.damaged.push(error);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Counts what is there and nothing live names.
    fn rest(&mut self, older_runs: &OlderRuns) -> Result<(), VaultError> {
        let store = self.vault.store();
        let older_runs: HashSet<ObjectName> =
            older_runs.named.iter().map(|run| super::objects::name_of(&run.key)).collect();
        for folder in 0..=u8::MAX {
            for name in store.list(folder)? {
                if self.known.contains(&name) {
                    continue;
                }
                if older_runs.contains(&name) {
                    self.report.sound.older_runs += 1;
                    continue;
                }
                self.report.unknown += 1;
                if store.size(name)?.is_some_and(|size| plaintext_capacity(size).is_none()) {
                    self.report.interrupted.push(name.path());
                }
            }
        }
        self.report.strays = store.strays()?;
        Ok(())
    }
}
