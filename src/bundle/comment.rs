//! The trusted comment: the one line under the signature that binds bundle, day, recipient and log.

use jiff::civil::Date;

use super::BundleError;
use crate::record::{BundleId, Digest, Recipient, Time};

/// `sanduq bundle 1 id=<32 hex> date=<YYYY-MM-DD> to=<64 hex> head=<64 hex>`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TrustedComment {
    pub(super) bundle: BundleId,
    pub(super) date: Date,
    pub(super) to: Recipient,
    pub(super) head: Digest,
}

impl TrustedComment {
    pub(super) fn render(&self) -> String {
        let Self { bundle, date, to, head } = self;
        format!("sanduq bundle 1 id={bundle} date={date} to={to} head={head}")
    }

    /// Takes only what renders to the same text. Of a later version only the beginning is known.
    pub(super) fn parse(text: &str) -> Result<Self, BundleError> {
        let version = text.strip_prefix("sanduq bundle ").and_then(|rest| rest.split(' ').next());
        if let Some(Ok(2..)) = version.map(str::parse::<u64>) {
            return Err(BundleError::Newer);
        }
        Self::parse_loosely(text)
            .filter(|comment| comment.render() == text)
            .ok_or(BundleError::TrustedComment)
    }

    fn parse_loosely(text: &str) -> Option<Self> {
        let mut fields = text.strip_prefix("sanduq bundle 1 id=")?.split(' ');
        let bundle = BundleId::from_hex(fields.next()?)?;
        let date = fields.next()?.strip_prefix("date=")?.parse().ok()?;
        let to = Recipient::from_hex(fields.next()?.strip_prefix("to=")?)?;
        let head = Digest::from_hex(fields.next()?.strip_prefix("head=")?)?;
        fields.next().is_none().then_some(Self { bundle, date, to, head })
    }
}

/// The day of a time, if a bundle can show it.
pub(super) fn day(time: Time) -> Option<Date> {
    time.date().parse().ok()
}

/// The first second of a day, UTC.
pub(super) fn start_of(date: Date) -> Option<Time> {
    let start = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
    u64::try_from(start).ok().map(Time::from_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trusted_comment_round_trips_and_has_one_form() {
        let comment = TrustedComment {
            bundle: BundleId::new([0xab; 16]),
            date: "2026-02-28".parse().unwrap(),
            to: Recipient::new([1; 32]),
            head: Digest::new([2; 32]),
        };
        let text = comment.render();
        assert_eq!(TrustedComment::parse(&text).unwrap(), comment);
        for bad in [
            text.replace("bundle 1", "bundle 0"),
            text.replace("bundle 1", "bundle x"),
            text.replace("ab", "AB"),
            text.replace("2026-02-28", "2026-02-30"),
            text.replace(" to=", "  to="),
            format!("{text} "),
            format!("{text} more=1"),
            text[..text.len() - 1].to_owned(),
        ] {
            assert!(matches!(TrustedComment::parse(&bad), Err(BundleError::TrustedComment)), "{bad}");
        }
        for newer in [text.replace("bundle 1", "bundle 2"), "sanduq bundle 12".into()] {
            assert!(matches!(TrustedComment::parse(&newer), Err(BundleError::Newer)), "{newer}");
        }
    }

    #[test]
    fn days_begin_at_midnight() {
        let time = Time::from_seconds(1_795_356_301);
        let start = start_of(day(time).unwrap()).unwrap();
        assert_eq!(start.seconds() % 86_400, 0);
        assert_eq!(start.date(), time.date());
        assert!(day(Time::from_seconds(u64::MAX)).is_none());
    }
}
