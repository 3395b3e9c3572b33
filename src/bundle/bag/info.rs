//! `bag-info.txt`: three lines, in one form.

use std::fmt;

use jiff::civil::Date;

use super::{BagError, hex, unhex};

/// Largest `bag-info.txt`, in bytes; ours are about 130.
pub const MAX_INFO_BYTES: usize = 512;

/// Size of a payload: `<bytes>.<files>`, RFC 8493 section 2.2.2.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Oxum {
    /// Sum of the sizes of all payload files.
    pub bytes: u64,
    /// Number of payload files.
    pub files: u64,
}

impl fmt::Display for Oxum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.bytes, self.files)
    }
}

/// What `bag-info.txt` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BagInfo {
    /// The day the bag was made, UTC.
    pub bagging_date: Date,
    /// The bundle's id, rendered as 32 hexadecimal digits.
    pub bundle_id: [u8; 16],
    /// Size of the payload.
    pub payload: Oxum,
}

impl BagInfo {
    /// Renders `bag-info.txt`.
    pub fn render(&self) -> String {
        let Self { bagging_date, bundle_id, payload } = self;
        let id = hex(bundle_id);
        format!("Bagging-Date: {bagging_date}\nExternal-Identifier: {id}\nPayload-Oxum: {payload}\n")
    }

    /// Reads `bag-info.txt`; only what renders to the same bytes is taken.
    pub fn parse(text: &[u8]) -> Result<Self, BagError> {
        let info = Self::parse_loosely(text).ok_or(BagError::BadInfo)?;
        if info.render().as_bytes() == text { Ok(info) } else { Err(BagError::BadInfo) }
    }

    fn parse_loosely(text: &[u8]) -> Option<Self> {
        if text.len() > MAX_INFO_BYTES {
            return None;
        }
        let mut lines = std::str::from_utf8(text).ok()?.lines();
        let date = lines.next()?.strip_prefix("Bagging-Date: ")?;
        let id = lines.next()?.strip_prefix("External-Identifier: ")?;
        let (bytes, files) = lines.next()?.strip_prefix("Payload-Oxum: ")?.split_once('.')?;
        Some(Self {
            bagging_date: date.parse().ok()?,
            bundle_id: unhex(id.as_bytes())?,
            payload: Oxum { bytes: bytes.parse().ok()?, files: files.parse().ok()? },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{BagInfo, Oxum};
    use crate::bundle::bag::BagError;

    fn info() -> BagInfo {
        BagInfo {
            bagging_date: "2026-02-28".parse().unwrap(),
            bundle_id: [0xab; 16],
            payload: Oxum { bytes: 5, files: 2 },
        }
    }

    #[test]
    fn bag_info_round_trips_and_has_one_form() {
        let text = info().render();
        assert_eq!(BagInfo::parse(text.as_bytes()).unwrap(), info());
        let bad = [
            text.replace("2026-02-28", "2026-02-30"),
            text.replace("2026-02-28", "20260228"),
            text.replace("5.2", "05.2"),
            text.replace("5.2", "+5.2"),
            text.replace("ab", "AB"),
            text.replace('\n', "\r\n"),
            format!("{text}\n"),
            format!("{text}Contact-Name: Али\n"),
            text.trim_end().to_owned(),
            String::new(),
        ];
        for text in bad {
            assert!(matches!(BagInfo::parse(text.as_bytes()), Err(BagError::BadInfo)), "{text:?}");
        }
    }
}
