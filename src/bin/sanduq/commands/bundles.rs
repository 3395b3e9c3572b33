//! Bundles as `open`, `verify` and `import` read them: whose they are, what is wrong with them, what is in them.

use std::fs::File;
use std::path::Path;

use sanduq::bundle::{BundleError, Judge, Trust, Verified, VerifiedBundle, own_recipients, read_bundle};
use sanduq::crypto::{KnownCard, case_code};
use sanduq::record::PartName;
use sanduq::vault::{Contacts, check_revision};
use serde::Serialize;

use super::Context;
use crate::failure::{Failure, Kind};
use crate::process;
use crate::sanitize::one_line;

/// A bundle that was judged, for `--json`.
#[derive(Serialize)]
pub(super) struct Judged {
    pub(super) bundle: String,
    pub(super) date: String,
    pub(super) signer: Signer,
    pub(super) cases: Vec<JudgedCase>,
}

/// Who passed it on.
#[derive(Serialize)]
pub(super) struct Signer {
    label: Option<String>,
    verified: bool,
    card: String,
}

/// A case in it.
#[derive(Serialize)]
pub(super) struct JudgedCase {
    code: String,
    parts: Vec<JudgedPart>,
}

/// A revision of a part in it, and who recorded it.
#[derive(Serialize)]
struct JudgedPart {
    part: String,
    recorded_by: Signer,
    time: sanduq::record::Time,
    lang: Option<String>,
    exhibits: usize,
}

/// Opens a bundle file, and verifies all of it.
pub(super) fn read(
    context: &mut Context,
    path: &Path,
    contacts: &Contacts,
) -> Result<VerifiedBundle<File>, Failure> {
    let identity = context.identity()?;
    let file =
        File::open(path).map_err(|error| Failure::io(format!("cannot read {}", path.display()), error))?;
    let bytes = file.metadata().map(|metadata| metadata.len()).unwrap_or(0);
    let own = own_recipients(identity.card());
    let trust = |card: &KnownCard| trust(card, identity.card(), contacts);
    let progress = context.ui.progress(bytes, "verifying");
    let read =
        read_bundle(file, &identity.age_keys(), Judge { own: Some(&own), trust: &trust }, &mut |bytes| {
            progress.advance(bytes);
        });
    drop(progress);
    if process::cancelled() {
        return Err(Failure::cancelled());
    }
    read.map_err(|error| Failure::from(error).while_doing(format!("{} is refused", path.display())))
}

/// A contact, or oneself.
pub(super) fn trust(card: &KnownCard, own: &KnownCard, contacts: &Contacts) -> Trust {
    match card.hash() == own.hash() || contacts.by_card(&card.hash()).is_some() {
        true => Trust::Known,
        false => Trust::Unknown,
    }
}

impl Signer {
    fn of(card: &KnownCard, own: &KnownCard, contacts: &Contacts) -> Self {
        let hash = card.hash();
        let contact = contacts.by_card(&hash);
        let me = hash == own.hash();
        let label =
            if me { Some("you".to_owned()) } else { contact.map(|contact| contact.label.to_string()) };
        let verified = me || contact.is_some_and(|contact| contact.verified);
        Self { label, verified, card: hash.to_string() }
    }

    fn to_text(&self) -> String {
        match (&self.label, self.verified) {
            (Some(label), true) => format!("{}, verified", one_line(label)),
            (Some(label), false) => format!("{}, UNVERIFIED: the words were never compared", one_line(label)),
            (None, _) => format!("somebody unknown here, card {}…", &self.card[..8]),
        }
    }
}

impl Judged {
    /// Reads what was verified.
    pub(super) fn of(verified: &Verified, own: &KnownCard, contacts: &Contacts) -> Result<Self, Failure> {
        let parcel = verified.parcel();
        let signer = Signer::of(verified.signer(), own, contacts);
        let mut cases = Vec::new();
        for case in &parcel.cases {
            let mut parts = Vec::new();
            for revision in &case.revisions {
                let (core, _) =
                    check_revision(revision).map_err(|damage| Failure::new(Kind::Corrupt, damage))?;
                let author = parcel.cards.iter().find(|card| card.hash() == core.author);
                let recorded_by = match author {
                    Some(card) => Signer::of(card, own, contacts),
                    None => Signer { label: None, verified: false, card: core.author.to_string() },
                };
                parts.push(JudgedPart {
                    part: core.part.to_string(),
                    recorded_by,
                    time: core.time,
                    lang: revision.lang.as_ref().map(ToString::to_string),
                    exhibits: revision.exhibits.len(),
                });
            }
            parts.sort_by_key(|part| {
                part.part.parse::<PartName>().map(|name| name.order().0).unwrap_or(usize::MAX)
            });
            cases.push(JudgedCase { code: case_code(&case.case).to_string(), parts });
        }
        Ok(Self { bundle: parcel.bundle.to_string(), date: parcel.date.date(), signer, cases })
    }

    /// One page: what was checked, who recorded, who passed on.
    pub(super) fn to_text(&self) -> String {
        let mut text = format!(
            "sound: every file is listed, every signature and digest was checked\n\n\
             bundle      {}\nmade on     {}\npassed on by {}\n",
            self.bundle,
            self.date,
            self.signer.to_text()
        );
        for case in &self.cases {
            text.push_str(&format!("\n{}\n", case.code));
            for part in &case.parts {
                let lang =
                    part.lang.as_ref().map(|lang| format!(", in {}", one_line(lang))).unwrap_or_default();
                let exhibits = match part.exhibits {
                    0 => String::new(),
                    count => format!(", {count} exhibit(s)"),
                };
                text.push_str(&format!(
                    "  {}: recorded by {}, {}{lang}{exhibits}\n",
                    part.part,
                    part.recorded_by.to_text(),
                    part.time
                ));
            }
        }
        text
    }
}

/// The refusals of bundles: kind and next step of each.
impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        use sanduq::crypto::OpenError;
        match error {
            BundleError::UnknownSigner { card } => unknown(&card),
            BundleError::MisAddressed { .. } | BundleError::Open(OpenError::NoIdentityMatches) => {
                Self::new(Kind::NoMatch, error)
                    .hint("name the identity it was sealed to with `--identity FILE`, or send it back to its sender")
            }
            BundleError::Read(source) => Self::io("cannot read the bundle", source),
            BundleError::Write(source) | BundleError::Sink(source) => Self::io("cannot write", source),
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
