//! `sanduq search`: the passages in which words stand, over everything one can read here.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use sanduq::record::Time;
use sanduq::search::{Fit, Passage, Query};
use sanduq::vault::{Found, SearchIndex};
use serde::Serialize;

use super::Context;
use super::access::Access;
use super::list::holed;
use super::names::Name;
use super::words::count;
use crate::failure::{Failure, Kind};
use crate::process;
use crate::sanitize::one_line;
use crate::ui::quoted;

/// What stands around a word that was found.
const MARKS: (&str, &str) = ("»", "«");

/// Search everything you can read here, asking for the words or reading them from standard input
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Look for these words; shells remember what stands here, so leave it out to be asked
    #[arg(value_name = "WORDS")]
    pub(crate) words: Vec<String>,
    /// Show at most so many passages [default: 20]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<NonZeroUsize>,
}

/// How many passages are shown.
const LIMIT: NonZeroUsize = NonZeroUsize::new(20).expect("not zero");

/// What was found, for `--json`.
#[derive(Serialize)]
struct Results {
    /// The case whose code was looked for.
    case: Option<String>,
    found: Vec<Hit>,
    more: usize,
    /// Cases and parts of the vault's index that could not be read.
    unread: usize,
    damaged: Vec<String>,
}

/// A passage.
#[derive(Serialize)]
struct Hit {
    code: String,
    /// Who gave it, for what lies in another's vault.
    from: Option<Name>,
    /// None for a title.
    part: Option<String>,
    revision: Option<usize>,
    #[serde(skip)]
    revisions: usize,
    id: Option<String>,
    author: Option<Name>,
    time: Option<Time>,
    /// The text, a field of the form, an exhibit's name, the title.
    place: String,
    line: usize,
    fit: &'static str,
    passage: String,
    /// The pieces of the passage that were found.
    hits: Vec<String>,
    #[serde(skip)]
    marked: String,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &mut Context) -> Result<(), Failure> {
    let mut access = None;
    // A passphrase on standard input comes before the words.
    if args.words.is_empty() {
        access = Some(context.access()?);
    }
    let typed = match args.words.as_slice() {
        [] => context.ui.prompt_line("look for")?.to_string(),
        words => words.iter().map(|word| as_typed(word)).collect::<Vec<_>>().join(" "),
    };
    let query = Query::new(&typed).map_err(|error| {
        Failure::unfit("nothing can be looked for", error)
            .hint("type words, a name, a date, a code; words in \"quotes\" must stand side by side")
    })?;
    let access = match access {
        Some(access) => access,
        None => context.access()?,
    };
    let results = search(&access, context, &query, args.limit.unwrap_or(LIMIT).get(), &typed)?;
    context.ui.answer(&results, || page(&results))?;
    let (unread, damaged) = (results.unread, results.damaged.len());
    if damaged > 0 {
        let revisions = count(damaged, "revision", "revisions");
        return Err(Failure::say(
            Kind::Corrupt,
            format!("{revisions} that may hold the words cannot be read"),
        )
        .hint("`sanduq check` names everything that is damaged"));
    }
    if unread > 0 {
        return Err(holed(format!(
            "{} of this vault cannot be read and were not searched",
            count(unread, "part", "parts")
        )));
    }
    Ok(())
}

/// An argument of several words was quoted for the shell: they are meant side by side.
fn as_typed(word: &str) -> String {
    match word.contains(char::is_whitespace) && !word.contains('"') {
        true => format!("\"{word}\""),
        false => word.to_owned(),
    }
}

fn search(
    access: &Access,
    context: &Context,
    query: &Query,
    limit: usize,
    typed: &str,
) -> Result<Results, Failure> {
    let progress = context.ui.steps(0, "making the search index");
    let watch = |done, total| {
        progress.at(done, total, "making the search index");
        if process::cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut index = SearchIndex::open(access.corpus(), &watch)?;
    let answer = index.search(query, limit, &watch)?;
    drop(progress);
    if !index.is_kept() {
        context
            .ui
            .warn("the search index cannot be kept beside the identity file; each search makes it anew");
    }
    let found = answer.found.iter().map(|found| result(access, found)).collect::<Result<_, _>>()?;
    let case = typed.parse().ok().and_then(|code: sanduq::record::CaseCode| access.find(&code));
    Ok(Results {
        case: case.map(|case| access.code(case).to_string()),
        found,
        more: answer.more,
        unread: index.unread(),
        damaged: answer.damaged.into_iter().map(|error| Failure::from(error).to_string()).collect(),
    })
}

fn result(access: &Access, found: &Found) -> Result<Hit, Failure> {
    let Found { view, revision, place, passage } = found;
    let fact = revision.as_ref().map(|(fact, _)| fact);
    let number = fact
        .and_then(|fact| view.revisions(&fact.part).iter().position(|other| other.revision == fact.revision));
    Ok(Hit {
        code: access.code(view.case).to_string(),
        from: access.giver(view.owner)?,
        part: fact.map(|fact| fact.part.to_string()),
        revision: number.map(|at| at + 1),
        revisions: fact.map_or(0, |fact| view.revisions(&fact.part).len()),
        id: fact.map(|fact| fact.revision.to_string()),
        author: fact.map(|fact| Name::of(access, fact.author)).transpose()?,
        time: fact.map(|fact| fact.time),
        place: place.clone(),
        line: passage.line,
        fit: match passage.fit {
            Fit::Exact => "exact",
            Fit::Folded => "spelling",
            Fit::Beginning => "beginning",
            Fit::Sound => "sound",
        },
        passage: passage.text.clone(),
        hits: passage
            .marks
            .iter()
            .filter_map(|range| passage.text.get(range.clone()))
            .map(str::to_owned)
            .collect(),
        marked: marked(passage),
    })
}

/// The passage with signs around what was found.
fn marked(passage: &Passage) -> String {
    let mut text = String::new();
    let mut at = 0;
    for range in &passage.marks {
        let (before, hit) = (passage.text.get(at..range.start), passage.text.get(range.clone()));
        text.extend([before.unwrap_or_default(), MARKS.0, hit.unwrap_or_default(), MARKS.1]);
        at = range.end;
    }
    text + passage.text.get(at..).unwrap_or_default()
}

fn page(results: &Results) -> String {
    let mut text = String::new();
    if let Some(code) = &results.case {
        text.push_str(&format!("{code} is a case here: sanduq show {code}\n\n"));
    }
    for result in &results.found {
        text.push_str(&result.heading());
        text.push_str(&quoted(&result.marked));
        text.push('\n');
    }
    match (results.found.len(), results.more) {
        (0, _) if results.case.is_some() => text.push_str("nothing else found"),
        (0, _) => text.push_str("nothing found"),
        (_, 0) => {}
        (shown, more) => text.push_str(&format!("{more} more; all with --limit {}", shown + more)),
    }
    text
}

impl Hit {
    fn heading(&self) -> String {
        let Self { code, place, line, revisions, .. } = self;
        let mut text = code.clone();
        if let Some(from) = &self.from {
            text.push_str(&format!(", given by {from}"));
        }
        if let (Some(part), Some(revision)) = (&self.part, self.revision) {
            text.push_str(&format!("  {part}, revision {revision} of {revisions}"));
        }
        if let (Some(author), Some(time)) = (&self.author, &self.time) {
            text.push_str(&format!(", by {author}, {time}"));
        }
        let where_ = match place.as_str() {
            "text" => format!("line {line}"),
            place if *line > 1 => format!("{}, line {line}", one_line(place)),
            place => one_line(place).into_owned(),
        };
        text.push_str(&format!("\n  {where_}{}\n", self.how()));
        text
    }

    fn how(&self) -> &'static str {
        match self.fit {
            "spelling" => ", in another spelling",
            "beginning" => ", in a longer word",
            "sound" => ", a name that sounds like it",
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when a mark stands in the wrong place, or the text loses a letter.
    #[test]
    fn what_was_found_is_marked_plainly() {
        let text = "…Мен лагерьде болдым".to_owned();
        let start = text.find("лагерьде").unwrap();
        let hit = start..start + "лагерьде".len();
        let marks = vec![hit];
        let passage = Passage { field: 0, line: 1, text, marks, fit: Fit::Exact };
        assert_eq!(marked(&passage), "…Мен »лагерьде« болдым");
        assert_eq!(as_typed("two men"), "\"two men\"");
        assert_eq!(as_typed("Öztürk"), "Öztürk");
    }
}
