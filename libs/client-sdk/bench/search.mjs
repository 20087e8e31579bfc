/**
 * `npm run bench:search`: what searching costs on a sealed SQLite store, in one long conversation and in many. Prints a
 * Markdown table: medians in milliseconds. `-- --messages 100000` for more.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { CipherChat, NetworkError, sealStore } from '@cipherchat/client-sdk';
import { openSqliteStore } from '@cipherchat/client-sdk/sqlite';
import { fillChats, watchReads } from '../dist/testing/many-chats.js';

const asked = process.argv[process.argv.indexOf('--messages') + 1];
const messages = /^\d+$/.test(asked ?? '') ? Number(asked) : 10_000;
const rounds = 15;
const vocabulary = Array.from({ length: 5_000 }, (_, index) => `w${(index * 7919).toString(36)}`);
const key = randomBytes(32);

/** About twelve words, few of which are said often, as in a language. */
function textOf(number) {
  let state = number * 2_654_435_761;
  const words = [];
  for (let at = 0; at < 4 + (number % 17); at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    words.push(vocabulary[Math.floor((state / 2 ** 32) ** 3 * vocabulary.length)]);
  }
  return `${words.join(' ')}${number === 7 ? ' needle' : ''}`;
}

async function median(call) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  return times.sort((left, right) => left - right)[rounds >> 1].toFixed(1);
}

async function measure(chats) {
  const folder = mkdtempSync(path.join(tmpdir(), 'cipherchat-search-'));
  const open = () => sealStore({ store: openSqliteStore({ file: path.join(folder, 'store.db') }), key });
  const filling = open();
  const start = performance.now();
  const sizes = Array.from({ length: chats }, () => Math.ceil(messages / chats));
  await fillChats({ store: filling, sizes, textOf });
  const filledMs = performance.now() - start;
  await filling.close();
  const { store, rowsRead } = watchReads(open());
  const client = await CipherChat.open({
    store,
    http: () => Promise.reject(new NetworkError()),
    socket: {
      open: ({ listener }) => (queueMicrotask(() => listener.closed(1006)), { send() {}, close() {} }),
    },
  });
  const cell = async (text) => {
    const before = rowsRead.length;
    const { hits } = await client.search({ text });
    const rows = rowsRead.slice(before).reduce((sum, count) => sum + count, 0);
    return `${await median(() => client.search({ text }))} (${hits.length} of ${rows} rows)`;
  };
  const cells = [await cell(vocabulary[0]), await cell('needle'), await cell('nowhere'), await cell('w')];
  console.log(`| ${chats} × ${sizes[0]} | ${(filledMs / messages).toFixed(2)} | ${cells.join(' | ')} |`);
  await client.close();
  rmSync(folder, { recursive: true });
}

console.log(
  '| conversations × messages | writing one | a word said often | one said once, long ago | one never said | one letter |',
);
console.log('| --- | --- | --- | --- | --- | --- |');
for (const chats of [1, 500]) await measure(chats);
