/**
 * The account of all rooms of the SDK, kept by the parent, which no fault ends: what each client said at the time
 * (sent, shown), and what its store holds at the end.
 */
import type { MemberView, Place, Written } from '../clients/orders.js';

export type SdkVerdict = {
  readonly acknowledged: number;
  readonly lost: number;
  readonly twice: number;
  readonly outOfOrder: number;
  readonly unequalRooms: number;
  /** Marks that something is missing, in any view. */
  readonly gaps: number;
  readonly notes: readonly string[];
};

const maxNotes = 20;

export class SdkLedger {
  private readonly acknowledged = new Map<string, Set<string>>();
  private readonly shown = new Set<string>();
  private toldTwice = 0;

  onAcknowledged({ room, sender, number }: Place & Written): void {
    this.acknowledgedIn(room).add(`${sender}.${number}`);
  }

  onShown({ room, member, sender, number }: Place & Written): void {
    const key = `${room} ${member} ${sender}.${number}`;
    if (this.shown.has(key)) this.toldTwice++;
    this.shown.add(key);
  }

  /** Of everything so far; to be called when nothing is under way. */
  judge(views: readonly MemberView[]): SdkVerdict {
    const rooms = Map.groupBy(views, ({ room }) => room);
    const notes: string[] = [];
    let [acknowledged, lost, twice, outOfOrder, unequalRooms, gaps] = [0, 0, this.toldTwice, 0, 0, 0];
    for (const [room, sides] of rooms) {
      const sent = this.acknowledgedIn(room);
      for (const { member, acknowledged: own } of sides)
        for (const number of own) sent.add(`${member}.${number}`);
      acknowledged += sent.size;
      for (const side of sides) {
        const held = new Set(side.shown);
        const missing = [...sent].filter((message) => !held.has(message));
        lost += missing.length;
        twice += side.shown.length - held.size;
        outOfOrder += inversions(side.shown);
        gaps += side.gaps;
        if (missing.length + side.gaps > 0 || side.shown.length > held.size)
          notes.push(
            `SDK room ${room}, member ${side.member}: lacks ${missing.slice(0, 5).join(' ')} (${missing.length}), ${side.gaps} gaps, ${side.shown.length - held.size} twice`,
          );
      }
      if (new Set(sides.map(({ hash }) => hash)).size > 1) {
        unequalRooms++;
        notes.push(`SDK room ${room}: the sides differ: ${sides.map(({ shown }) => shown.length).join(' ')}`);
      }
    }
    if (this.toldTwice > 0) notes.push(`${this.toldTwice} messages were told twice as new`);
    return { acknowledged, lost, twice, outOfOrder, unequalRooms, gaps, notes: notes.slice(0, maxNotes) };
  }

  private acknowledgedIn(room: string): Set<string> {
    const known = this.acknowledged.get(room) ?? new Set<string>();
    this.acknowledged.set(room, known);
    return known;
  }
}

/** Messages of a sender that stand behind a later one of theirs. */
function inversions(shown: readonly string[]): number {
  const last = new Map<string, number>();
  let count = 0;
  for (const message of shown) {
    const [sender = '', number = 0] = [message.split('.')[0], Number(message.split('.')[1])];
    if (number < (last.get(sender) ?? 0)) count++;
    last.set(sender, Math.max(number, last.get(sender) ?? 0));
  }
  return count;
}
