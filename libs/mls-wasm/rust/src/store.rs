//! The records of one group, or of one key package, and which of them changed.
//!
//! OpenMLS keeps the whole group in memory and writes through its `StorageProvider`; it reads back
//! only when it loads a group, except for the epoch's key pairs. So after a load this store keeps
//! only those, and of the rest nothing but what waits for export.
//!
//! A record is one version byte and then MessagePack with field names: a self-describing format,
//! which OpenMLS's hand-written `Deserialize` impls need (Postcard fails on reload).

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use rmp_serde::config::BytesMode;
use serde::{de::DeserializeOwned, Serialize};
use zeroize::Zeroize;

/// First byte of every record. A change of OpenMLS's stored shapes gets a new number.
const RECORD_VERSION: u8 = 1;

/// Records whose bytes are kept while the group lives: OpenMLS reads them again, or (`secrets/`) they
/// are written often and change seldom. All others OpenMLS holds in memory itself.
const KEPT: [&str; 6] = ["keys/", "key-package/", "encryption/", "leaf-nodes", "proposals", "secrets/"];

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
    encode_body(&mut bytes, value)?;
    Ok(bytes)
}

/// Appends the MessagePack of a value: structs as maps with field names, byte vectors as bytes. (By
/// default rmp-serde writes a `Vec<u8>` as a list of numbers, which costs half again the size.)
pub fn encode_body<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), StoreError> {
    let mut serializer = rmp_serde::Serializer::new(out).with_struct_map().with_bytes(BytesMode::ForceIterables);
    value.serialize(&mut serializer).map_err(|_| StoreError::Encode)
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
    /// Names of all records that the caller has, or will have after the next export.
    names: RefCell<HashSet<String>>,
    /// Bytes of those that are loaded or kept.
    records: RefCell<HashMap<String, Vec<u8>>>,
    changes: RefCell<Changes>,
}

impl Store {
    /// A store that holds these records, unchanged so far.
    pub fn from_records(records: HashMap<String, Vec<u8>>) -> Self {
        let names = records.keys().cloned().collect();
        Self { names: RefCell::new(names), records: RefCell::new(records), changes: RefCell::default() }
    }

    /// Writes a record, unless it is one of the kept that already says the same.
    pub fn put<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), StoreError> {
        let bytes = encode(value)?;
        if is_kept(key) {
            if self.records.borrow().get(key) == Some(&bytes) {
                return Ok(());
            }
            self.records.borrow_mut().insert(key.to_owned(), bytes.clone());
        }
        self.names.borrow_mut().insert(key.to_owned());
        self.changes.borrow_mut().insert(key.to_owned(), Some(bytes));
        Ok(())
    }

    /// Reads a record that was written and not yet exported, or that is loaded or kept.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        if let Some(change) = self.changes.borrow().get(key) {
            return change.as_deref().map(decode).transpose();
        }
        self.records.borrow().get(key).map(|bytes| decode(bytes)).transpose()
    }

    /// Appends a loaded record's MessagePack, undecoded.
    pub fn append_body(&self, key: &str, out: &mut Vec<u8>) -> Result<(), StoreError> {
        match self.records.borrow().get(key).and_then(|bytes| bytes.split_first()) {
            Some((&RECORD_VERSION, body)) => {
                out.extend_from_slice(body);
                Ok(())
            }
            _ => Err(StoreError::Decode),
        }
    }

    /// Whether there is such a record, here or with the caller.
    pub fn has(&self, key: &str) -> bool {
        self.names.borrow().contains(key)
    }

    /// The numbers behind this prefix in the names of records.
    pub fn epochs_of(&self, prefix: &str) -> Vec<u64> {
        self.names.borrow().iter().filter_map(|name| name.strip_prefix(prefix)?.parse().ok()).collect()
    }

    /// Removes a record; one that is not there needs no export.
    pub fn remove(&self, key: &str) {
        if !self.names.borrow_mut().remove(key) {
            return;
        }
        self.records.borrow_mut().remove(key);
        self.changes.borrow_mut().insert(key.to_owned(), None);
    }

    /// Forgets the loaded records that OpenMLS now holds in memory.
    pub fn forget_loaded(&self) {
        self.records.borrow_mut().retain(|key, bytes| {
            let keep = is_kept(key);
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

fn is_kept(key: &str) -> bool {
    KEPT.iter().any(|prefix| key.starts_with(prefix))
}

impl Drop for Store {
    fn drop(&mut self) {
        self.records.borrow_mut().values_mut().for_each(|bytes| bytes.zeroize());
        self.changes.borrow_mut().values_mut().flatten().for_each(|bytes| bytes.zeroize());
    }
}
