import type { ConversationId, DeviceId, EnvelopeId, UserId } from '@cipherchat/protocol';
import type { Pool } from 'pg';
import type { Roster } from '../live/roster-cache.js';

/** One envelope to append, and who asks for it. */
export type AppendItem = {
  readonly conversation: ConversationId;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly envelope: EnvelopeId;
  /** The last commit that the sender had processed. */
  readonly commitSeq: number;
  readonly ciphertext: Uint8Array;
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

/** Appends a batch in one transaction; verdicts in the order of the items. `rosters` are those that the caller has. */
export type AppendStatement = (params: {
  readonly items: readonly AppendItem[];
  readonly rosters: ReadonlyMap<ConversationId, Roster>;
}) => Promise<readonly AppendVerdict[]>;

type Row = readonly [
  outcome: number,
  seq: string,
  atMs: string,
  rosterVersion: number,
  roster: readonly UserId[] | null,
];

/** The SQL function `append_envelopes` (see the migration): one round trip for the batch. */
export function appendStatement(pool: Pool): AppendStatement {
  return async ({ items, rosters }) => {
    const result = await pool.query({
      name: 'append_envelopes',
      text: 'SELECT * FROM append_envelopes($1, $2, $3, $4, $5, $6, $7, $8)',
      values: parameters(items, rosters),
      rowMode: 'array',
    });
    return verdicts({ items, rosters, rows: result.rows as unknown as readonly Row[] });
  };
}

/** Arrays as Postgres literals: ids and numbers need no quoting, and the driver's own conversion costs ten times as much. */
function parameters(items: readonly AppendItem[], rosters: ReadonlyMap<ConversationId, Roster>): unknown[] {
  return [
    literal(items, (item) => item.conversation),
    literal(items, (item) => item.user),
    literal(items, (item) => item.device),
    literal(items, (item) => item.envelope),
    literal(items, (item) => item.commitSeq),
    literal(items, (item) => rosters.get(item.conversation)?.version ?? 0),
    literal(items, (item) => item.ciphertext.length),
    Buffer.concat(items.map((item) => item.ciphertext)),
  ];
}

export function literal<Item>(items: readonly Item[], field: (item: Item) => string | number): string {
  let text = '{';
  for (let index = 0; index < items.length; index++) {
    if (index > 0) text += ',';
    text += field(items[index] as Item);
  }
  return `${text}}`;
}

function verdicts(params: {
  readonly items: readonly AppendItem[];
  readonly rosters: ReadonlyMap<ConversationId, Roster>;
  readonly rows: readonly Row[];
}): readonly AppendVerdict[] {
  const { items, rows } = params;
  if (rows.length !== items.length) throw new Error(`${items.length} items, ${rows.length} rows`);
  const current = new Map(params.rosters);
  return items.map(({ conversation }, index) => {
    const [outcome, seq, atMs, version, users] = rows[index] as Row;
    if (users !== null) current.set(conversation, { version, users });
    switch (outcome) {
      case 0:
      case 1: {
        const roster = current.get(conversation);
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
