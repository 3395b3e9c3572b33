//! Points in time, to the second, in UTC.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(u64);

impl Time {
    /// A point in time by its seconds.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01 UTC.
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// The day, as `2026-11-22`.
    pub fn date(self) -> String {
        self.at().map_or_else(|| "????-??-??".into(), |at| at.strftime("%Y-%m-%d").to_string())
    }

    /// The day in UTC, to compare with what dates can be; none for a time that no calendar has.
    pub fn day(self) -> Option<edtf_core::BoundDate> {
        let day = self.at()?.to_zoned(jiff::tz::TimeZone::UTC).date();
        let (month, of_month) = (u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?);
        Some(edtf_core::BoundDate { year: day.year().into(), month, day: of_month })
    }

    fn at(self) -> Option<jiff::Timestamp> {
        i64::try_from(self.0).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
    }
}

/// The minute, as `2026-11-22 14:05 UTC`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at() {
            Some(at) => write!(f, "{}", at.strftime("%Y-%m-%d %H:%M UTC")),
            None => f.write_str("????-??-?? ??:?? UTC"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_days_and_minutes_and_survives_absurd_times() {
        let time = Time::from_seconds(1_795_356_301);
        assert_eq!((time.date().as_str(), time.to_string().as_str()), ("2026-11-22", "2026-11-22 14:05 UTC"));
        assert_eq!(Time::from_seconds(u64::MAX).date(), "????-??-??");
    }
}
