export {
  accountKeyFromSecret,
  generateAccountKey,
  signManifest,
  type AccountKey,
  type RandomBytes,
} from './account-key.js';
export {
  commitFault,
  isWelcomeConsistent,
  judgeCommit,
  type ClearPart,
  type CommitJudgement,
  type VoidReason,
} from './commit-check.js';
export {
  checkCredentials,
  receiveManifest,
  type AccountPins,
  type CheckedMember,
  type CredentialVerdict,
  type ManifestReceipt,
} from './credential-check.js';
export { signDeviceProof } from './device-proof.js';
export type {
  CipherSuite,
  CommitSummary,
  DeviceKeys,
  DeviceRef,
  GeneratedKeyPackage,
  GroupMember,
  GroupState,
  KeyPackageInfo,
  MlsEngine,
  MlsFailure,
  PendingCommit,
  RecordChanges,
  StagedCommit,
  StagedWelcome,
  Step,
} from './engine.js';
export { epochDigest } from './epoch-digest.js';
export {
  generateInviteToken,
  introductionProof,
  isIntroductionProof,
  type Introduction,
} from './introduction.js';
export {
  decodeInviteCode,
  encodeInviteCode,
  type InviteCode,
  type InviteCodeVerdict,
} from './invite-code.js';
export { cryptoLimits } from './limits.js';
export {
  lockKey,
  passphraseParameters,
  unlockKey,
  type PassphraseParameters,
  type UnlockedKey,
} from './locked-key.js';
export { maxPaddableBytes, pad, unpad, type Unpadded } from './padding.js';
export {
  decodeRecoveryKey,
  encodeRecoveryKey,
  generateRecoveryKey,
  isRecoveryKeyOf,
  openRecoveryRecord,
  recoveryLookup,
  recoveryLookupHash,
  sealRecoveryRecord,
  signRecoveryRecord,
  type RecoveryKeyVerdict,
} from './recovery-key.js';
export {
  compareSafetyCode,
  safetyCode,
  safetyNumber,
  type Person,
  type SafetyCodeVerdict,
} from './safety-number.js';
export {
  generateRecordKey,
  openRecord,
  sealRecord,
  type OpenedRecord,
  type RecordPlace,
} from './sealed-record.js';
export {
  generateGuardedKey,
  openGuardedRecord,
  sealGuardedRecord,
  type GuardedKey,
} from './guarded-record.js';
export {
  createStoreKeyRow,
  lockStoreKeyRow,
  openStoreKeyRow,
  unlockStoreKeyRow,
  type StoreLockHint,
  type UnwrappedStoreKey,
  type WrappedStoreKey,
} from './guarded-store-key.js';
export {
  deriveSignalSecret,
  keepSignalSecrets,
  openSignal,
  sealSignal,
  type Momentary,
  type OpenedSignal,
  type Signal,
  type SignalKind,
  type SignalSecret,
} from './signal.js';
export { MlsEngineError } from './engine.js';
export { loadMls, type Mls, type MlsSource } from '@cipherchat/mls-wasm';
export { createOpenMlsEngine } from './openmls-engine.js';
export {
  compareManifests,
  findDevice,
  isDeviceCurrent,
  isNewerManifest,
  manifestLimits,
  refreshContext,
  signInContext,
  verifyDeviceProof,
  verifyManifest,
  verifyRecoveryRecord,
  type DeviceProofContext,
  type DeviceProofInput,
  type Manifest,
  type ManifestDevice,
  type ManifestInvalid,
  type ManifestOrder,
  type ManifestVerdict,
  type RecoveryRecord,
  type RecoveryRecordVerdict,
  type VerifiedManifest,
  type VerifiedRecoveryRecord,
} from './verify/index.js';
