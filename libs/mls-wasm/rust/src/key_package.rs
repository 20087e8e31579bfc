//! Leaf keys and key packages.

use openmls::prelude::*;
use openmls_traits::crypto::OpenMlsCrypto;
use tls_codec::{Deserialize as _, Serialize as _};
use wasm_bindgen::prelude::*;

use crate::config::{capabilities, suite};
use crate::device::Device;
use crate::failure::{Code, Failure};
use crate::js;
use crate::store_provider::Provider;
use crate::summary::Leaf;

/// A fresh Ed25519 key pair: 32 bytes seed, then 32 bytes public key.
#[wasm_bindgen(js_name = generateLeafKey)]
pub fn generate_leaf_key() -> Result<Vec<u8>, JsValue> {
    let provider = Provider::default();
    let (secret, public) =
        provider.crypto().signature_key_gen(SignatureScheme::ED25519).map_err(|error| Failure::of(Code::Malformed, error))?;
    Ok([secret, public].concat())
}

/// A key package and its private records.
#[wasm_bindgen(js_name = generateKeyPackage, unchecked_return_type = "WasmKeyPackage")]
pub fn generate_key_package(
    device: &Device,
    suite_code: u16,
    last_resort: bool,
    not_before_s: f64,
    not_after_s: f64,
) -> Result<JsValue, JsValue> {
    let suite = suite(suite_code).ok_or(Failure::new(Code::UnsupportedSuite))?;
    let provider = Provider::default();
    let mut builder = KeyPackage::builder()
        .key_package_lifetime(Lifetime::init(js::seconds(not_before_s), js::seconds(not_after_s)))
        .leaf_node_capabilities(capabilities());
    if last_resort {
        builder = builder.mark_as_last_resort();
    }
    let malformed = |error| JsValue::from(Failure::of(Code::Malformed, error));
    let bundle = builder
        .build(suite, &provider, device.signer(), device.credential())
        .map_err(|error| Failure::of(Code::InvalidKeyPackage, error))?;
    let key_package = bundle.key_package();
    let reference = key_package.hash_ref(provider.crypto()).map_err(|error| Failure::of(Code::InvalidKeyPackage, error))?;
    let public = MlsMessageOut::from(key_package.clone()).tls_serialize_detached().map_err(malformed)?;
    Ok(js::object(&[
        ("ref", js::bytes(reference.as_slice())),
        ("publicBytes", js::bytes(&public)),
        ("records", js::changes(provider.storage().take_changes())),
    ]))
}

/// Parses and validates a key package as of `now_s`.
#[wasm_bindgen(js_name = inspectKeyPackage, unchecked_return_type = "WasmKeyPackageInfo")]
pub fn inspect_key_package(public_bytes: &[u8], now_s: f64) -> Result<JsValue, JsValue> {
    web_time::set_now_s(js::seconds(now_s));
    let provider = Provider::default();
    let key_package = validated(&provider, public_bytes)?;
    let node = key_package.leaf_node();
    let leaf = Leaf::new(LeafNodeIndex::new(0), node.credential(), node.signature_key().as_slice(), Code::InvalidKeyPackage)?;
    let reference = key_package.hash_ref(provider.crypto()).map_err(|error| Failure::of(Code::InvalidKeyPackage, error))?;
    Ok(js::object(&[
        ("ref", js::bytes(reference.as_slice())),
        ("suite", JsValue::from(key_package.ciphersuite() as u16)),
        ("lastResort", JsValue::from_bool(key_package.last_resort())),
        ("notAfterS", JsValue::from(key_package.life_time().not_after() as f64)),
        ("leaf", js::bytes(&leaf.pack())),
    ]))
}

/// Parses an MLSMessage with a key package, all of its bytes, and validates it at the time set.
pub(crate) fn validated(provider: &Provider, bytes: &[u8]) -> Result<KeyPackage, Failure> {
    let message = MlsMessageIn::tls_deserialize_exact(bytes).map_err(|error| Failure::of(Code::Malformed, error))?;
    let MlsMessageBodyIn::KeyPackage(key_package) = message.extract() else {
        return Err(Failure::new(Code::Malformed));
    };
    let key_package =
        key_package.validate(provider.crypto(), ProtocolVersion::Mls10).map_err(|error| Failure::of(Code::InvalidKeyPackage, error))?;
    if suite(key_package.ciphersuite() as u16).is_none() {
        return Err(Failure::new(Code::UnsupportedSuite));
    }
    Ok(key_package)
}
