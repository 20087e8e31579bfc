import type { ConversationId, DeviceId, EnvelopeId, UserId } from '@cipherchat/protocol';
import type { Pool } from 'pg';
import type { Roster } from '../live/roster-cache.js';
import { readRosters } from '../live/roster-query.js';
import { literal } from '../sql-literal.js';
import { appendKnown, asKnown } from './append-known.js';

/** One envelope to append, and who asks for it. */
export type AppendItem = {
  readonly conversation: ConversationId;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly envelope: EnvelopeId;
  /** The last commit that the sender had processed. */
  readonly commitSeq: number;
  readonly ciphertext: Uint8Array;
  /** Where its delivery is recorded, under this name. */
  readonly hop?: string | undefined;
};

export type AppendVerdict =
  | {
      readonly kind: 'accepted' | 'duplicate';
      readonly seq: number;
      readonly atMs: number;
      readonly roster: Roster;
    }
  | { readonly kind: 'stale-commit'; readonly lastCommitSeq: number }
  | { readonly kind: 'not-member' | 'closed' };

/** Appends a batch; verdicts in the order of the items. `rosters` are those that the caller has. */
export type AppendStatement = (params: {
  readonly items: readonly AppendItem[];
  readonly rosters: ReadonlyMap<ConversationId, Roster>;
}) => Promise<readonly AppendVerdict[]>;

type Row = readonly [outcome: number, seq: string, atMs: string, rosterVersion: string];

/** One round trip and one transaction where all is as it is known; where it is not, each item is judged. */
export function appendStatement(pool: Pool): AppendStatement {
  return async ({ items, rosters }) => {
    const known = asKnown(items, rosters);
    const stored = known === null ? null : await appendKnown(pool, known);
    return stored ?? judge(pool, { items, rosters });
  };
}

/**
 * The SQL function `append_envelopes` (see the migration): one round trip and one transaction for the batch. Two cases
 * take more: a list of members that is older than the log is read again; and a batch that holds an envelope twice is
 * cut before the second, which is then judged like a resend that came later. The function is faster where it need not
 * look for that.
 */
async function judge(
  pool: Pool,
  { items, rosters }: Parameters<AppendStatement>[0],
): Promise<readonly AppendVerdict[]> {
  const rows: Row[] = [];
  for (const part of partsWithoutRepeats(items)) rows.push(...(await call(pool, part)));
  return verdicts({ items, rows, rosters: await currentRosters(pool, { items, rows, rosters }) });
}

function partsWithoutRepeats(items: readonly AppendItem[]): readonly (readonly AppendItem[])[] {
  const parts: AppendItem[][] = [];
  let current: AppendItem[] = [];
  let seen = new Set<string>();
  for (const item of items) {
    const key = item.conversation + item.envelope;
    if (seen.has(key)) {
      parts.push(current);
      current = [];
      seen = new Set();
    }
    seen.add(key);
    current.push(item);
  }
  return [...parts, current];
}

async function call(pool: Pool, items: readonly AppendItem[]): Promise<readonly Row[]> {
  const result = await pool.query({
    name: 'append_envelopes',
    text: 'SELECT * FROM append_envelopes($1, $2, $3, $4, $5, $6, $7, $8)',
    values: parameters(items),
    rowMode: 'array',
  });
  const rows = result.rows as unknown as readonly Row[];
  if (rows.length !== items.length) throw new Error(`${items.length} items, ${rows.length} rows`);
  return rows;
}

/** Arrays as Postgres literals: ids and numbers need no quoting, and the driver's own conversion costs ten times as much. */
function parameters(items: readonly AppendItem[]): unknown[] {
  let nextStart = 1;
  return [
    literal(items, (item) => item.conversation),
    literal(items, (item) => item.user),
    literal(items, (item) => item.device),
    literal(items, (item) => item.envelope),
    literal(items, (item) => item.commitSeq),
    literal(items, (item) => {
      const start = nextStart;
      nextStart += item.ciphertext.length;
      return start;
    }),
    literal(items, (item) => item.ciphertext.length),
    Buffer.concat(items.map((item) => item.ciphertext)),
  ];
}

/** The rosters of what is stored: those that the caller has, and those of which there is a newer version. */
async function currentRosters(
  pool: Pool,
  params: {
    readonly items: readonly AppendItem[];
    readonly rows: readonly Row[];
    readonly rosters: ReadonlyMap<ConversationId, Roster>;
  },
): Promise<ReadonlyMap<ConversationId, Roster>> {
  const { items, rows, rosters } = params;
  const outdated = new Set<ConversationId>();
  for (const [index, { conversation }] of items.entries()) {
    const [outcome, , , version] = rows[index] as Row;
    if (outcome <= 1 && rosters.get(conversation)?.version !== version) outdated.add(conversation);
  }
  return outdated.size === 0 ? rosters : new Map([...rosters, ...(await readRosters(pool, [...outdated]))]);
}

function verdicts(params: {
  readonly items: readonly AppendItem[];
  readonly rows: readonly Row[];
  readonly rosters: ReadonlyMap<ConversationId, Roster>;
}): readonly AppendVerdict[] {
  const { items, rows, rosters } = params;
  return items.map(({ conversation }, index) => {
    const [outcome, seq, atMs] = rows[index] as Row;
    switch (outcome) {
      case 0:
      case 1: {
        const roster = rosters.get(conversation);
        if (roster === undefined) throw new Error('a stored envelope without a roster');
        return {
          kind: outcome === 0 ? 'accepted' : 'duplicate',
          seq: Number(seq),
          atMs: Number(atMs),
          roster,
        };
      }
      case 2:
        return { kind: 'not-member' };
      case 3:
        return { kind: 'stale-commit', lastCommitSeq: Number(seq) };
      case 6:
        return { kind: 'closed' };
      default:
        throw new Error(`unknown outcome ${outcome}`);
    }
  });
}
