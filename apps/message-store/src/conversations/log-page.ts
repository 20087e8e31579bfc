/** Pages of the log for one device: what it may read, and where it has to go on. */
import {
  encode,
  limits,
  logPage,
  problem,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type EnvelopeKind,
  type LogEntry,
  type LogPage,
  type UserId,
} from '@cipherchat/protocol';
import type { Pool } from 'pg';

/** A device's stay, both ends included; `leftSeq` null while it lasts. */
export type Stay = { readonly joinedSeq: number; readonly leftSeq: number | null };

export type PageRange = {
  /** Entries of the page lie above this … */
  readonly afterSeq: number;
  /** … and not above this. */
  readonly untilSeq: number;
  readonly floorSeq: number;
  readonly headSeq: number;
};

/**
 * What a device may see of the log after a place. A page never crosses from one stay into the next: the
 * entries between them are not for this device, and the next page's floor says where it goes on.
 */
export function rangeOf(params: {
  readonly stays: readonly Stay[];
  readonly headSeq: number;
  readonly floorSeq: number;
  readonly afterSeq: number;
}): PageRange {
  const { stays, headSeq, floorSeq, afterSeq } = params;
  const endOf = (stay: Stay): number => Math.min(stay.leftSeq ?? headSeq, headSeq);
  const ordered = [...stays].sort((one, other) => one.joinedSeq - other.joinedSeq);
  const last = ordered.at(-1);
  if (last === undefined) throw new RangeError('a device without a stay');
  const current = ordered.find((stay) => endOf(stay) > afterSeq) ?? last;
  const floor = Math.max(current.joinedSeq - 1, floorSeq);
  return {
    afterSeq: Math.max(afterSeq, floor),
    untilSeq: endOf(current),
    floorSeq: floor,
    headSeq: endOf(last),
  };
}

type StayRow = readonly [
  joinedSeq: string,
  leftSeq: string | null,
  departing: boolean,
  headSeq: string,
  floorSeq: string,
];
type EntryRow = readonly [
  seq: string,
  envelope: EnvelopeId,
  kind: number,
  createdAt: Date,
  commitSeq: string,
  ciphertext: Uint8Array | null,
  users: readonly UserId[] | null,
  devices: readonly DeviceId[] | null,
  welcome: Uint8Array | null,
];

const staysQuery = `
  SELECT m.joined_seq, m.left_seq, m.left_seq IS NULL AND m.departing_at IS NOT NULL, c.head_seq, c.floor_seq
  FROM members m JOIN conversations c ON c.id = m.conversation_id
  WHERE m.conversation_id = $1 AND m.device_id = $2 AND m.user_id = $3`;

/** Lengths come from the TOAST pointers: what does not fit the page is not read. The Welcome is for its joiner alone. */
const entriesQuery = `
  WITH sized AS (
    SELECT e.seq, sum(coalesce(octet_length(e.ciphertext), 0) + coalesce(cardinality(c.device_ids), 0) * 32
        + CASE WHEN e.seq = ANY ($4) THEN coalesce(octet_length(c.welcome), 0) ELSE 0 END) OVER (ORDER BY e.seq) AS bytes,
      row_number() OVER (ORDER BY e.seq) AS place
    FROM (
      SELECT * FROM envelopes WHERE conversation_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT ${limits.maxPageEnvelopes}
    ) e
    LEFT JOIN commits c ON c.conversation_id = e.conversation_id AND c.seq = e.seq
  )
  SELECT e.seq, e.envelope_id, e.kind, e.created_at, e.commit_seq, e.ciphertext, c.user_ids::text[], c.device_ids::text[],
    CASE WHEN e.seq = ANY ($4) THEN c.welcome END
  FROM sized s
  JOIN envelopes e ON e.conversation_id = $1 AND e.seq = s.seq
  LEFT JOIN commits c ON c.conversation_id = e.conversation_id AND c.seq = e.seq
  WHERE s.bytes <= ${limits.maxPageBytes} OR s.place = 1
  ORDER BY e.seq`;

const kindNames: Readonly<Record<number, EnvelopeKind>> = {
  0: 'message',
  1: 'commit',
  2: 'external-commit',
  3: 'anchor',
  5: 'readd-request',
  6: 'reset',
};
const noBytes = new Uint8Array(0);

/**
 * One page, encoded. Catch-up after days offline is pages and nothing else, so these are two prepared statements.
 * @throws ProblemError `conversation/unknown` for a device that never was a member, or is departing
 */
export async function readLogPage(
  pool: Pool,
  params: {
    readonly conversation: ConversationId;
    readonly user: UserId;
    readonly device: DeviceId;
    readonly afterSeq: number;
    /** For whoever counts: how many envelopes it has. */
    readonly onRead?: (envelopes: number) => void;
  },
): Promise<Uint8Array> {
  const { conversation, user, device, afterSeq, onRead } = params;
  const found = await pool.query({
    name: 'stays',
    text: staysQuery,
    values: [conversation, device, user],
    rowMode: 'array',
  });
  const rows = found.rows as unknown as readonly StayRow[];
  const [first] = rows;
  if (first === undefined || rows.some(([, , departing]) => departing)) throw problem('conversation/unknown');
  const stays = rows.map(([joined, left]) => ({
    joinedSeq: Number(joined),
    leftSeq: left === null ? null : Number(left),
  }));
  const range = rangeOf({ stays, headSeq: Number(first[3]), floorSeq: Number(first[4]), afterSeq });
  const page: LogPage = {
    conversation,
    headSeq: range.headSeq,
    floorSeq: range.floorSeq,
    entries: await readEntries(pool, { conversation, range, stays }),
  };
  onRead?.(page.entries.length);
  return encode(logPage, page);
}

async function readEntries(
  pool: Pool,
  params: {
    readonly conversation: ConversationId;
    readonly range: PageRange;
    readonly stays: readonly Stay[];
  },
): Promise<readonly LogEntry[]> {
  const { conversation, range, stays } = params;
  if (range.untilSeq <= range.afterSeq) return [];
  const joinedSeqs = stays.map(({ joinedSeq }) => joinedSeq);
  const found = await pool.query({
    name: 'entries',
    text: entriesQuery,
    values: [conversation, range.afterSeq, range.untilSeq, joinedSeqs],
    rowMode: 'array',
  });
  return (found.rows as unknown as readonly EntryRow[]).map(entryOf);
}

function entryOf([
  seq,
  envelope,
  kind,
  createdAt,
  commitSeq,
  ciphertext,
  users,
  devices,
  welcome,
]: EntryRow): LogEntry {
  const name = kindNames[kind];
  if (name === undefined) throw new RangeError(`unknown kind ${kind}`);
  return {
    seq: Number(seq),
    envelope,
    // A request or a reset has nothing to clear: it stays one.
    kind: ciphertext === null && name !== 'readd-request' && name !== 'reset' ? 'tombstone' : name,
    atMs: createdAt.getTime(),
    commitSeq: Number(commitSeq),
    ciphertext: ciphertext ?? noBytes,
    devices: (devices ?? []).map((device, index) => ({ device, user: users?.[index] as UserId })),
    welcome: welcome ?? noBytes,
  };
}
