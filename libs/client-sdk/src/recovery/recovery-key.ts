/**
 * The recovery key of this account, as its devices see it. The key itself is nowhere here: it is shown once, and what is
 * kept is the record that it opens (libs/crypto, `recovery-key.ts`).
 *
 * unset → (a key is made) → unchecked → (the person typed it in again) → set → (a newer one is made and checked) → set
 *
 * Invariants:
 * - The server is given a record only once its key was checked. So `set` is said only of a key that somebody has shown
 *   to have and whose record the server answered to have; and a newer key leaves the old one good until it was checked.
 * - The highest version counts, on all devices; a server that lost the record (a restore from backup) is given it again.
 */
import {
  accountKeyFromSecret,
  decodeRecoveryKey,
  encodeRecoveryKey,
  generateRecoveryKey,
  isRecoveryKeyOf,
  sealRecoveryRecord,
  signRecoveryRecord,
  verifyRecoveryRecord,
  type AccountKey,
  type VerifiedRecoveryRecord,
} from '@cipherchat/crypto';
import { isProblem, keysRoutes } from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import { equalBytes } from '../keys/equal-bytes.js';
import type { Random } from '../ports/random.js';
import type { Memory } from '../state/memory.js';

import type { Steps } from '../state/steps.js';
import { only, tables } from '../state/tables.js';
import type { Transaction } from '../state/transaction.js';
import type { RecoveryRow } from './recovery-rows.js';
import { RecoveryKeyDiffersError, RecoveryRefusedError } from './recovery-errors.js';

/** Whether this account can come back without a device. */
export type RecoveryState =
  /** No recovery key was made. */
  | 'unset'
  /** One was made and shown, and is good for nothing until its person has shown to have it. */
  | 'unchecked'
  | 'set';

type Ports = {
  readonly api: Api;
  readonly steps: Steps;
  readonly memory: Memory;
  readonly random: Random;
};

/** Devices of one account that make a key at once: each of them has another place to go to. */
const maxAttempts = 4;

export class Recovery {
  constructor(private readonly ports: Ports) {}

  get state(): RecoveryState {
    return recoveryState(this.ports.memory.recovery);
  }

  /**
   * A new recovery key, to be shown once; asked again, another one. It counts when it was confirmed, and until then the
   * one before it. Works without a network.
   */
  async newKey(): Promise<string> {
    const { steps, memory, random } = this.ports;
    const recoveryKey = generateRecoveryKey(random);
    await steps.run('recovery/key', (transaction) => {
      const row = memory.recovery;
      const record = sealRecoveryRecord({
        recoveryKey,
        accountKey: accountKeyOf(memory),
        user: memory.profile.user,
        version: highestVersion(row) + 1,
        random,
      });
      put(transaction, { ...row, candidate: record.bytes });
    });
    return encodeRecoveryKey(recoveryKey);
  }

  /**
   * The person has the key: typed in again, it is the one that was shown last. Confirmed again, it is confirmed.
   * @throws RecoveryRefusedError `malformed-key`; RecoveryKeyDiffersError; NetworkError, ProblemError when the server
   * has not got the record: then it is not confirmed yet
   */
  async confirm(text: string): Promise<void> {
    const { steps, memory } = this.ports;
    const decoded = decodeRecoveryKey(text);
    if (decoded.kind === 'malformed') throw new RecoveryRefusedError('malformed-key');
    const { key } = decoded;
    const candidate = readRecord(memory.recovery.candidate);
    if (candidate === null || !isRecoveryKeyOf(key, candidate)) {
      const current = readRecord(memory.recovery.current);
      if (current !== null && isRecoveryKeyOf(key, current)) return;
      throw new RecoveryKeyDiffersError();
    }
    const told = await this.tell(candidate);
    await steps.run('recovery/key', (transaction) => {
      const last = readRecord(memory.recovery.candidate);
      const isLast = last !== null && isRecoveryKeyOf(key, last);
      put(transaction, { current: told.bytes, candidate: isLast ? null : memory.recovery.candidate });
    });
  }

  /** Compares with the server, and gives or takes whichever record is newer. @throws NetworkError, ProblemError */
  async settle(): Promise<void> {
    const { api, steps, memory } = this.ports;
    const { record } = await api.call(keysRoutes.readRecovery, {});
    const theirs = this.genuine(record);
    const ours = readRecord(memory.recovery.current);
    const [theirVersion, ourVersion] = [theirs?.version ?? 0, ours?.version ?? 0];
    if (theirs !== null && theirVersion > ourVersion)
      await steps.run('recovery/key', (transaction) =>
        put(transaction, { ...memory.recovery, current: theirs.bytes }),
      );
    if (ours !== null && ourVersion > theirVersion) await this.tell(ours);
  }

  /** Until the server has it, under a greater version where another device was faster. */
  private async tell(record: VerifiedRecoveryRecord): Promise<VerifiedRecoveryRecord> {
    const { api, memory } = this.ports;
    let told = record;
    for (let attempt = 1; ; attempt++) {
      try {
        await api.call(keysRoutes.publishRecovery, { request: { record: told.bytes } });
        return told;
      } catch (error) {
        if (!isProblem(error) || !error.is('directory/recovery-stale') || attempt === maxAttempts)
          throw error;
        told = signRecoveryRecord({
          accountKey: accountKeyOf(memory),
          record: { ...record, version: error.data.version + 1 },
        });
      }
    }
  }

  /** What the account key did not sign is no record of ours, whoever gives it. */
  private genuine(bytes: Uint8Array | null): VerifiedRecoveryRecord | null {
    const record = readRecord(bytes);
    const { user, accountKey } = this.ports.memory.profile;
    return record?.user === user && equalBytes(record.accountKey, accountKey) ? record : null;
  }
}

function recoveryState({ current, candidate }: RecoveryRow): RecoveryState {
  if (current !== null) return 'set';
  return candidate === null ? 'unset' : 'unchecked';
}

/** `null` for nothing, and for what no account key signed. */
function readRecord(bytes: Uint8Array | null): VerifiedRecoveryRecord | null {
  const verdict = bytes === null ? null : verifyRecoveryRecord(bytes);
  return verdict?.kind === 'record' ? verdict.record : null;
}

function put(transaction: Transaction, row: RecoveryRow): void {
  transaction.put(tables.recovery, only, row);
  transaction.emit({ type: 'recovery', data: recoveryState(row) });
}

function highestVersion({ current, candidate }: RecoveryRow): number {
  return Math.max(readRecord(current)?.version ?? 0, readRecord(candidate)?.version ?? 0);
}

function accountKeyOf({ profile }: Memory): AccountKey {
  return accountKeyFromSecret(profile.accountSecret);
}
