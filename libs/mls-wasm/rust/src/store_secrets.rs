//! Keeps what one message changes small: splits OpenMLS's message secrets into records that change
//! and records that do not.
//!
//! OpenMLS stores the ratchets of the current and of all past epochs as one value, and writes it
//! for every message. Each past epoch carries the full list of leaves of its time, with their HPKE
//! keys: 1.2 KB per leaf on the hybrid suite, four epochs of it. At 1,000 leaves that is 5 MB to
//! encode, hand over and write for each message, though a message moves one ratchet only.
//!
//! So the value is not encoded whole. Three small serializers walk its outer shape
//! (`{max_epochs, past_epoch_trees: [{epoch, message_secrets, leaves}], message_secrets}`) and send
//! each part to its own record; the leaves of an epoch, which never change, are encoded once:
//!
//! - `secrets`: all but the past epochs, and which past epochs there are;
//! - `secrets/<epoch>`: a past epoch without its leaves; written again when a late message is read;
//! - `leaves/<epoch>`: the leaves of a past epoch.
//!
//! Any other outer shape is an error, not a guess: OpenMLS is pinned, and a newer one has to be
//! looked at here.

use serde::ser::{Error as _, Impossible, SerializeSeq, SerializeStruct};
use serde::{de::DeserializeOwned, Serialize, Serializer};

use crate::store::{encode_body, Store, StoreError};

const SECRETS: &str = "secrets";
const PAST: &str = "past_epoch_trees";
const LEAVES: &str = "leaves";

fn past_key(epoch: u64) -> String {
    format!("secrets/{epoch}")
}
fn leaves_key(epoch: u64) -> String {
    format!("leaves/{epoch}")
}

/// Fields of a map in MessagePack, without the map's header.
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Fields {
    count: u32,
    bytes: Vec<u8>,
}

impl Fields {
    fn add<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), StoreError> {
        rmp::encode::write_str(&mut self.bytes, key).map_err(|_| StoreError::Encode)?;
        encode_body(&mut self.bytes, value)?;
        self.count += 1;
        Ok(())
    }

    fn append_to(&self, out: &mut Vec<u8>, further: u32) -> Result<(), StoreError> {
        rmp::encode::write_map_len(out, self.count + further).map_err(|_| StoreError::Decode)?;
        out.extend_from_slice(&self.bytes);
        Ok(())
    }
}

/// Writes the message secrets of a group.
pub fn write<T: Serialize>(store: &Store, value: &T) -> Result<(), StoreError> {
    let mut head = Fields::default();
    let mut epochs = Vec::new();
    value.serialize(Outer { store, head: &mut head, epochs: &mut epochs }).map_err(|_| StoreError::Encode)?;
    for gone in store.epochs_of("leaves/").into_iter().filter(|epoch| !epochs.contains(epoch)) {
        store.remove(&past_key(gone));
        store.remove(&leaves_key(gone));
    }
    store.put(SECRETS, &(head, epochs))
}

/// Reads them back: the one value that OpenMLS wrote.
pub fn read<T: DeserializeOwned>(store: &Store) -> Result<Option<T>, StoreError> {
    let Some((head, epochs)) = store.get::<(Fields, Vec<u64>)>(SECRETS)? else {
        return Ok(None);
    };
    let mut whole = Vec::new();
    head.append_to(&mut whole, 1)?;
    let failed = |_| StoreError::Decode;
    rmp::encode::write_str(&mut whole, PAST).map_err(failed)?;
    rmp::encode::write_array_len(&mut whole, epochs.len() as u32).map_err(failed)?;
    for epoch in epochs {
        let past: Fields = store.get(&past_key(epoch))?.ok_or(StoreError::Decode)?;
        past.append_to(&mut whole, 1)?;
        rmp::encode::write_str(&mut whole, LEAVES).map_err(failed)?;
        store.append_body(&leaves_key(epoch), &mut whole)?;
    }
    let value = rmp_serde::from_slice(&whole).map_err(|_| StoreError::Decode);
    zeroize::Zeroize::zeroize(&mut whole);
    value.map(Some)
}

/// Removes them.
pub fn remove(store: &Store) {
    for epoch in store.epochs_of("leaves/") {
        store.remove(&past_key(epoch));
        store.remove(&leaves_key(epoch));
    }
    store.remove(SECRETS);
}

type Failed = rmp_serde::encode::Error;

fn other_shape<T>() -> Result<T, Failed> {
    Err(Failed::custom("OpenMLS stores message secrets in another shape than this version knows"))
}

/// The outer struct.
struct Outer<'a> {
    store: &'a Store,
    head: &'a mut Fields,
    epochs: &'a mut Vec<u64>,
}

/// The list of past epochs.
struct PastEpochs<'a> {
    store: &'a Store,
    epochs: &'a mut Vec<u64>,
}

/// One past epoch.
struct PastEpoch<'a> {
    store: &'a Store,
    epochs: &'a mut Vec<u64>,
    fields: Fields,
    epoch: Option<u64>,
}

impl SerializeStruct for Outer<'_> {
    type Ok = ();
    type Error = Failed;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Failed> {
        if key == PAST {
            return value.serialize(PastEpochs { store: self.store, epochs: self.epochs });
        }
        self.head.add(key, value).map_err(Failed::custom)
    }
    fn end(self) -> Result<(), Failed> {
        Ok(())
    }
}

impl SerializeSeq for PastEpochs<'_> {
    type Ok = ();
    type Error = Failed;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        value.serialize(PastEpoch { store: self.store, epochs: self.epochs, fields: Fields::default(), epoch: None })
    }
    fn end(self) -> Result<(), Failed> {
        Ok(())
    }
}

impl SerializeStruct for PastEpoch<'_> {
    type Ok = ();
    type Error = Failed;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Failed> {
        if key == "epoch" {
            let mut bytes = Vec::new();
            encode_body(&mut bytes, value).map_err(Failed::custom)?;
            self.epoch = Some(rmp_serde::from_slice(&bytes).map_err(Failed::custom)?);
        }
        match (key == LEAVES, self.epoch) {
            (true, Some(epoch)) if self.store.has(&leaves_key(epoch)) => Ok(()),
            (true, Some(epoch)) => self.store.put(&leaves_key(epoch), value).map_err(Failed::custom),
            (true, None) => other_shape(),
            (false, _) => self.fields.add(key, value).map_err(Failed::custom),
        }
    }
    fn end(self) -> Result<(), Failed> {
        let Some(epoch) = self.epoch else { return other_shape() };
        self.store.put(&past_key(epoch), &self.fields).map_err(Failed::custom)?;
        self.epochs.push(epoch);
        Ok(())
    }
}

/// A serializer that takes one shape only: everything else is `other_shape`.
macro_rules! only {
    ($name:ident, $seq:ty, $struct:ty, $serialize_seq:item, $serialize_struct:item) => {
        impl Serializer for $name<'_> {
            type Ok = ();
            type Error = Failed;
            type SerializeSeq = $seq;
            type SerializeTuple = Impossible<(), Failed>;
            type SerializeTupleStruct = Impossible<(), Failed>;
            type SerializeTupleVariant = Impossible<(), Failed>;
            type SerializeMap = Impossible<(), Failed>;
            type SerializeStruct = $struct;
            type SerializeStructVariant = Impossible<(), Failed>;
            $serialize_seq
            $serialize_struct
            only!(@scalars serialize_bool bool, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
                serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_f32 f32, serialize_f64 f64,
                serialize_char char, serialize_str &str, serialize_bytes &[u8]);
            fn serialize_none(self) -> Result<(), Failed> { other_shape() }
            fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<(), Failed> { other_shape() }
            fn serialize_unit(self) -> Result<(), Failed> { other_shape() }
            fn serialize_unit_struct(self, _: &'static str) -> Result<(), Failed> { other_shape() }
            fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Failed> { other_shape() }
            fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, _: &T) -> Result<(), Failed> { other_shape() }
            fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, _: &'static str, _: &T) -> Result<(), Failed> { other_shape() }
            fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Failed> { other_shape() }
            fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Failed> { other_shape() }
            fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self::SerializeTupleVariant, Failed> { other_shape() }
            fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Failed> { other_shape() }
            fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self::SerializeStructVariant, Failed> { other_shape() }
        }
    };
    (@scalars $($method:ident $value:ty),*) => {
        $(fn $method(self, _: $value) -> Result<(), Failed> { other_shape() })*
    };
}

only!(
    Outer,
    Impossible<(), Failed>,
    Self,
    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Failed> { other_shape() },
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Failed> { Ok(self) }
);
only!(
    PastEpochs,
    Self,
    Impossible<(), Failed>,
    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Failed> { Ok(self) },
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Failed> { other_shape() }
);
only!(
    PastEpoch,
    Impossible<(), Failed>,
    Self,
    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Failed> { other_shape() },
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Failed> { Ok(self) }
);
