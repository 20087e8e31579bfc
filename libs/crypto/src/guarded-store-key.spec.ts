import { describe, expect, it } from '@jest/globals';
import { openGuardedRecord, sealGuardedRecord } from './guarded-record.js';
import {
  createStoreKeyRow,
  lockStoreKeyRow,
  openStoreKeyRow,
  unlockStoreKeyRow,
  type WrappedStoreKey,
} from './guarded-store-key.js';

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const [secret, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const hint = { credential: new Uint8Array(16).fill(3), salt: new Uint8Array(32).fill(4) };
const place = { table: 'letters', key: 'a' };
const value = Uint8Array.of(1, 2, 3);

async function keyOf(row: WrappedStoreKey, given: Uint8Array | null) {
  const opened = await openStoreKeyRow({ row, secret: given });
  if (opened.kind === 'failure') throw new Error(opened.code);
  return opened;
}
async function locked(row: WrappedStoreKey, by = secret) {
  const made = await lockStoreKeyRow({ row, lockKey: null, hint, secret: by, random });
  if (made === null) throw new Error('not locked');
  return made;
}

describe('the key of a store', () => {
  it('is one key, open, locked, locked otherwise and open again', async () => {
    const row = await createStoreKeyRow(random);
    const sealed = await sealGuardedRecord({ recordKey: (await keyOf(row, null)).key, place, value, random });
    const opens = async (each: WrappedStoreKey, given: Uint8Array | null) =>
      openGuardedRecord({ recordKey: (await keyOf(each, given)).key, place, sealed });
    const first = await locked(row);
    const second = await lockStoreKeyRow({
      row: first.row,
      lockKey: first.lockKey,
      hint: { ...hint, salt: new Uint8Array(32) },
      secret: other,
      random,
    });
    const open = await unlockStoreKeyRow({ row: second!.row, lockKey: second!.lockKey, random });
    for (const [each, given] of [
      [row, null],
      [first.row, secret],
      [second!.row, other],
      [open!, null],
    ] as const)
      expect(await opens(each, given)).toEqual({ kind: 'record', value });
    expect([row.lock, first.row.lock, open!.lock]).toEqual([null, hint, null]);
  });

  it('can be taken out in none of its states', async () => {
    const row = await createStoreKeyRow(random);
    const { row: lockedRow, lockKey } = await locked(row);
    for (const key of [
      row.guard,
      (await keyOf(row, null)).key,
      (await keyOf(lockedRow, secret)).key,
      lockKey,
    ])
      await expect(crypto.subtle.exportKey('raw', key)).rejects.toBeDefined();
  });

  it('stays shut while it is locked, without the secret, with another, and with any bit changed', async () => {
    const { row } = await locked(await createStoreKeyRow(random));
    expect(await openStoreKeyRow({ row, secret: null })).toEqual({ kind: 'failure', code: 'locked' });
    const wrong = { kind: 'failure', code: 'wrong-secret' };
    expect(await openStoreKeyRow({ row, secret: other })).toEqual(wrong);
    const salted: WrappedStoreKey = { ...row, lock: { ...hint, salt: new Uint8Array(32) } };
    expect(await openStoreKeyRow({ row: salted, secret })).toEqual(wrong);
    for (let at = 0; at < row.wrapped.length; at++) {
      const bytes = row.wrapped.slice();
      bytes[at]! ^= 1;
      expect([at, await openStoreKeyRow({ row: { ...row, wrapped: bytes }, secret })]).toEqual([at, wrong]);
    }
    // Called open, it is not.
    expect(await openStoreKeyRow({ row: { ...row, lock: null }, secret: null })).toEqual({
      kind: 'failure',
      code: 'not-authentic',
    });
  });

  it('is locked otherwise, or opened, only by who holds what locks it now', async () => {
    const { row } = await locked(await createStoreKeyRow(random));
    const { lockKey: stale } = await locked(await createStoreKeyRow(random), other);
    for (const lockKey of [null, stale]) {
      expect(await lockStoreKeyRow({ row, lockKey, hint, secret: other, random })).toBeNull();
      expect(await unlockStoreKeyRow({ row, lockKey, random })).toBeNull();
    }
  });

  it('takes no secret that could be guessed', async () => {
    const row = await createStoreKeyRow(random);
    const short = new Uint8Array(31);
    await expect(lockStoreKeyRow({ row, lockKey: null, hint, secret: short, random })).rejects.toThrow(
      RangeError,
    );
  });
});
