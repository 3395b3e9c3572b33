//! Going on after a vault went back to an earlier state. docs/format.md sections 6 and 9.

use super::commit::Footing;
use super::error::VaultError;
use super::session::{Finding, Vault};
use crate::format::{Head, OperationBody};
use crate::record::Time;

impl Vault {
    /// Accepts that entries seen before are gone: says so in the log under a new writer and forgets them, so that the
    /// vault can be written again. Gives the heads that are gone. **Durable** on return.
    pub fn accept_rollback(&mut self, time: Time) -> Result<Vec<Head>, VaultError> {
        // Noticed anew by the commit: what was missing may have come back meanwhile.
        self.findings.retain(|finding| !matches!(finding, Finding::RolledBack(_)));
        let lost = self.commit_on(Footing::WentBack, time, |draft| {
            let heads = draft.vault().lost_heads();
            if heads.is_empty() {
                return Err(VaultError::Nothing("this vault did not go back"));
            }
            draft.operation(None, &OperationBody::RollbackAccepted { heads: heads.clone() });
            Ok(heads)
        })?;
        self.findings.retain(|finding| !matches!(finding, Finding::RolledBack(_)));
        Ok(lost)
    }

    /// The heads that were seen, or are named by an entry, and are not there.
    fn lost_heads(&self) -> Vec<Head> {
        let lost = self.findings.iter().filter_map(|finding| match finding {
            Finding::RolledBack(head) => Some(*head),
            _ => None,
        });
        let mut heads: Vec<Head> = lost.collect();
        heads.sort();
        heads.dedup();
        heads
    }
}
