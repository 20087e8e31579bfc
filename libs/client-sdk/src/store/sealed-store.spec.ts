import { generateGuardedKey, type GuardedKey } from '@cipherchat/crypto';
import { describe, expect, it } from '@jest/globals';
import { describeStoreConformance } from '../testing/store-conformance.js';
import { createMemoryDisk, createMemoryStore } from './memory-store.js';
import { createStoreKey, SealBrokenError, sealStore, unlockStoreKey } from './sealed-store.js';

const parameters = { memoryKib: 64, passes: 1, lanes: 1 };
const { key, locked } = createStoreKey({ passphrase: 'correct horse', parameters });

let disk = createMemoryDisk();
describeStoreConformance('sealed', {
  fresh: async () => {
    disk = createMemoryDisk();
  },
  open: async () => sealStore({ store: createMemoryStore(disk), key }),
});

let guardedDisk = createMemoryDisk();
let guardedKey: GuardedKey | null = null;
describeStoreConformance('guarded', {
  fresh: async () => {
    guardedDisk = createMemoryDisk();
  },
  open: async () => {
    guardedKey ??= await generateGuardedKey();
    return sealStore({ store: createMemoryStore(guardedDisk), key: guardedKey });
  },
});

describe.each([
  ['of bytes', () => Promise.resolve(createStoreKey({ passphrase: 'correct horse', parameters }).key)],
  ['that is not handed out', generateGuardedKey],
])('a store sealed with a key %s', (_, makeKey) => {
  const secret = new TextEncoder().encode('the private half of a key');

  async function written() {
    const inner = createMemoryStore(createMemoryDisk());
    const store = sealStore({ store: inner, key: await makeKey() });
    const writerGeneration = await store.claimWriter();
    await store.write({
      writerGeneration,
      puts: [{ table: 'keys', key: 'one', value: secret }],
      deletes: [],
    });
    return { inner, store, writerGeneration };
  }

  it('leaves nothing of a value in what lies below', async () => {
    const { inner, store } = await written();
    expect(await store.get('keys', 'one')).toEqual(secret);
    const below = Buffer.from((await inner.get('keys', 'one')) ?? []);
    expect(below.includes(Buffer.from(secret.subarray(4, 12)))).toBe(false);
    expect(Buffer.from(secret).includes(below.subarray(13, 21))).toBe(false);
  });

  it('does not open with another key', async () => {
    const { inner } = await written();
    const other = sealStore({
      store: inner,
      key: await makeKey(),
    });
    await expect(other.get('keys', 'one')).rejects.toThrow(SealBrokenError);
    await expect(other.scan({ table: 'keys', prefix: '', limit: 9 })).rejects.toThrow(SealBrokenError);
  });

  it('notices a value that was moved to another key, or changed', async () => {
    const { inner, store, writerGeneration } = await written();
    const below = (await inner.get('keys', 'one')) ?? new Uint8Array();
    const changed = below.map((byte, index) => (index === below.length - 1 ? byte ^ 1 : byte));
    await inner.write({
      writerGeneration,
      puts: [
        { table: 'keys', key: 'two', value: below },
        { table: 'keys', key: 'one', value: changed },
      ],
      deletes: [],
    });
    await expect(store.get('keys', 'two')).rejects.toThrow(SealBrokenError);
    await expect(store.get('keys', 'one')).rejects.toThrow(SealBrokenError);
  });
});

describe("a store's key", () => {
  it('comes back with the passphrase, and not without', () => {
    expect(unlockStoreKey({ locked, passphrase: 'correct horse' })).toEqual(key);
    expect(unlockStoreKey({ locked, passphrase: 'correct house' })).toBeNull();
    expect(unlockStoreKey({ locked: locked.subarray(0, 20), passphrase: 'correct horse' })).toBeNull();
  });
});
