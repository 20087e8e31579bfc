import type { ConversationId, DeviceId, UserId } from '@cipherchat/protocol';
import type { Pool } from 'pg';
import { literal } from '../sql-literal.js';
import type { Roster } from './roster-cache.js';

type Row = readonly [
  conversation: ConversationId,
  version: string,
  devices: readonly DeviceId[],
  users: readonly UserId[],
];

/** In one statement, so that the version is that of the list. */
const text = `
  SELECT c.id, c.roster_version, array_agg(m.device_id)::text[], array_agg(m.user_id)::text[]
  FROM conversations c
  LEFT JOIN members m ON m.conversation_id = c.id AND m.left_seq IS NULL AND m.departing_at IS NULL
  WHERE c.id = ANY ($1::uuid[])
  GROUP BY c.id`;

/** The members of conversations as they are now. */
export async function readRosters(
  pool: Pool,
  conversations: readonly ConversationId[],
): Promise<ReadonlyMap<ConversationId, Roster>> {
  if (conversations.length === 0) return new Map();
  const result = await pool.query({
    name: 'rosters',
    text,
    values: [literal(conversations, (conversation) => conversation)],
    rowMode: 'array',
  });
  return new Map(
    (result.rows as unknown as readonly Row[]).map(([conversation, version, devices, users]) => [
      conversation,
      rosterOf({ version, devices, users }),
    ]),
  );
}

function rosterOf(row: {
  readonly version: string;
  readonly devices: readonly (DeviceId | null)[];
  readonly users: readonly UserId[];
}): Roster {
  const devices = new Map<DeviceId, UserId>();
  // Of a conversation without members there is one row without a device.
  for (const [index, device] of row.devices.entries())
    if (device !== null) devices.set(device, row.users[index] as UserId);
  return { version: row.version, devices, users: [...new Set(devices.values())] };
}
