/** What a row costs by the size of the batch: the store's SQL function on a real log, fsync on, one connection. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createRoom, registerPeople, type Person } from '@cipherchat/load-people';
import { startIsolatedSystem } from '@cipherchat/test-kit';

const pairs = 64;
const ciphertextBytes = 1_024;
const batchSizes = [1, 4, 16, 64, 256, 1_024];
const measuredMs = 2_000;
const statement = {
  name: 'append',
  text: 'SELECT outcome FROM messages.append_envelopes($1, $2, $3, $4, $5, $6, $7, $8)',
};

type Log = { readonly conversation: string; readonly commitSeq: number; readonly sender: Person };

/** The figures in short: rows a second, spread over many conversations and in one. */
export async function appendsByBatchSize(say: (line: string) => void): Promise<readonly string[]> {
  const system = await startIsolatedSystem({
    durability: 'fsync',
    environment: { RATE_LIMIT_SCALE: '100000' },
  });
  const client = new Client({
    connectionString: system.postgres.adminUrl,
    options: '-c search_path=messages',
  });
  const figures: string[] = [];
  try {
    await client.connect();
    const storeUrl = system.services.find(({ service }) => service === 'message-store')?.url ?? '';
    const logs = await openLogs({ storeUrl, authUrl: system.serverUrl });
    for (const size of batchSizes) {
      const ofSize: string[] = [];
      for (const [name, chosen] of [
        ['spread', logs],
        ['one hot conversation', logs.slice(0, 1)],
      ] as const) {
        const rowsPerSecond = await append({ client, logs: chosen, size });
        ofSize.push(rowsPerSecond.toFixed(0));
        say(`append, batches of ${size}, ${name}: ${rowsPerSecond.toFixed(0)} rows/s`);
      }
      figures.push(`append-${size}=${ofSize.join('/')}`);
    }
  } finally {
    await client.end();
    await system.stop();
  }
  return figures;
}

async function openLogs(urls: {
  readonly storeUrl: string;
  readonly authUrl: string;
}): Promise<readonly Log[]> {
  const people = await registerPeople({ authUrl: urls.authUrl, count: 2 * pairs });
  const logs: Log[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const members = people.slice(2 * pair, 2 * pair + 2);
    const [sender] = members;
    if (sender !== undefined)
      logs.push({ ...(await createRoom({ storeUrl: urls.storeUrl, people: members })), sender });
  }
  return logs;
}

async function append(params: {
  readonly client: Client;
  readonly logs: readonly Log[];
  readonly size: number;
}): Promise<number> {
  const { client, logs, size } = params;
  const ciphertexts = randomBytes(size * ciphertextBytes);
  const items = Array.from({ length: size }, (_, index) => logs[index % logs.length]).filter(
    (log) => log !== undefined,
  );
  const started = performance.now();
  let rows = 0;
  while (performance.now() - started < measuredMs) {
    const answer = await client.query<{ outcome: number }>({
      ...statement,
      values: [
        items.map(({ conversation }) => conversation),
        items.map(({ sender }) => sender.user),
        items.map(({ sender }) => sender.device),
        items.map(() => randomUUID()),
        items.map(({ commitSeq }) => commitSeq),
        items.map((_, index) => index * ciphertextBytes + 1),
        items.map(() => ciphertextBytes),
        ciphertexts,
      ],
    });
    if (answer.rows.some(({ outcome }) => outcome !== 0)) throw new Error('an append was refused');
    rows += size;
  }
  return (rows * 1_000) / (performance.now() - started);
}
