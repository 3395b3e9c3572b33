//! Bundles as `open`, `verify` and `import` read them: whose they are, what is wrong with them, what is in them.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use sanduq::bundle::{BundleError, Judge, Trust, Verified, VerifiedBundle, own_recipients, read_bundle};
use sanduq::crypto::{Identity, KnownCard};
use sanduq::record::PartName;
use sanduq::vault::{Contacts, check_revision};
use serde::Serialize;

use super::Context;
use super::codes::Codes;
use super::names::Name;
use super::put::LOOK_AT_THE_NAME;
use super::words::count;
use crate::failure::{Failure, Kind, NEWER, ROOM};
use crate::process;
use crate::sanitize::one_line;

/// A bundle that was judged, for `--json`.
#[derive(Serialize)]
pub(super) struct Judged {
    pub(super) bundle: String,
    date: String,
    passed_on_by: Name,
    cases: Vec<JudgedCase>,
}

/// A case in it.
#[derive(Serialize)]
struct JudgedCase {
    code: String,
    parts: Vec<JudgedPart>,
}

/// A revision of a part in it, and who recorded it.
#[derive(Serialize)]
struct JudgedPart {
    part: String,
    id: String,
    recorded_by: Name,
    time: sanduq::record::Time,
    lang: Option<String>,
    exhibits: usize,
}

/// Opens a bundle file as the person of this context, and verifies all of it.
pub(super) fn read(
    context: &mut Context,
    path: &Path,
    contacts: &Contacts,
) -> Result<VerifiedBundle<Stoppable>, Failure> {
    let identity = context.identity()?;
    read_as(context, path, &identity, contacts)
}

/// Opens a bundle file as whoever has this identity and these contacts, and verifies all of it.
pub(super) fn read_as(
    context: &Context,
    path: &Path,
    identity: &Identity,
    contacts: &Contacts,
) -> Result<VerifiedBundle<Stoppable>, Failure> {
    let cannot = |error| Failure::io(format!("cannot read {}", path.display()), error).hint(LOOK_AT_THE_NAME);
    // Asked before opening: opening a pipe would wait for its other end.
    let metadata = path.metadata().map_err(cannot)?;
    if metadata.is_dir() {
        return Err(Failure::usage(format!("{} is a folder", path.display()))
            .hint("a bundle is one file; `sanduq verify DIR` judges one that was unpacked"));
    }
    if !metadata.is_file() {
        return Err(Failure::usage(format!("{} is no plain file", path.display()))
            .hint("a bundle is read twice; save it as a file first"));
    }
    let file = File::open(path).map_err(cannot)?;
    let bytes = file.metadata().map(|metadata| metadata.len()).unwrap_or(0);
    let own = own_recipients(identity.card());
    let trust = |card: &KnownCard| trust(card, identity.card(), contacts);
    let judge = Judge { own: Some(&own), trust: &trust };
    let progress = context.ui.progress(bytes, "verifying");
    let read =
        read_bundle(Stoppable(file), &identity.age_keys(), judge, &mut |bytes| progress.advance(bytes));
    drop(progress);
    if process::cancelled() {
        return Err(Failure::cancelled());
    }
    read.map_err(|error| Failure::from(error).while_doing(format!("{} is refused", path.display())))
}

/// A file whose reading Ctrl-C ends.
pub(super) struct Stoppable(pub(super) File);

impl Read for Stoppable {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Not `Interrupted`, which readers take as a reason to try again.
        if process::cancelled() { Err(io::Error::other("cancelled")) } else { self.0.read(buffer) }
    }
}

impl Seek for Stoppable {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

/// A contact, or oneself.
pub(super) fn trust(card: &KnownCard, own: &KnownCard, contacts: &Contacts) -> Trust {
    match card.hash() == own.hash() || contacts.by_card(&card.hash()).is_some() {
        true => Trust::Known,
        false => Trust::Unknown,
    }
}

impl Judged {
    /// Reads what was verified.
    pub(super) fn of(verified: &Verified, own: &KnownCard, contacts: &Contacts) -> Result<Self, Failure> {
        let parcel = verified.parcel();
        let codes = Codes::among(parcel.cases.iter().map(|case| case.case));
        let mut cases = Vec::new();
        for case in &parcel.cases {
            let mut parts = Vec::new();
            for revision in &case.revisions {
                let (core, id) =
                    check_revision(revision).map_err(|damage| Failure::new(Kind::Corrupt, damage))?;
                parts.push(JudgedPart {
                    part: core.part.to_string(),
                    id: id.to_string(),
                    recorded_by: Name::of_bundle(core.author, own, contacts, &parcel.cards)?,
                    time: core.time,
                    lang: revision.lang.as_ref().map(ToString::to_string),
                    exhibits: revision.exhibits.len(),
                });
            }
            parts.sort_by_key(|part| {
                part.part.parse::<PartName>().map(|name| name.order().0).unwrap_or(usize::MAX)
            });
            cases.push(JudgedCase { code: codes.of(&case.case), parts });
        }
        let signer = verified.signer();
        let passed_on_by = Name::of_bundle(signer.hash(), own, contacts, std::slice::from_ref(signer))?;
        Ok(Self { bundle: parcel.bundle.to_string(), date: parcel.date.date(), passed_on_by, cases })
    }

    /// One page: what was checked, who recorded, who passed on.
    pub(super) fn to_text(&self) -> String {
        let Self { bundle, date, passed_on_by, cases } = self;
        let mut text = format!(
            "sound: every file is listed, every signature and digest was checked\n\n\
             bundle        {bundle}\nmade on       {date}\npassed on by  {passed_on_by}\n"
        );
        for case in cases {
            text.push_str(&format!("\n{}\n", case.code));
            case.parts.iter().for_each(|part| text.push_str(&part.to_text()));
        }
        let mut people =
            cases.iter().flat_map(|case| &case.parts).map(|part| &part.recorded_by).chain([passed_on_by]);
        if people.any(|name| !name.is_verified()) {
            text.push_str("\nunverified and unknown cards: their words were never compared, so who is behind them is not known\n");
        }
        text
    }
}

impl JudgedPart {
    fn to_text(&self) -> String {
        let lang = self.lang.as_ref().map(|lang| format!(", in {}", one_line(lang))).unwrap_or_default();
        let exhibits = match self.exhibits {
            0 => String::new(),
            some => format!(", {}", count(some, "exhibit", "exhibits")),
        };
        format!("  {}: recorded by {}, {}{lang}{exhibits}\n", self.part, self.recorded_by, self.time)
    }
}

/// The refusals of bundles: kind and next step of each.
impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        use sanduq::crypto::OpenError;
        match error {
            BundleError::UnknownSigner { card } => unknown(&card),
            BundleError::Newer => Self::new(Kind::Other, error).hint(NEWER),
            BundleError::MisAddressed { .. } | BundleError::Open(OpenError::NoIdentityMatches) => {
                Self::new(Kind::NoMatch, error)
                    .hint("name the identity it was sealed to with `--identity FILE`, or send it back to its sender")
            }
            BundleError::Read(source) => Self::io("cannot read the bundle", source),
            BundleError::Write(source) | BundleError::Sink(source) => {
                Self::io("cannot write", source).hint(ROOM)
            }
            BundleError::Open(OpenError::Unsupported) => {
                Self::new(Kind::Usage, error).hint("a bundle is a binary age file, as `sanduq export` writes it")
            }
            error => Self::new(Kind::Corrupt, error)
                .hint("nothing of it was shown or kept; ask its sender for the file again and compare the sha256 of the note"),
        }
    }
}

fn unknown(card: &KnownCard) -> Failure {
    let words = card.fingerprint().words().join(" ");
    Failure::refused("the bundle is signed by a card you do not know; nothing of it was shown")
        .hint(format!("its words are: {words}"))
        .hint("call the sender; if they read you the same words, ask for their card and add it: `sanduq contact add LABEL --card FILE`")
}
