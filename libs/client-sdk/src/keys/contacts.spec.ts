/** What a client keeps of another account. Real: the steps, the store, the manifests; the directory answers as each test says. */
import { describe, expect, it } from '@jest/globals';
import { generateAccountKey, signManifest, type AccountKey } from '@cipherchat/crypto';
import { idFromBytes, type UserId } from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import { Memory } from '../state/memory.js';
import type { ProfileRow } from '../state/rows.js';
import { tables } from '../state/tables.js';
import { createMemoryStore } from '../store/memory-store.js';
import { quietSteps } from '../testing/quiet-steps.js';
import { Contacts } from './contacts.js';

const user = idFromBytes<UserId>(new Uint8Array(16).fill(1), 0);
const key = (fill: number) => generateAccountKey((lengthBytes) => new Uint8Array(lengthBytes).fill(fill));
const [own, another] = [key(1), key(2)];
const garbled = new Uint8Array(40);

function manifest(version: number, accountKey: AccountKey = own): Uint8Array {
  const { publicKey } = accountKey;
  return signManifest({ accountKey, manifest: { user, accountKey: publicKey, version, devices: [] } }).bytes;
}

/** What is kept after the directory has answered with each of these in turn. */
async function keptAfter(answers: readonly Uint8Array[]) {
  const store = createMemoryStore();
  const steps = await quietSteps(store, new Memory({} as ProfileRow));
  const left = [...answers];
  const api = { call: () => Promise.resolve({ manifests: [{ user, manifest: left.shift() }] }) };
  const contacts = new Contacts({ api: api as unknown as Api, steps, offered: () => Promise.resolve() });
  for (const _ of answers) await contacts.refresh([user]);
  return steps.reader().get(tables.contacts, user);
}

describe('the alarm about a manifest that does not verify', () => {
  it('ends with a higher one of the known account key', async () => {
    expect(await keptAfter([manifest(1), garbled])).toMatchObject({
      alarm: 'invalid',
      manifest: manifest(1),
    });
    expect(await keptAfter([manifest(1), garbled, manifest(2)])).toMatchObject({
      alarm: null,
      manifest: manifest(2),
    });
  });

  it('ends with the first one that verifies, where none was known', async () => {
    expect(await keptAfter([garbled, manifest(1)])).toMatchObject({ alarm: null, manifest: manifest(1) });
  });

  it('ends with the known one again, and not with an older one', async () => {
    const known = [manifest(1), manifest(2), garbled];
    expect(await keptAfter([...known, manifest(1)])).toMatchObject({ alarm: 'invalid' });
    expect(await keptAfter([...known, manifest(2)])).toMatchObject({ alarm: null });
  });

  it('hides no changed account key: that one is still to be settled when it ends', async () => {
    const offered = manifest(2, another);
    for (const version of [1, 2])
      expect(await keptAfter([manifest(1), offered, garbled, manifest(version)])).toMatchObject({
        alarm: 'account-key-changed',
        offered,
        manifest: manifest(version),
      });
  });
});

describe('the alarm about two manifests of one version', () => {
  it('stays: what was signed twice is not undone by a higher one', async () => {
    const { publicKey } = own;
    const device = {
      device: '22222222-2222-4222-8222-222222222222',
      leafKey: another.publicKey,
      nameCiphertext: new Uint8Array(1),
      addedAtS: 1_800_000_000,
      expiresAtS: 1_831_536_000,
    };
    const fork = signManifest({
      accountKey: own,
      manifest: { user, accountKey: publicKey, version: 1, devices: [device] },
    }).bytes;
    expect(await keptAfter([manifest(1), fork, manifest(2)])).toMatchObject({ alarm: 'forked' });
    expect(await keptAfter([manifest(1), fork, garbled, manifest(2)])).toMatchObject({ alarm: 'forked' });
  });
});
