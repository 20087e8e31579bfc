import type { ConversationId, DeviceId, UserId } from '@cipherchat/protocol';
import type { Pool } from 'pg';
import type { Roster } from '../live/roster-cache.js';
import { readRosters } from '../live/roster-query.js';
import { literal } from '../sql-literal.js';

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

type Row = readonly [conversation: ConversationId, device: DeviceId, seq: string, rosterVersion: string];

/** The SQL function `advance_cursors` (see the migration), and a second query where a roster in memory is old. */
export function cursorStatement(pool: Pool): CursorStatement {
  return async ({ advances, rosters }) => {
    const result = await pool.query({
      name: 'advance_cursors',
      text: 'SELECT * FROM advance_cursors($1, $2, $3, $4)',
      values: [
        literal(advances, ({ conversation }) => conversation),
        literal(advances, ({ user }) => user),
        literal(advances, ({ device }) => device),
        literal(advances, ({ seq }) => seq),
      ],
      rowMode: 'array',
    });
    const rows = result.rows as unknown as readonly Row[];
    const outdated = rows
      .filter(([conversation, , , version]) => rosters.get(conversation)?.version !== version)
      .map(([conversation]) => conversation);
    const current = new Map([...rosters, ...(await readRosters(pool, [...new Set(outdated)]))]);
    const users = new Map(advances.map(({ device, user }) => [device, user]));
    return rows.flatMap(([conversation, device, seq]) => {
      const [user, roster] = [users.get(device), current.get(conversation)];
      return user === undefined || roster === undefined
        ? []
        : [{ conversation, user, device, seq: Number(seq), roster }];
    });
  };
}
