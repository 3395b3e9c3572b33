//! Places that are walked: a vault's log and the mailboxes. docs/format.md section 3, "Announcements" and "Mailbox".

use super::Secret;
use super::kdf::Deriver;
use crate::format::ObjectKey;
use crate::record::Writer;

/// The secret of a place where writers announce themselves and number what they put.
pub struct Chain {
    deriver: Deriver,
    numbered: &'static str,
}

/// A mailbox: a chain of messages from one card to another in one vault.
pub type Mailbox = Chain;

impl Chain {
    pub(crate) fn new(secret: &Secret) -> Self {
        Self { deriver: Deriver::new(secret.expose()), numbered: "message" }
    }

    /// The log of the vault with this secret.
    pub fn log(secret: &ObjectKey) -> Self {
        Self { deriver: Deriver::new(secret.expose()), numbered: "entry" }
    }

    /// The folder in which announcements stand.
    pub fn folder(&self) -> u8 {
        let [folder] = self.deriver.bytes("folder", &[]);
        folder
    }

    /// Name and key of a writer's announcement, its number 0.
    pub fn announcement(&self, writer: &Writer) -> ([u8; 32], ObjectKey) {
        let r: [u8; 16] = self.deriver.bytes("announcement", &[writer.as_bytes()]);
        let tag: [u8; 15] = self.deriver.bytes("announcement tag", &[&r]);
        let mut name = [self.folder(); 32];
        name[1..17].copy_from_slice(&r);
        name[17..].copy_from_slice(&tag);
        (name, self.deriver.key("announcement key", &[&r]))
    }

    /// The key of an announcement, if this name is one of this chain.
    pub fn recognise(&self, name: &[u8; 32]) -> Option<ObjectKey> {
        use subtle::ConstantTimeEq;
        let (r, tag) = (&name[1..17], &name[17..]);
        let expected: [u8; 15] = self.deriver.bytes("announcement tag", &[r]);
        bool::from(expected.ct_eq(tag)).then(|| self.deriver.key("announcement key", &[r]))
    }

    /// Key of number `n` of a writer; for n = 0 that of the announcement.
    pub fn key(&self, writer: &Writer, n: u64) -> ObjectKey {
        match n {
            0 => self.announcement(writer).1,
            n => self.deriver.key(self.numbered, &[writer.as_bytes(), &n.to_be_bytes()]),
        }
    }

    /// Name of number `n` of a writer.
    pub fn name(&self, writer: &Writer, n: u64) -> [u8; 32] {
        match n {
            0 => self.announcement(writer).0,
            n => super::object_name(&self.key(writer, n)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Identity;
    use crate::record::VaultId;

    #[test]
    fn both_ends_of_a_mailbox_agree_and_nobody_else_does() {
        let (from, to, third) = (Identity::generate(), Identity::generate(), Identity::generate());
        let vault = VaultId::new([1; 32]);
        let name = |who: &Identity, a: &Identity, b: &Identity| {
            who.mailbox(&vault, a.card(), b.card()).unwrap().name(&Writer::new([2; 16]), 3)
        };
        let sent = name(&from, &from, &to);
        assert_eq!(sent, name(&to, &from, &to));
        assert_ne!(sent, name(&to, &to, &from), "the way back is another mailbox");
        assert_ne!(sent, name(&third, &from, &third));
    }

    #[test]
    fn recognises_its_announcements_only() {
        let (one, other) = (Chain::new(&Secret::copy_of(&[1; 32])), Chain::new(&Secret::copy_of(&[2; 32])));
        let (name, key) = one.announcement(&Writer::new([7; 16]));
        assert_eq!(name[0], one.folder());
        assert!(one.recognise(&name) == Some(key));
        assert!(other.recognise(&name).is_none());
        assert!(one.recognise(&[one.folder(); 32]).is_none());
    }
}
