//! Commits: our own, pending until their envelope is seen, and those of others, in two steps.

use js_sys::Array;
use openmls::prelude::*;
use tls_codec::Serialize as _;
use wasm_bindgen::prelude::*;

use crate::departed;
use crate::device::Device;
use crate::failure::{of_own_commit, of_processing, Code, Failure};
use crate::group::{Group, DEPARTED, PENDING_JOIN};
use crate::js;
use crate::key_package::validated;
use crate::messages::protocol_message;
use crate::summary::{members, Summary};

#[wasm_bindgen]
impl Group {
    /// A commit with a path that adds these key packages and removes all leaves of these identities
    /// (32 bytes each); with neither, a plain update. It is pending afterwards.
    #[wasm_bindgen(unchecked_return_type = "WasmPending")]
    pub fn commit(&mut self, device: &Device, add: &Array, remove: &Array, now_s: f64) -> Result<JsValue, JsValue> {
        web_time::set_now_s(js::seconds(now_s));
        self.must_be_settled()?;
        let adds =
            js::byte_list(add)?.iter().map(|bytes| validated(&self.provider, bytes)).collect::<Result<Vec<KeyPackage>, Failure>>()?;
        let removals = self.leaves_of(&js::byte_list(remove)?)?;
        let bundle = self
            .group
            .commit_builder()
            .consume_proposal_store(false)
            .force_self_update(true)
            .propose_removals(removals)
            .propose_adds(adds)
            .load_psks(self.provider.storage())
            .map_err(of_own_commit)?
            .build(self.provider.rand(), self.provider.crypto(), device.signer(), |_| true)
            .map_err(of_own_commit)?
            .stage_commit(&self.provider)
            .map_err(|error| Failure::of(Code::InvalidCommit, error))?;
        Ok(pending(bundle, &self.pending_summary()?)?)
    }

    /// Our own commit was seen in the log, stamped `at_s`. Returns its summary.
    ///
    /// OpenMLS merges its own commit unseen. But the others judge the lifetimes of added key packages
    /// at `at_s`: one that expired before the envelope got there makes the commit void, for us too.
    #[wasm_bindgen(js_name = mergePending, unchecked_return_type = "WasmSummary")]
    pub fn merge_pending(&mut self, at_s: f64) -> Result<JsValue, JsValue> {
        web_time::set_now_s(js::seconds(at_s));
        if let Some(summary) = self.pending_join.take() {
            self.provider.storage().remove(PENDING_JOIN);
            return Ok(summary.to_js());
        }
        let summary = self.pending_summary()?;
        self.added_are_current()?;
        let before = members(self.group.members(), Code::Malformed)?;
        self.group.merge_pending_commit(&self.provider).map_err(|error| Failure::of(Code::InvalidCommit, error))?;
        self.remember(&before, &summary)?;
        Ok(summary.to_js())
    }

    /// Our own commit lost. An external join cannot be cleared: it is the whole group.
    #[wasm_bindgen(js_name = clearPending)]
    pub fn clear_pending(&mut self) -> Result<(), JsValue> {
        if self.pending_join.is_some() {
            return Err(Failure::new(Code::PendingCommit).into());
        }
        self.group.clear_pending_commit(self.provider.storage()).map_err(Failure::from)?;
        Ok(())
    }

    /// Processes a commit without merging it; `merge_staged` comes next, on this handle, or nothing.
    /// `at_s` is the store's timestamp of the envelope: it decides whether an added key package had
    /// expired, so that all members decide alike.
    #[wasm_bindgen(js_name = inspectCommit, unchecked_return_type = "WasmSummary")]
    pub fn inspect_commit(&mut self, commit: &[u8], at_s: f64) -> Result<JsValue, JsValue> {
        web_time::set_now_s(js::seconds(at_s));
        if self.pending_join.is_some() {
            return Err(Failure::new(Code::PendingCommit).into());
        }
        let message = protocol_message(commit)?;
        if message.content_type() != ContentType::Commit {
            return Err(Failure::new(Code::Malformed).into());
        }
        let epoch = message.epoch().as_u64();
        let processed = self.group.process_message(&self.provider, message).map_err(|error| of_processing(error, epoch))?;
        let sender = processed.sender().clone();
        let staged = match processed.into_content() {
            ProcessedMessageContent::StagedCommitMessage(staged) => *staged,
            ProcessedMessageContent::OwnPrivateMessage | ProcessedMessageContent::OwnPendingCommit => {
                return Err(Failure::new(Code::OwnMessage).at_epoch(epoch).into())
            }
            _ => return Err(Failure::new(Code::Malformed).into()),
        };
        let summary = Summary::of(&self.group, &staged, &sender)?;
        let out = summary.to_js();
        self.staged = Some((staged, summary));
        Ok(out)
    }

    /// Merges what `inspect_commit` staged. A pending commit of our own is lost with it.
    #[wasm_bindgen(js_name = mergeStaged)]
    pub fn merge_staged(&mut self) -> Result<(), JsValue> {
        let (staged, summary) = self.staged.take().ok_or(Failure::new(Code::InvalidCommit))?;
        let before = members(self.group.members(), Code::Malformed)?;
        self.group.merge_staged_commit(&self.provider, staged).map_err(|error| Failure::of(Code::InvalidCommit, error))?;
        self.remember(&before, &summary)?;
        Ok(())
    }
}

impl Group {
    fn pending_summary(&self) -> Result<Summary, Failure> {
        let staged = self.group.pending_commit().ok_or(Failure::new(Code::NoPendingCommit))?;
        Summary::of(&self.group, staged, &Sender::Member(self.group.own_leaf_index()))
    }

    /// Whether the key packages that the pending commit adds are within their lifetimes at the time set.
    fn added_are_current(&self) -> Result<(), Failure> {
        let adds = self.group.pending_commit().into_iter().flat_map(|staged| staged.add_proposals());
        for add in adds {
            let lifetime = add.add_proposal().key_package().life_time();
            lifetime.validate().map_err(|error| Failure::of(Code::InvalidCommit, error))?;
        }
        Ok(())
    }

    /// Every leaf of each identity; one that has none is `not-a-member`.
    fn leaves_of(&self, identities: &[Vec<u8>]) -> Result<Vec<LeafNodeIndex>, Failure> {
        let members = members(self.group.members(), Code::Malformed)?;
        let mut leaves = Vec::new();
        for identity in identities {
            let found = members.iter().filter(|leaf| leaf.identity == *identity);
            let count = leaves.len();
            leaves.extend(found.map(|leaf| LeafNodeIndex::new(leaf.index)));
            if leaves.len() == count {
                return Err(Failure::new(Code::NotAMember));
            }
        }
        Ok(leaves)
    }

    fn remember(&mut self, before: &[crate::summary::Leaf], summary: &Summary) -> Result<(), Failure> {
        if departed::record(&mut self.departed, before, summary) {
            self.provider.storage().put(DEPARTED, &self.departed)?;
        }
        Ok(())
    }
}

/// `WasmPending` of a commit that was just built.
pub(crate) fn pending(bundle: CommitMessageBundle, summary: &Summary) -> Result<JsValue, Failure> {
    let malformed = |error| Failure::of(Code::Malformed, error);
    let welcome = match bundle.to_welcome_msg() {
        Some(welcome) => js::bytes(&welcome.tls_serialize_detached().map_err(malformed)?),
        None => JsValue::NULL,
    };
    let (commit, _, group_info) = bundle.into_contents();
    let group_info = group_info.ok_or(Failure::new(Code::Malformed))?;
    let group_info = MlsMessageOut::from(group_info).tls_serialize_detached().map_err(malformed)?;
    Ok(js::object(&[
        ("commit", js::bytes(&commit.tls_serialize_detached().map_err(malformed)?)),
        ("welcome", welcome),
        ("groupInfo", js::bytes(&group_info)),
        ("summary", summary.to_js()),
    ]))
}
