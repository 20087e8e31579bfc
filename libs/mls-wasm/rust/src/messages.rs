//! Application messages.

use openmls::prelude::*;
use tls_codec::{Deserialize as _, Serialize as _};
use wasm_bindgen::prelude::*;

use crate::departed;
use crate::device::Device;
use crate::failure::{of_processing, Code, Failure};
use crate::group::Group;
use crate::js;
use crate::summary::Leaf;

#[wasm_bindgen]
impl Group {
    /// Encrypts for the current epoch; the plaintext comes padded. A pending commit is no obstacle: until
    /// its envelope is in the log, the current epoch is the one that the others have.
    pub fn encrypt(&mut self, device: &Device, plaintext: &[u8]) -> Result<Vec<u8>, JsValue> {
        if self.pending_join.is_some() {
            return Err(Failure::new(Code::PendingCommit).into());
        }
        let message =
            self.group.create_message(&self.provider, device.signer(), plaintext).map_err(|error| Failure::of(Code::NotAMember, error))?;
        message.tls_serialize_detached().map_err(|error| Failure::of(Code::Malformed, error).into())
    }

    /// Decrypts a message of this or one of the past epochs.
    #[wasm_bindgen(unchecked_return_type = "WasmMessage")]
    pub fn decrypt(&mut self, ciphertext: &[u8]) -> Result<JsValue, JsValue> {
        let message = protocol_message(ciphertext)?;
        if message.content_type() != ContentType::Application {
            return Err(Failure::new(Code::Malformed).into());
        }
        let epoch = message.epoch().as_u64();
        if message.group_id() != self.group.group_id() {
            return Err(Failure::new(Code::WrongGroup).into());
        }
        if self.is_out_of_reach(epoch) {
            return Err(Failure::new(Code::WrongEpoch).at_epoch(epoch).into());
        }
        let processed = self.group.process_message(&self.provider, message).map_err(|error| of_processing(error, epoch))?;
        let sender = match processed.sender() {
            Sender::Member(index) => *index,
            _ => return Err(Failure::new(Code::NotAuthentic).into()),
        };
        let credential = processed.credential().clone();
        let plaintext = match processed.into_content() {
            ProcessedMessageContent::ApplicationMessage(message) => message.into_bytes(),
            ProcessedMessageContent::OwnPrivateMessage => return Err(Failure::new(Code::OwnMessage).at_epoch(epoch).into()),
            _ => return Err(Failure::new(Code::Malformed).into()),
        };
        let leaf = self.leaf_at(sender, epoch, &credential)?;
        Ok(js::object(&[("sender", js::bytes(&leaf.pack())), ("plaintext", js::bytes(&plaintext)), ("epoch", JsValue::from(epoch))]))
    }
}

impl Group {
    fn leaf_at(&self, index: LeafNodeIndex, epoch: u64, credential: &Credential) -> Result<Leaf, Failure> {
        if let Some(leaf) = departed::find(&self.departed, index.u32(), epoch) {
            return Ok(leaf.clone());
        }
        let now = self.group.member_at(index).ok_or(Failure::new(Code::NotAuthentic))?;
        Leaf::new(index, credential, &now.signature_key, Code::NotAuthentic)
    }
}

/// Parses an MLSMessage that is a PublicMessage or PrivateMessage, all of its bytes.
pub(crate) fn protocol_message(bytes: &[u8]) -> Result<ProtocolMessage, Failure> {
    let message = MlsMessageIn::tls_deserialize_exact(bytes).map_err(|error| Failure::of(Code::Malformed, error))?;
    message.try_into_protocol_message().map_err(|error| Failure::of(Code::Malformed, error))
}
