//! `sanduq due`: documents that expire, consents to be asked again, hearings, across all cases.

use std::collections::HashSet;

use sanduq::record::form::{Dated, Shown as _};
use sanduq::record::timeline::{Day, Due, DueKind, DueState, Edge, Unit, dues};
use sanduq::record::{CaseId, PartName};
use sanduq::vault::CaseView;
use serde::Serialize;

use super::Context;
use super::access::Access;
use super::codes::Codes;
use super::sheets::{Cards, Persons, Sheets, Source, brief, left_out, unless_damaged};
use super::words::count;
use crate::args::Within;
use crate::failure::Failure;
use crate::process;
use crate::ui::quoted;

/// How far ahead is looked unless it is said.
const WITHIN: Within = Within(90, Unit::Days);

/// List expiring documents, consents to be asked again and hearings, across all cases
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Look so far ahead: days, weeks, months or years, like 90d, 6w, 3m, 1y [default: 90d]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) within: Option<Within>,
}

/// What is due, for `--json`.
#[derive(Serialize)]
struct Page {
    today: String,
    until: String,
    cases: usize,
    due: Vec<Row>,
    /// Hearings without a date that can be ordered.
    undated: Vec<Row>,
    newer: Vec<String>,
    damaged: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    kind: &'static str,
    state: Option<&'static str>,
    entry: String,
    text: Option<String>,
    persons: Vec<String>,
    date: Dated,
    earliest: Option<String>,
    latest: Option<String>,
    /// Days from today to the earliest, fewer than none where that is over.
    days: Option<i64>,
    uncertainty: String,
    source: Source,
    #[serde(skip)]
    called: Vec<String>,
    #[serde(skip)]
    since: Option<i64>,
}

/// What was found in one case, or in one giver's view of it.
struct Found {
    sheets: Sheets,
    due: Vec<(Due, Option<DueState>)>,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &mut Context) -> Result<(), Failure> {
    let access = context.access()?;
    let Within(ahead, unit) = args.within.unwrap_or(WITHIN);
    let today = Day::of(context.now());
    let until = today.later(ahead, unit);
    let (found, holes) = look(context, &access, today, until)?;
    let page = page(&access, &found, today, until)?;
    context.ui.answer(&page, || page.to_text())?;
    unless_damaged(page.damaged.len(), holes)
}

/// Looks through every case, on all cores.
fn look(context: &Context, access: &Access, today: Day, until: Day) -> Result<(Vec<Found>, usize), Failure> {
    let cards = Cards::of(access);
    let progress = context.ui.counted("looking through cases");
    let one = |view: CaseView| {
        if process::cancelled() {
            return Err(Failure::cancelled());
        }
        progress.advance(1);
        let sheets = Sheets::read(&cards, &view, has_dates)?;
        let stands = |due: Due| {
            let state = due.state(today, until);
            (state.is_some() || due.span.is_none()).then_some((due, state))
        };
        let due: Vec<_> = sheets.sheets(0).into_iter().flat_map(dues).filter_map(stands).collect();
        // Of a case with nothing due, only what could not be read is kept.
        Ok(Found { sheets: if due.is_empty() { sheets.without_forms() } else { sheets }, due })
    };
    let (found, holes) = access.each_case(one)?;
    let found = found.into_iter().collect::<Result<Vec<_>, Failure>>()?;
    Ok((found, holes))
}

/// Whether a part can hold a document, a consent or a hearing.
fn has_dates(part: &PartName) -> bool {
    part.kind() != "whereabouts"
}

fn page(access: &Access, found: &[Found], today: Day, until: Day) -> Result<Page, Failure> {
    let cases: HashSet<CaseId> = found.iter().map(|found| found.sheets.case).collect();
    let codes = Codes::among(cases.iter().copied());
    let mut page = Page {
        today: today.to_string(),
        until: until.to_string(),
        cases: cases.len(),
        due: Vec::new(),
        undated: Vec::new(),
        newer: Vec::new(),
        damaged: Vec::new(),
    };
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for Found { sheets, due } in found {
        let code = codes.of(&sheets.case);
        page.newer.extend(sheets.newer.iter().map(|line| format!("{code} {line}")));
        page.damaged.extend(sheets.damaged.iter().map(|line| format!("{code} {line}")));
        if due.is_empty() {
            continue;
        }
        let sources = sheets.sources(access, &code)?;
        let persons = Persons::of(&sheets.sheets(0));
        for (due, state) in due {
            // Given by several, or the same in revisions that stand beside each other, it is due once.
            let key = (
                sheets.case,
                sheets.leaves[due.at].part.clone(),
                due.entry.clone(),
                due.kind.as_str(),
                due.date.shown(),
            );
            if seen.insert(key) {
                let row = Row::of(due, *state, today, &persons, sources[due.at].clone());
                rows.push((due.earliest(), due.span.as_ref().map(|span| span.latest()), row));
            }
        }
    }
    rows.sort_by(|(first, last, row), (other_first, other_last, other)| {
        let place = |row: &Row| (row.source.line(), row.entry.clone());
        (first, last, place(row)).cmp(&(other_first, other_last, place(other)))
    });
    for (first, _, row) in rows {
        if first.is_some() { page.due.push(row) } else { page.undated.push(row) }
    }
    Ok(page)
}

impl Row {
    fn of(due: &Due, state: Option<DueState>, today: Day, persons: &Persons, source: Source) -> Self {
        let earliest = due.earliest().and_then(Edge::day);
        let latest = due.span.as_ref().and_then(|span| span.latest().day());
        Self {
            kind: due.kind.as_str(),
            state: state.map(DueState::as_str),
            entry: due.entry.clone(),
            text: due.text.clone(),
            persons: due.persons.iter().map(ToString::to_string).collect(),
            date: due.date.clone(),
            earliest: earliest.map(|day| day.to_string()),
            latest: latest.map(|day| day.to_string()),
            days: earliest.and_then(|day| today.days_to(day)),
            uncertainty: due.span.as_ref().map(|span| span.words()).unwrap_or_default(),
            source,
            called: due.persons.iter().map(|id| persons.called(id)).collect(),
            since: latest.and_then(|day| day.days_to(today)),
        }
    }

    /// How it stands, in words.
    fn standing(&self) -> String {
        let days = |days: i64| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
        let exact = self.earliest == self.latest;
        match self.state {
            Some("overdue") => format!("OVERDUE by {}", days(self.since.unwrap_or_default())),
            Some("may_be_overdue") => "MAY BE OVERDUE".to_owned(),
            Some("today") if exact => "TODAY".to_owned(),
            Some("today") => "MAY BE TODAY".to_owned(),
            Some(_) => {
                let ahead = days(self.days.unwrap_or_default());
                if exact { format!("in {ahead}") } else { format!("in {ahead} at the earliest") }
            }
            None => "no date that can be ordered".to_owned(),
        }
    }

    /// The date first, and below it what is due, whom it is about and where it stands.
    fn push_to(&self, text: &mut String) {
        let date = self.date.shown().concat();
        let date = if date.is_empty() { "no date said".to_owned() } else { date };
        let open =
            if self.uncertainty.is_empty() { String::new() } else { format!("; {}", self.uncertainty) };
        text.push_str(&format!("{}: {date}{open}\n", self.standing()));
        let what = match self.kind {
            kind if kind == DueKind::ConsentReview.as_str() => "to be asked again",
            kind if kind == DueKind::ConsentEnds.as_str() => "ends",
            kind if kind == DueKind::DocumentExpires.as_str() => "expires",
            _ => "is a hearing",
        };
        let said = self.text.as_ref().map(|text| format!(": {}", brief(text))).unwrap_or_default();
        text.push_str(&format!("      {} {what}{said}\n", self.entry));
        if !self.called.is_empty() {
            text.push_str(&format!("      who: {}\n", self.called.join(", ")));
        }
        text.push_str(&format!("      {}\n", self.source.line()));
    }
}

fn lines(rows: &[Row]) -> String {
    let mut text = String::new();
    rows.iter().for_each(|row| row.push_to(&mut text));
    text
}

impl Page {
    fn to_text(&self) -> String {
        let cases = count(self.cases, "case", "cases");
        let mut text = format!("due by {}, today being {} (UTC), in {cases}\n", self.until, self.today);
        if self.due.is_empty() {
            text.push_str("\nnothing is due\n");
        } else {
            text.push_str(&format!("\n{}", quoted(&lines(&self.due))));
        }
        if !self.undated.is_empty() {
            text.push_str("\nHEARINGS WITHOUT A DATE THAT CAN BE ORDERED\n\n");
            text.push_str(&quoted(&lines(&self.undated)));
        }
        text.push_str(&left_out(&self.newer, &self.damaged));
        text
    }
}
