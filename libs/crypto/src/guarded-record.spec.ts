import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  generateGuardedKey,
  openGuardedRecord,
  sealGuardedRecord,
  type GuardedKey,
} from './guarded-record.js';
import { openRecord, sealRecord } from './sealed-record.js';

const place = { table: 'groups', key: 'a' };
const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const secret = Uint8Array.from({ length: 200 }, (_, index) => index);
const rawKey = new Uint8Array(32).fill(9);
const importKey = (raw: Uint8Array): Promise<GuardedKey> =>
  crypto.subtle.importKey('raw', raw as Uint8Array<ArrayBuffer>, 'AES-GCM', false, ['encrypt', 'decrypt']);

describe('a guarded record', () => {
  it('opens in its own place with its own key, whatever its content', async () => {
    const recordKey = await generateGuardedKey();
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.string(),
        fc.string(),
        async (value, table, key) => {
          const sealed = await sealGuardedRecord({ recordKey, place: { table, key }, value, random });
          expect(sealed).toHaveLength(value.length + 29);
          expect(await openGuardedRecord({ recordKey, place: { table, key }, sealed })).toEqual({
            kind: 'record',
            value,
          });
        },
      ),
    );
  });

  it('has the bytes of a sealed record: each opens what the other sealed', async () => {
    const recordKey = await importKey(rawKey);
    const nonce = (length: number): Uint8Array => new Uint8Array(length).fill(5);
    const guarded = await sealGuardedRecord({ recordKey, place, value: secret, random: nonce });
    expect(guarded).toEqual(sealRecord({ recordKey: rawKey, place, value: secret, random: nonce }));
    expect(openRecord({ recordKey: rawKey, place, sealed: guarded })).toEqual({
      kind: 'record',
      value: secret,
    });
    expect(await openGuardedRecord({ recordKey, place, sealed: guarded })).toEqual({
      kind: 'record',
      value: secret,
    });
  });

  it('does not open in another place, with another key, nor with any byte changed or missing', async () => {
    const recordKey = await generateGuardedKey();
    const sealed = await sealGuardedRecord({ recordKey, place, value: secret, random });
    const open = (changed: Partial<Parameters<typeof openGuardedRecord>[0]>) =>
      openGuardedRecord({ recordKey, place, sealed, ...changed });
    const notAuthentic = { kind: 'failure', code: 'not-authentic' };
    expect(await open({ place: { table: 'group', key: 'sa' } })).toEqual(notAuthentic);
    expect(await open({ recordKey: await generateGuardedKey() })).toEqual(notAuthentic);
    for (let index = 1; index < sealed.length; index++) {
      const changed = sealed.map((byte, at) => (at === index ? byte ^ 1 : byte));
      expect([index, await open({ sealed: changed })]).toEqual([index, notAuthentic]);
    }
    expect(await open({ sealed: sealed.subarray(0, -1) })).toEqual(notAuthentic);
    for (const malformed of [
      new Uint8Array(0),
      sealed.subarray(0, 28),
      Uint8Array.of(2, ...sealed.subarray(1)),
    ])
      expect(await open({ sealed: malformed })).toEqual({ kind: 'failure', code: 'malformed' });
  });

  it('leaves its input as it was', async () => {
    const recordKey = await generateGuardedKey();
    const value = secret.slice();
    const sealed = await sealGuardedRecord({ recordKey, place, value, random });
    const before = sealed.slice();
    await openGuardedRecord({ recordKey, place, sealed });
    expect([value, sealed]).toEqual([secret, before]);
  });
});

describe('a guarded key', () => {
  it('cannot be taken out', async () => {
    const key = await generateGuardedKey();
    expect(key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('raw', key)).rejects.toMatchObject({ name: 'InvalidAccessError' });
  });
});
