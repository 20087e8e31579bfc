/** A room of the load: its members, all in this VU, and the account of what they wrote to each other. */
import type { Addresses, WorldRoom } from '../world.js';
import { Account } from './account.js';
import { Member } from './member.js';
import type { Runtime } from './runtime.js';

export class Room {
  readonly account: Account;
  readonly members: readonly Member[];

  constructor(params: {
    readonly runtime: Runtime;
    readonly addresses: Addresses;
    readonly run: Uint8Array;
    readonly room: WorldRoom;
    readonly tokenLifeMs: number | undefined;
  }) {
    const { room } = params;
    this.account = new Account(room.members.length);
    this.members = room.members.map(
      (person, index) =>
        new Member({
          ...params,
          person,
          index,
          account: this.account,
          gatewayOf: (member) => this.members[member]?.gateway ?? null,
        }),
    );
  }
}
