//! The settings that every member of every group uses, and why.

use openmls::prelude::*;

/// ML-KEM-768 + X25519 (X-Wing), AES-256-GCM, SHA-384, Ed25519: the default. Code point provisional.
pub const SUITE_HYBRID: u16 = 0x004e;
/// DHKEM(X25519), AES-128-GCM, SHA-256, Ed25519: the classical suite, mandatory in RFC 9420.
pub const SUITE_CLASSICAL: u16 = 0x0001;

/// Epochs whose messages can still be read after a commit (design §5).
const MAX_PAST_EPOCHS: usize = 4;
/// Steps behind the newest message of a sender that can still be read.
const OUT_OF_ORDER_STEPS: u32 = 64;
/// Steps ahead of the newest message of a sender that are still derived: bounds the work of one message.
const FORWARD_STEPS: u32 = 1_000;
/// A group creator's leaf is as old as this may make it; joiners do not check it, see `welcome`.
const CREATOR_LEAF_LIFETIME_S: u64 = 84 * 24 * 60 * 60;

/// The suite of a code point, when it is one of ours.
pub fn suite(code: u16) -> Option<Ciphersuite> {
    match code {
        SUITE_HYBRID | SUITE_CLASSICAL => Ciphersuite::try_from(code).ok(),
        _ => None,
    }
}

/// What every leaf says it can do. `LastResort` must be listed, or a last-resort key package
/// cannot be added anywhere.
pub fn capabilities() -> Capabilities {
    let suites: Vec<Ciphersuite> = [SUITE_HYBRID, SUITE_CLASSICAL].iter().filter_map(|code| suite(*code)).collect();
    Capabilities::new(
        Some(&[ProtocolVersion::Mls10]),
        Some(&suites),
        Some(&[ExtensionType::LastResort]),
        None,
        Some(&[CredentialType::Basic]),
    )
}

/// Handshakes travel as PrivateMessage. OpenMLS applies the policy to member senders only, so an
/// external commit, which RFC 9420 makes a PublicMessage, is still accepted; a member's plaintext
/// commit is not. No padding here: the caller pads what it encrypts.
pub fn join_config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .padding_size(0)
        .max_past_epochs(MAX_PAST_EPOCHS)
        .use_ratchet_tree_extension(true)
        .sender_ratchet_configuration(SenderRatchetConfiguration::new(OUT_OF_ORDER_STEPS, FORWARD_STEPS))
        .build()
}

/// The same for a group that we create at `now_s`.
pub fn create_config(suite: Ciphersuite, now_s: u64) -> MlsGroupCreateConfig {
    MlsGroupCreateConfig::builder()
        .ciphersuite(suite)
        .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .padding_size(0)
        .max_past_epochs(MAX_PAST_EPOCHS)
        .use_ratchet_tree_extension(true)
        .sender_ratchet_configuration(SenderRatchetConfiguration::new(OUT_OF_ORDER_STEPS, FORWARD_STEPS))
        .capabilities(capabilities())
        .lifetime(Lifetime::init(now_s, now_s.saturating_add(CREATOR_LEAF_LIFETIME_S)))
        .build()
}

/// Past epochs for which `departed` remembers who was there: the same as the message keys.
pub const fn past_epochs() -> u64 {
    MAX_PAST_EPOCHS as u64
}
