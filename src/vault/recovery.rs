//! Recovery: shares that open the vault where identity file or passphrase are lost. docs/format.md section 5.

use super::error::{Damage, Item, VaultError};
use super::objects::{name_of, open_sealed};
use super::session::{Vault, read_genesis, read_header};
use super::state::{is, read_fact};
use crate::crypto::{Identity, ObjectType, RecoverySecret, open_recovery, seal_recovery};
use crate::format::{FactKind, OperationBody, RecoveryFact, Row};
use crate::record::{CaseId, Digest, Time};
use crate::store::{ObjectName, Store, StoreError};

/// A recovery that was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoverySet {
    /// How many recoveries it replaces.
    pub replaced: usize,
    /// How many of those could not be removed from the folder: their shares still open it.
    pub left: usize,
}

/// The recoveries that none replaces.
pub(super) fn standing(facts: Vec<RecoveryFact>) -> Vec<RecoveryFact> {
    let replaced: Vec<Digest> = facts.iter().flat_map(|fact| fact.replaces.clone()).collect();
    let mut standing = facts;
    standing.retain(|fact| !replaced.contains(&fact.object));
    standing.sort_by_key(|fact| (fact.time, fact.object));
    standing
}

/// The recovery facts among these rows.
pub(super) fn recoveries_in<'a>(
    rows: impl IntoIterator<Item = &'a Row>,
) -> Result<Vec<RecoveryFact>, VaultError> {
    let own = |row: &&Row| row.key.case == CaseId::VAULT && is(row, FactKind::Recovery);
    rows.into_iter().filter(own).map(|row| read_fact::<RecoveryFact>(row).map(|known| known.fact)).collect()
}

impl Vault {
    /// The recoveries whose shares open this vault, oldest first.
    pub fn recoveries(&self) -> Result<Vec<RecoveryFact>, VaultError> {
        Ok(standing(self.state.of_vault::<RecoveryFact>()?.into_iter().map(|known| known.fact).collect()))
    }

    /// Lets `needed` of `all` shares of `secret` open this vault, and those of no other secret: recoveries set before
    /// are removed once this one is durable.
    pub fn set_recovery(
        &mut self,
        secret: &RecoverySecret,
        needed: u8,
        all: u8,
        time: Time,
    ) -> Result<RecoverySet, VaultError> {
        let (_, name) = secret.place(&self.id());
        let sealed = seal_recovery(self.identity(), secret, &self.id());
        self.store().put_new(ObjectName::new(name), &sealed)?;
        let object = Digest::new(name);
        let replaced = self.commit(time, |draft| {
            let replaces: Vec<Digest> = draft.vault().recoveries()?.iter().map(|fact| fact.object).collect();
            let body = OperationBody::RecoverySet { object, needed, all, replaces: replaces.clone() };
            draft.operation(None, &body);
            draft
                .fact(CaseId::VAULT, &RecoveryFact { object, needed, all, time, replaces: replaces.clone() });
            Ok(replaces)
        })?;
        let removed = replaced.iter().filter(|name| self.remove(name)).count();
        // What is removed and comes back with a power failure is one more unknown object, whose shares still open it.
        let durable = self.store().barrier().is_ok();
        let left = if durable { replaced.len() - removed } else { replaced.len() };
        Ok(RecoverySet { replaced: replaced.len(), left })
    }

    fn remove(&self, name: &Digest) -> bool {
        match self.store().delete(ObjectName::new(*name.as_bytes())) {
            Ok(()) | Err(StoreError::NotFound { .. }) => true,
            Err(_) => false,
        }
    }
}

/// The identity of a vault's owner, from the secret that shares gave back; it opens the vault's genesis.
///
/// # Errors
/// [`VaultError::NoRecovery`] if no recovery in this vault is sealed under it.
pub fn recover(store: &dyn Store, secret: &RecoverySecret) -> Result<Identity, VaultError> {
    let vault = read_header(store)?;
    let (key, name) = secret.place(&vault);
    if !store.exists(ObjectName::new(name))? {
        return Err(VaultError::NoRecovery);
    }
    let content = open_sealed(store, &key, ObjectType::Recovery, &Item::Recovery)?;
    let damaged = |damage: Damage| VaultError::damaged(Item::Recovery, damage);
    let identity = open_recovery(&content).map_err(|error| damaged(error.into()))?;
    if !store.exists(name_of(&identity.genesis_key(&vault)))? {
        return Err(VaultError::NoRecovery);
    }
    read_genesis(store, &identity, &vault).map(|_| identity)
}
