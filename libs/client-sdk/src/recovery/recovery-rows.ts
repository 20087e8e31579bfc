/** What a client keeps of recovering its account. */
import type { DeviceId } from '@cipherchat/protocol';

/** See `recovery/recover.ts` and `recovery/come-back.ts`. */
export type ComingBackRow = {
  /** `adding`: the server has yet to be told of this device. `joining`: of its conversations not all have it yet. */
  readonly stage: 'adding' | 'joining';
  /** Shown again to the server while `adding`, when another device of the account was faster; no key can be made of it. */
  readonly lookup: Uint8Array;
  /** Devices that are to go, as the person said before the account had others. */
  readonly lost: readonly DeviceId[];
  readonly sinceMs: number;
};

/** Records of recovery keys (libs/crypto, `recovery-key.ts`), as their encoded bytes. */
export type RecoveryRow = {
  /** Of the key that was checked; the server has it, or had it. */
  readonly current: Uint8Array | null;
  /** Of the key that was made last, until it is checked. */
  readonly candidate: Uint8Array | null;
};
