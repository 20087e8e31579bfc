//! Who signs: the device's leaf key, and what its leaf says about it.

use openmls::prelude::*;
use openmls_basic_credential::SignatureKeyPair;
use wasm_bindgen::prelude::*;

use crate::failure::{Code, Failure};

/// A credential identity: user id, then device id, 16 bytes each. Nothing else (design §5).
pub const IDENTITY_BYTES: usize = 32;
const KEY_BYTES: usize = 32;

/// The device that makes a key package, a commit or a message.
#[wasm_bindgen]
pub struct Device {
    signer: SignatureKeyPair,
    credential: CredentialWithKey,
}

#[wasm_bindgen]
impl Device {
    /// `identity` 32 bytes, `leaf_key` 32 bytes (Ed25519 public), `leaf_secret` 32 bytes (seed).
    #[wasm_bindgen(constructor)]
    pub fn new(identity: &[u8], leaf_key: &[u8], leaf_secret: &[u8]) -> Result<Device, JsValue> {
        if identity.len() != IDENTITY_BYTES || leaf_key.len() != KEY_BYTES || leaf_secret.len() != KEY_BYTES {
            return Err(Failure::new(Code::Malformed).into());
        }
        let signer = SignatureKeyPair::from_raw(SignatureScheme::ED25519, leaf_secret.to_vec(), leaf_key.to_vec());
        let credential = CredentialWithKey { credential: BasicCredential::new(identity.to_vec()).into(), signature_key: leaf_key.into() };
        Ok(Device { signer, credential })
    }
}

impl Device {
    pub(crate) fn signer(&self) -> &SignatureKeyPair {
        &self.signer
    }
    pub(crate) fn credential(&self) -> CredentialWithKey {
        self.credential.clone()
    }
}

/// The identity that a credential names, when it is one of ours.
pub fn identity_of(credential: &Credential) -> Option<[u8; IDENTITY_BYTES]> {
    let basic = BasicCredential::try_from(credential.clone()).ok()?;
    basic.identity().try_into().ok()
}
