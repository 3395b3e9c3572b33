//! `sanduq put`: text into a part.

use sanduq::record::{CaseId, Lang, PartName, RevisionId, TextError, normalise_text};
use sanduq::store::{StoreError, files};
use sanduq::vault::{NewText, Vault, VaultError, Written};
use serde::Serialize;

use super::Context;
use super::access::parse_code;
use super::form;
use crate::args::Place;
use crate::failure::{Failure, Kind};

/// What to do about a file that is not there.
pub(super) const LOOK_AT_THE_NAME: &str = "look at the name; if it is on a stick, see that it is in";
/// Largest file read as a text, in bytes: twice what a text may have in its normal form.
const MAX_FILE_BYTES: u64 = 32 << 20;

/// Write text into a part of a case
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
    /// Write into this part: person, testimony, whereabouts, medical, notes, or labelled like person/doctor
    #[arg(value_name = "PART")]
    pub(crate) part: String,
    /// Read the text from this file, or with - from standard input
    #[arg(long, value_name = "FILE|-", value_parser = clap::value_parser!(Place))]
    pub(crate) from: Option<Place>,
    /// Say which language the text is in, like kk, ug-Arab or zh-Hans
    #[arg(long, value_name = "TAG")]
    pub(crate) lang: Option<String>,
    /// Write a filled-in form (TOML or JSON) from this file, or with - from standard input; the text stays
    #[arg(long, value_name = "FILE|-", value_parser = clap::value_parser!(Place), conflicts_with_all = ["from", "lang", "add"])]
    pub(crate) form: Option<Place>,
    /// Add to the text that is there instead of replacing it
    #[arg(long)]
    pub(crate) add: bool,
}

/// What was written, for `--json`; also of `attach` and `detach`.
#[derive(Serialize)]
pub(super) struct Revised {
    code: String,
    part: String,
    revision: Option<usize>,
    id: Option<String>,
    follows: Vec<usize>,
}

impl Revised {
    /// Numbers the revisions as `show --revision` takes them.
    pub(super) fn of(
        vault: &Vault,
        case: CaseId,
        part: &PartName,
        written: Option<&Written>,
    ) -> Result<Self, Failure> {
        let view = vault.case(case)?;
        let number = |id: &RevisionId| {
            view.revisions(part).iter().position(|fact| fact.revision == *id).map(|at| at + 1)
        };
        let id = written.and_then(|written| written.revision);
        Ok(Self {
            code: view.code().to_string(),
            part: part.to_string(),
            revision: id.as_ref().and_then(number),
            id: id.map(|id| id.to_string()),
            follows: written
                .map(|written| written.follows.iter().filter_map(number).collect())
                .unwrap_or_default(),
        })
    }
}

impl std::fmt::Display for Revised {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, part, .. } = self;
        let Some(revision) = self.revision else {
            return write!(f, "{part} of {code} is unchanged");
        };
        write!(f, "{part} of {code}: revision {revision}")?;
        let follows: Vec<String> = self.follows.iter().map(ToString::to_string).collect();
        match follows.as_slice() {
            [] => f.write_str(", its first"),
            [one] => write!(f, ", follows revision {one}"),
            several => write!(f, ", follows and joins revisions {}", several.join(" and ")),
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    let (code, part) = (parse_code(&args.code)?, parse_part(&args.part)?);
    let lang = args.lang.as_deref().map(parse_lang).transpose()?;
    let mut vault = context.owner_vault()?;
    let case = vault.find(&code)?;
    let view = vault.case(case)?;
    if view.heads(&part).len() > 1 {
        context.ui.warn(&format!(
            "{} revisions of {part} stand beside each other; this one will follow them all, and they stay \
             readable with --revision",
            view.heads(&part).len()
        ));
    }
    let written = match &args.form {
        Some(place) => form::put(context, &mut vault, case, &part, place)?,
        None => {
            let text = read_text(context, &args.from, &part)?;
            let new = NewText { text, lang, add: args.add };
            unless_nothing(context, vault.put_text(case, &part, &new, context.now()))?
        }
    };
    let revised = Revised::of(&vault, case, &part, written.as_ref())?;
    context.ui.answer(&revised, || revised.to_string())?;
    if let Some(Place::File(path)) = args.from.as_ref().or(args.form.as_ref()) {
        warn_of_source(context, &[path.display().to_string()]);
    }
    Ok(())
}

/// Says why nothing was written, where that is no failure.
pub(super) fn unless_nothing(
    context: &Context,
    written: Result<Written, VaultError>,
) -> Result<Option<Written>, Failure> {
    match written {
        Err(VaultError::Nothing(why)) => {
            context.ui.status(why);
            Ok(None)
        }
        written => Ok(Some(written?)),
    }
}

/// Reads a part's name as it was typed.
pub(super) fn parse_part(text: &str) -> Result<PartName, Failure> {
    text.parse().map_err(|error| {
        Failure::unfit(format!("{text:?} is no part"), error)
            .hint("`sanduq show CODE` shows the parts a case has; a new one is named like these")
    })
}

fn parse_lang(text: &str) -> Result<Lang, Failure> {
    text.parse().map_err(|error| {
        Failure::unfit(format!("{text:?} is no language tag"), error)
            .hint("leave --lang out if you are not sure; nothing was written")
    })
}

/// Says that sealing a copy did not touch the source.
pub(super) fn warn_of_source(context: &Context, paths: &[String]) {
    let (list, is) = (paths.join(", "), if paths.len() == 1 { "is" } else { "are" });
    context.ui.warn(&format!("{list} {is} still readable by anyone who gets at the disk"));
    context
        .ui
        .hint("the vault keeps a sealed copy; deleting a file leaves traces, most of all on sticks and SSDs");
}

pub(super) fn read_text(context: &Context, from: &Option<Place>, part: &PartName) -> Result<String, Failure> {
    let (name, bytes) = match from {
        Some(Place::File(path)) => {
            let bytes = match files::read(path, MAX_FILE_BYTES) {
                Err(StoreError::TooLarge { .. }) => {
                    return Err(too_long(format!("{} cannot be taken as a text", path.display())));
                }
                Err(error @ StoreError::NotFound { .. }) => {
                    return Err(
                        Failure::new(Kind::Usage, error).hint("look at the name; nothing was written")
                    );
                }
                other => other?,
            };
            (path.display().to_string(), zeroize::Zeroizing::new(bytes))
        }
        None | Some(Place::Standard) => {
            let mut text = context.ui.prompt_text(&format!("text of {part}"))?;
            ("the text".into(), zeroize::Zeroizing::new(std::mem::take(&mut *text).into_bytes()))
        }
    };
    let unfit = format!("{name} cannot be taken");
    normalise_text(&bytes).map_err(|error| match error {
        TextError::TooLong(_) => too_long(unfit),
        TextError::NotUtf8(_) => Failure::unfit(unfit, error)
            .hint("save it as UTF-8 text, or attach the file as it is with `sanduq attach`"),
        error => Failure::unfit(unfit, error).hint("nothing was written"),
    })
}

fn too_long(what: String) -> Failure {
    Failure::unfit(what, TextError::TooLong(sanduq::record::MAX_TEXT_BYTES))
        .hint("attach it as a file with `sanduq attach`")
}
