//! What came into a vault since its owner last asked: from contacts, or from other devices.

use super::error::VaultError;
use super::session::Vault;
use crate::format::{Memory, SeenMessage};
use crate::record::CaseId;

impl Vault {
    /// The cases in which something came, from a contact or another device, since `list --new` was last asked here.
    pub fn arrivals(&self) -> Result<Vec<CaseId>, VaultError> {
        let memory = self.memory()?;
        let own = memory.writer;
        let seen = |writer| memory.listed.iter().find(|seen| seen.writer == writer).map(|seen| seen.n);
        let mut cases = Vec::new();
        for view in self.each_readable_case(|view| view)?.0 {
            let fresh = view.parts.values().flatten().any(|fact| {
                let elsewhere = fact.via.is_some() || Some(fact.entry.writer) != own;
                elsewhere && seen(fact.entry.writer).is_none_or(|n| n < fact.entry.n)
            });
            if fresh {
                cases.push(view.case);
            }
        }
        Ok(cases)
    }

    /// Notes that `list --new` showed everything there is.
    pub fn mark_arrivals(&mut self) -> Result<(), VaultError> {
        let _lock = self.desktop.desk.lock(&self.desktop.identity, &self.id)?;
        let mut memory = self.memory()?;
        let sender = self.owner().hash();
        let heads = self.heads.iter().map(|entry| entry.head());
        memory.listed = heads.map(|head| SeenMessage { sender, writer: head.writer, n: head.n }).collect();
        self.desktop.desk.remember(&self.desktop.identity, &mut memory)
    }

    pub(super) fn memory(&self) -> Result<Memory, VaultError> {
        Ok(self.desktop.desk.recall(&self.desktop.identity, &self.id)?.seen(self.id))
    }
}
