//! What an entry says was done. docs/format.md section 6, "Operations".

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{Given, Head, Malformed, cbor::decode_value, encode_value};
use crate::record::form::{Id, Line, Purpose};
use crate::record::{BundleId, CardHash, CaseId, Digest, PartName, Recipient, RevisionId, VaultId, Writer};

/// One operation; its body is CBOR by number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The operation's number.
    pub op: u64,
    /// The case concerned.
    pub case: Option<CaseId>,
    /// The encoded body.
    pub body: ByteBuf,
}

/// Declares the bodies by number.
macro_rules! bodies {
    ($($(#[$doc:meta])* $n:literal $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {
        /// What was done.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum OperationBody {
            $($(#[$doc])* $name { $($(#[$field_doc])* $field: $type,)* },)*
            /// A number this version does not know; it is kept.
            Unknown(u64),
        }

        impl Operation {
            /// Wraps a body; an unknown one has none.
            pub fn new(case: Option<CaseId>, body: &OperationBody) -> Self {
                let (op, body) = match body {
                    $(OperationBody::$name { $($field,)* } => {
                        #[derive(Serialize)]
                        struct Body<'a> { $($field: &'a $type,)* #[serde(skip)] _lifetime: std::marker::PhantomData<&'a ()> }
                        ($n, encode_value(&Body { $($field,)* _lifetime: std::marker::PhantomData }))
                    })*
                    OperationBody::Unknown(op) => (*op, Vec::new()),
                };
                Self { op, case, body: ByteBuf::from(body) }
            }

            /// Reads the body.
            pub fn body(&self) -> Result<OperationBody, Malformed> {
                match self.op {
                    $($n => {
                        #[derive(Serialize, Deserialize)]
                        #[serde(deny_unknown_fields)]
                        struct Body { $($field: $type,)* }
                        let Body { $($field,)* } = decode_value(&self.body, "operation")?;
                        Ok(OperationBody::$name { $($field,)* })
                    })*
                    op => Ok(OperationBody::Unknown(op)),
                }
            }
        }
    };
}

bodies! {
    /// A case was opened.
    1 CaseOpened {}
    /// A part has a new revision.
    2 PartRevised {
        /// The part.
        part: PartName,
        /// The revision.
        revision: RevisionId,
        /// The heads it joins.
        replaces: Vec<RevisionId>,
    }
    /// Revisions were given to a contact.
    3 Shared {
        /// The contact's card.
        to: CardHash,
        /// Writer of the message.
        writer: Writer,
        /// Number of the message.
        n: u64,
        /// What was given.
        revisions: Vec<Given>,
    }
    /// Sharing a case with a contact ended.
    4 Unshared {
        /// The contact's card.
        from: CardHash,
    }
    /// A case went into a bundle.
    5 Exported {
        /// The bundle.
        bundle: BundleId,
        /// For whom.
        to: Recipient,
        /// SHA-256 of the signed tag manifest.
        manifest: Digest,
        /// What went.
        revisions: Vec<Given>,
    }
    /// A case came out of a bundle.
    6 Imported {
        /// The bundle.
        bundle: BundleId,
        /// Who signed it.
        signer: CardHash,
        /// What came.
        revisions: Vec<Given>,
    }
    /// A case was accepted from a contact's vault.
    7 Accepted {
        /// The contact's vault.
        vault: VaultId,
        /// The contact's card.
        sender: CardHash,
        /// What came.
        revisions: Vec<Given>,
    }
    /// The state this entry ends in can be recognised by its words.
    9 Checkpoint {}
    /// Going back to an older state was accepted.
    10 RollbackAccepted {
        /// The heads that were remembered and not found.
        heads: Vec<Head>,
    }
    /// What was given of a case in the same entry went without the consent it needs.
    11 ConsentOverridden {
        /// To whom.
        to: Recipient,
        /// What for, if that was said.
        purpose: Option<Purpose>,
        /// Why.
        reason: Line,
    }
    /// A person withdrew their consent.
    12 ConsentWithdrawn {
        /// The person's identifier.
        person: Id,
        /// The part that holds the consent.
        part: PartName,
        /// The revision that says so.
        revision: RevisionId,
    }
    /// Shares that open the vault were made.
    15 RecoverySet {
        /// The name of the recovery's object.
        object: Digest,
        /// How many shares open it.
        needed: u8,
        /// How many there are.
        all: u8,
        /// The names of the recoveries it replaces.
        replaces: Vec<Digest>,
    }
    /// Contacts changed.
    16 ContactsChanged {}
    /// A case has another title.
    17 Titled {}
    /// Parts of the index that could not be read were given up, or rows found in older ones joined again.
    18 IndexMended {
        /// The runs given up, by the digest that entries name them with.
        runs: Vec<Digest>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_bodies_and_keeps_unknown_numbers() {
        let body = OperationBody::PartRevised {
            part: "person/doctor".parse().unwrap(),
            revision: RevisionId::new([4; 32]),
            replaces: vec![],
        };
        let operation = Operation::new(Some(CaseId::new([1; 16])), &body);
        assert_eq!((operation.op, operation.body()), (2, Ok(body)));
        let later = Operation { op: 99, case: None, body: ByteBuf::from(vec![1, 2, 3]) };
        assert_eq!(later.body(), Ok(OperationBody::Unknown(99)));
        let empty = Operation::new(None, &OperationBody::CaseOpened {});
        assert_eq!((empty.body.as_slice(), empty.body()), (&[0xa0][..], Ok(OperationBody::CaseOpened {})));
    }
}
