//! `sanduq timeline`: the dates of cases in order, and where accounts differ.

use sanduq::record::CaseId;
use sanduq::record::form::{Dated, Id, Place, Shown as _};
use sanduq::record::timeline::{Moment, Order, Timeline};
use serde::Serialize;

use super::Context;
use super::access::Access;
use super::conflicts;
use super::form_page::knows;
use super::sheets::{Cards, Named, Persons, Sheets, Source, brief, left_out, unless_damaged};
use super::words::count;
use crate::failure::Failure;
use crate::ui::quoted;

/// Show the dates of cases in order, with what they leave open
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Work on the cases with these codes
    #[arg(value_name = "CODE", required = true)]
    pub(crate) codes: Vec<String>,
    /// Show where accounts differ instead, and settle nothing
    #[arg(long)]
    pub(crate) conflicts: bool,
}

/// A timeline, for `--json`.
#[derive(Serialize)]
struct Page {
    codes: Vec<String>,
    dates: Vec<Line>,
    unordered: Vec<Line>,
    names: Vec<Named>,
    newer: Vec<String>,
    damaged: Vec<String>,
}

/// Something with a date.
#[derive(Serialize)]
struct Line {
    what: String,
    text: Option<String>,
    date: Dated,
    earliest: Option<String>,
    latest: Option<String>,
    uncertainty: String,
    /// Whether it came after the line before.
    order: Option<&'static str>,
    /// Up to how many lines further down it may belong.
    further: usize,
    until: Option<Dated>,
    place: Option<Place>,
    persons: Vec<Part>,
    said_by: Option<String>,
    knowledge: Option<String>,
    lang: Option<String>,
    follows: Option<String>,
    sources: Vec<Source>,
    #[serde(skip)]
    called: Vec<String>,
    #[serde(skip)]
    said: Option<String>,
}

/// A person in something that happened.
#[derive(Serialize)]
struct Part {
    role: String,
    id: String,
}

/// A case that was read, with what is needed to tell of it.
pub(super) struct Told {
    pub(super) code: String,
    pub(super) sheets: Sheets,
    pub(super) sources: Vec<Source>,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &mut Context) -> Result<(), Failure> {
    let access = context.access()?;
    let told = read(&access, &args.codes)?;
    let holes: usize = told.iter().map(|told| told.sheets.holes).sum();
    let damaged = told.iter().map(|told| told.sheets.damaged.len()).sum();
    if args.conflicts {
        conflicts::answer(context, &told)?;
    } else {
        let page = page(&told);
        context.ui.answer(&page, || page.to_text())?;
    }
    unless_damaged(damaged, holes)
}

/// Reads each case once, whoever gave it and however often it was named.
fn read(access: &Access, codes: &[String]) -> Result<Vec<Told>, Failure> {
    let cards = Cards::of(access);
    let mut told: Vec<Told> = Vec::new();
    for code in codes {
        let views = access.views(code)?;
        let known = |case: CaseId| told.iter().any(|told| told.sheets.case == case);
        if views.first().is_none_or(|view| known(view.case)) {
            continue;
        }
        let mut sheets: Option<Sheets> = None;
        for view in &views {
            let read = Sheets::read(&cards, view, |_| true)?;
            match &mut sheets {
                Some(sheets) => sheets.join(read),
                None => sheets = Some(read),
            }
        }
        let Some(sheets) = sheets else { continue };
        let code = access.code(sheets.case).to_string();
        let sources = sheets.sources(access, &code)?;
        told.push(Told { code, sheets, sources });
    }
    Ok(told)
}

/// What was skipped and what is damaged, each with its case.
pub(super) fn failures(told: &[Told]) -> (Vec<String>, Vec<String>) {
    let of = |lines: fn(&Sheets) -> &Vec<String>| {
        let named = |told: &Told| -> Vec<String> {
            lines(&told.sheets).iter().map(|line| format!("{} {line}", told.code)).collect()
        };
        told.iter().flat_map(named).collect()
    };
    (of(|sheets| &sheets.newer), of(|sheets| &sheets.damaged))
}

fn page(told: &[Told]) -> Page {
    let mut timeline = Timeline::default();
    let mut sources: Vec<(&Source, usize)> = Vec::new();
    let mut persons = Vec::new();
    let mut names = Vec::new();
    for (at, one) in told.iter().enumerate() {
        let sheets = one.sheets.sheets(sources.len());
        timeline.add(&sheets);
        sources.extend(one.sources.iter().map(|source| (source, at)));
        let known = Persons::of(&sheets);
        names.extend(known.named(&one.code));
        persons.push(known);
    }
    let line = |moment: &Moment, order: (Option<Order>, usize)| {
        // Every moment stands in a sheet, and every sheet belongs to a case.
        let known = moment.at.first().and_then(|at| Some(&persons[sources.get(*at)?.1]));
        Line::of(moment, order, known, moment.at.iter().map(|at| sources[*at].0.clone()).collect())
    };
    let orders = timeline.orders();
    let (newer, damaged) = failures(told);
    Page {
        codes: told.iter().map(|told| told.code.clone()).collect(),
        dates: timeline.ordered.iter().zip(orders).map(|(moment, order)| line(moment, order)).collect(),
        unordered: timeline.unordered.iter().map(|moment| line(moment, (None, 0))).collect(),
        names,
        newer,
        damaged,
    }
}

impl Line {
    fn of(
        moment: &Moment,
        (order, further): (Option<Order>, usize),
        persons: Option<&Persons>,
        sources: Vec<Source>,
    ) -> Self {
        let called = |id: &Id| persons.map_or_else(|| id.to_string(), |persons| persons.called(id));
        let day = |edge: Option<sanduq::record::timeline::Edge>| Some(edge?.day()?.to_string());
        let with_role = |(role, id): &(String, Id)| format!("{role} {}", called(id)).trim().to_owned();
        Self {
            what: moment.what.clone(),
            text: moment.text.clone(),
            date: moment.date.clone(),
            earliest: day(moment.span.as_ref().map(|span| span.earliest())),
            latest: day(moment.span.as_ref().map(|span| span.latest())),
            uncertainty: moment.span.as_ref().map(|span| span.words()).unwrap_or_default(),
            order: order.map(|order| match order {
                Order::Certain => "certain",
                Order::AsWritten => "as_written",
                Order::Open => "open",
            }),
            further,
            until: moment.until.clone(),
            place: moment.place.clone(),
            persons: moment
                .persons
                .iter()
                .map(|(role, id)| Part { role: role.clone(), id: id.to_string() })
                .collect(),
            said_by: moment.said_by.as_ref().map(ToString::to_string),
            knowledge: moment.knowledge.as_ref().map(|knowledge| knowledge.as_str().to_owned()),
            lang: moment.lang.clone(),
            follows: moment.follows.clone(),
            sources,
            called: moment.persons.iter().map(with_role).collect(),
            said: moment.said_by.as_ref().map(called),
        }
    }

    /// The lines of the page: the date as it was said, and below it what, who, where, and where it stands.
    fn push_to(&self, text: &mut String) {
        let mark = if self.order.is_some_and(|order| order != "certain") { "~" } else { " " };
        let date = self.date.shown().concat();
        let date = if date.is_empty() { "no date said".to_owned() } else { date };
        let until = self.until.as_ref().map(|until| format!("until {}", until.shown().concat()));
        let further =
            (self.further > 1).then(|| format!("may belong up to {} dates further down", self.further));
        let open = (!self.uncertainty.is_empty()).then(|| self.uncertainty.clone());
        let first = [Some(date), open, until, further].into_iter().flatten().collect::<Vec<_>>().join("; ");
        text.push_str(&format!("{mark} {first}\n"));
        let mut below = |line: String| text.push_str(&format!("      {line}\n"));
        let said = self.text.as_ref().map(|said| format!(": {}", brief(said))).unwrap_or_default();
        below(format!("{}{said}", self.what));
        if let Some(follows) = &self.follows {
            below(follows.clone());
        }
        if let Some(line) = said_line(self.said.as_deref(), self.knowledge.as_deref(), self.lang.as_deref()) {
            below(line);
        }
        if !self.called.is_empty() {
            below(format!("who: {}", self.called.join(", ")));
        }
        if let Some(place) = &self.place {
            below(format!("where: {}", place.shown().concat()));
        }
        self.sources.iter().for_each(|source| below(source.line()));
    }
}

/// Who says something, how they know, in which language.
pub(super) fn said_line(by: Option<&str>, knowledge: Option<&str>, lang: Option<&str>) -> Option<String> {
    let by = by.map(|by| format!("said by {by}"));
    let lang = lang.map(|lang| format!("in {lang}"));
    let parts: Vec<String> = [by, knowledge.map(knows), lang].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

impl Page {
    fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.codes.join(" "));
        if self.dates.is_empty() && self.unordered.is_empty() {
            let cases = if self.codes.len() == 1 { "this case" } else { "these cases" };
            text.push_str(&format!("\nno form of {cases} has a date\n"));
        }
        if !self.dates.is_empty() {
            let dates = count(self.dates.len(), "date", "dates");
            text.push_str(&format!(
                "{dates} as they were said, by the first day it can have been; ~ where it is not certain that it came \
                 after the one above\n\n"
            ));
            text.push_str(&quoted(&lines(&self.dates)));
        }
        if !self.unordered.is_empty() {
            text.push_str("\nNO DATE THAT CAN BE ORDERED\n\n");
            text.push_str(&quoted(&lines(&self.unordered)));
        }
        text.push_str(&left_out(&self.newer, &self.damaged));
        text
    }
}

fn lines(lines: &[Line]) -> String {
    let mut text = String::new();
    lines.iter().for_each(|line| line.push_to(&mut text));
    text
}
