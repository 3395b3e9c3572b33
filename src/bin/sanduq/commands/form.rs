//! Forms as they are put: read, judged, and compared with the one that stands.

use sanduq::format::{MAX_FORM_FILE_BYTES, parse_form, read_form};
use sanduq::record::form::{Form, FormError, Id};
use sanduq::record::{CaseId, PartName, TextError};
use sanduq::store::{StoreError, files};
use sanduq::vault::{Vault, Written};
use zeroize::Zeroizing;

use super::Context;
use super::put::unless_nothing;
use crate::args::Place;
use crate::failure::{Failure, Kind};

/// Reads a form and writes it into a part. Nothing is written when anything in it is wrong.
pub(super) fn put(
    context: &Context,
    vault: &mut Vault,
    case: CaseId,
    part: &PartName,
    place: &Place,
) -> Result<Option<Written>, Failure> {
    let (name, text) = read(context, place, part)?;
    let form = read_form(&text, part.kind()).map_err(|error| refused(&name, &error))?;
    say_what_goes(context, vault, case, part, &form)?;
    unless_nothing(context, vault.put_form(case, part, &form, context.now()))
}

/// The names under which these forms know a person.
pub(super) fn names_of(forms: &[Form], person: &Id) -> Vec<String> {
    let described = forms.iter().flat_map(|form| &form.person).filter(|known| known.id == *person);
    let mut names: Vec<String> =
        described.flat_map(|known| &known.name).map(|name| name.text.to_string()).collect();
    names.dedup();
    names
}

/// The file, the line, what is wrong, what to do.
fn refused(name: &str, error: &FormError) -> Failure {
    Failure::unfit(format!("the form {name} cannot be taken"), error.clone())
        .hint(error.fault.remedy())
        .hint("nothing was written")
}

/// Reads the text of a form; one that is too large is refused before it is read.
fn read(context: &Context, place: &Place, part: &PartName) -> Result<(String, Zeroizing<String>), Failure> {
    let Place::File(path) = place else {
        return Ok(("on standard input".into(), context.ui.prompt_text(&format!("form of {part}"))?));
    };
    let name = path.display().to_string();
    let bytes = match files::read(path, MAX_FORM_FILE_BYTES as u64) {
        Err(StoreError::TooLarge { .. }) => {
            return Err(Failure::unfit(
                format!("the form {name} cannot be taken"),
                TextError::TooLong(MAX_FORM_FILE_BYTES),
            )
            .hint("put long texts into the part with `sanduq put --from`, and files with `sanduq attach`"));
        }
        Err(error @ StoreError::NotFound { .. }) => {
            return Err(Failure::new(Kind::Usage, error).hint("look at the name; nothing was written"));
        }
        other => Zeroizing::new(other?),
    };
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok((name, Zeroizing::new(text.to_owned()))),
        Err(error) => {
            let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(Failure::unfit(
                format!("the form {name} cannot be taken"),
                TextError::NotUtf8(error.valid_up_to()),
            )
            .hint(format!("look at line {line}, and save the file as UTF-8 text; nothing was written")))
        }
    }
}

/// Warns of entries that the form which stands has and the new one has not: they stay in the earlier revision only.
pub(super) fn say_what_goes(
    context: &Context,
    vault: &Vault,
    case: CaseId,
    part: &PartName,
    form: &Form,
) -> Result<(), Failure> {
    let view = vault.case(case)?;
    let kept = form.ids();
    for head in view.heads(part) {
        let Some(before) = view.open(vault.store(), head)?.revision.form else { continue };
        let Ok(before) = parse_form(&before) else {
            context.ui.warn(
                "the form that stands was written by a newer sanduq; it stays readable with --revision",
            );
            continue;
        };
        let gone = before.ids().into_iter().filter(|id| !kept.contains(id));
        let consents = before.consent.iter().map(|consent| &consent.person);
        let lost = consents.filter(|person| form.consent.iter().all(|kept| kept.person != **person));
        let lost = lost.map(|person| format!("consent of {person}"));
        let gone: Vec<String> = gone.map(|(section, id)| format!("{section} {id}")).chain(lost).collect();
        if !gone.is_empty() {
            context.ui.warn(&format!(
                "left out of this revision, and readable in the one before: {}",
                gone.join(", ")
            ));
        }
    }
    Ok(())
}
