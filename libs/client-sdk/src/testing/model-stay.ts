/** A device's stay in a conversation of the model. */
import type { DeviceId, UserId } from '@cipherchat/protocol';

export type ModelMember = {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly joinedSeq: number;
  leftSeq: number | null;
  cursorSeq: number;
  departing: boolean;
  readMark: Uint8Array | null;
  statement: Uint8Array | null;
  /** How often it said that a void commit had left it out. */
  appeals: number;
};

/** A member at that commit, and gone by a later one. */
export function isEndedSince({ joinedSeq, leftSeq }: ModelMember, epochSeq: number): boolean {
  return joinedSeq <= epochSeq && leftSeq !== null && leftSeq > epochSeq;
}
