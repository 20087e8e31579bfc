//! Joining by external commit (RFC 9420 §12.4.3.2): back into a group that we lost, or anew.

use openmls::messages::group_info::VerifiableGroupInfo;
use openmls::prelude::*;
use tls_codec::{Deserialize as _, Serialize as _};
use wasm_bindgen::prelude::*;

use crate::commit::pending;
use crate::config::{capabilities, join_config, suite};
use crate::device::Device;
use crate::failure::{of_external, of_own_commit, Code, Failure};
use crate::group::{check_group_id, Group, PENDING_JOIN};
use crate::js;
use crate::store_provider::Provider;
use crate::summary::{members, Leaf, Summary};

/// A group joined by external commit, and what to send for it.
#[wasm_bindgen]
pub struct ExternalJoin {
    group: Option<Group>,
    pending: JsValue,
}

#[wasm_bindgen]
impl ExternalJoin {
    /// Joins by a GroupInfo that carries the ratchet tree and the external key. OpenMLS removes the
    /// leaf with our signature key in the same commit, if there is one.
    ///
    /// OpenMLS merges an external commit at once. We keep a record that says that it is still
    /// pending, so that nothing is encrypted before the log has it.
    #[wasm_bindgen(constructor)]
    pub fn new(device: &Device, group_info: &[u8], now_s: f64) -> Result<ExternalJoin, JsValue> {
        web_time::set_now_s(js::seconds(now_s));
        let group_info = verifiable_group_info(group_info)?;
        check_group_id(group_info.group_id())?;
        let epoch_after = group_info.epoch().as_u64().saturating_add(1);
        let replaced = replaced_leaf(&group_info, device)?;
        let provider = Provider::default();
        let builder = MlsGroup::external_commit_builder()
            .with_config(join_config())
            // A leaf that was never updated may be older than its lifetime: no reason to stay out.
            .skip_lifetime_validation()
            .build_group(&provider, group_info, device.credential())
            .map_err(of_external)?;
        let parameters = LeafNodeParameters::builder().with_capabilities(capabilities()).build();
        let builder = builder
            .leaf_node_parameters(parameters)
            .load_psks(provider.storage())
            .map_err(of_own_commit)?
            .build(provider.rand(), provider.crypto(), device.signer(), |_| true)
            .map_err(of_own_commit)?;
        let (group, bundle) = builder.finalize(&provider).map_err(|error| Failure::of(Code::InvalidCommit, error))?;
        if group.epoch().as_u64() != epoch_after {
            return Err(Failure::new(Code::InvalidCommit).into());
        }
        let summary = joined_summary(&group, replaced)?;
        provider.storage().put(PENDING_JOIN, &summary).map_err(Failure::from)?;
        let pending = pending(bundle, &summary)?;
        let mut group = Group::of(provider, group)?;
        group.pending_join = Some(summary);
        Ok(ExternalJoin { group: Some(group), pending })
    }

    /// `WasmPending`.
    #[wasm_bindgen(getter, unchecked_return_type = "WasmPending")]
    pub fn pending(&self) -> JsValue {
        self.pending.clone()
    }

    /// The group; once.
    #[wasm_bindgen(js_name = takeGroup)]
    pub fn take_group(&mut self) -> Result<Group, JsValue> {
        self.group.take().ok_or(Failure::new(Code::Malformed).into())
    }
}

fn verifiable_group_info(bytes: &[u8]) -> Result<VerifiableGroupInfo, Failure> {
    let message = MlsMessageIn::tls_deserialize_exact(bytes).map_err(|error| Failure::of(Code::Malformed, error))?;
    let MlsMessageBodyIn::GroupInfo(group_info) = message.extract() else {
        return Err(Failure::new(Code::Malformed));
    };
    if suite(group_info.ciphersuite() as u16).is_none() {
        return Err(Failure::new(Code::UnsupportedSuite));
    }
    Ok(group_info)
}

/// The old leaf of this device in the tree of a GroupInfo (not verified yet), which OpenMLS finds
/// by its signature key and removes in the external commit.
///
/// OpenMLS lists the leaves of an unverified tree without their positions, so those are counted
/// in the TLS form: an optional node per position, leaves at the even ones (RFC 9420 §7.8, App. C).
fn replaced_leaf(group_info: &VerifiableGroupInfo, device: &Device) -> Result<Option<Leaf>, Failure> {
    let malformed = || Failure::new(Code::Malformed);
    let extension = group_info.extensions().ratchet_tree().ok_or_else(malformed)?;
    let tree = extension.ratchet_tree();
    let own_key = device.credential().signature_key;
    let bytes = tree.tls_serialize_detached().map_err(|_| malformed())?;
    // The length prefix is 1, 2 or 4 bytes, told by its two highest bits (RFC 9420 §2.1.2).
    let mut at = 1usize << (bytes.first().ok_or_else(malformed)? >> 6);
    let (mut nodes, mut leaves) = (tree.nodes(), tree.leaves());
    let mut position = 0u32;
    while let Some(present) = bytes.get(at) {
        at += 1;
        if *present == 1 {
            at += nodes.next().ok_or_else(malformed)?.tls_serialized_len();
            if position.is_multiple_of(2) {
                let leaf = leaves.next().ok_or_else(malformed)?;
                if leaf.signature_key() == &own_key {
                    let index = LeafNodeIndex::new(position / 2);
                    return Leaf::new(index, leaf.credential(), own_key.as_slice(), Code::NotAuthentic).map(Some);
                }
            }
        }
        position += 1;
    }
    Ok(None)
}

fn joined_summary(group: &MlsGroup, replaced: Option<Leaf>) -> Result<Summary, Failure> {
    let members_after = members(group.members(), Code::NotAuthentic)?;
    let own = group.own_leaf_index().u32();
    let added: Vec<Leaf> = members_after.iter().filter(|leaf| leaf.index == own).cloned().collect();
    Ok(Summary {
        external: true,
        committer: None,
        added,
        removed: replaced.into_iter().collect(),
        updated: Vec::new(),
        members_after,
        removes_self: false,
        epoch_after: group.epoch().as_u64(),
    })
}
