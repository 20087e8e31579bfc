//! OpenMLS's `StorageProvider` over [`Store`]: which record each write goes to.
//!
//! One provider serves one group (or one key package), so no record name carries a group id.
//! Signature keys never come here: the caller passes the leaf key with each call.

use openmls_rust_crypto::RustCrypto;
use openmls_traits::storage::{traits, Key, StorageProvider, CURRENT_VERSION};
use openmls_traits::OpenMlsProvider;
use serde::Serialize;

use crate::store::{Store, StoreError};
use crate::store_secrets;

const V: u16 = CURRENT_VERSION;

/// Crypto, randomness and the records of one group.
#[derive(Default)]
pub struct Provider {
    crypto: RustCrypto,
    store: Store,
}

impl Provider {
    /// A provider over these records.
    pub fn new(store: Store) -> Self {
        Self { crypto: RustCrypto::default(), store }
    }
}

impl OpenMlsProvider for Provider {
    type CryptoProvider = RustCrypto;
    type RandProvider = RustCrypto;
    type StorageProvider = Store;

    fn storage(&self) -> &Store {
        &self.store
    }
    fn crypto(&self) -> &RustCrypto {
        &self.crypto
    }
    fn rand(&self) -> &RustCrypto {
        &self.crypto
    }
}

/// A key as part of a record name.
fn name<K: Serialize>(prefix: &str, key: &K) -> Result<String, StoreError> {
    let bytes = rmp_serde::to_vec(key).map_err(|_| StoreError::Encode)?;
    let mut name = String::from(prefix);
    for byte in bytes {
        name.push_str(&format!("{byte:02x}"));
    }
    Ok(name)
}

/// The record of the private path keys of one epoch, as `leaf_index` holds them.
fn epoch_keys<K: Key<V>>(epoch: &K, leaf_index: u32) -> Result<String, StoreError> {
    Ok(format!("{}/{leaf_index}", name("keys/", epoch)?))
}

impl StorageProvider<V> for Store {
    type Error = StoreError;

    fn write_mls_join_config<G: traits::GroupId<V>, T: traits::MlsGroupJoinConfig<V>>(&self, _: &G, value: &T) -> Result<(), StoreError> {
        self.put("config", value)
    }
    fn mls_group_join_config<G: traits::GroupId<V>, T: traits::MlsGroupJoinConfig<V>>(&self, _: &G) -> Result<Option<T>, StoreError> {
        self.get("config")
    }
    fn delete_group_config<G: traits::GroupId<V>>(&self, _: &G) -> Result<(), StoreError> {
        self.remove("config");
        Ok(())
    }

    fn write_tree<G: traits::GroupId<V>, T: traits::TreeSync<V>>(&self, _: &G, value: &T) -> Result<(), StoreError> {
        self.put("tree", value)
    }
    fn tree<G: traits::GroupId<V>, T: traits::TreeSync<V>>(&self, _: &G) -> Result<Option<T>, StoreError> {
        self.get("tree")
    }
    fn delete_tree<G: traits::GroupId<V>>(&self, _: &G) -> Result<(), StoreError> {
        self.remove("tree");
        Ok(())
    }

    fn write_interim_transcript_hash<G: traits::GroupId<V>, T: traits::InterimTranscriptHash<V>>(
        &self,
        _: &G,
        value: &T,
    ) -> Result<(), StoreError> {
        self.put("interim-hash", value)
    }
    fn interim_transcript_hash<G: traits::GroupId<V>, T: traits::InterimTranscriptHash<V>>(&self, _: &G) -> Result<Option<T>, StoreError> {
        self.get("interim-hash")
    }
    fn delete_interim_transcript_hash<G: traits::GroupId<V>>(&self, _: &G) -> Result<(), StoreError> {
        self.remove("interim-hash");
        Ok(())
    }

    fn write_context<G: traits::GroupId<V>, T: traits::GroupContext<V>>(&self, _: &G, value: &T) -> Result<(), StoreError> {
        self.put("context", value)
    }
    fn group_context<G: traits::GroupId<V>, T: traits::GroupContext<V>>(&self, _: &G) -> Result<Option<T>, StoreError> {
        self.get("context")
    }
    fn delete_context<G: traits::GroupId<V>>(&self, _: &G) -> Result<(), StoreError> {
        self.remove("context");
        Ok(())
    }

    fn write_confirmation_tag<G: traits::GroupId<V>, T: traits::ConfirmationTag<V>>(&self, _: &G, value: &T) -> Result<(), StoreError> {
        self.put("tag", value)
    }
    fn confirmation_tag<G: traits::GroupId<V>, T: traits::ConfirmationTag<V>>(&self, _: &G) -> Result<Option<T>, StoreError> {
        self.get("tag")
    }
    fn delete_confirmation_tag<G: traits::GroupId<V>>(&self, _: &G) -> Result<(), StoreError> {
        self.remove("tag");
        Ok(())
    }

    fn write_group_state<T: traits::GroupState<V>, G: traits::GroupId<V>>(&self, _: &G, value: &T) -> Result<(), StoreError> {
        self.put("state", value)
    }
    fn group_state<T: traits::GroupState<V>, G: traits::GroupId<V>>(&self, _: &G) -> Result<Option<T>, StoreError> {
        self.get("state")
    }
    fn delete_group_state<G: traits::GroupId<V>>(&self, _: &G) -> Result<(), StoreError> {
        self.remove("state");
        Ok(())
    }

    fn write_message_secrets<G: traits::GroupId<V>, T: traits::MessageSecrets<V>>(&self, _: &G, value: &T) -> Result<(), StoreError> {
        store_secrets::write(self, value)
    }
    fn message_secrets<G: traits::GroupId<V>, T: traits::MessageSecrets<V>>(&self, _: &G) -> Result<Option<T>, StoreError> {
        store_secrets::read(self)
    }
    fn delete_message_secrets<G: traits::GroupId<V>>(&self, _: &G) -> Result<(), StoreError> {
        store_secrets::remove(self);
        Ok(())
    }

    fn write_resumption_psk_store<G: traits::GroupId<V>, T: traits::ResumptionPskStore<V>>(
        &self,
        _: &G,
        value: &T,
    ) -> Result<(), StoreError> {
        self.put("resumption", value)
    }
    fn resumption_psk_store<G: traits::GroupId<V>, T: traits::ResumptionPskStore<V>>(&self, _: &G) -> Result<Option<T>, StoreError> {
        self.get("resumption")
    }
    fn delete_all_resumption_psk_secrets<G: traits::GroupId<V>>(&self, _: &G) -> Result<(), StoreError> {
        self.remove("resumption");
        Ok(())
    }

    fn write_own_leaf_index<G: traits::GroupId<V>, T: traits::LeafNodeIndex<V>>(&self, _: &G, value: &T) -> Result<(), StoreError> {
        self.put("leaf-index", value)
    }
    fn own_leaf_index<G: traits::GroupId<V>, T: traits::LeafNodeIndex<V>>(&self, _: &G) -> Result<Option<T>, StoreError> {
        self.get("leaf-index")
    }
    fn delete_own_leaf_index<G: traits::GroupId<V>>(&self, _: &G) -> Result<(), StoreError> {
        self.remove("leaf-index");
        Ok(())
    }

    fn write_group_epoch_secrets<G: traits::GroupId<V>, T: traits::GroupEpochSecrets<V>>(
        &self,
        _: &G,
        value: &T,
    ) -> Result<(), StoreError> {
        self.put("epoch-secrets", value)
    }
    fn group_epoch_secrets<G: traits::GroupId<V>, T: traits::GroupEpochSecrets<V>>(&self, _: &G) -> Result<Option<T>, StoreError> {
        self.get("epoch-secrets")
    }
    fn delete_group_epoch_secrets<G: traits::GroupId<V>>(&self, _: &G) -> Result<(), StoreError> {
        self.remove("epoch-secrets");
        Ok(())
    }

    // Own Update proposals are never made (no standalone proposals), so these stay empty.
    fn append_own_leaf_node<G: traits::GroupId<V>, T: traits::LeafNode<V>>(&self, _: &G, leaf: &T) -> Result<(), StoreError> {
        // Rebuilt from raw values: an `Entity` cannot be cloned.
        let mut all: Vec<Vec<u8>> = self.get("leaf-nodes")?.unwrap_or_default();
        all.push(crate::store::encode(leaf)?);
        self.put("leaf-nodes", &all)
    }
    fn own_leaf_nodes<G: traits::GroupId<V>, T: traits::LeafNode<V>>(&self, _: &G) -> Result<Vec<T>, StoreError> {
        let all: Vec<Vec<u8>> = self.get("leaf-nodes")?.unwrap_or_default();
        all.iter().map(|bytes| crate::store::decode(bytes)).collect()
    }
    fn delete_own_leaf_nodes<G: traits::GroupId<V>>(&self, _: &G) -> Result<(), StoreError> {
        self.remove("leaf-nodes");
        Ok(())
    }

    fn queue_proposal<G: traits::GroupId<V>, R: traits::ProposalRef<V>, P: traits::QueuedProposal<V>>(
        &self,
        _: &G,
        reference: &R,
        proposal: &P,
    ) -> Result<(), StoreError> {
        let mut all: Vec<(Vec<u8>, Vec<u8>)> = self.get("proposals")?.unwrap_or_default();
        all.push((crate::store::encode(reference)?, crate::store::encode(proposal)?));
        self.put("proposals", &all)
    }
    fn queued_proposal_refs<G: traits::GroupId<V>, R: traits::ProposalRef<V>>(&self, _: &G) -> Result<Vec<R>, StoreError> {
        let all: Vec<(Vec<u8>, Vec<u8>)> = self.get("proposals")?.unwrap_or_default();
        all.iter().map(|(reference, _)| crate::store::decode(reference)).collect()
    }
    fn queued_proposals<G: traits::GroupId<V>, R: traits::ProposalRef<V>, P: traits::QueuedProposal<V>>(
        &self,
        _: &G,
    ) -> Result<Vec<(R, P)>, StoreError> {
        let all: Vec<(Vec<u8>, Vec<u8>)> = self.get("proposals")?.unwrap_or_default();
        all.iter().map(|(reference, proposal)| Ok((crate::store::decode(reference)?, crate::store::decode(proposal)?))).collect()
    }
    fn remove_proposal<G: traits::GroupId<V>, R: traits::ProposalRef<V>>(&self, _: &G, reference: &R) -> Result<(), StoreError> {
        let mut all: Vec<(Vec<u8>, Vec<u8>)> = self.get("proposals")?.unwrap_or_default();
        let wanted = crate::store::encode(reference)?;
        all.retain(|(reference, _)| *reference != wanted);
        self.put("proposals", &all)
    }
    fn clear_proposal_queue<G: traits::GroupId<V>, R: traits::ProposalRef<V>>(&self, _: &G) -> Result<(), StoreError> {
        self.remove("proposals");
        Ok(())
    }

    fn write_encryption_epoch_key_pairs<G: traits::GroupId<V>, E: traits::EpochKey<V>, T: traits::HpkeKeyPair<V>>(
        &self,
        _: &G,
        epoch: &E,
        leaf_index: u32,
        key_pairs: &[T],
    ) -> Result<(), StoreError> {
        self.put(&epoch_keys(epoch, leaf_index)?, key_pairs)
    }
    fn encryption_epoch_key_pairs<G: traits::GroupId<V>, E: traits::EpochKey<V>, T: traits::HpkeKeyPair<V>>(
        &self,
        _: &G,
        epoch: &E,
        leaf_index: u32,
    ) -> Result<Vec<T>, StoreError> {
        Ok(self.get(&epoch_keys(epoch, leaf_index)?)?.unwrap_or_default())
    }
    fn delete_encryption_epoch_key_pairs<G: traits::GroupId<V>, E: traits::EpochKey<V>>(
        &self,
        _: &G,
        epoch: &E,
        leaf_index: u32,
    ) -> Result<(), StoreError> {
        self.remove(&epoch_keys(epoch, leaf_index)?);
        Ok(())
    }

    fn write_signature_key_pair<K: traits::SignaturePublicKey<V>, T: traits::SignatureKeyPair<V>>(
        &self,
        key: &K,
        value: &T,
    ) -> Result<(), StoreError> {
        self.put(&name("signature/", key)?, value)
    }
    fn signature_key_pair<K: traits::SignaturePublicKey<V>, T: traits::SignatureKeyPair<V>>(
        &self,
        key: &K,
    ) -> Result<Option<T>, StoreError> {
        self.get(&name("signature/", key)?)
    }
    fn delete_signature_key_pair<K: traits::SignaturePublicKey<V>>(&self, key: &K) -> Result<(), StoreError> {
        self.remove(&name("signature/", key)?);
        Ok(())
    }

    fn write_encryption_key_pair<K: traits::EncryptionKey<V>, T: traits::HpkeKeyPair<V>>(
        &self,
        key: &K,
        value: &T,
    ) -> Result<(), StoreError> {
        self.put(&name("encryption/", key)?, value)
    }
    fn encryption_key_pair<T: traits::HpkeKeyPair<V>, K: traits::EncryptionKey<V>>(&self, key: &K) -> Result<Option<T>, StoreError> {
        self.get(&name("encryption/", key)?)
    }
    fn delete_encryption_key_pair<K: traits::EncryptionKey<V>>(&self, key: &K) -> Result<(), StoreError> {
        self.remove(&name("encryption/", key)?);
        Ok(())
    }

    fn write_key_package<K: traits::HashReference<V>, T: traits::KeyPackage<V>>(&self, key: &K, value: &T) -> Result<(), StoreError> {
        self.put(&name("key-package/", key)?, value)
    }
    fn key_package<K: traits::HashReference<V>, T: traits::KeyPackage<V>>(&self, key: &K) -> Result<Option<T>, StoreError> {
        self.get(&name("key-package/", key)?)
    }
    fn delete_key_package<K: traits::HashReference<V>>(&self, key: &K) -> Result<(), StoreError> {
        self.remove(&name("key-package/", key)?);
        Ok(())
    }

    fn write_psk<K: traits::PskId<V>, T: traits::PskBundle<V>>(&self, key: &K, value: &T) -> Result<(), StoreError> {
        self.put(&name("psk/", key)?, value)
    }
    fn psk<T: traits::PskBundle<V>, K: traits::PskId<V>>(&self, key: &K) -> Result<Option<T>, StoreError> {
        self.get(&name("psk/", key)?)
    }
    fn delete_psk<K: traits::PskId<V>>(&self, key: &K) -> Result<(), StoreError> {
        self.remove(&name("psk/", key)?);
        Ok(())
    }
}
