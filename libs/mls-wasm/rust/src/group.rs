//! A live group: OpenMLS's state in memory, over the records of one group.

use openmls::prelude::*;
use wasm_bindgen::prelude::*;

use crate::config::{create_config, past_epochs, suite};
use crate::departed::Departed;
use crate::device::Device;
use crate::failure::{Code, Failure};
use crate::js::{self, JsRecords};
use crate::store::Store;
use crate::store_provider::Provider;
use crate::summary::{self, Summary};

/// The record that `departed` writes.
pub(crate) const DEPARTED: &str = "departed";
/// The record that says that we joined by an external commit which is not in the log yet. OpenMLS
/// itself has merged it; the record holds its summary.
pub(crate) const PENDING_JOIN: &str = "pending-join";

/// The record of the epoch in which we joined: nothing before it was ever readable for us.
const SINCE: &str = "since";

/// A group's handle. It mutates; `openmls-engine.ts` makes the immutable states of it.
#[wasm_bindgen]
pub struct Group {
    pub(crate) provider: Provider,
    pub(crate) group: MlsGroup,
    pub(crate) staged: Option<(StagedCommit, Summary)>,
    pub(crate) pending_join: Option<Summary>,
    pub(crate) departed: Vec<Departed>,
    since: u64,
}

#[wasm_bindgen]
impl Group {
    /// A new group with the device as its only member.
    pub fn create(device: &Device, group: &[u8], suite_code: u16, now_s: f64) -> Result<Group, JsValue> {
        let now_s = js::seconds(now_s);
        web_time::set_now_s(now_s);
        let suite = suite(suite_code).ok_or(Failure::new(Code::UnsupportedSuite))?;
        let provider = Provider::default();
        let group = MlsGroup::new_with_group_id(
            &provider,
            device.signer(),
            &create_config(suite, now_s),
            GroupId::from_slice(group),
            device.credential(),
        )
        .map_err(|error| Failure::of(Code::Malformed, error))?;
        Ok(Group::of(provider, group)?)
    }

    /// The group that these records hold.
    pub fn load(group: &[u8], records: &JsRecords) -> Result<Group, JsValue> {
        let store = Store::from_records(js::records(records.unchecked_ref())?);
        let provider = Provider::new(store);
        let loaded =
            MlsGroup::load(provider.storage(), &GroupId::from_slice(group)).map_err(Failure::from)?.ok_or(Failure::new(Code::Malformed))?;
        // `load` trusts the name that it is asked for; the group id is in the context.
        if loaded.group_id().as_slice() != group {
            return Err(Failure::new(Code::WrongGroup).into());
        }
        let departed = provider.storage().get(DEPARTED).map_err(Failure::from)?.unwrap_or_default();
        let pending_join = provider.storage().get(PENDING_JOIN).map_err(Failure::from)?;
        let since = provider.storage().get(SINCE).map_err(Failure::from)?.ok_or(Failure::new(Code::Malformed))?;
        provider.storage().forget_loaded();
        Ok(Group { provider, group: loaded, staged: None, pending_join, departed, since })
    }

    /// What changed since the last call.
    #[wasm_bindgen(js_name = takeChanges, unchecked_return_type = "WasmChanges")]
    pub fn take_changes(&self) -> JsValue {
        js::changes(self.provider.storage().take_changes())
    }

    /// Whether nothing waits for export: after a failure, whether the handle still is what it was.
    #[wasm_bindgen(js_name = isClean)]
    pub fn is_clean(&self) -> bool {
        self.provider.storage().is_clean()
    }

    /// All members, packed (see `WasmSummary`).
    pub fn members(&self) -> Result<Vec<u8>, JsValue> {
        Ok(summary::pack(&summary::members(self.group.members(), Code::Malformed)?))
    }

    /// The current epoch.
    pub fn epoch(&self) -> u64 {
        self.group.epoch().as_u64()
    }

    /// The group id, 16 bytes.
    #[wasm_bindgen(js_name = groupId)]
    pub fn group_id(&self) -> Vec<u8> {
        self.group.group_id().as_slice().to_vec()
    }

    /// Code point of the group's suite.
    pub fn suite(&self) -> u16 {
        self.group.ciphersuite() as u16
    }

    /// The epoch authenticator (RFC 9420 §8.7): equal for members who agree on everything.
    #[wasm_bindgen(js_name = epochAuthenticator)]
    pub fn epoch_authenticator(&self) -> Vec<u8> {
        self.group.epoch_authenticator().as_slice().to_vec()
    }

    /// The MLS exporter (RFC 9420 §8.5) for the current epoch.
    #[wasm_bindgen(js_name = exportSecret)]
    pub fn export_secret(&self, label: &str, context: &[u8], length: u32) -> Result<Vec<u8>, JsValue> {
        self.group
            .export_secret(self.provider.crypto(), label, context, length as usize)
            .map_err(|error| Failure::of(Code::NotAMember, error).into())
    }

    /// Whether our own commit, or our own external join, waits for its envelope.
    #[wasm_bindgen(js_name = hasPending)]
    pub fn has_pending(&self) -> bool {
        self.pending_join.is_some() || self.group.pending_commit().is_some()
    }
}

/// A group id is a conversation id: 16 bytes. Any other is not a group of ours.
pub(crate) fn check_group_id(id: &GroupId) -> Result<(), Failure> {
    match id.as_slice().len() {
        16 => Ok(()),
        _ => Err(Failure::new(Code::Malformed)),
    }
}

impl Group {
    /// A group that we are in from now on.
    pub(crate) fn of(provider: Provider, group: MlsGroup) -> Result<Group, Failure> {
        let since = group.epoch().as_u64();
        provider.storage().put(SINCE, &since)?;
        Ok(Group { provider, group, staged: None, pending_join: None, departed: Vec::new(), since })
    }

    /// Whether the keys of an epoch are gone, or never were ours. (OpenMLS gives the same error for
    /// that and for a used ratchet step.)
    pub(crate) fn is_out_of_reach(&self, epoch: u64) -> bool {
        epoch < self.since || epoch.saturating_add(past_epochs()) < self.epoch()
    }

    /// Every operation that uses or moves the epoch asks this first.
    pub(crate) fn must_be_settled(&self) -> Result<(), Failure> {
        if self.has_pending() {
            return Err(Failure::new(Code::PendingCommit));
        }
        if !self.group.is_active() {
            return Err(Failure::new(Code::NotAMember));
        }
        Ok(())
    }
}
