/**
 * By what members tell whether they are in the same epoch without saying what it is: a hash of the epoch
 * authenticator (RFC 9420 §8.7), which equal group states share and which gives away no other secret.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { GroupState, MlsEngine } from './engine.js';
import { joinBytes } from './verify/binary.js';

const context = new TextEncoder().encode('CipherChat epoch v1\0');
const digestBytes = 16;

/** 16 bytes of SHA-256 over the context and the epoch authenticator. */
export function epochDigest(params: {
  readonly engine: Pick<MlsEngine, 'epochAuthenticator'>;
  readonly state: GroupState;
}): Uint8Array {
  return sha256(joinBytes([context, params.engine.epochAuthenticator(params.state)])).slice(0, digestBytes);
}
