//! What a commit does, for the caller to inspect before it merges.

use std::collections::BTreeMap;

use openmls::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

use crate::device::{identity_of, IDENTITY_BYTES};
use crate::failure::{Code, Failure};
use crate::js;

/// One leaf as the caller sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leaf {
    pub index: u32,
    pub identity: Vec<u8>,
    pub key: Vec<u8>,
}

impl Leaf {
    /// A leaf from its parts; fails where the credential or key is not of our shape.
    pub fn new(index: LeafNodeIndex, credential: &Credential, key: &[u8], code: Code) -> Result<Self, Failure> {
        let identity = identity_of(credential).ok_or(Failure::new(code))?;
        if key.len() != 32 {
            return Err(Failure::new(code));
        }
        Ok(Self { index: index.u32(), identity: identity.to_vec(), key: key.to_vec() })
    }

    fn of_node(index: LeafNodeIndex, node: &LeafNode, code: Code) -> Result<Self, Failure> {
        Self::new(index, node.credential(), node.signature_key().as_slice(), code)
    }

    fn pack_into(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.index.to_be_bytes());
        out.extend_from_slice(&self.identity);
        out.extend_from_slice(&self.key);
    }

    /// Leaf index, identity and key, 68 bytes; `leaf-rows.ts` takes it apart.
    pub fn pack(&self) -> Vec<u8> {
        pack(core::slice::from_ref(self))
    }
}

/// Leaves, one after the other.
pub fn pack(leaves: &[Leaf]) -> Vec<u8> {
    let mut out = Vec::with_capacity(leaves.len() * (4 + IDENTITY_BYTES + 32));
    for leaf in leaves {
        leaf.pack_into(&mut out);
    }
    out
}

/// All members of a tree, by leaf index.
pub fn members(members: impl Iterator<Item = Member>, code: Code) -> Result<Vec<Leaf>, Failure> {
    members.map(|member| Leaf::new(member.index, &member.credential, &member.signature_key, code)).collect()
}

/// See `CommitSummary` in `libs/crypto/src/engine.ts`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Summary {
    pub external: bool,
    pub committer: Option<Leaf>,
    pub added: Vec<Leaf>,
    pub removed: Vec<Leaf>,
    pub updated: Vec<Leaf>,
    pub members_after: Vec<Leaf>,
    pub removes_self: bool,
    pub epoch_after: u64,
}

impl Summary {
    /// Reads a staged commit. Fails with `invalid-commit` where it holds something that no client
    /// of ours makes: that is the same for every member, so the commit is void for all.
    pub fn of(group: &MlsGroup, staged: &StagedCommit, sender: &Sender) -> Result<Self, Failure> {
        const CODE: Code = Code::InvalidCommit;
        for proposal in staged.queued_proposals() {
            match proposal.proposal() {
                Proposal::Add(_) | Proposal::Remove(_) | Proposal::ExternalInit(_) => {}
                _ => return Err(Failure::new(CODE)),
            }
        }
        let before = members(group.members(), CODE)?;
        let mut after: BTreeMap<u32, Leaf> = before.iter().map(|leaf| (leaf.index, leaf.clone())).collect();

        // RFC 9420 §12.4.2: removals, then additions, each to the leftmost blank leaf, then the path.
        let mut removed = Vec::new();
        for remove in staged.remove_proposals() {
            let leaf = after.remove(&remove.remove_proposal().removed().u32()).ok_or(Failure::new(CODE))?;
            removed.push(leaf);
        }
        let mut added = Vec::new();
        for add in staged.add_proposals() {
            let node = add.add_proposal().key_package().leaf_node();
            let leaf = Leaf::of_node(LeafNodeIndex::new(leftmost_blank(&after)), node, CODE)?;
            after.insert(leaf.index, leaf.clone());
            added.push(leaf);
        }

        let external = matches!(sender, Sender::NewMemberCommit);
        let mut updated = Vec::new();
        let mut committer = None;
        match (sender, staged.update_path_leaf_node()) {
            (Sender::NewMemberCommit, Some(node)) => {
                let leaf = Leaf::of_node(LeafNodeIndex::new(leftmost_blank(&after)), node, CODE)?;
                after.insert(leaf.index, leaf.clone());
                added.push(leaf);
            }
            (Sender::Member(index), path) => {
                committer = before.iter().find(|leaf| leaf.index == index.u32()).cloned();
                if let Some(node) = path {
                    let leaf = Leaf::of_node(*index, node, CODE)?;
                    after.insert(leaf.index, leaf.clone());
                    updated.push(leaf);
                }
            }
            _ => return Err(Failure::new(CODE)),
        }

        Ok(Self {
            external,
            committer,
            added,
            removed,
            updated,
            members_after: after.into_values().collect(),
            removes_self: staged.self_removed(),
            epoch_after: staged.epoch().as_u64(),
        })
    }

    /// As `WasmSummary`.
    pub fn to_js(&self) -> JsValue {
        let kind = match (self.external, self.added.is_empty() && self.removed.is_empty()) {
            (true, _) => "external",
            (false, false) => "membership",
            (false, true) => "update",
        };
        let committer = self.committer.as_ref().map_or(JsValue::NULL, |leaf| js::bytes(&leaf.pack()));
        js::object(&[
            ("kind", JsValue::from_str(kind)),
            ("committer", committer),
            ("added", js::bytes(&pack(&self.added))),
            ("removed", js::bytes(&pack(&self.removed))),
            ("updated", js::bytes(&pack(&self.updated))),
            ("membersAfter", js::bytes(&pack(&self.members_after))),
            ("removesSelf", JsValue::from_bool(self.removes_self)),
            ("epochAfter", JsValue::from(self.epoch_after)),
        ])
    }
}

fn leftmost_blank(leaves: &BTreeMap<u32, Leaf>) -> u32 {
    (0u32..).zip(leaves.keys()).find(|(expected, index)| expected != *index).map_or(leaves.len() as u32, |(expected, _)| expected)
}
