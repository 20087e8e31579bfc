/** `@cipherchat/crypto/verify`: checks of public keys and signatures. All of the crypto library that a server may import: nothing here can hold a secret. */
export { manifestLimits } from './limits.js';
export {
  deviceProofMessage,
  refreshContext,
  signInContext,
  verifyDeviceProof,
  type DeviceProofContext,
  type DeviceProofInput,
} from './device-proof.js';
export {
  findDevice,
  isDeviceCurrent,
  verifyManifest,
  type Manifest,
  type ManifestDevice,
  type ManifestInvalid,
  type ManifestVerdict,
  type VerifiedManifest,
} from './manifest.js';
export { compareManifests, isNewerManifest, type ManifestOrder } from './manifest-order.js';
export {
  recoveryRecordBytes,
  verifyRecoveryRecord,
  type RecoveryRecord,
  type RecoveryRecordVerdict,
  type VerifiedRecoveryRecord,
} from './recovery-record.js';
