/**
 * The usual batch: every message is of a member and builds on one commit of its conversation, by the rosters in memory.
 * Note [As it is known] of the migration says what Postgres checks of that and what it promises.
 */
import type { ConversationId } from '@cipherchat/protocol';
import type { Pool } from 'pg';
import type { Roster } from '../live/roster-cache.js';
import { literal } from '../sql-literal.js';
import type { AppendItem, AppendVerdict } from './append-statement.js';

/** One conversation of a batch. `place` counts from 1, in the order of the ids. */
type Log = {
  readonly conversation: ConversationId;
  readonly roster: Roster;
  readonly commitSeq: number;
  count: number;
  place: number;
};

export type KnownBatch = {
  readonly logs: readonly Log[];
  /** `nth` of its log's messages in this batch, from 1. */
  readonly messages: readonly { readonly item: AppendItem; readonly log: Log; readonly nth: number }[];
};

type Row = readonly [heads: string | null];

/** Null when something has to be judged first. */
export function asKnown(
  items: readonly AppendItem[],
  rosters: ReadonlyMap<ConversationId, Roster>,
): KnownBatch | null {
  const logs = new Map<ConversationId, Log>();
  const messages: KnownBatch['messages'][number][] = [];
  for (const item of items) {
    const { conversation, device, user, commitSeq } = item;
    const roster = rosters.get(conversation);
    if (roster?.devices.get(device) !== user) return null;
    let log = logs.get(conversation);
    if (log === undefined)
      logs.set(conversation, (log = { conversation, roster, commitSeq, count: 0, place: 0 }));
    else if (log.commitSeq !== commitSeq) return null;
    messages.push({ item, log, nth: ++log.count });
  }
  const inOrder = [...logs.values()].sort((one, other) => (one.conversation < other.conversation ? -1 : 1));
  for (const [index, log] of inOrder.entries()) log.place = index + 1;
  return { logs: inOrder, messages };
}

/** Null when it is not as known; nothing has happened then. */
export async function appendKnown(
  pool: Pool,
  { logs, messages }: KnownBatch,
): Promise<readonly AppendVerdict[] | null> {
  let nextStart = 1;
  const result = await pool.query({
    name: 'append_known',
    text: 'SELECT append_known($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)::text',
    values: [
      literal(logs, ({ conversation }) => conversation),
      literal(logs, ({ roster }) => roster.version),
      literal(logs, ({ commitSeq }) => commitSeq),
      literal(logs, ({ count }) => count),
      literal(messages, ({ log }) => log.place),
      literal(messages, ({ nth }) => nth),
      literal(messages, ({ item }) => item.envelope),
      literal(messages, ({ item }) => {
        const start = nextStart;
        nextStart += item.ciphertext.length;
        return start;
      }),
      literal(messages, ({ item }) => item.ciphertext.length),
      Buffer.concat(messages.map(({ item }) => item.ciphertext)),
    ],
    rowMode: 'array',
  });
  const [numbers] = (result.rows as unknown as readonly Row[])[0] ?? [null];
  if (numbers === null) return null;
  const headsAndTimes = numbersOf(numbers, 2 * logs.length);
  return messages.map(({ log: { place, roster }, nth }) => ({
    kind: 'accepted',
    seq: (headsAndTimes[place - 1] as number) + nth,
    atMs: headsAndTimes[logs.length + place - 1] as number,
    roster,
  }));
}

/** Of an array as Postgres writes it; the driver's own reading costs ten times as much. */
function numbersOf(text: string, count: number): readonly number[] {
  const numbers = JSON.parse(`[${text.slice(1, -1)}]`) as readonly number[];
  if (numbers.length !== count) throw new Error(`${numbers.length} numbers instead of ${count}`);
  return numbers;
}
