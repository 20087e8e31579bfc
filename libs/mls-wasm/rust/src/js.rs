//! Building what goes to JavaScript.

use js_sys::{Array, Object, Reflect, Uint8Array};
use std::collections::HashMap;
use wasm_bindgen::prelude::*;

use crate::failure::{Code, Failure};
use crate::store::Changes;

/// A plain object with these fields.
pub fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a field of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

/// A copy of these bytes as a `Uint8Array`.
pub fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

/// `{put: [key, value][], remove: key[]}`.
pub fn changes(changes: Changes) -> JsValue {
    let (put, remove) = (Array::new(), Array::new());
    for (key, value) in changes {
        let key = JsValue::from_str(&key);
        match value {
            Some(value) => {
                put.push(&Array::of2(&key, &bytes(&value)).into());
            }
            None => {
                remove.push(&key);
            }
        }
    }
    object(&[("put", put.into()), ("remove", remove.into())])
}

/// Records from an array of `[key, value]`.
pub fn records(entries: &Array) -> Result<HashMap<String, Vec<u8>>, Failure> {
    let mut records = HashMap::new();
    for entry in entries.iter() {
        let entry: Array = entry.dyn_into().map_err(|_| Failure::new(Code::Malformed))?;
        let key = entry.get(0).as_string().ok_or(Failure::new(Code::Malformed))?;
        let value: Uint8Array = entry.get(1).dyn_into().map_err(|_| Failure::new(Code::Malformed))?;
        records.insert(key, value.to_vec());
    }
    Ok(records)
}

/// A list of byte strings.
pub fn byte_list(list: &Array) -> Result<Vec<Vec<u8>>, Failure> {
    list.iter()
        .map(|item| {
            let item: Uint8Array = item.dyn_into().map_err(|_| Failure::new(Code::Malformed))?;
            Ok(item.to_vec())
        })
        .collect()
}

/// Seconds since the Unix epoch, from a JavaScript number; anything odd becomes 0.
pub fn seconds(value: f64) -> u64 {
    // `as` saturates, and turns NaN into 0.
    value as u64
}

#[wasm_bindgen(typescript_custom_section)]
const SHAPES: &str = r#"
/** Thrown for every failure that input can cause; anything else thrown means that the instance is lost. */
export type WasmFailure = { readonly code: string; readonly epoch?: bigint; readonly detail: string };
export type WasmChanges = { readonly put: [string, Uint8Array][]; readonly remove: string[] };
export type WasmRecords = ReadonlyArray<readonly [string, Uint8Array]>;
/** Leaves are packed: 4 bytes leaf index (big-endian), 16 user id, 16 device id, 32 leaf key. */
export type WasmSummary = {
  readonly kind: 'update' | 'membership' | 'external';
  readonly committer: Uint8Array | null;
  readonly added: Uint8Array;
  readonly removed: Uint8Array;
  readonly updated: Uint8Array;
  readonly membersAfter: Uint8Array;
  readonly removesSelf: boolean;
  readonly epochAfter: bigint;
};
export type WasmPending = { readonly commit: Uint8Array; readonly welcome: Uint8Array | null; readonly groupInfo: Uint8Array; readonly summary: WasmSummary };
export type WasmMessage = { readonly sender: Uint8Array; readonly plaintext: Uint8Array; readonly epoch: bigint };
export type WasmKeyPackage = { readonly ref: Uint8Array; readonly publicBytes: Uint8Array; readonly records: WasmChanges };
export type WasmKeyPackageInfo = { readonly ref: Uint8Array; readonly suite: number; readonly lastResort: boolean; readonly notAfterS: number; readonly leaf: Uint8Array };
export type WasmWelcomeInfo = { readonly group: Uint8Array; readonly suite: number; readonly members: Uint8Array; readonly inviter: Uint8Array; readonly epoch: bigint };
"#;

#[wasm_bindgen]
extern "C" {
    /// Typed only for the glue's declarations.
    #[wasm_bindgen(typescript_type = "WasmRecords")]
    pub type JsRecords;
}
