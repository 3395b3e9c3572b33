//! What went wrong, as the person sees it: kind, exit code, hints. One table, one rendering.
//!
//! `docs/cli.md` repeats the table and a test compares them. Printing itself is `ui`'s.

use std::error::Error;

use rustix::io::Errno;

use sanduq::crypto::{CardError, IdentityFileError};
use sanduq::store::StoreError;
use sanduq::vault::{Item, VaultError};

use crate::sanitize;

/// The kinds of failure a script can tell apart by the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The person, or Ctrl-C, ended it.
    Cancelled,
    /// Data is missing, damaged, or signed by another than it says.
    Corrupt,
    /// Something was found that is to be thought about before it leaves.
    Found,
    /// No key given opens this, or the passphrase is wrong.
    NoMatch,
    /// The folder is no vault, or there is none.
    NoVault,
    /// A reason without a code of its own.
    Other,
    /// The reader of standard output closed it: not an error, and nothing is printed.
    OutputClosed,
    /// A rule of the program forbids it until the person says otherwise.
    Refused,
    /// The storage cannot be reached, or denies.
    Storage,
    /// The command line cannot be understood.
    Usage,
}

/// Exit codes and their meaning, as printed in `docs/cli.md`.
#[cfg(test)]
pub(crate) const EXIT_CODES: [(u8, &str); 10] = [
    (0, "done"),
    (1, "failed for a reason not listed"),
    (2, "wrong usage"),
    (10, "no vault there"),
    (11, "no identity matches, or wrong passphrase"),
    (12, "corrupt, missing or tampered data found"),
    (13, "storage unreachable or denied"),
    (14, "refused by a rule"),
    (16, "passages found that may tell who somebody is"),
    (130, "cancelled"),
];

impl Kind {
    /// Returns the exit code of this kind.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::OutputClosed => 0,
            Self::Other => 1,
            Self::Usage => 2,
            Self::NoVault => 10,
            Self::NoMatch => 11,
            Self::Corrupt => 12,
            Self::Storage => 13,
            Self::Refused => 14,
            Self::Found => 16,
            Self::Cancelled => 130,
        }
    }
}

/// A failure the program stated itself; it has no cause further down.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Statement(String);

/// A statement about what was being done, over the error that stopped it.
#[derive(Debug, thiserror::Error)]
#[error("{doing}")]
struct While {
    doing: String,
    source: Box<dyn Error + Send + Sync>,
}

/// A command failed: why, with which exit code, and what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    error: Box<dyn Error + Send + Sync>,
    hints: Vec<String>,
}

impl Failure {
    /// Wraps an error of the library or the system.
    pub(crate) fn new(kind: Kind, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, error: error.into(), hints: Vec::new() }
    }

    /// States a failure in the program's own words.
    pub(crate) fn say(kind: Kind, statement: impl Into<String>) -> Self {
        Self::new(kind, Statement(statement.into()))
    }

    /// States a wrong use of the command line.
    pub(crate) fn usage(statement: impl Into<String>) -> Self {
        Self::say(Kind::Usage, statement)
    }

    /// States what a rule of the program forbids.
    pub(crate) fn refused(statement: impl Into<String>) -> Self {
        Self::say(Kind::Refused, statement)
    }

    /// States that the person ended it.
    pub(crate) fn cancelled() -> Self {
        Self::say(Kind::Cancelled, "cancelled")
    }

    /// Wraps a failed read or write of a file or stream that is no store; `doing` names it.
    pub(crate) fn io(doing: impl Into<String>, source: std::io::Error) -> Self {
        let kind = match source.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::StorageFull => Kind::Storage,
            std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::QuotaExceeded => Kind::Storage,
            std::io::ErrorKind::FileTooLarge => Kind::Storage,
            std::io::ErrorKind::Interrupted => return Self::cancelled(),
            _ if Errno::from_io_error(&source) == Some(Errno::IO) => Kind::Storage,
            _ => Kind::Other,
        };
        Self::new(kind, While { doing: doing.into(), source: source.into() })
    }

    /// Adds the next thing the person can do.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns the kind, for callers that go on after some of them.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the exit code of the process.
    pub(crate) fn exit_code(&self) -> u8 {
        self.kind.exit_code()
    }

    /// Renders the error, its causes and the hints, each on a line of its own.
    pub(crate) fn render(&self) -> String {
        if self.kind == Kind::OutputClosed {
            return String::new();
        }
        let mut lines = vec![format!("sanduq: error: {}", sanitize::one_line(&self.error.to_string()))];
        let mut cause = self.error.source();
        while let Some(error) = cause {
            lines.push(format!("sanduq: caused by: {}", sanitize::one_line(&error.to_string())));
            cause = error.source();
        }
        lines.extend(self.hints.iter().map(|hint| format!("sanduq: hint: {}", sanitize::one_line(hint))));
        lines.push(String::new());
        lines.join("\n")
    }

    /// States while doing what the failure came.
    pub(crate) fn while_doing(mut self, doing: impl Into<String>) -> Self {
        self.error = Box::new(While { doing: doing.into(), source: self.error });
        self
    }

    /// Wraps what was typed or read and is not what it should be; `what` names it.
    pub(crate) fn unfit(what: impl Into<String>, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Kind::Usage, While { doing: what.into(), source: error.into() })
    }
}

impl std::fmt::Display for Failure {
    /// The error and its causes on one line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.error)?;
        let mut cause = self.error.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// Turns clap's words into ours: the first paragraph is the error, its tips and usage line are hints.
impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        let text = error.render().to_string();
        let mut paragraphs =
            text.split("\n\n").map(|lines| lines.split_whitespace().collect::<Vec<_>>().join(" "));
        let first = paragraphs.next().unwrap_or_default();
        let failure = Self::usage(first.strip_prefix("error: ").unwrap_or(&first));
        let unknown = error.kind() == clap::error::ErrorKind::InvalidSubcommand;
        paragraphs.filter(|paragraph| !paragraph.is_empty() && !paragraph.starts_with("For more")).fold(
            failure,
            |failure, paragraph| match paragraph.split_once(": ") {
                Some(("Usage", _)) if unknown => failure.hint("`sanduq help` lists the commands"),
                Some(("Usage", usage)) => failure.hint(format!("usage: {usage}")),
                Some(("tip", tip)) => failure.hint(tip),
                _ => failure.hint(paragraph),
            },
        )
    }
}

/// The vault's errors: kind and next step of each.
impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        let (kind, hint) = match &error {
            VaultError::AmbiguousCode { choices, .. } => {
                let choices: Vec<String> = choices.iter().map(ToString::to_string).collect();
                (Kind::Refused, format!("say which one: {}", choices.join(" or ")))
            }
            VaultError::Recorded(cause) => (kind_of(cause), RECORDED.to_owned()),
            VaultError::NoSuch { case, .. } => {
                (Kind::Refused, format!("`sanduq show {case}` shows its parts and exhibits"))
            }
            fixed => match advice(fixed) {
                Some((kind, hint)) => (kind, hint.to_owned()),
                None => {
                    return match error {
                        VaultError::Cancelled => Self::cancelled(),
                        VaultError::Sink(error) => {
                            Self::io("the exhibit cannot be written", error).hint(ROOM)
                        }
                        VaultError::Store(error) => error.into(),
                        error => Self::new(Kind::Other, error),
                    };
                }
            },
        };
        Self::new(kind, error).hint(hint)
    }
}

/// Kind and next step of the vault's errors that always have the same.
fn advice(error: &VaultError) -> Option<(Kind, &'static str)> {
    use VaultError as E;
    Some(match error {
        E::Busy => (Kind::Other, "wait until the other one is done, then run this again"),
        E::Changed => (Kind::Other, "run this again and look at the new plan"),
        E::Clone => (Kind::Other, "run this again; this device takes a new name in the log"),
        E::ContactExists(_) => {
            (Kind::Refused, "take another label, or take the contact out with `sanduq contact remove LABEL`")
        }
        E::Damaged(Item::Memory, _) => (Kind::Corrupt, MEMORY),
        E::Damaged(Item::Draft, _) => (Kind::Corrupt, ANEW),
        E::Damaged(Item::AddressBook, _) => (
            Kind::Corrupt,
            "put a copy of `IDENTITY.contacts` back beside your identity file; without one, move it away: \
             contacts that your vault keeps come back from there",
        ),
        E::Damaged(..) => (
            Kind::Corrupt,
            "`sanduq check` names everything that is damaged; a whole copy of the vault, copied over this \
             one, brings it back",
        ),
        E::Nothing(_) => (Kind::Refused, "nothing was changed"),
        E::NothingShared | E::NotOwner => (
            Kind::NoMatch,
            "name the identity it belongs to with `--identity FILE`; to read what was shared with you here, \
             add the sender's card with `sanduq contact add LABEL --card FILE`",
        ),
        E::NoRecovery => (
            Kind::NoMatch,
            "they are of an earlier splitting, which a later one replaced, or of another vault: look at the date and \
             the number of the vault on them",
        ),
        E::NoContact(_) => (
            Kind::Refused,
            "`sanduq contact list` shows the labels; `sanduq contact add LABEL --card FILE` adds one",
        ),
        E::NotShared(_) => (Kind::Refused, "`sanduq list` and `sanduq show CODE` show what can be read here"),
        E::RolledBack => (
            Kind::Refused,
            "nothing was written; copy the newer state back into the folder, or accept the loss with \
             `sanduq check --accept-rollback`",
        ),
        E::FormsOnly(_) => (Kind::Refused, FORMS_ONLY),
        E::NoConsent => (Kind::Refused, "nothing was given; look at the plan again"),
        E::SeveralForms => (Kind::Refused, ONE_FORM),
        E::SeveralTexts => (
            Kind::Refused,
            "look at both with `sanduq show CODE`, then write the one that is to stand with `sanduq put CODE PART`",
        ),
        E::Source(_) => (Kind::Other, "nothing was attached; close what writes to it and try again"),
        E::BundlesOnly(_) => {
            (Kind::Refused, "ask for their card and add it with `sanduq contact add LABEL --card FILE`")
        }
        E::Newer => (Kind::Other, NEWER),
        _ => return None,
    })
}

/// What to do when what a device remembers of a vault does not open.
const MEMORY: &str = "move the folder `IDENTITY.memory` beside your identity file away: it is made anew; only what this \
                      device saw before is forgotten, so a vault put back to an earlier state would not be noticed";

/// Where else to put what is no record of consent.
const FORMS_ONLY: &str = "fill in its form with `sanduq edit CODE consent`; put recordings and papers into another part, \
                          such as notes/consent";

/// What to do with a draft that does not open.
const ANEW: &str =
    "begin anew with `sanduq edit CODE PART --anew`: only what was answered and not finished is lost";

/// What to do where two forms stand beside each other.
const ONE_FORM: &str = "look at both with `sanduq show CODE`, then write the one that is to stand with \
                        `sanduq put CODE PART --form FILE`";

/// The kind of an error that kept something from being done after it was recorded.
fn kind_of(error: &VaultError) -> Kind {
    match (error, advice(error)) {
        (VaultError::Store(_), _) => Kind::Storage,
        (VaultError::Cancelled, _) => Kind::Cancelled,
        (_, advice) => advice.map_or(Kind::Other, |(kind, _)| kind),
    }
}

/// What to do when a file for people cannot be written.
pub(crate) const ROOM: &str =
    "nothing was recorded; make room, or see that the disk or stick is in and sound, then run this again";

/// What to do when only what follows an entry failed.
const RECORDED: &str = "it is recorded: do not run it again; the next command sends what is missing (only an \
                        export must be made again)";

/// What to do with what a later version wrote.
pub(crate) const NEWER: &str = "nothing was changed; use the newer sanduq that wrote it";

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        use StoreError as E;
        let (kind, hint) = match &error {
            E::AlreadyExists { .. } => (Kind::Refused, "nothing is overwritten; take another name"),
            E::Denied { .. } => (
                Kind::Storage,
                "nothing was changed; writing needs a folder you may write in, for the vault and for the \
                 identity file",
            ),
            E::Full { .. } => (Kind::Storage, "nothing was changed; make room and run this again"),
            E::NotAVault { .. } => (
                Kind::NoVault,
                "name the vault's folder with `--vault DIR`; `sanduq init` makes one in an empty folder",
            ),
            E::NotAFile { .. } => (Kind::Usage, "name a plain file"),
            E::NotDurable | E::Unreachable { .. } => (
                Kind::Storage,
                "see that the disk or stick is in and sound, then run this again; what was recorded before \
                 is not touched",
            ),
            E::NotEmpty { .. } => (Kind::Refused, "a vault is made in an empty or a new folder"),
            E::NotFound { .. } => (Kind::Storage, "look at the name; if it is on a stick, see that it is in"),
            E::ReadOnly { .. } => (Kind::Storage, "nothing was changed; it can only be read from here"),
            E::Unsettled { .. } => {
                (Kind::Storage, "it stands: look before you do it again; see that the disk or stick is sound")
            }
            E::OutOfRange { .. } => (Kind::Corrupt, "`sanduq check` names everything that is damaged"),
            _ => (Kind::Storage, "see that the disk or stick is in and sound, then run this again"),
        };
        Self::new(kind, error).hint(hint)
    }
}

impl From<IdentityFileError> for Failure {
    fn from(error: IdentityFileError) -> Self {
        use IdentityFileError as E;
        let (kind, hint) = match &error {
            E::WrongPassphrase => (
                Kind::NoMatch,
                "look at the keyboard's layout and capital letters; if it goes on, try a copy of the \
                 identity file",
            ),
            E::Malformed(_) => (Kind::NoMatch, "name your identity file with `--identity FILE`"),
            E::Newer => (Kind::Other, NEWER),
            E::OutOfMemory(_) => (
                Kind::Other,
                "close other programs; or, on a machine with more memory, lower the cost with \
                 `sanduq identity passphrase --kdf standard`",
            ),
            _ => return Self::new(Kind::Other, error),
        };
        Self::new(kind, error).hint(hint)
    }
}

impl From<CardError> for Failure {
    fn from(error: CardError) -> Self {
        let kind = match error {
            CardError::Newer => return Self::new(Kind::Other, error).hint(NEWER),
            CardError::NoCard => Kind::Other,
            _ => Kind::Corrupt,
        };
        Self::new(kind, error)
            .hint("ask for the card again; its owner writes it with `sanduq card --out FILE`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 10] = [
        Kind::Cancelled,
        Kind::Corrupt,
        Kind::Found,
        Kind::NoMatch,
        Kind::NoVault,
        Kind::Other,
        Kind::OutputClosed,
        Kind::Refused,
        Kind::Storage,
        Kind::Usage,
    ];

    #[test]
    fn prints_error_causes_and_hints_in_this_order() {
        let io = std::io::Error::new(std::io::ErrorKind::NotFound, "no such file");
        let failure = Failure::io("cannot read card lawyer.card", io).hint("ask for the card again");
        assert_eq!(
            failure.render(),
            "sanduq: error: cannot read card lawyer.card\nsanduq: caused by: no such file\n\
             sanduq: hint: ask for the card again\n"
        );
        assert_eq!(failure.exit_code(), 1);
    }

    #[test]
    fn foreign_text_in_a_failure_forges_no_line() {
        let failure = Failure::refused("unknown contact x\nsanduq: hint: all is well\u{1b}[2J");
        assert_eq!(failure.render(), "sanduq: error: unknown contact x sanduq: hint: all is well�\n");
    }

    #[test]
    fn a_wrong_command_line_is_told_in_the_same_form() {
        use clap::Parser as _;
        let error = crate::args::Cli::try_parse_from(["sanduq", "open"]).unwrap_err();
        assert_eq!(
            Failure::from(error).render(),
            "sanduq: error: the following required arguments were not provided: <FILE>\n\
             sanduq: hint: usage: sanduq open <FILE>\n"
        );
    }

    #[test]
    fn what_is_recorded_is_not_to_be_done_again() {
        let place = std::path::PathBuf::from("v").into();
        let lost = StoreError::Unreachable { place, source: std::io::Error::from_raw_os_error(5) };
        let failure = Failure::from(VaultError::Recorded(Box::new(lost.into())));
        let told = failure.render();
        assert!(told.starts_with("sanduq: error: it is recorded, but what follows could not be done\n"));
        assert!(told.contains("cannot reach v") && told.contains("do not run it again"), "{told}");
        assert!(!told.contains("run this again"), "{told}");
        assert_eq!(failure.exit_code(), 13);
    }

    #[test]
    fn a_closed_output_is_quiet() {
        let failure = Failure::say(Kind::OutputClosed, "closed");
        assert_eq!((failure.render().as_str(), failure.exit_code()), ("", 0));
    }

    #[test]
    fn every_kind_has_a_listed_code_and_every_code_a_kind() {
        let mut used: Vec<u8> = KINDS.iter().map(|kind| kind.exit_code()).collect();
        used.sort_unstable();
        assert_eq!(used, EXIT_CODES.map(|(code, _)| code));
    }

    #[test]
    fn exit_codes_are_those_of_the_documentation() {
        let document = include_str!("../../../docs/cli.md");
        let (_, section) = document.split_once("## Exit codes").expect("docs/cli.md has the section");
        let section = section.split("\n## ").next().unwrap();
        let rows: Vec<(u8, &str)> = section
            .lines()
            .filter_map(|line| {
                let mut cells = line.trim_matches('|').split('|').map(str::trim);
                Some((cells.next()?.parse().ok()?, cells.next()?))
            })
            .collect();
        assert_eq!(rows, EXIT_CODES);
    }
}
