/**
 * The account of a conversation after a restore. Members may show the same messages in another order (what a member
 * had read stays where it stood, what came anew stands behind it), so views are compared as sets.
 */
import { createHash } from 'node:crypto';

/** What one member was told and holds of a room. Messages go by `writer.number`. */
export type RoomView = {
  readonly member: string;
  /** In the order in which it is shown. */
  readonly shown: readonly { readonly key: string; readonly text: string }[];
  /** How many messages the marks in it say are missing. */
  readonly gaps: number;
  /** How often it was told as new; what was told once is left out. */
  readonly toldTwice: readonly string[];
  /** Own messages that still wait. */
  readonly waiting: number;
};

export type RoomAccount = {
  readonly acknowledged: number;
  /** Acknowledged, and neither shown nor counted by a mark; over all members. */
  readonly lost: number;
  /** Acknowledged, not shown, and counted by a mark. */
  readonly marked: number;
  readonly twice: number;
  /** Shown behind a later message of the same writer: what was lost came again after what followed it. */
  readonly late: number;
  readonly isUnequal: boolean;
  readonly waiting: number;
  readonly notes: readonly string[];
};

export function judgeRoom(params: {
  readonly room: string;
  readonly acknowledged: ReadonlySet<string>;
  readonly views: readonly RoomView[];
}): RoomAccount {
  const { room, acknowledged, views } = params;
  const notes: string[] = [];
  const sum = { lost: 0, marked: 0, twice: 0, late: 0, waiting: 0 };
  for (const view of views) {
    const held = new Set(view.shown.map(({ key }) => key));
    const missing = [...acknowledged].filter((key) => !held.has(key));
    const marked = Math.min(missing.length, view.gaps);
    const twice = view.shown.length - held.size + view.toldTwice.length;
    sum.lost += missing.length - marked;
    sum.marked += marked;
    sum.twice += twice;
    sum.late += lateOnes(view);
    sum.waiting += view.waiting;
    if (missing.length + twice + view.waiting > 0)
      notes.push(
        `${room}, ${view.member}: lacks ${missing.length} (${missing.slice(0, 5).join(' ')}), ${view.gaps} marked, ${twice} twice (${view.toldTwice.slice(0, 5).join(' ')}), ${view.waiting} wait`,
      );
  }
  const isUnequal = sum.marked === 0 && new Set(views.map(hashOf)).size > 1;
  if (isUnequal) notes.push(`${room}: members hold different things: ${views.map(counted).join(' ')}`);
  return { acknowledged: acknowledged.size, ...sum, isUnequal, notes };
}

function hashOf({ shown }: RoomView): string {
  const hash = createHash('sha256');
  for (const line of shown.map(({ key, text }) => `${key}:${text}\n`).toSorted()) hash.update(line);
  return hash.digest('hex');
}

const counted = ({ member, shown }: RoomView): string => `${member}=${shown.length}`;

function lateOnes({ shown }: RoomView): number {
  const last = new Map<string, number>();
  let late = 0;
  for (const { key } of shown) {
    const [writer = '', number = ''] = key.split('.');
    if (Number(number) < (last.get(writer) ?? 0)) late++;
    last.set(writer, Math.max(Number(number), last.get(writer) ?? 0));
  }
  return late;
}
