import { afterAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStoreConformance } from '../testing/store-conformance.js';
import { openSqliteStore } from './sqlite-store.js';

const folder = mkdtempSync(join(tmpdir(), 'cipherchat-sqlite-'));
let count = 0;
const file = (): string => join(folder, `store-${count}.db`);

describeStoreConformance('sqlite', {
  fresh: async () => {
    count++;
  },
  open: async () => openSqliteStore({ file: file() }),
});

describe('the sqlite file', () => {
  it('holds nothing of what was deleted or replaced, once it is closed', async () => {
    count++;
    const store = openSqliteStore({ file: file() });
    const writerGeneration = await store.claimWriter();
    const row = (key: string, text: string) => ({ table: 't', key, value: Buffer.from(text) });
    const puts = [
      row('a', 'a secret in a row'),
      row('b', 'a secret that is replaced'),
      row('c', 'what stays'),
    ];
    await store.write({ writerGeneration, puts, deletes: [] });
    await store.write({ writerGeneration, puts: [row('b', 'short')], deletes: [{ table: 't', key: 'a' }] });
    await store.close();
    const bytes = readFileSync(file());
    expect([bytes.includes('what stays'), bytes.includes('a secret')]).toEqual([true, false]);
    expect(existsSync(`${file()}-wal`)).toBe(false);
  });

  it('and the files beside it are readable by their owner only', async () => {
    count++;
    const store = openSqliteStore({ file: file() });
    await store.write({
      writerGeneration: await store.claimWriter(),
      puts: [{ table: 't', key: 'k', value: Uint8Array.of(1) }],
      deletes: [],
    });
    for (const path of [file(), `${file()}-wal`, `${file()}-shm`])
      expect(statSync(path).mode & 0o777).toBe(0o600);
    await store.close();
  });
});

afterAll(() => rmSync(folder, { recursive: true }));
