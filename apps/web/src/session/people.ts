/** Who people are: asked for when somebody is on the screen for the first time, all of one moment together. */
import type { PersonInfo, UserId } from '@cipherchat/client-sdk';
import type { Call } from './session.js';
import { Watched } from './watched.js';

export class People {
  readonly known = new Watched<ReadonlyMap<UserId, PersonInfo>>(new Map());
  private readonly asked = new Set<UserId>();
  private waiting: UserId[] = [];

  constructor(private readonly call: Call) {}

  want(users: readonly UserId[]): void {
    const unknown = users.filter((user) => !this.asked.has(user));
    if (unknown.length === 0) return;
    for (const user of unknown) this.asked.add(user);
    if (this.waiting.length === 0) queueMicrotask(() => void this.ask());
    this.waiting.push(...unknown);
  }

  /** Something about somebody changed. */
  changed(user: UserId): void {
    this.asked.delete(user);
    this.want([user]);
  }

  /** What was told while no host served is not known here. */
  readAnew(): void {
    const users = [...this.asked];
    this.asked.clear();
    this.want(users);
  }

  private async ask(): Promise<void> {
    const users = this.waiting;
    this.waiting = [];
    try {
      const found = await this.call('people', { users });
      this.known.set(
        new Map([...this.known.read(), ...found.map((person) => [person.user, person] as const)]),
      );
      // Without a network a name that was never seen is not to be had: asked for again by the next who wants it.
      for (const { user, username } of found) if (username === null) this.asked.delete(user);
    } catch {
      for (const user of users) this.asked.delete(user);
    }
  }
}

const addresses = new WeakMap<Uint8Array, string>();

/** An address of a picture, for as long as the page lives; it is one of the page's own memory. */
export function pictureAddress(picture: PersonInfo['picture']): string | null {
  if (picture === null) return null;
  const known = addresses.get(picture.bytes);
  if (known !== undefined) return known;
  const address = URL.createObjectURL(new Blob([Uint8Array.from(picture.bytes)], { type: picture.type }));
  addresses.set(picture.bytes, address);
  return address;
}
