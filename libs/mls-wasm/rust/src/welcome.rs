//! Joining by a welcome, in two steps.

use openmls::prelude::*;
use tls_codec::Deserialize as _;
use wasm_bindgen::prelude::*;

use crate::config::{join_config, suite};
use crate::failure::{of_welcome, Code, Failure};
use crate::group::{check_group_id, Group};
use crate::js::{self, JsRecords};
use crate::store::Store;
use crate::store_provider::Provider;
use crate::summary::{members, pack, Leaf};

/// The key package references that a welcome is for: the caller finds out which of its private
/// records to load.
#[wasm_bindgen(js_name = welcomeRefs, unchecked_return_type = "Uint8Array[]")]
pub fn welcome_refs(welcome: &[u8]) -> Result<js_sys::Array, JsValue> {
    let welcome = parse(welcome)?;
    Ok(welcome.secrets().iter().map(|secret| js::bytes(secret.new_member().as_slice())).collect())
}

/// A welcome that was opened and checked, but not joined.
#[wasm_bindgen]
pub struct OpenedWelcome {
    provider: Provider,
    staged: Option<StagedWelcome>,
    info: JsValue,
}

#[wasm_bindgen]
impl OpenedWelcome {
    /// Opens a welcome with the private records of one key package.
    ///
    /// Lifetimes of the leaves in the tree are not checked: one that was never updated may be older
    /// than its lifetime, and a device that comes back late must still be able to join.
    #[wasm_bindgen(constructor)]
    pub fn new(welcome: &[u8], records: &JsRecords) -> Result<OpenedWelcome, JsValue> {
        let welcome = parse(welcome)?;
        let suite_code = welcome.ciphersuite() as u16;
        let provider = Provider::new(Store::from_records(js::records(records.unchecked_ref())?));
        let staged = StagedWelcome::build_from_welcome(&provider, &join_config(), welcome)
            .map_err(of_welcome)?
            .skip_lifetime_validation()
            .build()
            .map_err(of_welcome)?;
        let inviter = staged.welcome_sender_index();
        let leaves = members(staged.members(), Code::NotAuthentic)?;
        let inviter: &Leaf = leaves.iter().find(|leaf| leaf.index == inviter.u32()).ok_or(Failure::new(Code::NotAuthentic))?;
        let context = staged.group_context();
        check_group_id(context.group_id())?;
        let info = js::object(&[
            ("group", js::bytes(context.group_id().as_slice())),
            ("suite", JsValue::from(suite_code)),
            ("members", js::bytes(&pack(&leaves))),
            ("inviter", js::bytes(&inviter.pack())),
            ("epoch", JsValue::from(context.epoch().as_u64())),
        ]);
        Ok(OpenedWelcome { provider, staged: Some(staged), info })
    }

    /// `WasmWelcomeInfo`.
    #[wasm_bindgen(getter, unchecked_return_type = "WasmWelcomeInfo")]
    pub fn info(&self) -> JsValue {
        self.info.clone()
    }

    /// Joins; once. The key package's own records are not in the group's changes.
    pub fn join(&mut self) -> Result<Group, JsValue> {
        let staged = self.staged.take().ok_or(Failure::new(Code::Malformed))?;
        let provider = core::mem::take(&mut self.provider);
        provider.storage().take_changes();
        let group = staged.into_group(&provider).map_err(of_welcome)?;
        Ok(Group::of(provider, group)?)
    }
}

fn parse(bytes: &[u8]) -> Result<Welcome, Failure> {
    let message = MlsMessageIn::tls_deserialize_exact(bytes).map_err(|error| Failure::of(Code::Malformed, error))?;
    let MlsMessageBodyIn::Welcome(welcome) = message.extract() else {
        return Err(Failure::new(Code::Malformed));
    };
    if suite(welcome.ciphersuite() as u16).is_none() {
        return Err(Failure::new(Code::UnsupportedSuite));
    }
    Ok(welcome)
}
