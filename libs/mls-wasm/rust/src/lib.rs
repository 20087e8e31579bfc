//! A thin binding over OpenMLS for CipherChat's engine port (`libs/crypto/src/engine.ts`).
//!
//! What it adds to OpenMLS: a record store that exports only what changed (`store`), processing in
//! two steps with a summary to inspect in between (`commit`, `welcome`), one closed list of failure
//! codes (`failure`), and a clock that the caller sets. It decides nothing about who may be a
//! member: that is `libs/crypto`'s credential check.
//!
//! Panics abort (`panic = "abort"`): a trap poisons the instance, which the TypeScript side reports
//! as `engine-lost`. No input is meant to reach one.

mod commit;
mod config;
mod departed;
mod device;
mod external;
mod failure;
mod group;
mod js;
mod key_package;
mod messages;
mod store;
mod store_provider;
mod store_secrets;
mod summary;
mod welcome;
