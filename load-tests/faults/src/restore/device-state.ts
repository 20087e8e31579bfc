/**
 * Where a device's conversations stand as its SDK sees them, for a drill that failed: what is named here, and so no key
 * and no text. Read from the file when the client is closed.
 */
import { openSqliteStore } from '@cipherchat/client-sdk/sqlite';

/** Far more than somebody in the drill ever has. */
const maxRows = 10_000;
const shownOfConversation = [
  'phase',
  'replacedBy',
  'lineage',
  'cursorSeq',
  'lastCommitSeq',
  'minCommitSeq',
  'leftOutSeq',
  'placeOffset',
  'lostByRestore',
  'ownCounter',
  'lastOwnSeq',
  'failuresInRow',
  'skippedEntries',
] as const;
const shownOfIntent = ['state', 'addedAtMs', 'notBeforeMs', 'attempts'] as const;

type Row = Readonly<Record<string, unknown>>;

export async function deviceState(file: string): Promise<Row> {
  const store = openSqliteStore({ file });
  const rows = async (table: string): Promise<readonly Row[]> =>
    (await store.scan({ table, prefix: '', limit: maxRows })).map(({ value }) => readRow(value));
  try {
    const [device] = await rows('device');
    const intents = await rows('intents');
    const conversations = (await rows('conversations')).map((row) => ({
      conversation: row['id'],
      ...only(row, shownOfConversation),
      epochs: list(row['signalSecrets']).map(({ epoch }) => epoch),
      merges: list(row['merges']).map(({ seq }) => seq),
      intents: intents.filter(({ conversation }) => conversation === row['id']).map(stateOfIntent),
    }));
    const [profile] = await rows('profile');
    return {
      ...only(profile ?? {}, ['user', 'device']),
      generation: device?.['generation'],
      conversations,
    };
  } finally {
    await store.close();
  }
}

function stateOfIntent(intent: Row): Row {
  const work = intent['work'] as Row;
  return { kind: work['kind'], isSentBefore: work['counter'] !== undefined, ...only(intent, shownOfIntent) };
}

function only(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}

function list(value: unknown): readonly Row[] {
  return Array.isArray(value) ? (value as readonly Row[]) : [];
}

/** The SDK's rows are JSON, so that a person can read them. */
function readRow(bytes: Uint8Array): Row {
  return JSON.parse(new TextDecoder().decode(bytes)) as Row;
}
