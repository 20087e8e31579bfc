//! The records of one group, or of one key package, and which of them changed.
//!
//! OpenMLS keeps the whole group in memory and writes through its `StorageProvider`; it reads back
//! only when it loads a group, except for the epoch's key pairs. So after a load this store keeps
//! only those, and of the rest nothing but what waits for export.
//!
//! A record is one version byte and then MessagePack with field names: a self-describing format,
//! which OpenMLS's hand-written `Deserialize` impls need (Postcard fails on reload).

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use serde::{de::DeserializeOwned, Serialize};
use zeroize::Zeroize;

/// First byte of every record. A change of OpenMLS's stored shapes gets a new number.
const RECORD_VERSION: u8 = 1;

/// Records that OpenMLS reads again while the group lives. All others it holds in memory itself.
const READ_AGAIN: [&str; 5] = ["keys/", "key-package/", "encryption/", "leaf-nodes", "proposals"];

/// Why a record could not be written or read.
#[derive(Debug, Clone, PartialEq)]
pub enum StoreError {
    /// The value cannot be encoded: a bug.
    Encode,
    /// The record is not what was written: damaged, or of another version.
    Decode,
}

impl core::fmt::Display for StoreError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            StoreError::Encode => "record cannot be encoded",
            StoreError::Decode => "record cannot be decoded",
        })
    }
}

impl std::error::Error for StoreError {}

/// Encodes one record: version byte, then MessagePack.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, StoreError> {
    let mut bytes = vec![RECORD_VERSION];
    rmp_serde::encode::write_named(&mut bytes, value).map_err(|_| StoreError::Encode)?;
    Ok(bytes)
}

/// Decodes one record, whole.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    match bytes.split_first() {
        Some((&RECORD_VERSION, body)) => rmp_serde::from_slice(body).map_err(|_| StoreError::Decode),
        _ => Err(StoreError::Decode),
    }
}

/// What one operation changed: `None` means removed.
pub type Changes = BTreeMap<String, Option<Vec<u8>>>;

/// See the module's head.
#[derive(Default)]
pub struct Store {
    records: RefCell<HashMap<String, Vec<u8>>>,
    changes: RefCell<Changes>,
}

impl Store {
    /// A store that holds these records, unchanged so far.
    pub fn from_records(records: HashMap<String, Vec<u8>>) -> Self {
        Self { records: RefCell::new(records), changes: RefCell::default() }
    }

    /// Writes a record, if it differs from what is waiting or kept.
    pub fn put<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), StoreError> {
        let bytes = encode(value)?;
        if is_read_again(key) {
            self.records.borrow_mut().insert(key.to_owned(), bytes.clone());
        }
        self.changes.borrow_mut().insert(key.to_owned(), Some(bytes));
        Ok(())
    }

    /// Reads a record that was written and not yet exported, or that is kept.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        if let Some(change) = self.changes.borrow().get(key) {
            return change.as_deref().map(decode).transpose();
        }
        self.records.borrow().get(key).map(|bytes| decode(bytes)).transpose()
    }

    /// Removes a record.
    pub fn remove(&self, key: &str) {
        self.records.borrow_mut().remove(key);
        self.changes.borrow_mut().insert(key.to_owned(), None);
    }

    /// Removes a record that may never have been written; a removal that says nothing is not exported.
    pub fn remove_if_written(&self, key: &str) {
        let waiting = matches!(self.changes.borrow().get(key), Some(Some(_)));
        if waiting || self.records.borrow().contains_key(key) {
            self.remove(key);
        }
    }

    /// Forgets the loaded records that OpenMLS now holds in memory.
    pub fn forget_loaded(&self) {
        self.records.borrow_mut().retain(|key, bytes| {
            let keep = is_read_again(key);
            if !keep {
                bytes.zeroize();
            }
            keep
        });
    }

    /// Whether anything waits for export.
    pub fn is_clean(&self) -> bool {
        self.changes.borrow().is_empty()
    }

    /// Hands out what changed since the last call.
    pub fn take_changes(&self) -> Changes {
        core::mem::take(&mut self.changes.borrow_mut())
    }
}

fn is_read_again(key: &str) -> bool {
    READ_AGAIN.iter().any(|prefix| key.starts_with(prefix))
}

impl Drop for Store {
    fn drop(&mut self) {
        self.records.borrow_mut().values_mut().for_each(|bytes| bytes.zeroize());
        self.changes.borrow_mut().values_mut().flatten().for_each(|bytes| bytes.zeroize());
    }
}
