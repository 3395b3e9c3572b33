//! What was done in a vault, read back from its log. docs/format.md section 6.

use super::error::{Damage, VaultError};
use super::log::{ReadEntry, entry_item, read_operation};
use super::session::Vault;
use super::spread::spread;
use crate::format::Operation;
use crate::record::{CaseId, Time, Writer};

/// One operation, and the entry that recorded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// When.
    pub time: Time,
    /// By which device.
    pub writer: Writer,
    /// The number of the entry.
    pub n: u64,
    /// What was done.
    pub operation: Operation,
}

/// Something about each entry, by writer and number.
pub(super) type ByEntry<T> = Vec<((Writer, u64), T)>;

impl Vault {
    /// What `work` makes of every entry that can be read, and how many entries cannot be.
    pub(super) fn each_entry<T: Send>(
        &self,
        work: impl Fn(&ReadEntry) -> Result<T, VaultError> + Sync,
    ) -> Result<(ByEntry<T>, usize), VaultError> {
        let last = self.heads.iter().map(|head| (head.core.writer, head.core.n));
        let places: Vec<(Writer, u64)> =
            last.flat_map(|(writer, last)| (0..=last).map(move |n| (writer, n))).collect();
        let read = spread(&places, |(writer, n)| work(&self.log().read(writer, *n)?));
        let (mut done, mut unread) = (Vec::new(), 0);
        for (place, read) in places.into_iter().zip(read) {
            match read {
                Ok(made) => done.push((place, made)),
                Err(VaultError::Damaged(..)) => unread += 1,
                Err(error) => return Err(error),
            }
        }
        Ok((done, unread))
    }

    /// The operations of all writers, or those about one case, newest first. Every entry is read and its link
    /// to the one before checked.
    pub fn history(&self, case: Option<CaseId>) -> Result<Vec<HistoryLine>, VaultError> {
        let mut lines = Vec::new();
        for head in &self.heads {
            let writer = head.core.writer;
            let mut entry = head.clone();
            loop {
                let (n, time) = (entry.core.n, entry.core.time);
                let operations = entry.operations(self.store())?;
                for operation in operations.iter().rev() {
                    let operation = read_operation(operation)?;
                    if case.is_none() || operation.case == case {
                        lines.push(HistoryLine { time, writer, n, operation });
                    }
                }
                let Some(previous) = entry.core.previous else { break };
                entry = self.log().read(&writer, n.saturating_sub(1))?;
                if entry.hash != previous {
                    return Err(VaultError::damaged(entry_item(&writer, n), Damage::Other));
                }
            }
        }
        // Lines of one writer come newest first already, and the sort keeps their order.
        lines.sort_by_key(|line| std::cmp::Reverse(line.time));
        Ok(lines)
    }
}
