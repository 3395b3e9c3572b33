//! What a date leaves open: the first and the last day on which something can have begun and ended.
//!
//! A span is read from EDTF and never the other way round: the date stays as it was said. `~` and `?` move no day
//! (ISO 8601-2, 8.4.2); that a date is only about right, or not sure, is kept beside the days.

use edtf_core::{Date, DateField, Edtf, Interval, IntervalEndpoint, Set, SetElement, SetKind};

use super::day::{Day, Edge, Stretch};
use crate::record::form::When;

/// More days, months or years than these are not looked at one by one; then all between the first and the last count.
const MAX_VALUES: usize = 400;

/// The days on which something can have begun and ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it began.
    pub begins: Stretch,
    /// When it ended; the same days where nothing says that it lasted.
    pub ends: Stretch,
    /// The days between that are possible, sorted; `201X-11` knows only Novembers.
    days: Vec<Stretch>,
    form: Form,
    about: bool,
    unsure: bool,
    digits: bool,
}

/// How the date is put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One date.
    One,
    /// One of the seasons, which begin and end differently for different people.
    Season,
    /// From one date to another.
    Lasting,
    /// One of several dates.
    OneOf,
    /// On several dates.
    Each,
}

/// Whether one thing came before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// It did.
    Certain,
    /// It did if both dates are right as they are written: one of them is only about right, or not sure.
    AsWritten,
    /// It may have come before, at the same time or after.
    Open,
}

/// How two dates of one thing agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// They are the same.
    Same,
    /// One is more exact than the other.
    Narrower,
    /// Some days are possible by both.
    Shared,
    /// No day is possible by both as they are written; one of them is only about right, or not sure.
    ApartAsWritten,
    /// No day is possible by both.
    Apart,
}

impl Span {
    /// Reads a date.
    pub fn of(when: &When) -> Self {
        let edtf = when.edtf();
        let (begins, ends, form) = match &edtf {
            Edtf::Date(date) => alone(date),
            Edtf::DateTime(at) => alone(&at.date),
            Edtf::Interval(interval) => lasting(interval),
            Edtf::Set(set) => several(set),
        };
        Self {
            begins,
            ends,
            days: days(&edtf),
            form,
            about: edtf.is_approximate(),
            unsure: edtf.is_uncertain(),
            digits: edtf.has_unspecified(),
        }
    }

    /// The first day it can have been.
    pub fn earliest(&self) -> Edge {
        self.begins.first
    }

    /// The last day it can have been.
    pub fn latest(&self) -> Edge {
        self.ends.last
    }

    /// Whether the date is neither only about right nor unsure.
    pub fn is_as_written(&self) -> bool {
        !self.about && !self.unsure
    }

    /// Whether this began before the other did.
    pub fn begins_before(&self, other: &Self) -> Order {
        match self.begins.last < other.begins.first {
            false => Order::Open,
            true if self.is_as_written() && other.is_as_written() => Order::Certain,
            true => Order::AsWritten,
        }
    }

    /// Whether this was over before the other began, by the dates as they are written.
    pub fn is_over_before(&self, other: &Self) -> bool {
        self.ends.last < other.begins.first
    }

    /// How two dates of one thing agree.
    pub fn agreement(&self, other: &Self) -> Agreement {
        let whole = |span: &Self| Stretch { first: span.begins.first, last: span.ends.last };
        let (one, two) = (whole(self), whole(other));
        let meet = meet(&self.days, &other.days);
        match () {
            () if self == other => Agreement::Same,
            () if !meet && self.is_as_written() && other.is_as_written() => Agreement::Apart,
            () if !meet => Agreement::ApartAsWritten,
            () if one.holds(&two) || two.holds(&one) => Agreement::Narrower,
            () => Agreement::Shared,
        }
    }

    /// What the date leaves open, in words; empty where it is one day and nothing more.
    pub fn words(&self) -> String {
        let days = match self.form {
            Form::Lasting => format!("begins {}, ends {}", said(self.begins), said(self.ends)),
            Form::Each => format!("on several dates, first {}, last {}", self.begins, self.ends),
            Form::OneOf => format!("on one of several dates, {}", self.begins),
            Form::Season => format!("a season, {}", self.begins),
            Form::One if self.begins.is_day() => String::new(),
            Form::One => self.begins.to_string(),
        };
        let beside =
            [(self.digits, "not every digit known"), (self.about, "about"), (self.unsure, "not sure")];
        let beside = beside.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| words.to_owned());
        std::iter::once(days).filter(|days| !days.is_empty()).chain(beside).collect::<Vec<_>>().join("; ")
    }
}

/// Words for one end of what lasted.
fn said(stretch: Stretch) -> String {
    match (stretch.first, stretch.last) {
        (Edge::Past, _) => "is open or not known".into(),
        (_, Edge::Future) => "is open or not known".into(),
        _ => stretch.to_string(),
    }
}

fn alone(date: &Date) -> (Stretch, Stretch, Form) {
    let stretch = stretch(date);
    let season = date.month.and_then(DateField::value).is_some_and(|code| (21..=32).contains(&code));
    (stretch, stretch, if season { Form::Season } else { Form::One })
}

/// The first and the last day of a date.
fn stretch(date: &Date) -> Stretch {
    let bounds = Edtf::Date(*date).bounds();
    let found = Stretch { first: edge(bounds.earliest, Edge::Past), last: edge(bounds.latest, Edge::Future) };
    match date.month.and_then(DateField::value) {
        Some(code @ 21..=32) => season(found, code),
        _ => found,
    }
}

fn edge(bound: edtf_core::Bound, unknown: Edge) -> Edge {
    match bound {
        edtf_core::Bound::NegativeInfinity => Edge::Past,
        edtf_core::Bound::Date(day) => Edge::On(day.into()),
        edtf_core::Bound::PositiveInfinity => Edge::Future,
        edtf_core::Bound::Unknown => unknown,
    }
}

/// A season as widely as people count it: by whole months (from the first of March) or by the sun (to the day after
/// the solstice or equinox), and a winter at either end of the year. One without a hemisphere is a northern one.
fn season(found: Stretch, code: u8) -> Stretch {
    let (Edge::On(first), Edge::On(last)) = (found.first, found.last) else { return found };
    let (start, end) = (first.year(), last.year());
    let at = |year, month, day| Edge::On(Day::new(year, month, day));
    match code {
        21 | 25 | 31 => Stretch { first: at(start, 3, 1), last: at(end, 6, 22) },
        22 | 26 | 32 => Stretch { first: at(start, 6, 1), last: at(end, 9, 24) },
        23 | 27 | 29 => Stretch { first: at(start, 9, 1), last: at(end, 12, 23) },
        // That of December ends in the year after, and `end` is that year.
        _ => Stretch { first: at(start, 1, 1), last: at(end, 3, 21) },
    }
}

/// From one date to another. An end that is open or not known is somewhere beyond the other one.
fn lasting(interval: &Interval) -> (Stretch, Stretch, Form) {
    let mut begins = match &interval.start {
        IntervalEndpoint::Date(date) => stretch(date),
        IntervalEndpoint::OnOrBefore(date) => Stretch { first: Edge::Past, ..stretch(date) },
        IntervalEndpoint::OnOrAfter(date) => Stretch { last: Edge::Future, ..stretch(date) },
        IntervalEndpoint::Open | IntervalEndpoint::Unknown => ANY,
    };
    let mut ends = match &interval.end {
        IntervalEndpoint::Date(date) => stretch(date),
        IntervalEndpoint::OnOrAfter(date) => Stretch { last: Edge::Future, ..stretch(date) },
        IntervalEndpoint::OnOrBefore(date) => Stretch { first: Edge::Past, ..stretch(date) },
        IntervalEndpoint::Open | IntervalEndpoint::Unknown => ANY,
    };
    begins.last = begins.last.min(ends.last);
    ends.first = ends.first.max(begins.first);
    (begins, ends, Form::Lasting)
}

const ANY: Stretch = Stretch { first: Edge::Past, last: Edge::Future };

fn several(set: &Set) -> (Stretch, Stretch, Form) {
    // The dates at both ends of each element.
    let pairs = set.elements.iter().map(|element| match element {
        SetElement::Date(date) => (stretch(date), stretch(date)),
        SetElement::Range(from, to) => (stretch(from), stretch(to)),
        SetElement::OnOrBefore(date) => (Stretch { first: Edge::Past, ..stretch(date) }, stretch(date)),
        SetElement::OnOrAfter(date) => (stretch(date), Stretch { last: Edge::Future, ..stretch(date) }),
    });
    let (starts, ends): (Vec<Stretch>, Vec<Stretch>) = pairs.unzip();
    let first = starts.iter().map(|start| start.first).min().unwrap_or(Edge::Past);
    let last = ends.iter().map(|end| end.last).max().unwrap_or(Edge::Future);
    if set.kind == SetKind::OneMember {
        let all = Stretch { first, last };
        return (all, all, Form::OneOf);
    }
    let begins = Stretch { first, last: starts.iter().map(|start| start.last).min().unwrap_or(last) };
    let ends = Stretch { first: ends.iter().map(|end| end.first).max().unwrap_or(first), last };
    (begins, ends, Form::Each)
}

/// All days that are possible, as stretches in order.
fn days(edtf: &Edtf) -> Vec<Stretch> {
    let mut days = match edtf {
        Edtf::Date(date) => days_of(date),
        Edtf::DateTime(at) => vec![stretch(&at.date)],
        Edtf::Interval(interval) => {
            let (begins, ends, _) = lasting(interval);
            vec![Stretch { first: begins.first, last: ends.last }]
        }
        Edtf::Set(set) => set.elements.iter().flat_map(days_of_element).collect(),
    };
    days.sort_unstable();
    days
}

fn days_of_element(element: &SetElement) -> Vec<Stretch> {
    match element {
        SetElement::Date(date) => days_of(date),
        SetElement::OnOrBefore(date) => vec![Stretch { first: Edge::Past, ..stretch(date) }],
        SetElement::OnOrAfter(date) => vec![Stretch { last: Edge::Future, ..stretch(date) }],
        SetElement::Range(from, to) => vec![Stretch { first: stretch(from).first, last: stretch(to).last }],
    }
}

fn days_of(date: &Date) -> Vec<Stretch> {
    let values = date.has_unspecified().then(|| Edtf::Date(*date).values().ok()).flatten();
    let days: Vec<Stretch> = values
        .into_iter()
        .flatten()
        .take(MAX_VALUES + 1)
        .filter_map(|value| if let Edtf::Date(date) = value { Some(stretch(&date)) } else { None })
        .collect();
    if days.is_empty() || days.len() > MAX_VALUES { vec![stretch(date)] } else { days }
}

/// Whether two lists of stretches, each in order, have a day in common.
fn meet(one: &[Stretch], other: &[Stretch]) -> bool {
    // Stretches of one list may overlap (sets), so that none can be passed over by its end alone.
    one.iter().any(|stretch| {
        let candidates = other.partition_point(|other| other.first <= stretch.last);
        other[..candidates].iter().rev().any(|other| other.meets(stretch))
    })
}

#[cfg(test)]
mod tests;
