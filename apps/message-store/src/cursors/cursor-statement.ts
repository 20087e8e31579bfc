import type { ConversationId, DeviceId, UserId } from '@cipherchat/protocol';
import type { Pool } from 'pg';
import { literal } from '../append/append-statement.js';
import type { Roster } from '../live/roster-cache.js';

/** A device has durably stored everything up to this place. */
export type Advance = {
  readonly conversation: ConversationId;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly seq: number;
};
export type MovedCursor = Advance & { readonly roster: Roster };

/** Moves cursors forward and tells which have moved. */
export type CursorStatement = (params: {
  readonly advances: readonly Advance[];
  readonly rosters: ReadonlyMap<ConversationId, Roster>;
}) => Promise<readonly MovedCursor[]>;

type Row = readonly [
  conversation: ConversationId,
  user: UserId,
  device: DeviceId,
  seq: string,
  rosterVersion: number,
  roster: readonly UserId[] | null,
];

/** The SQL function `advance_cursors` (see the migration). */
export function cursorStatement(pool: Pool): CursorStatement {
  return async ({ advances, rosters }) => {
    const result = await pool.query({
      name: 'advance_cursors',
      text: 'SELECT * FROM advance_cursors($1, $2, $3, $4, $5)',
      values: [
        literal(advances, ({ conversation }) => conversation),
        literal(advances, ({ user }) => user),
        literal(advances, ({ device }) => device),
        literal(advances, ({ seq }) => seq),
        literal(advances, ({ conversation }) => rosters.get(conversation)?.version ?? 0),
      ],
      rowMode: 'array',
    });
    return (result.rows as unknown as readonly Row[]).flatMap(
      ([conversation, user, device, seq, version, users]) => {
        const roster = users === null ? rosters.get(conversation) : { version, users };
        if (roster === undefined) throw new Error('a cursor that moved without a roster');
        return [{ conversation, user, device, seq: Number(seq), roster }];
      },
    );
  };
}
