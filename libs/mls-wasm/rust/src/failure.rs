//! The closed list of failure codes, and which OpenMLS error is which.
//!
//! The codes are those of `MlsFailure` in `libs/crypto/src/engine.ts`. A failure is thrown to
//! JavaScript as a plain object `{code, epoch?, detail}`; `detail` is OpenMLS's own name of the
//! error, for logs and tests, never for branching.

use core::fmt::Debug;

use openmls::framing::errors::{MessageDecryptionError, SecretTreeError};
use openmls::group::{CreateCommitError, ExternalCommitBuilderError, ProposalValidationError};
use openmls::prelude::*;
use wasm_bindgen::JsValue;

use crate::js;
use crate::store::StoreError;

/// One failure code.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Code {
    /// Bytes that do not parse, or name something that is not ours.
    Malformed,
    /// For another group.
    WrongGroup,
    /// From an epoch whose keys are gone, or one not reached yet.
    WrongEpoch,
    /// Sent by ourselves.
    OwnMessage,
    /// The ratchet step is used, or too far behind.
    Replayed,
    /// The ratchet step is too far ahead.
    TooFarAhead,
    /// A tag, signature or AEAD did not verify.
    NotAuthentic,
    /// RFC 9420 validation failed.
    InvalidCommit,
    /// A key package did not validate.
    InvalidKeyPackage,
    /// A welcome for none of our key packages.
    NoKeyPackage,
    /// A suite that is not ours.
    UnsupportedSuite,
    /// The device is not a member, or we are not any more.
    NotAMember,
    /// A pending commit is in the way.
    PendingCommit,
    /// There is no pending commit to merge.
    NoPendingCommit,
}

impl Code {
    fn text(self) -> &'static str {
        match self {
            Code::Malformed => "malformed",
            Code::WrongGroup => "wrong-group",
            Code::WrongEpoch => "wrong-epoch",
            Code::OwnMessage => "own-message",
            Code::Replayed => "replayed",
            Code::TooFarAhead => "too-far-ahead",
            Code::NotAuthentic => "not-authentic",
            Code::InvalidCommit => "invalid-commit",
            Code::InvalidKeyPackage => "invalid-key-package",
            Code::NoKeyPackage => "no-key-package",
            Code::UnsupportedSuite => "unsupported-suite",
            Code::NotAMember => "not-a-member",
            Code::PendingCommit => "pending-commit",
            Code::NoPendingCommit => "no-pending-commit",
        }
    }
}

/// A failure on its way to JavaScript.
#[derive(Debug)]
pub struct Failure {
    code: Code,
    epoch: Option<u64>,
    detail: String,
}

impl Failure {
    /// A failure of our own making.
    pub fn new(code: Code) -> Self {
        Self { code, epoch: None, detail: String::new() }
    }

    /// A failure that carries the name of OpenMLS's error.
    pub fn of<E: Debug>(code: Code, error: E) -> Self {
        Self { code, epoch: None, detail: format!("{error:?}") }
    }

    /// Adds the epoch that the input named.
    pub fn at_epoch(mut self, epoch: u64) -> Self {
        self.epoch = Some(epoch);
        self
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> JsValue {
        let mut fields = vec![("code", JsValue::from_str(failure.code.text())), ("detail", JsValue::from_str(&failure.detail))];
        if let Some(epoch) = failure.epoch {
            fields.push(("epoch", JsValue::from(epoch)));
        }
        js::object(&fields)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Failure::of(Code::Malformed, error)
    }
}

/// A received message or commit that could not be processed.
pub fn of_processing(error: ProcessMessageError<StoreError>, epoch: u64) -> Failure {
    let code = match &error {
        ProcessMessageError::ValidationError(validation) => of_validation(validation),
        ProcessMessageError::GroupStateError(MlsGroupStateError::UseAfterEviction) => Code::NotAMember,
        ProcessMessageError::GroupStateError(_) => Code::PendingCommit,
        // Our own commit, but not the one that is pending: for us it is an echo.
        ProcessMessageError::InvalidCommit(StageCommitError::OwnCommitMismatch) => Code::OwnMessage,
        ProcessMessageError::InvalidCommit(staging) if fails_only_here(staging) => Code::NotAuthentic,
        ProcessMessageError::InvalidCommit(_) => Code::InvalidCommit,
        ProcessMessageError::IncompatibleWireFormat
        | ProcessMessageError::UnauthorizedExternalApplicationMessage
        | ProcessMessageError::UnauthorizedExternalCommitMessage
        | ProcessMessageError::UnsupportedProposalType => Code::InvalidCommit,
        ProcessMessageError::LibraryError(_) => Code::NotAuthentic,
        ProcessMessageError::StorageError(_) => Code::Malformed,
    };
    Failure::of(code, error).at_epoch(epoch)
}

/// `invalid-commit` means void for every member, so it must not be said of what other members may
/// see otherwise: each decrypts another part of the path, and a committer (or a damaged store) can
/// spoil one part and not the next.
fn fails_only_here(error: &StageCommitError) -> bool {
    matches!(
        error,
        StageCommitError::ConfirmationTagMismatch
            | StageCommitError::LibraryError(_)
            | StageCommitError::OwnKeyNotFound
            | StageCommitError::MissingDecryptionKey
            | StageCommitError::UpdatePathError(
                ApplyUpdatePathError::LibraryError(_)
                    | ApplyUpdatePathError::UnableToDecrypt
                    | ApplyUpdatePathError::PathMismatch
                    | ApplyUpdatePathError::MissingCiphertext
                    | ApplyUpdatePathError::MissingOwnLeaf
            )
    )
}

fn of_validation(error: &ValidationError) -> Code {
    match error {
        ValidationError::WrongGroupId => Code::WrongGroup,
        ValidationError::WrongEpoch | ValidationError::NoPastEpochData => Code::WrongEpoch,
        ValidationError::UnableToDecrypt(decryption) => of_decryption(decryption),
        ValidationError::InvalidSignature
        | ValidationError::InvalidMembershipTag
        | ValidationError::MissingMembershipTag
        | ValidationError::UnknownMember => Code::NotAuthentic,
        ValidationError::KeyPackageVerifyError(_)
        | ValidationError::UpdatePathError(_)
        | ValidationError::InvalidLeafNodeSignature
        | ValidationError::InvalidLeafNodeSourceType
        | ValidationError::CommitterIncludedOwnUpdate
        | ValidationError::InvalidAddProposalCiphersuite
        | ValidationError::ExternalCommitValidation(_)
        | ValidationError::NoPath
        | ValidationError::MissingConfirmationTag
        | ValidationError::InvalidExtension(_) => Code::InvalidCommit,
        ValidationError::LibraryError(_) => Code::NotAuthentic,
        _ => Code::Malformed,
    }
}

fn of_decryption(error: &MessageDecryptionError) -> Code {
    match error {
        MessageDecryptionError::SecretTreeError(SecretTreeError::TooDistantInTheFuture) => Code::TooFarAhead,
        MessageDecryptionError::SecretTreeError(SecretTreeError::TooDistantInThePast | SecretTreeError::SecretReuseError) => Code::Replayed,
        MessageDecryptionError::AeadError | MessageDecryptionError::SecretTreeError(_) => Code::NotAuthentic,
        MessageDecryptionError::LibraryError(_) => Code::NotAuthentic,
        _ => Code::Malformed,
    }
}

/// A commit of our own that could not be built: what we were told to add or remove is at fault.
pub fn of_own_commit(error: CreateCommitError) -> Failure {
    let code = match &error {
        CreateCommitError::ProposalValidationError(
            ProposalValidationError::UnknownMemberRemoval | ProposalValidationError::UnknownMember,
        ) => Code::NotAMember,
        CreateCommitError::ProposalValidationError(ProposalValidationError::InvalidAddProposalCiphersuiteOrVersion) => {
            Code::UnsupportedSuite
        }
        CreateCommitError::ProposalValidationError(_) | CreateCommitError::LeafNodeValidation(_) => Code::InvalidKeyPackage,
        _ => Code::InvalidCommit,
    };
    Failure::of(code, error)
}

/// A welcome that could not be opened.
pub fn of_welcome(error: WelcomeError<StoreError>) -> Failure {
    let code = match &error {
        WelcomeError::NoMatchingKeyPackage
        | WelcomeError::JoinerSecretNotFound
        | WelcomeError::PrivateInitKeyNotFound
        | WelcomeError::NoMatchingEncryptionKey => Code::NoKeyPackage,
        WelcomeError::UnsupportedCiphersuite(_) | WelcomeError::CiphersuiteMismatch => Code::UnsupportedSuite,
        WelcomeError::MissingRatchetTree
        | WelcomeError::NotAWelcomeMessage
        | WelcomeError::MalformedWelcomeMessage
        | WelcomeError::UnsupportedMlsVersion
        | WelcomeError::StorageError(_) => Code::Malformed,
        // The rest: HPKE, AEAD, tags, signatures, and a tree that does not hang together.
        _ => Code::NotAuthentic,
    };
    Failure::of(code, error)
}

/// A GroupInfo that could not be joined by.
pub fn of_external(error: ExternalCommitBuilderError<StoreError>) -> Failure {
    let code = match &error {
        ExternalCommitBuilderError::UnsupportedCiphersuite(_) => Code::UnsupportedSuite,
        ExternalCommitBuilderError::MissingRatchetTree
        | ExternalCommitBuilderError::MissingExternalPub
        | ExternalCommitBuilderError::StorageError(_) => Code::Malformed,
        _ => Code::NotAuthentic,
    };
    Failure::of(code, error)
}
