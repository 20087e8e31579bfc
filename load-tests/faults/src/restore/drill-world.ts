/** Everybody in the drill, their rooms, what they write meanwhile, and the account of it all. */
import { randomBytes, randomInt } from 'node:crypto';
import type { ConversationId } from '@cipherchat/client-sdk';
import { judgeRoom, type RoomAccount } from './account.js';
import { deviceState } from './device-state.js';
import { Person } from './person.js';

export type Room = {
  readonly title: string;
  readonly id: ConversationId;
  /** Members all the time: they must agree. Others come and go. */
  readonly steady: readonly Person[];
};

const pollMs = 50;
const talkEveryMs = 30;
const maxComplaints = 50;
/** A minute on a free machine; one that other tests load fully takes several times as long. What hangs, hangs for ever. */
const settledWithinMs = 360_000;

export class DrillWorld {
  readonly complaints: string[] = [];
  readonly rooms: Room[] = [];
  private readonly people: Person[] = [];
  private readonly acknowledged = new Map<ConversationId, Set<string>>();
  private readonly suffix = randomBytes(4).toString('hex');
  private talking: Promise<void> | null = null;
  private isTalkWanted = false;
  private probes = 0;

  constructor(private readonly params: { readonly folder: string; readonly serverUrl: string }) {}

  get acknowledgedCount(): number {
    return [...this.acknowledged.values()].reduce((sum, keys) => sum + keys.size, 0);
  }

  usernameOf(name: string): string {
    return `${name}-${this.suffix}`;
  }

  async person(name: string, username = this.usernameOf(name)): Promise<Person> {
    const person = await Person.open({
      name,
      username,
      ...this.params,
      complain: (text) => {
        if (this.complaints.length < maxComplaints) this.complaints.push(text);
      },
      acknowledged: (room, key) => this.acknowledgedIn(room).add(key),
    });
    this.people.push(person);
    return person;
  }

  async room(title: string, members: readonly Person[]): Promise<Room> {
    const [founder, ...others] = members;
    if (founder === undefined) throw new RangeError('a room without a founder');
    const users = others.map(({ user }) => user);
    const [first] = users;
    const { id } =
      users.length === 1 && first !== undefined
        ? await founder.sdk.direct(first)
        : await founder.sdk.group({ users, name: title });
    const room = { title, id, steady: members };
    this.rooms.push(room);
    await this.until(`all are in ${title}`, () => members.every((member) => member.isIn(id)));
    return room;
  }

  /** Who is there writes, all the time, also while the server is away. */
  talk(): void {
    this.isTalkWanted = true;
    this.talking ??= this.keepTalking();
  }

  async hush(): Promise<void> {
    this.isTalkWanted = false;
    await this.talking;
    this.talking = null;
  }

  /** Everybody who is there writes to each of their rooms, and is shown what the others there wrote. */
  async probe(): Promise<void> {
    const probe = ++this.probes;
    const present = this.rooms.map(({ title, id }) => ({
      title,
      id,
      members: this.people.filter((person) => person.isIn(id)),
    }));
    for (const { id, members } of present) for (const member of members) await member.write(id, probe);
    for (const { title, id, members } of present)
      for (const reader of members)
        await this.until(`${reader.name} reads what the others write in ${title}`, () => {
          for (const member of members) member.hurry();
          return members.every(({ name }) => name === reader.name || reader.probeOf(id, name) >= probe);
        });
  }

  /** When nobody writes any more: waits until nothing does, and takes the account as it is after the wait at the latest. */
  async account(withinMs: number): Promise<readonly RoomAccount[]> {
    const deadlineMs = performance.now() + withinMs;
    for (;;) {
      const accounts: RoomAccount[] = [];
      for (const room of this.rooms) accounts.push(await this.accountOf(room));
      if (accounts.every(({ notes }) => notes.length === 0) || performance.now() > deadlineMs)
        return accounts;
      await wait(pollMs * 10);
    }
  }

  /** @throws Error when it does not come true */
  async until(what: string, isTrue: () => boolean): Promise<void> {
    const deadlineMs = performance.now() + settledWithinMs;
    while (!isTrue()) {
      if (performance.now() > deadlineMs) throw new Error(`not within ${settledWithinMs} ms: ${what}`);
      await wait(pollMs);
    }
  }

  async stop(): Promise<void> {
    await this.hush();
    await Promise.all(this.people.map((person) => person.close()));
  }

  /** Where everybody stands, once all are closed. */
  async state(): Promise<readonly unknown[]> {
    const devices = this.people.map(async ({ name, file }) => ({ name, ...(await deviceState(file)) }));
    return [{ rooms: this.rooms.map(({ title, id }) => ({ title, id })) }, ...(await Promise.all(devices))];
  }

  private async accountOf({ title, id, steady }: Room): Promise<RoomAccount> {
    const isSteady = (key: string): boolean => steady.some(({ name }) => key.startsWith(`${name}.`));
    const views = [];
    for (const person of steady) {
      const view = await person.view(id);
      // Who comes and goes may take with them what nobody else had read.
      views.push({ ...view, shown: view.shown.filter(({ key }) => isSteady(key)) });
    }
    const acknowledged = new Set([...this.acknowledgedIn(id)].filter(isSteady));
    return judgeRoom({ room: title, acknowledged, views });
  }

  private async keepTalking(): Promise<void> {
    while (this.isTalkWanted) {
      const present = this.people.filter(({ isOpen, stopReason }) => isOpen && stopReason === null);
      const person = present[randomInt(Math.max(1, present.length))];
      const theirs = this.rooms.filter(({ id }) => person?.isIn(id) === true);
      const room = theirs[randomInt(Math.max(1, theirs.length))];
      if (person !== undefined && room !== undefined) await this.write(person, room);
      await wait(talkEveryMs);
    }
  }

  private async write(person: Person, room: Room): Promise<void> {
    try {
      await person.write(room.id);
    } catch (error) {
      // They left, or were removed, in the middle of it.
      if (person.isIn(room.id)) this.complaints.push(`${person.name} cannot write: ${String(error)}`);
    }
  }

  private acknowledgedIn(room: ConversationId): Set<string> {
    const known = this.acknowledged.get(room) ?? new Set<string>();
    this.acknowledged.set(room, known);
    return known;
  }
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
