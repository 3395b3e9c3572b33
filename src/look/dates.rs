//! Dates as people write them, in any of the languages.

use std::ops::Range;

use super::tables::Group;
use super::text::Text;

/// A date, as far as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: u64,
    pub(super) month: u64,
    pub(super) day: u64,
}

/// A date in a text, by its tokens.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) tokens: Range<usize>,
    pub(super) year: u64,
    /// All months and days it could mean; none where only a month or a year stands.
    pub(super) days: Vec<(u64, u64)>,
    /// Whether nothing but a year stands there.
    pub(super) year_alone: bool,
}

impl Written {
    pub(super) fn can_be(&self, date: &Date) -> bool {
        self.year == date.year && self.days.contains(&(date.month, date.day))
    }
}

/// The day that a date of a form means, where it means one.
pub(super) fn day_of(edtf: &str) -> Option<Date> {
    let mut parts = edtf.split('-').map(str::parse::<u64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    parts.next().is_none().then_some(Date { year, month, day })
}

/// All dates of a text; a year alone counts as one.
pub(super) fn dates(text: &Text<'_>) -> Vec<Written> {
    let mut out: Vec<Written> = Vec::new();
    let mut at = 0;
    while at < text.tokens.len() {
        match date_at(text, at) {
            Some(date) => {
                at = date.tokens.end;
                out.push(date);
            }
            None => at += 1,
        }
    }
    out
}

fn date_at(text: &Text<'_>, at: usize) -> Option<Written> {
    in_figures(text, at)
        .or_else(|| chinese(text, at))
        .or_else(|| year_first(text, at))
        .or_else(|| with_month(text, at))
        .or_else(|| alone(text, at))
}

fn year(text: &Text<'_>, at: usize) -> Option<u64> {
    let token = text.tokens.get(at)?;
    let long = token.digits() == 4 || (token.digits() == 0 && token.is_number());
    token.value().filter(|year| long && (1900..=2035).contains(year))
}

fn day(text: &Text<'_>, at: usize) -> Option<u64> {
    text.tokens.get(at)?.value().filter(|day| (1..=31).contains(day))
}

fn month(text: &Text<'_>, at: usize) -> Option<u64> {
    text.tokens.get(at).map(|token| u64::from(token.tags.month)).filter(|month| *month > 0)
}

fn number(text: &Text<'_>, at: usize) -> Option<u64> {
    text.tokens.get(at)?.value().filter(|number| (1..=31).contains(number))
}

/// 1984-03-12, 12.03.1984, 3/12/1984: figures with one and the same sign between them.
fn in_figures(text: &Text<'_>, at: usize) -> Option<Written> {
    let sign = |at: usize| Some(text.gap(at)).filter(|gap| matches!(*gap, "-" | "." | "/" | "–" | ". "));
    if text.tokens.len() < at + 3 || sign(at)? != sign(at + 1)? {
        return None;
    }
    let (year, days) = match (year(text, at), year(text, at + 2)) {
        (Some(year), _) => (year, vec![(number(text, at + 1)?, number(text, at + 2)?)]),
        (None, Some(year)) => {
            let (a, b) = (number(text, at)?, number(text, at + 1)?);
            (year, vec![(b, a), (a, b)])
        }
        _ => return None,
    };
    let days = days.into_iter().filter(|(month, _)| *month <= 12).collect();
    Some(Written { tokens: at..at + 3, year, days, year_alone: false })
}

/// 1984年3月12日
fn chinese(text: &Text<'_>, at: usize) -> Option<Written> {
    let year = year(text, at)?;
    let is = |at: usize, sign: &str| at < text.tokens.len() && text.said(at) == sign;
    if !(is(at + 1, "年") && is(at + 3, "月")) {
        return None;
    }
    let month = number(text, at + 2)?;
    let day = number(text, at + 4).filter(|_| is(at + 5, "日") || is(at + 5, "号"));
    let end = if day.is_some() { at + 6 } else { at + 4 };
    Some(Written {
        tokens: at..end,
        year,
        days: day.map(|day| (month, day)).into_iter().collect(),
        year_alone: false,
    })
}

/// 1991 жылы 5 мамырда, 1984-يىلى 12-مارت
fn year_first(text: &Text<'_>, at: usize) -> Option<Written> {
    let year = year(text, at)?;
    let after = if text.has(at + 1, Group::YearOf) { at + 2 } else { at + 1 };
    let (month, day, end) = match (month(text, after), day(text, after), month(text, after + 1)) {
        (Some(month), ..) => match day(text, after + 1) {
            Some(day) => (month, Some(day), after + 2),
            None => (month, None, after + 1),
        },
        (None, Some(day), Some(month)) => (month, Some(day), after + 2),
        _ => return None,
    };
    Some(Written {
        tokens: at..end,
        year,
        days: day.map(|day| (month, day)).into_iter().collect(),
        year_alone: false,
    })
}

/// 12 марта 1984, March 12, 1984, June 3rd, 1990, May 1984.
fn with_month(text: &Text<'_>, at: usize) -> Option<Written> {
    let ordinal = |at: usize| at < text.tokens.len() && matches!(text.lower(at), "st" | "nd" | "rd" | "th");
    let (month, day, next) = match (month(text, at), day(text, at), month(text, at + 1)) {
        (Some(month), ..) => match day(text, at + 1) {
            Some(day) => (month, Some(day), if ordinal(at + 2) { at + 3 } else { at + 2 }),
            None => (month, None, at + 1),
        },
        (None, Some(day), Some(month)) => (month, Some(day), at + 2),
        (None, Some(day), None) if ordinal(at + 1) => (self::month(text, at + 2)?, Some(day), at + 3),
        _ => return None,
    };
    let year = year(text, next)?;
    Some(Written {
        tokens: at..next + 1,
        year,
        days: day.map(|day| (month, day)).into_iter().collect(),
        year_alone: false,
    })
}

fn alone(text: &Text<'_>, at: usize) -> Option<Written> {
    Some(Written { tokens: at..at + 1, year: year(text, at)?, days: Vec::new(), year_alone: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when a way to write a date is not read, or read as another day.
    #[test]
    fn one_day_in_many_writings() {
        let day = Date { year: 1984, month: 3, day: 12 };
        for text in [
            "1984-03-12",
            "12.03.1984",
            "12/3/1984",
            "3/12/1984",
            "1984年3月12日",
            "12 марта 1984 года",
            "March 12, 1984",
            "12 March 1984",
            "12th March 1984",
            "12 Mart 1984",
            "1984 жылғы 12 наурыз",
            "1984-يىلى 12-مارت",
            "12 مارس 1984",
            "١٢ مارس ١٩٨٤",
            "1984 جىلى 12 ناۋرىز",
        ] {
            let text = Text::new(text);
            let dates = dates(&text);
            assert!(dates.len() == 1 && dates[0].can_be(&day), "{}: {dates:?}", text.text);
        }
        for text in ["1984-03-13", "12 марта 1985", "300-000-1984", "в марте"] {
            let text = Text::new(text);
            assert!(!dates(&text).iter().any(|date| date.can_be(&day)), "{}", text.text);
        }
    }
}
