//! What every command works with: settings, streams, and what was unlocked.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanduq::crypto::{Identity, IdentityFileError, Passphrase, identity_cost, open_identity};
use sanduq::record::Time;
use sanduq::store::{LocalStore, Store, StoreError, files};
use sanduq::vault::{Contacts, Desk, Desktop, Finding, Item, SharedVault, Vault, VaultError};

use super::access::Access;
use crate::failure::{Failure, Kind};
use crate::settings::Settings;
use crate::ui::Ui;

/// Largest identity file read, of any version, in bytes; one of this version has 622.
const MAX_IDENTITY_BYTES: u64 = 4096;
/// How often a passphrase may be typed at a terminal.
const TRIES: usize = 3;

/// What a command works with.
pub(crate) struct Context {
    /// Paths, clock, machine.
    pub(crate) settings: Settings,
    /// Standard streams and the terminal.
    pub(crate) ui: Ui,
    unlocked: Option<Arc<Identity>>,
}

impl Context {
    /// Starts with nothing unlocked.
    pub(crate) fn new(settings: Settings, ui: Ui) -> Self {
        Self { settings, ui, unlocked: None }
    }

    /// Forgets everything unlocked; the next command asks the passphrase again.
    pub(crate) fn lock(&mut self) {
        self.unlocked = None;
    }

    /// Keeps an identity just made or opened for the commands that follow at the prompt.
    pub(crate) fn keep(&mut self, identity: Arc<Identity>) {
        self.unlocked = Some(identity);
    }

    /// Returns the time as records keep it.
    pub(crate) fn now(&self) -> Time {
        Time::from_seconds(self.settings.now())
    }

    /// Unlocks at the start of the prompt; without an identity file it says how one is made.
    pub(crate) fn unlock_for_prompt(&mut self) -> Result<(), Failure> {
        let path = self.settings.identity()?;
        if !path.exists() {
            let path = path.display();
            let told = format!("there is no identity at {path}; `init` makes one, and a vault");
            self.ui.status(&crate::sanitize::one_line(&told));
            return Ok(());
        }
        self.identity().map(drop)
    }

    /// Returns the identity; asks its passphrase where nothing is unlocked.
    pub(crate) fn identity(&mut self) -> Result<Arc<Identity>, Failure> {
        if let Some(identity) = &self.unlocked {
            return Ok(Arc::clone(identity));
        }
        let path = self.settings.identity()?.to_path_buf();
        let file = read_identity_file(&path)?;
        let identity = Arc::new(self.open_identity_file(&path, &file)?);
        self.keep(Arc::clone(&identity));
        Ok(identity)
    }

    /// Opens an identity file: one try from a descriptor, three at a terminal.
    fn open_identity_file(&self, path: &Path, file: &[u8]) -> Result<Identity, Failure> {
        // Said before a passphrase is asked for nothing.
        identity_cost(file)?;
        let tries = if self.ui.has_passphrase_descriptor() { 1 } else { TRIES };
        let question = format!("passphrase of {}", path.display());
        for left in (0..tries).rev() {
            let typed = self.ui.prompt_passphrase(&question)?;
            let working = self.ui.working("checking the passphrase");
            let opened = open_identity(file, &Passphrase::new(typed));
            drop(working);
            match opened {
                Err(IdentityFileError::WrongPassphrase) if left > 0 => {
                    self.ui.status("that is not the passphrase of this identity file; try again");
                }
                other => return Ok(other?),
            }
        }
        Err(IdentityFileError::WrongPassphrase.into())
    }

    /// Returns the files beside the identity file at `path`.
    pub(crate) fn desk(&self) -> Result<Desk, Failure> {
        let machine = self.settings.machine_id().unwrap_or_default();
        Ok(Desk::beside(self.settings.identity()?, machine.as_bytes()))
    }

    /// Returns the identity and the files beside it.
    pub(crate) fn desktop(&mut self) -> Result<Desktop, Failure> {
        Ok(Desktop { identity: self.identity()?, desk: self.desk()? })
    }

    /// Opens the vault folder named; nothing is asked before it is known to be there.
    pub(crate) fn store(&self) -> Result<Arc<dyn Store>, Failure> {
        let path = self.settings.vault()?;
        match LocalStore::open(path) {
            Ok(store) => Ok(Arc::new(store)),
            Err(error @ StoreError::NotFound { .. }) => Err(Failure::new(Kind::NoVault, error)
                .hint("name the vault's folder with `--vault DIR`; `sanduq init` makes a new one there")),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens the vault as its owner, says what was noticed, and sends what a crash kept from being sent.
    pub(crate) fn owner_vault(&mut self) -> Result<Vault, Failure> {
        match self.access()? {
            Access::Owner(vault) => Ok(*vault),
            Access::Reader(_) => Err(Failure::new(Kind::NoMatch, VaultError::NotOwner).hint(
                "you can read what was shared with you here: `sanduq list`, `sanduq show CODE`; \
                 `sanduq accept` takes it into a vault of your own",
            )),
        }
    }

    /// Opens the vault as whoever the identity is to it.
    pub(crate) fn access(&mut self) -> Result<Access, Failure> {
        let store = self.store()?;
        // Said before a passphrase is asked for nothing.
        sanduq::vault::read_header(store.as_ref())?;
        let desktop = self.desktop()?;
        match Vault::open(Arc::clone(&store), desktop.clone()) {
            Ok(vault) => self.attend(vault).map(Box::new).map(Access::Owner),
            Err(VaultError::NotOwner) => {
                let shared = SharedVault::open(store, desktop)?;
                self.warn_of(shared.findings());
                Ok(Access::Reader(Box::new(shared)))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn attend(&self, mut vault: Vault) -> Result<Vault, Failure> {
        let place = canonical(self.settings.vault()?);
        if let Err(error) = vault.notice_place(place.as_os_str().as_bytes()) {
            self.unless_storage(error, "which vault stands here cannot be remembered")?;
        }
        self.warn_of(vault.findings());
        let said = vault.findings().len();
        if !vault.is_read_only() {
            match vault.send_missing() {
                Ok(0) => {}
                Ok(1) => self.ui.status("sent 1 message that an earlier run was kept from sending"),
                Ok(count) => self
                    .ui
                    .status(&format!("sent {count} messages that an earlier run was kept from sending")),
                Err(error @ VaultError::Damaged(..)) => {
                    self.ui.warn(&format!("messages decided earlier cannot be sent now: {error}"));
                }
                Err(error) => self.unless_storage(error, "messages decided earlier cannot be sent now")?,
            }
            self.warn_of(vault.findings().get(said..).unwrap_or_default());
        }
        Ok(vault)
    }

    /// Goes on, with a warning, where a place may only be read.
    fn unless_storage(&self, error: VaultError, warning: &str) -> Result<(), Failure> {
        let failure = Failure::from(error);
        if failure.kind() != Kind::Storage {
            return Err(failure);
        }
        self.ui.warn(warning);
        Ok(())
    }

    /// Prints what was noticed while a vault was opened.
    pub(crate) fn warn_of(&self, findings: &[Finding]) {
        for finding in findings {
            let (warning, hint) = wording(finding);
            self.ui.warn(&warning);
            if let Some(hint) = hint {
                self.ui.hint(hint);
            }
        }
    }

    /// Returns the contacts: of the address book, joined by what a vault of ours keeps, if one is named.
    pub(crate) fn contacts(&mut self) -> Result<Contacts, Failure> {
        // Unlocked first: a wrong passphrase must not look like a vault of somebody else.
        let desktop = self.desktop()?;
        if self.settings.vault().is_ok_and(|folder| folder.join("vault").exists()) {
            match self.access() {
                Ok(access) => return Ok(access.contacts().clone()),
                Err(failure) if matches!(failure.kind(), Kind::NoMatch | Kind::Corrupt) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(Contacts::load(&desktop.desk, &desktop.identity)?)
    }
}

/// Reads the identity file at `path`.
pub(crate) fn read_identity_file(path: &Path) -> Result<Vec<u8>, Failure> {
    match files::read(path, MAX_IDENTITY_BYTES) {
        Err(StoreError::NotFound { .. }) => {
            Err(Failure::say(Kind::NoMatch, format!("there is no identity file at {}", path.display()))
                .hint("name yours with `--identity FILE`; `sanduq init` makes a new identity and a vault"))
        }
        Err(StoreError::TooLarge { .. }) => {
            Err(Failure::say(Kind::NoMatch, format!("{} is not an identity file", path.display()))
                .hint("name yours with `--identity FILE`"))
        }
        other => Ok(other?),
    }
}

/// Returns the path as it stays the same however it is typed.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// What a finding means to people, and what to do about it.
#[expect(clippy::too_many_lines, reason = "one flat table, a line or two for each finding")]
fn wording(finding: &Finding) -> (String, Option<&'static str>) {
    match finding {
        Finding::CannotRemember => (
            "what was seen here cannot be remembered beside the identity file; a vault put back to an \
             earlier state would not be noticed"
                .into(),
            None,
        ),
        Finding::Clone => (
            "the memory beside an identity file was copied: two devices wrote under one name; the next one \
             to write goes on under a new name, and what both wrote is kept"
                .into(),
            None,
        ),
        Finding::Missing(item @ Item::Run) => (
            format!(
                "{item} is damaged or missing: what it holds is not shown, and nothing can be written until \
                 it is there again"
            ),
            Some(
                "copy the vault again from where it is whole, then run `sanduq check`; if it is whole nowhere, \
                 `sanduq check --accept-loss` shows what is lost, and goes on without it",
            ),
        ),
        Finding::Torn(item) => (
            format!("{item} is cut short or damaged; the state before it is shown"),
            Some("`sanduq check` names it, and how to remove it if a power failure cut it short"),
        ),
        Finding::Missing(item) => (
            format!("{item} is missing, though later ones are there"),
            Some("copy the vault again from where it is whole, then run `sanduq check`"),
        ),
        Finding::MessageMissing => (
            "a message is missing: it was seen here before, or later ones are there".into(),
            Some(
                "ask its sender to open the vault once, which sends what is missing, and copy it again; \
                 `sanduq check --accept-rollback` accepts that just these are missing",
            ),
        ),
        Finding::CannotSend(card) => (
            format!("a message to the card {}… cannot be sealed, and was not sent", &card.to_string()[..8]),
            Some("ask for a new card and share with that one"),
        ),
        Finding::NewerGrant => (
            "something here was shared by a newer sanduq and was skipped".into(),
            Some("use the newer sanduq to read it"),
        ),
        Finding::Occupied(n) => (
            format!("something that is no message lies in the place of message {n}; it was skipped"),
            Some("`sanduq check` looks at everything"),
        ),
        Finding::OtherVault(before) => (
            format!(
                "another vault stood at this path before (its id begins with {})",
                &before.to_string()[..8]
            ),
            Some("if you did not put this one here yourself, do not write into it"),
        ),
        Finding::RolledBack(_) => (
            "this vault went back to an earlier state: something seen in it before is not there now; it \
             can be read and not written"
                .into(),
            Some(
                "copy the newer state back into the folder, or accept the loss with `sanduq check --accept-rollback`",
            ),
        ),
        other => (format!("noticed in this vault: {other:?}"), Some("`sanduq check` looks at everything")),
    }
}
