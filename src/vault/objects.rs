//! Sealed objects in a store: the one place where object names are derived. docs/format.md section 3.

use zeroize::Zeroizing;

use super::error::{Damage, Item, VaultError, limit_of};
use crate::crypto::padme::plaintext_capacity;
use crate::crypto::{ObjectType, object_name, open_object, random_key, seal_object, sha256};
use crate::format::{ObjectKey, Structure, decode, encode};
use crate::record::Digest;
use crate::store::{ObjectName, Store};

/// The name of the object with this key.
pub(crate) fn name_of(key: &ObjectKey) -> ObjectName {
    ObjectName::new(object_name(key))
}

/// Whether an object stands under this name whole, as far as its size can tell.
pub(crate) fn stands_whole(store: &dyn Store, name: ObjectName) -> Result<bool, VaultError> {
    Ok(store.size(name)?.is_some_and(|size| plaintext_capacity(size).is_some()))
}

/// Opens an object; `item` is named when it cannot.
pub(crate) fn open_sealed(
    store: &dyn Store,
    key: &ObjectKey,
    kind: ObjectType,
    item: &Item,
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    open_at(store, name_of(key), key, kind, item)
}

/// Opens an object that stands under a name of its own.
pub(crate) fn open_at(
    store: &dyn Store,
    name: ObjectName,
    key: &ObjectKey,
    kind: ObjectType,
    item: &Item,
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let read = || -> Result<_, Damage> { Ok(open_object(key, kind, &store.get(name, limit_of(kind))?)?) };
    read().map_err(|damage| VaultError::damaged(item.clone(), damage))
}

/// Opens an object and decodes the structure in it.
pub(crate) fn open_structure<T: Structure>(
    store: &dyn Store,
    key: &ObjectKey,
    kind: ObjectType,
    item: &Item,
) -> Result<T, VaultError> {
    let content = open_sealed(store, key, kind, item)?;
    decode(&content).map_err(|error| VaultError::damaged(item.clone(), error))
}

/// Seals content under a fresh key and puts it; not durable before a barrier.
pub(crate) fn put_sealed(
    store: &dyn Store,
    kind: ObjectType,
    content: &[u8],
) -> Result<ObjectKey, VaultError> {
    let key = random_key();
    store.put_new(name_of(&key), &seal_object(&key, kind, content))?;
    Ok(key)
}

/// Seals a structure under a fresh key and puts it; gives its key and the SHA-256 of its encoding.
pub(crate) fn put_structure<T: Structure>(
    store: &dyn Store,
    kind: ObjectType,
    value: &T,
) -> Result<(ObjectKey, Digest), VaultError> {
    let content = Zeroizing::new(encode(value));
    if content.len() > T::LIMIT {
        return Err(VaultError::TooLarge(T::TYPE));
    }
    Ok((put_sealed(store, kind, &content)?, sha256(&content)))
}
