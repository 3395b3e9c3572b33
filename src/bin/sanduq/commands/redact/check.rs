//! Whether copies are copies of originals that can be read here.

use sanduq::crypto::redaction_digest;
use sanduq::format::parse_form;
use sanduq::record::is_copy_of;
use sanduq::vault::CaseView;
use serde::Serialize;

use super::{Args, texts_of};
use crate::commands::Context;
use crate::commands::access::Access;
use crate::commands::put::parse_part;
use crate::failure::{Failure, Kind};

/// What was found of one copy, for `--json`.
#[derive(Serialize)]
struct Checked {
    /// Its place among the statements of the form, from 1.
    statement: usize,
    /// Where its original stands; none where it cannot be read here.
    original: Option<Found>,
    /// Whether the copy says nothing that its original does not say.
    faithful: bool,
}

#[derive(Serialize)]
struct Found {
    part: String,
    revision: usize,
    statement: Option<String>,
}

#[derive(Serialize)]
struct Report {
    code: String,
    part: String,
    copies: Vec<Checked>,
}

/// Runs `redact --check`.
pub(super) fn run(args: &Args, context: &mut Context) -> Result<(), Failure> {
    let part = parse_part(&args.part)?;
    let access = context.access()?;
    let mut copies = Vec::new();
    let views = access.views(&args.code)?;
    for view in &views {
        for head in view.heads(&part) {
            let form = view.open(access.store(), head)?.revision.form.unwrap_or_default();
            let form = parse_form(&form).unwrap_or_default();
            for (at, copy) in form.statement.iter().enumerate() {
                let (Some(digest), Some(text)) = (&copy.redaction_of, &copy.text) else { continue };
                copies.push(check(&access, &views, (at + 1, digest.as_str(), text.as_str()))?);
            }
        }
    }
    let report = Report { code: args.code.clone(), part: part.to_string(), copies };
    if report.copies.is_empty() {
        return Err(Failure::refused(format!("there is no redacted copy in {part}")));
    }
    context.ui.answer(&report, || page(&report))?;
    let wrong = report.copies.iter().filter(|copy| !copy.faithful).count();
    match wrong {
        0 => Ok(()),
        _ => Err(Failure::say(Kind::Corrupt, format!("{wrong} of {} copies are not proven", report.copies.len()))
            .hint("the original is the one revision that the copy was made of: ask for it, with --history if it is an earlier one")),
    }
}

/// Looks for the original among all revisions that can be read.
fn check(
    access: &Access,
    views: &[CaseView],
    (statement, digest, copy): (usize, &str, &str),
) -> Result<Checked, Failure> {
    for view in views {
        for (part, facts) in &view.parts {
            for (at, fact) in facts.iter().enumerate() {
                let revision = match view.open(access.store(), fact) {
                    Ok(opened) => opened.revision,
                    Err(sanduq::vault::VaultError::Damaged(..)) => continue,
                    Err(error) => return Err(error.into()),
                };
                let random = revision.random.into_array();
                for super::Said { statement: id, text, .. } in texts_of(&revision) {
                    if redaction_digest(&random, &text).to_string() == digest {
                        let original =
                            Some(Found { part: part.to_string(), revision: at + 1, statement: id });
                        return Ok(Checked { statement, original, faithful: is_copy_of(copy, &text) });
                    }
                }
            }
        }
    }
    Ok(Checked { statement, original: None, faithful: false })
}

fn page(report: &Report) -> String {
    let line = |copy: &Checked| {
        let which = format!("statement {} of {}", copy.statement, report.part);
        let Some(original) = &copy.original else {
            return format!("{which}: its original is not among what can be read here\n");
        };
        let of = original.statement.as_ref().map(|id| format!(", statement {id}")).unwrap_or_default();
        let place = format!("{}, revision {}{of}", original.part, original.revision);
        match copy.faithful {
            true => format!("{which}: a copy of {place}; nothing was changed outside the marks\n"),
            false => format!("{which}: names {place} as its original, and says what does not stand there\n"),
        }
    };
    report.copies.iter().map(line).collect::<String>().trim_end().to_owned()
}
