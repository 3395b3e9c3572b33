//! Days, and what is before every day or after every day.

use std::fmt;

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::record::Time;

/// A day of the calendar (Gregorian, also before there was one).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: i64,
    month: u8,
    day: u8,
}

/// A stretch of time that people count in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Days.
    Days,
    /// Weeks.
    Weeks,
    /// Months of the calendar.
    Months,
    /// Years of the calendar.
    Years,
}

impl Day {
    /// A day that the calendar has.
    pub(super) fn new(year: i64, month: u8, day: u8) -> Self {
        Self { year, month, day }
    }

    /// Its year.
    pub(super) fn year(self) -> i64 {
        self.year
    }

    /// The day of a point in time, in UTC; the last day there is for a time beyond the calendar.
    pub fn of(time: Time) -> Self {
        let at = i64::try_from(time.seconds()).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
        at.map_or(Self::from(Date::MAX), |at| jiff::tz::Offset::UTC.to_datetime(at).date().into())
    }

    /// The day so much later; the last day there is where that is beyond the calendar.
    pub fn later(self, count: u32, unit: Unit) -> Self {
        let count = i64::from(count);
        let span = match unit {
            Unit::Days => jiff::Span::new().try_days(count),
            Unit::Weeks => jiff::Span::new().try_weeks(count),
            Unit::Months => jiff::Span::new().try_months(count),
            Unit::Years => jiff::Span::new().try_years(count),
        };
        let later = self.civil().zip(span.ok()).and_then(|(date, span)| date.checked_add(span).ok());
        later.unwrap_or(Date::MAX).into()
    }

    /// The same day of the calendar so many years before; none beyond the calendar.
    pub(super) fn years_before(self, years: u64) -> Option<Self> {
        let span = jiff::Span::new().try_years(i64::try_from(years).ok()?).ok()?;
        self.civil()?.checked_sub(span).ok().map(Self::from)
    }

    /// The day after.
    pub(super) fn next(self) -> Self {
        self.civil().and_then(|date| date.checked_add(1.day()).ok()).map_or(self, Self::from)
    }

    /// How many days from this one to another; none beyond the calendar.
    pub fn days_to(self, other: Self) -> Option<i64> {
        self.civil()?.until(other.civil()?).ok().map(|span| i64::from(span.get_days()))
    }

    fn civil(self) -> Option<Date> {
        let (month, day) = (i8::try_from(self.month).ok()?, i8::try_from(self.day).ok()?);
        Date::new(i16::try_from(self.year).ok()?, month, day).ok()
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self::new(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    }
}

impl From<edtf_core::BoundDate> for Day {
    fn from(date: edtf_core::BoundDate) -> Self {
        Self::new(date.year, date.month, date.day)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.year < 0 { "-" } else { "" };
        write!(f, "{sign}{:04}-{:02}-{:02}", self.year.unsigned_abs(), self.month, self.day)
    }
}

/// A day, or the lack of one: before all of them, after all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edge {
    /// However early.
    Past,
    /// This day.
    On(Day),
    /// However late.
    Future,
}

impl Edge {
    /// The day, where there is one.
    pub fn day(self) -> Option<Day> {
        if let Self::On(day) = self { Some(day) } else { None }
    }
}

/// From one day to another, both of them within.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// The first day.
    pub first: Edge,
    /// The last day.
    pub last: Edge,
}

impl Stretch {
    /// Whether both have a day in common.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// Whether every day of the other is a day of this one.
    pub(super) fn holds(&self, other: &Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// Whether it is a single day.
    pub(super) fn is_day(&self) -> bool {
        self.first == self.last && self.first.day().is_some()
    }
}

impl fmt::Display for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            (Edge::On(first), Edge::On(last)) if first == last => write!(f, "on {first}"),
            (Edge::On(first), Edge::On(last)) => write!(f, "between {first} and {last}"),
            (Edge::On(first), _) => write!(f, "on {first} or later"),
            (_, Edge::On(last)) => write!(f, "on {last} or earlier"),
            _ => f.write_str("at any time"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse::<Date>().unwrap().into()
    }

    /// Fails when months are counted as so many days, or a day that a month lacks is passed over.
    #[test]
    fn counts_in_days_weeks_months_and_years() {
        let today = Day::of(Time::from_seconds(1_795_356_301));
        assert_eq!(today.to_string(), "2026-11-22");
        assert_eq!(today.later(90, Unit::Days), day("2027-02-20"));
        assert_eq!(today.later(2, Unit::Weeks), day("2026-12-06"));
        assert_eq!(day("2027-01-31").later(1, Unit::Months), day("2027-02-28"));
        assert_eq!(day("2024-02-29").later(1, Unit::Years), day("2025-02-28"));
        assert_eq!(today.later(u32::MAX, Unit::Years), day("9999-12-31"));
        assert_eq!(today.days_to(day("2026-11-20")), Some(-2));
        assert_eq!(today.days_to(day("2027-11-22")), Some(365));
        assert_eq!(Day::of(Time::from_seconds(u64::MAX)), day("9999-12-31"));
    }

    #[test]
    fn days_before_the_year_nought_and_beyond_9999_are_days_too() {
        assert_eq!(Day::new(-1985, 1, 1).to_string(), "-1985-01-01");
        assert!(Day::new(-1985, 1, 1) < Day::new(0, 1, 1) && day("9999-12-31") < Day::new(170_000_002, 1, 1));
        assert_eq!(Day::new(170_000_002, 1, 1).days_to(day("2026-01-01")), None);
        assert!(Edge::Past < Edge::On(Day::new(-9999, 1, 1)) && Edge::On(day("9999-12-31")) < Edge::Future);
    }
}
