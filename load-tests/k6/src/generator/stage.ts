/** What a scenario acts on, in one VU: its share of the rooms, the clock, and a few things that most scenarios do. */
import type { FigureName } from '../figures.js';
import type { World } from '../world.js';
import { fraction } from './chance.js';
import { keepPace, rampUp } from './pacing.js';
import type { Payload } from './payload.js';
import { Room } from './room.js';
import type { Runtime } from './runtime.js';

/** With two gateways each round brings apart about half of those who are on one. */
const maxRounds = 24;
const roundsForOne = 6;
const roundMs = 100;
const connectsAtOnce = 8;
/** For what is under way when the last message was written. What has not arrived by then is lost. */
const patienceMs = 10_000;
const lookEveryMs = 100;

export type StageParams = {
  readonly runtime: Runtime;
  readonly world: World;
  readonly vu: { readonly index: number; readonly of: number };
  readonly tokenLifeMs?: number | undefined;
};

export type Chat = {
  readonly rooms: readonly Room[];
  /** In all VUs together. */
  readonly perSecond: number;
  readonly seconds: number;
  /** At the start, for just-in-time compilers and caches: accounted for and not timed. */
  readonly warmUpSeconds?: number;
  /** `all` take turns, unless only the first of each room writes. */
  readonly senders?: 'all' | 'first';
  readonly timing?: Payload['timing'];
};

export class Stage {
  readonly vu: StageParams['vu'];
  private readonly all = new Map<string, readonly Room[]>();

  constructor(private readonly params: StageParams) {
    const { runtime, world, vu, tokenLifeMs } = params;
    this.vu = vu;
    const run = Uint8Array.from(world.run.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    for (const [name, rooms] of Object.entries(world.rooms))
      this.all.set(
        name,
        rooms
          .filter((_, index) => index % vu.of === vu.index)
          .map((room) => new Room({ runtime, addresses: world.addresses, run, room, tokenLifeMs })),
      );
  }

  /** This VU's rooms of that name. */
  rooms(name: string): readonly Room[] {
    const rooms = this.all.get(name);
    if (rooms === undefined) throw new RangeError(`the scenario has no rooms called ${name}`);
    return rooms;
  }

  note(figure: FigureName, value: number): void {
    this.params.runtime.note(figure, value);
  }

  nowMs(): number {
    return this.params.runtime.nowMs();
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.params.runtime.later(ms, resolve));
  }

  chance(): number {
    return fraction((length) => this.params.runtime.random(length));
  }

  /** Everybody, a few at a time. Where a proxy chooses the gateways, the first two of a room end on different ones. */
  async connectAll(rooms: readonly Room[]): Promise<void> {
    await this.few(rooms, async ({ members }) => {
      for (const member of members) await member.connect();
    });
    for (let round = 1; round <= maxRounds; round++) {
      const together = rooms.filter(areTogether);
      if (together.length === 0) return;
      // The proxy sends a socket to the gateway that has fewer, and other VUs change which one that is.
      await this.few(together, async ({ members: [, second] }) => {
        second?.leave();
        await this.wait(this.chance() * roundMs);
        await second?.connect();
      });
      const gateways = new Set(rooms.flatMap(({ members }) => members.map(({ gateway }) => gateway)));
      if (gateways.size === 1 && round >= roundsForOne) return; // there is no other
    }
  }

  /** `act` is called in an open loop. `perSecond` is that of all VUs together. */
  private pace(params: {
    readonly perSecond: number;
    readonly seconds: number;
    readonly act: (index: number, dueMs: number) => void;
  }): Promise<void> {
    return keepPace(this.params.runtime, { ...params, share: this.vu });
  }

  /** One after the other of this VU's, ever faster or at a rate of all VUs together, until each is done. */
  async each<One>(
    ones: readonly One[],
    how: { readonly seconds: number; readonly perSecond: number | 'ever-faster' },
    begin: (one: One, dueMs: number) => Promise<void>,
  ): Promise<void> {
    const { seconds, perSecond } = how;
    const begun: Promise<void>[] = [];
    const act = (index: number, dueMs: number): void => {
      const one = ones[index];
      if (one !== undefined) begun.push(begin(one, dueMs));
    };
    if (perSecond === 'ever-faster')
      await rampUp(this.params.runtime, { times: ones.length, seconds, share: this.vu, act });
    else await this.pace({ seconds, perSecond, act });
    await Promise.all(begun);
  }

  /** Members of the rooms write in turn, at a constant rate. */
  async chat(chat: Chat): Promise<void> {
    const { rooms, perSecond, seconds, warmUpSeconds = 0, senders = 'all' } = chat;
    const { timing: wanted = 'timed' } = chat;
    const timedFromMs = this.nowMs() + warmUpSeconds * 1_000;
    await this.pace({
      perSecond,
      seconds: seconds + warmUpSeconds,
      act: (index, dueMs) => {
        const room = rooms[index % rooms.length];
        const turn = senders === 'first' ? 0 : Math.floor(index / rooms.length);
        room?.members[turn % room.members.length]?.write(dueMs, dueMs < timedFromMs ? 'untimed' : wanted);
      },
    });
  }

  /** Ends the scenario: waits for what is under way, closes the books, and leaves. */
  async settle(): Promise<void> {
    const rooms = [...this.all.values()].flat();
    const endsAtMs = this.nowMs() + patienceMs;
    while (rooms.some(({ account }) => !account.isEven) && this.nowMs() < endsAtMs)
      await this.wait(lookEveryMs);
    for (const { account, members } of rooms) {
      const totals = account.totals();
      this.note('messages_sent', totals.sent);
      this.note('messages_acknowledged', totals.acknowledged);
      this.note('messages_expected', totals.expected);
      this.note('messages_received', totals.received);
      this.note('messages_across', totals.across);
      this.note('messages_lost', totals.lost);
      this.note('messages_unacknowledged', totals.unacknowledged);
      this.note('messages_twice', totals.twice);
      this.note('messages_out_of_order', totals.outOfOrder);
      for (const member of members) member.leave();
    }
  }

  private async few(rooms: readonly Room[], act: (room: Room) => Promise<void>): Promise<void> {
    const waiting = [...rooms];
    const work = async (): Promise<void> => {
      for (let room = waiting.shift(); room !== undefined; room = waiting.shift()) await act(room);
    };
    await Promise.all(Array.from({ length: connectsAtOnce }, work));
  }
}

function areTogether({ members: [first, second] }: Room): boolean {
  return second !== undefined && first?.gateway === second.gateway;
}
