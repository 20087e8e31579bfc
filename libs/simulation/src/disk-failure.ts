import { SupersededError } from '@cipherchat/client-sdk';

/** A write that the disk refused, or perhaps did: a client halts on it. */
export class DiskFailure extends Error {
  override readonly name = 'DiskFailure';
  constructor() {
    super('the disk is full');
  }
}

/** Why a client may halt. */
export function isOfDisk(error: unknown): boolean {
  return error instanceof DiskFailure || error instanceof SupersededError;
}
