/** What a row costs by the size of the batch: the store's two SQL functions on a real log, fsync on, one connection. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createRoom, registerPeople, type Person } from '@cipherchat/load-people';
import { startIsolatedSystem } from '@cipherchat/test-kit';

const pairs = 64;
const ciphertextBytes = 1_024;
const batchSizes = [1, 4, 16, 64, 256, 1_024];
const measuredMs = 2_000;

type Log = {
  readonly conversation: string;
  readonly commitSeq: number;
  readonly sender: Person;
  readonly rosterVersion: string;
};
type Statement = (items: readonly Log[]) => {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
};

/** Both answer rows with `is_stored`. */
const statements: Readonly<Record<'known' | 'judged', Statement>> = {
  known: (items) => {
    const logs = [...new Set(items)].sort((one, other) => (one.conversation < other.conversation ? -1 : 1));
    const counts = new Map<Log, number>();
    const nth = items.map((log) => {
      counts.set(log, (counts.get(log) ?? 0) + 1);
      return counts.get(log);
    });
    return {
      name: 'known',
      text: 'SELECT messages.append_known($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) IS NOT NULL AS is_stored',
      values: [
        logs.map(({ conversation }) => conversation),
        logs.map(({ rosterVersion }) => rosterVersion),
        logs.map(({ commitSeq }) => commitSeq),
        logs.map((log) => counts.get(log)),
        items.map((log) => logs.indexOf(log) + 1),
        nth,
        ...envelopesOf(items),
      ],
    };
  },
  judged: (items) => {
    const [envelopes, starts, lengths, ciphertexts] = envelopesOf(items);
    return {
      name: 'judged',
      text: 'SELECT outcome = 0 AS is_stored FROM messages.append_envelopes($1, $2, $3, $4, $5, $6, $7, $8)',
      values: [
        items.map(({ conversation }) => conversation),
        items.map(({ sender }) => sender.user),
        items.map(({ sender }) => sender.device),
        envelopes,
        items.map(({ commitSeq }) => commitSeq),
        starts,
        lengths,
        ciphertexts,
      ],
    };
  },
};

function envelopesOf(items: readonly Log[]): readonly [string[], number[], number[], Buffer] {
  return [
    items.map(() => randomUUID()),
    items.map((_, index) => index * ciphertextBytes + 1),
    items.map(() => ciphertextBytes),
    randomBytes(items.length * ciphertextBytes),
  ];
}

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
    const logs = await openLogs({ client, storeUrl, authUrl: system.serverUrl });
    for (const [way, statement] of Object.entries(statements))
      for (const size of batchSizes) {
        const ofSize: string[] = [];
        for (const [name, chosen] of [
          ['spread', logs],
          ['one hot conversation', logs.slice(0, 1)],
        ] as const) {
          const rowsPerSecond = await append({ client, statement, logs: chosen, size });
          ofSize.push(rowsPerSecond.toFixed(0));
          say(`append, ${way}, batches of ${size}, ${name}: ${rowsPerSecond.toFixed(0)} rows/s`);
        }
        figures.push(`append-${way}-${size}=${ofSize.join('/')}`);
      }
  } finally {
    await client.end();
    await system.stop();
  }
  return figures;
}

async function openLogs(urls: {
  readonly client: Client;
  readonly storeUrl: string;
  readonly authUrl: string;
}): Promise<readonly Log[]> {
  const people = await registerPeople({ authUrl: urls.authUrl, count: 2 * pairs });
  const logs: Log[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const members = people.slice(2 * pair, 2 * pair + 2);
    const [sender] = members;
    if (sender === undefined) continue;
    const room = await createRoom({ storeUrl: urls.storeUrl, people: members });
    const { rows } = await urls.client.query<{ roster_version: string }>(
      'SELECT roster_version FROM conversations WHERE id = $1',
      [room.conversation],
    );
    logs.push({ ...room, sender, rosterVersion: rows[0]?.roster_version ?? '' });
  }
  return logs;
}

async function append(params: {
  readonly client: Client;
  readonly statement: Statement;
  readonly logs: readonly Log[];
  readonly size: number;
}): Promise<number> {
  const { client, statement, logs, size } = params;
  const items = Array.from({ length: size }, (_, index) => logs[index % logs.length]).filter(
    (log) => log !== undefined,
  );
  const started = performance.now();
  let rows = 0;
  while (performance.now() - started < measuredMs) {
    const { values, ...named } = statement(items);
    const answer = await client.query<{ is_stored: boolean }>({ ...named, values: [...values] });
    if (!answer.rows.every(({ is_stored: isStored }) => isStored)) throw new Error('an append was refused');
    rows += size;
  }
  return (rows * 1_000) / (performance.now() - started);
}
