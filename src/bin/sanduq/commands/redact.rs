//! `sanduq redact`: a copy of a statement in which passages are hidden, bound to the original that stays as it is; and
//! whether a copy is one of an original that can be read here.

use std::ops::Range;

use sanduq::crypto::redaction_digest;
use sanduq::format::{Revision, parse_form};
use sanduq::look::named;
use sanduq::record::form::{Form, FormError, Id, Node, SECTIONS, Statement, Value};
use sanduq::record::{PartName, can_be_redacted, marked, redacted};
use sanduq::vault::{CaseView, Vault};

use super::Context;
use super::access::parse_code;
use super::look::known;
use super::put::{Revised, parse_part, read_text, unless_nothing, warn_of_source};
use crate::args::Place;
use crate::failure::Failure;
use crate::ui::quoted;

mod check;

/// Make a redacted copy of a statement beside the untouched original, or check one
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the case with this code
    #[arg(value_name = "CODE")]
    pub(crate) code: String,
    /// Copy the text of this part; with --check, look at the copies in it
    #[arg(value_name = "PART")]
    pub(crate) part: String,
    /// Copy this statement of the part's form instead of its text
    #[arg(long, value_name = "ID", conflicts_with = "check")]
    pub(crate) statement: Option<String>,
    /// Write the copy into this part [default: testimony/redacted]
    #[arg(long, value_name = "PART", conflicts_with = "check")]
    pub(crate) into: Option<String>,
    /// Replace the names of persons of the case, in any spelling, by their pseudonyms
    #[arg(long, conflicts_with = "check", required_unless_present_any = ["marked", "check"])]
    pub(crate) persons: bool,
    /// Hide what stands between ⟦ and ⟧ in this copy of the text, or with - in standard input
    #[arg(long, value_name = "FILE|-", value_parser = clap::value_parser!(Place), conflicts_with = "check")]
    pub(crate) marked: Option<Place>,
    /// Say which language the text is in, like kk-Cyrl, ug-Arab or zh-Hans, where the part does not say it
    #[arg(long, value_name = "TAG", conflicts_with = "check")]
    pub(crate) lang: Option<String>,
    /// Say who speaks, by identifier, where the original does not say it
    #[arg(long, value_name = "ID", conflicts_with = "check")]
    pub(crate) by: Option<String>,
    /// Write the copy without asking
    #[arg(long, conflicts_with = "check")]
    pub(crate) yes: bool,
    /// Check whether the copies in this part are copies of originals that can be read here
    #[arg(long)]
    pub(crate) check: bool,
}

/// A text that copies are made of, with what salts their digest.
struct Original {
    text: String,
    lang: Option<String>,
    by: Option<String>,
    random: [u8; 32],
}

/// A text of a revision; of a statement of its form the identifier, and who says it.
struct Said {
    statement: Option<String>,
    text: String,
    lang: Option<String>,
    by: Option<String>,
}

/// Runs the command.
pub(crate) fn run(args: Args, context: &mut Context) -> Result<(), Failure> {
    if args.check {
        return check::run(&args, context);
    }
    let (code, part) = (parse_code(&args.code)?, parse_part(&args.part)?);
    let into = parse_part(args.into.as_deref().unwrap_or("testimony/redacted"))?;
    if into == part {
        return Err(Failure::usage("the copy goes into another part than its original")
            .hint("name one with --into, such as testimony/redacted: parts are shared one by one"));
    }
    let takes = SECTIONS.iter().any(|one| one.name == "statement" && one.parts.contains(&into.kind()));
    if !takes {
        return Err(Failure::usage(format!(
            "the copy cannot be written into {into}: it takes no statements"
        ))
        .hint("name a part such as testimony/redacted with --into"));
    }
    let mut vault = context.owner_vault()?;
    let case = vault.find(&code)?;
    let view = vault.case(case)?;
    let original = original(&vault, &view, &part, args.statement.as_deref())?;
    can_be_redacted(&original.text).map_err(|error| Failure::unfit("no copy can be made", error))?;
    let copy = copy_of(&args, context, &vault, &view, &original)?;
    let form = with_copy(&vault, &view, &into, &args, (&original, &copy))?;
    context.ui.status(&format!("the copy, for {into}; what stands outside ⟦ and ⟧ is as in the original:"));
    context.ui.status(quoted(&copy).trim_end());
    context.ui.hint("read it: names that are not known stay; `sanduq lint` looks for what could still tell who it is about");
    context.ui.confirm(&format!("write this copy into {into}?"), args.yes)?;
    let written = unless_nothing(context, vault.put_form(case, &into, &form, context.now()))?;
    let revised = Revised::of(&vault, case, &into, written.as_ref())?;
    context.ui.answer(&revised, || revised.to_string())?;
    if let Some(Place::File(path)) = &args.marked {
        warn_of_source(context, &[path.display().to_string()]);
    }
    Ok(())
}

/// The text of the part's one head, or a statement of its form.
fn original(
    vault: &Vault,
    view: &CaseView,
    part: &PartName,
    statement: Option<&str>,
) -> Result<Original, Failure> {
    let heads = view.heads(part);
    let head = match heads[..] {
        [head] => head,
        [] => return Err(view.no_such(format!("part {part}")).into()),
        _ => return Err(several(part)),
    };
    let revision = view.open(vault.store(), head)?.revision;
    let random = revision.random.into_array();
    let texts = texts_of(&revision);
    let wanted = texts.into_iter().find(|said| said.statement.as_deref() == statement);
    let none = || {
        let what = statement
            .map_or_else(|| "has no text".to_owned(), |id| format!("has no statement {id} with words"));
        Failure::refused(format!("{part} {what}"))
            .hint("a statement of its form is named with --statement ID, as `sanduq show` lists it")
    };
    let Said { text, lang, by, .. } = wanted.ok_or_else(none)?;
    Ok(Original { text, lang, by, random })
}

fn several(part: &PartName) -> Failure {
    Failure::refused(format!("several revisions of {part} stand beside each other"))
        .hint("write the one that is to stand with `sanduq put CODE PART`")
}

/// The texts of a revision: its own, and those of the statements of its form.
fn texts_of(revision: &Revision) -> Vec<Said> {
    let lang = revision.lang.as_ref().map(ToString::to_string);
    let own = revision.text.clone().map(|text| Said { statement: None, text, lang, by: None });
    let form = revision.form.as_deref().and_then(|form| parse_form(form).ok()).unwrap_or_default();
    let said = form.statement.into_iter().enumerate().filter_map(|(at, one)| {
        let id = one.id.as_ref().map_or_else(|| (at + 1).to_string(), ToString::to_string);
        Some(Said {
            statement: Some(id),
            text: one.text?.as_str().to_owned(),
            lang: Some(one.lang.to_string()),
            by: one.by.as_ref().map(ToString::to_string),
        })
    });
    own.into_iter().chain(said).collect()
}

/// Hides what is marked, and puts pseudonyms for persons.
fn copy_of(
    args: &Args,
    context: &Context,
    vault: &Vault,
    view: &CaseView,
    original: &Original,
) -> Result<String, Failure> {
    let mut passages: Vec<(Range<usize>, Option<String>)> = Vec::new();
    if args.marked.is_some() {
        let text = read_text(context, &args.marked, &parse_part(&args.part)?)?;
        let hidden = marked(&text, &original.text).map_err(|error| {
            Failure::unfit("the marked text cannot be taken", error).hint("nothing was written")
        })?;
        passages.extend(hidden.into_iter().map(|range| (range, None)));
    }
    if args.persons {
        let (known, unread) = known(vault, view)?;
        for what in unread {
            context.ui.warn(&format!("{what}: names in it are not replaced"));
        }
        for (range, who) in named(&original.text, &known) {
            let shown = who.as_ref().map(Id::to_string);
            let said = crate::sanitize::one_line(&original.text[range.clone()]).into_owned();
            context.ui.status(&format!("{} for “{said}”", shown.as_deref().unwrap_or("hidden")));
            passages.push((range, shown));
        }
    }
    redacted(&original.text, passages).map_err(|error| {
        Failure::unfit("there is nothing to hide", error)
            .hint("mark passages with ⟦ and ⟧, and give the text with --marked")
    })
}

/// The form of the part with the copy in it, in place of an earlier copy of the same original.
fn with_copy(
    vault: &Vault,
    view: &CaseView,
    into: &PartName,
    args: &Args,
    (original, copy): (&Original, &str),
) -> Result<Form, Failure> {
    let before = match view.heads(into)[..] {
        [] => None,
        [head] => view.open(vault.store(), head)?.revision.form,
        _ => return Err(several(into)),
    };
    let unread = |error| Failure::refused(format!("the form of {into}: {error}"));
    let mut form = before.map_or_else(|| Ok(Form::default()), |form| parse_form(&form)).map_err(unread)?;
    let Some(lang) = args.lang.clone().or_else(|| original.lang.clone()) else {
        return Err(Failure::refused("the original does not say in which language it is")
            .hint("say it with --lang, like kk-Cyrl, ug-Arab, zh-Hans, ru"));
    };
    let digest = redaction_digest(&original.random, &original.text).to_string();
    let mut node = Node::table();
    for (field, value) in [("lang", lang.as_str()), ("text", copy), ("redaction_of", &digest)] {
        node.set(field, Some(Node::typed(value)));
    }
    let by = args.by.clone().or_else(|| original.by.clone());
    node.set("by", by.map(Node::typed));
    let refused = |error: FormError| {
        let remedy = error.fault.remedy();
        Failure::unfit("the copy cannot be written", error).hint(remedy)
    };
    let statement = Statement::read(&node).map_err(refused)?;
    if statement.text.as_ref().is_none_or(|text| text.as_str() != copy) {
        return Err(Failure::refused("the copy would not be written as it is shown"));
    }
    form.statement.retain(|other| other.redaction_of != statement.redaction_of);
    form.statement.push(statement);
    Ok(form)
}
