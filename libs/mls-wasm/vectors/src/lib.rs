//! A passive client for the official `passive-client-*` vectors of RFC 9420: it is given private keys
//! by the vector, joins by a Welcome and follows what others commit.
//!
//! The product's binding (`../rust`) refuses much of what the vectors do: members' plaintext
//! handshakes, standalone proposals, PSKs, a ratchet tree beside the Welcome, credentials that name
//! no device. So this crate opens those doors, for tests, over the same OpenMLS, the same crypto
//! provider and the same record store (the product's own source files).

#[allow(dead_code)]
#[path = "../../rust/src/store.rs"]
mod store;
#[path = "../../rust/src/store_provider.rs"]
mod store_provider;
#[path = "../../rust/src/store_secrets.rs"]
mod store_secrets;

use std::collections::HashMap;

use js_sys::{Array, Uint8Array};
use openmls::prelude::*;
use openmls::schedule::PreSharedKeyId;
use openmls_basic_credential::SignatureKeyPair;
use openmls_traits::storage::StorageProvider as _;
use serde_json::Value;
use tls_codec::Deserialize as _;
use wasm_bindgen::prelude::*;

use store::Store;
use store_provider::Provider;

/// The vectors use resumption PSKs of this many past epochs.
const RESUMPTION_PSKS: usize = 16;

/// See the module's head.
#[wasm_bindgen]
pub struct PassiveClient {
    provider: Provider,
    group: MlsGroup,
    /// What a disk would hold.
    records: HashMap<String, Vec<u8>>,
}

#[wasm_bindgen]
impl PassiveClient {
    /// Joins. `psks` is an array of `[id, value]`; `ratchet_tree` is given where the Welcome has none.
    /// `now_s` lies within the lifetimes of the vector's key packages.
    #[wasm_bindgen(constructor)]
    pub fn new(
        key_package: &[u8],
        init_secret: &[u8],
        encryption_secret: &[u8],
        psks: &Array,
        welcome: &[u8],
        ratchet_tree: Option<Vec<u8>>,
        now_s: f64,
    ) -> Result<PassiveClient, JsError> {
        web_time::set_now_s(now_s as u64);
        let provider = Provider::default();
        store_key_package(&provider, key_package, init_secret, encryption_secret)?;
        for psk in psks.iter() {
            let pair = Array::from(&psk);
            let (id, value) = (Uint8Array::new(&pair.get(0)).to_vec(), Uint8Array::new(&pair.get(1)).to_vec());
            PreSharedKeyId::external(id, Vec::new()).store(&provider, &value).map_err(explained)?;
        }
        let MlsMessageBodyIn::Welcome(welcome) =
            MlsMessageIn::tls_deserialize_exact(welcome).map_err(explained)?.extract()
        else {
            return Err(JsError::new("not a welcome"));
        };
        let config = MlsGroupJoinConfig::builder()
            .wire_format_policy(MIXED_CIPHERTEXT_WIRE_FORMAT_POLICY)
            .number_of_resumption_psks(RESUMPTION_PSKS)
            .build();
        let mut builder = StagedWelcome::build_from_welcome(&provider, &config, welcome)
            .map_err(explained)?
            .skip_lifetime_validation();
        if let Some(tree) = ratchet_tree {
            let tree = RatchetTreeIn::tls_deserialize_exact(tree.as_slice()).map_err(explained)?;
            builder = builder.with_ratchet_tree(tree);
        }
        let group = builder.build().map_err(explained)?.into_group(&provider).map_err(explained)?;
        let mut client = PassiveClient { provider, group, records: HashMap::new() };
        client.restart()?;
        Ok(client)
    }

    /// The epoch authenticator, by which the vectors say whether all went well.
    pub fn authenticator(&self) -> Vec<u8> {
        self.group.epoch_authenticator().as_slice().to_vec()
    }

    /// Takes a proposal or a commit.
    pub fn process(&mut self, message: &[u8]) -> Result<(), JsError> {
        let message = MlsMessageIn::tls_deserialize_exact(message)
            .map_err(explained)?
            .try_into_protocol_message()
            .map_err(explained)?;
        let processed = self.group.process_message(&self.provider, message).map_err(explained)?;
        match processed.into_content() {
            ProcessedMessageContent::ProposalMessage(proposal)
            | ProcessedMessageContent::ExternalJoinProposalMessage(proposal) => {
                self.group.store_pending_proposal(self.provider.storage(), *proposal).map_err(explained)
            }
            ProcessedMessageContent::StagedCommitMessage(staged) => {
                self.group.merge_staged_commit(&self.provider, *staged).map_err(explained)?;
                self.restart()
            }
            _ => Err(JsError::new("neither a proposal nor a commit")),
        }
    }
}

impl PassiveClient {
    /// Goes on from nothing but the exported records, as after a crash: so that each vector goes
    /// through the record store in every epoch.
    fn restart(&mut self) -> Result<(), JsError> {
        for (name, change) in self.provider.storage().take_changes() {
            match change {
                Some(value) => self.records.insert(name, value),
                None => self.records.remove(&name),
            };
        }
        let group_id = self.group.group_id().clone();
        self.provider = Provider::new(Store::from_records(self.records.clone()));
        self.group = MlsGroup::load(self.provider.storage(), &group_id)
            .map_err(explained)?
            .ok_or_else(|| JsError::new("the group is not in its records"))?;
        Ok(())
    }
}

/// Stores the vector's key package with its private keys. OpenMLS makes such a bundle only together
/// with keys of its own, so one is made, and its serialised form is filled with the vector's values.
fn store_key_package(
    provider: &Provider,
    key_package: &[u8],
    init_secret: &[u8],
    encryption_secret: &[u8],
) -> Result<(), JsError> {
    let MlsMessageBodyIn::KeyPackage(key_package) =
        MlsMessageIn::tls_deserialize_exact(key_package).map_err(explained)?.extract()
    else {
        return Err(JsError::new("not a key package"));
    };
    let key_package = key_package.validate(provider.crypto(), ProtocolVersion::Mls10).map_err(explained)?;
    let suite = key_package.ciphersuite();
    let signer = SignatureKeyPair::new(suite.signature_algorithm()).map_err(explained)?;
    let credential = CredentialWithKey {
        credential: BasicCredential::new(Vec::new()).into(),
        signature_key: signer.public().into(),
    };
    let made = KeyPackage::builder().build(suite, &Provider::default(), &signer, credential).map_err(explained)?;
    let mut bundle = serde_json::to_value(&made).map_err(explained)?;
    bundle["key_package"] = serde_json::to_value(&key_package).map_err(explained)?;
    fill(&mut bundle["private_init_key"], init_secret)?;
    fill(&mut bundle["private_encryption_key"], encryption_secret)?;
    let bundle: KeyPackageBundle = serde_json::from_value(bundle).map_err(explained)?;
    let reference = key_package.hash_ref(provider.crypto()).map_err(explained)?;
    provider.storage().write_key_package(&reference, &bundle).map_err(explained)
}

/// Puts bytes in place of the innermost array.
fn fill(value: &mut Value, bytes: &[u8]) -> Result<(), JsError> {
    match value {
        Value::Array(_) => *value = serde_json::to_value(bytes).map_err(explained)?,
        Value::Object(fields) => {
            let inner = fields.values_mut().next().ok_or_else(|| JsError::new("no key in the bundle"))?;
            fill(inner, bytes)?;
        }
        _ => return Err(JsError::new("an unexpected shape of a stored key")),
    }
    Ok(())
}

fn explained<E: core::fmt::Debug>(error: E) -> JsError {
    JsError::new(&format!("{error:?}"))
}
