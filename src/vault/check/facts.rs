//! The live runs, and the facts about the vault itself. docs/format.md section 8.

use super::super::error::{Damage, Item, VaultError};
use super::super::log::live_runs;
use super::super::objects::{name_of, open_at, open_sealed, stands_whole};
use super::super::recovery::{recoveries_in, standing};
use super::super::run::{is_zeros, join};
use super::super::state::read_fact;
use super::Check;
use super::chains::OlderRuns;
use crate::crypto::{KnownCard, ObjectType, case_digest, sha256};
use crate::format::{BLOCK_BYTES, BundleFact};
use crate::format::{
    CardFact, CodeFact, Contact, EndedFact, FactKind, GivenFact, Malformed, MessageFact, OpenedFact,
    ReceivedFact, RecoveryFact, Row, RunRef, TitleFact, parse_block, run_index_from_tail,
};
use crate::record::CaseId;
use crate::store::{ObjectName, StoreError};

impl Check<'_> {
    /// Reads every live run whole. Gives the rows that could be read, joined.
    pub(super) fn runs(&mut self) -> Result<Vec<Row>, VaultError> {
        let mut rows = Vec::new();
        for run in live_runs(&self.vault.heads) {
            self.known.insert(name_of(&run.key));
            let content = open_sealed(self.vault.store(), &run.key, ObjectType::Run, &Item::Run);
            let read = content.and_then(|content| {
                read_run(&content, &run).map_err(|damage| VaultError::damaged(Item::Run, damage))
            });
            if let Some(read) = self.judge(read)? {
                self.report.sound.runs += 1;
                rows.extend(read);
            }
        }
        Ok(join(rows))
    }

    /// Counts the runs that were given up and can be read again, if they say anything that is not known.
    pub(super) fn returned(&mut self, older: &OlderRuns, rows: &[Row]) -> Result<(), VaultError> {
        for run in older.named.iter().filter(|run| older.given_up.contains(&run.digest)) {
            let found = self.vault.read_run(run)?.rows;
            let is_known = |row: &Row| rows.binary_search_by_key(&row.key, |row| row.key).is_ok();
            self.report.returned += u64::from(!found.iter().all(is_known));
        }
        Ok(())
    }

    /// Decodes every fact but the revisions, and checks what the vault's own say.
    pub(super) fn vault_facts(&mut self, rows: &[Row]) -> Result<(), VaultError> {
        for row in rows {
            let checked = self.fact(row);
            self.judge(checked)?;
        }
        let recoveries = recoveries_in(rows).map(standing);
        for recovery in self.judge(recoveries)?.unwrap_or_default() {
            let checked = self.recovery(&recovery);
            self.judge(checked)?;
        }
        Ok(())
    }

    /// A recovery that stands: its object is there. Only its shares can open it further.
    fn recovery(&mut self, fact: &RecoveryFact) -> Result<(), VaultError> {
        let name = ObjectName::new(*fact.object.as_bytes());
        self.known.insert(name);
        match stands_whole(self.vault.store(), name)? {
            true => Ok(()),
            false => {
                let missing = StoreError::NotFound { place: name.into() };
                Err(VaultError::damaged(Item::Recovery, missing))
            }
        }
    }

    fn fact(&mut self, row: &Row) -> Result<(), VaultError> {
        let other = |item: Item| VaultError::damaged(item, Damage::Other);
        match row.key.kind {
            kind if kind == FactKind::Contact as u8 => {
                let contact = read_fact::<Contact>(row)?.fact;
                let card = contact.card.as_ref().map(|card| KnownCard::decode(card)).transpose();
                card.map_err(|error| VaultError::damaged(Item::AddressBook, error))?;
            }
            kind if kind == FactKind::Message as u8 => self.message(&read_fact::<MessageFact>(row)?.fact)?,
            kind if kind == FactKind::Card as u8 => {
                let fact = read_fact::<CardFact>(row)?;
                let card = KnownCard::decode(&fact.fact.card);
                let card = card.map_err(|error| VaultError::damaged(Item::Run, error))?;
                if CardFact::id_of(&card.hash()) != fact.id {
                    return Err(other(Item::Card(card.hash())));
                }
                self.report.sound.cards += 1;
            }
            kind if kind == FactKind::Code as u8 => {
                let fact = read_fact::<CodeFact>(row)?.fact;
                if row.key.case != CaseId::VAULT || case_digest(&fact.case) != fact.digest {
                    return Err(other(Item::Run));
                }
            }
            kind if kind == FactKind::Bundle as u8 => {
                read_fact::<BundleFact>(row)?;
            }
            kind if kind == FactKind::Opened as u8 => {
                read_fact::<OpenedFact>(row)?;
            }
            kind if kind == FactKind::Title as u8 => {
                read_fact::<TitleFact>(row)?;
            }
            kind if kind == FactKind::Given as u8 => {
                read_fact::<GivenFact>(row)?;
            }
            kind if kind == FactKind::Ended as u8 => {
                read_fact::<EndedFact>(row)?;
            }
            kind if kind == FactKind::Received as u8 => {
                read_fact::<ReceivedFact>(row)?;
            }
            // Revisions are checked with what they name; other kinds are a later version's.
            _ => {}
        }
        Ok(())
    }

    /// A message that must exist: it is there and sealed for its place. Only its recipient can open it further.
    fn message(&mut self, fact: &MessageFact) -> Result<(), VaultError> {
        let Some(to) = self.vault.card(&fact.to)? else {
            self.report.unlocated_messages += 1;
            return Ok(());
        };
        let mailbox = self.vault.mailbox_to(&to)?;
        let name = ObjectName::new(mailbox.name(&fact.writer, fact.n));
        self.known.insert(name);
        let key = mailbox.key(&fact.writer, fact.n);
        open_at(self.vault.store(), name, &key, ObjectType::Message, &Item::Message(fact.n))?;
        self.report.sound.messages += 1;
        Ok(())
    }
}

/// Checks a whole run against the reference to it and gives its rows.
fn read_run(content: &[u8], run: &RunRef) -> Result<Vec<Row>, Damage> {
    let Ok((index, bytes)) = run_index_from_tail(content)? else {
        return Err(Damage::Malformed(Malformed::NotA("run")));
    };
    let laid_out = index.fills(content.len() as u64, bytes.len() as u64);
    if sha256(bytes) != run.digest || index.rows != run.rows || !laid_out {
        return Err(Damage::Other);
    }
    let mut rows: Vec<Row> = Vec::new();
    for (i, block) in index.blocks.iter().enumerate() {
        let from = i.checked_mul(BLOCK_BYTES).and_then(|start| content.get(start..));
        let held = usize::try_from(block.bytes).ok().and_then(|length| from?.split_at_checked(length));
        let held = held.filter(|(held, _)| sha256(held) == block.digest);
        let (held, rest) = held.ok_or(Damage::Other)?;
        let fill = rest.get(..BLOCK_BYTES.saturating_sub(held.len()));
        if i + 1 < index.blocks.len() && !fill.is_some_and(is_zeros) {
            return Err(Damage::Other);
        }
        let more = parse_block(zeroize::Zeroizing::new(held.to_vec()))?;
        let first = more.first().map(|row| row.key);
        let follows = rows.last().is_none_or(|last| first.is_some_and(|first| last.key < first));
        if !follows || first.is_none_or(|first| first.to_bytes() != *block.first) {
            return Err(Damage::Malformed(Malformed::Field("blocks")));
        }
        rows.extend(more);
    }
    if rows.len() as u64 == run.rows { Ok(rows) } else { Err(Damage::Other) }
}
