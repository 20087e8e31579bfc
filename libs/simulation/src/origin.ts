/**
 * Where runs begin: four people who are registered and in two groups. Made once for each engine; every run begins on a
 * copy, since making keys would take longer than the run.
 */
import { type CipherChat, type MemoryDisk } from '@cipherchat/client-sdk';
import {
  createFakeEngine,
  FakeUniverse,
  newModelServices,
  VirtualClock,
  type ModelServices,
} from '@cipherchat/client-sdk/testing';
import type { MlsEngine } from '@cipherchat/crypto';
import type { ConversationId } from '@cipherchat/protocol';
import { Chance } from './chance.js';
import { copyOf } from './copy-of.js';
import { Network } from './network.js';
import { Person } from './person.js';
import { plantNothing } from './plant.js';
import { System } from './system.js';
import { Trace } from './trace.js';

const people = ['ana', 'ben', 'cleo', 'mallory'] as const;
export type Origin = {
  readonly disks: ReadonlyMap<string, MemoryDisk>;
  readonly services: ModelServices;
  readonly universe: FakeUniverse;
  readonly nowMs: number;
  /** Of ana, ben and cleo. */
  readonly group: ConversationId;
  /** Of ana, ben and mallory. */
  readonly troubled: ConversationId;
};

const seed = 20_261_121;

/** `engine`: null for the fake one. */
export async function makeOrigin(engine: MlsEngine | null): Promise<Origin> {
  const clock = new VirtualClock();
  const chance = new Chance(seed);
  const universe = new FakeUniverse();
  const services = newModelServices();
  const broken: string[] = [];
  const system = new System({
    clock,
    chance,
    trace: new Trace(clock.nowMs),
    services,
    universe,
    probe: () => undefined,
    plant: plantNothing,
    watchDatabase: (database) => database,
  });
  const network = new Network(system);
  await system.start();
  const all = people.map(
    (username) =>
      new Person({
        username,
        system,
        network,
        engine: engine ?? createFakeEngine({ universe, random: chance.bytes }),
        probe: () => undefined,
        plant: plantNothing,
        broken: (rule) => broken.push(rule),
        told: () => undefined,
      }),
  );
  for (const person of all) {
    void person.start();
    await clock.runUntil(() => person.isLive);
  }
  const [ana, ben, cleo, mallory] = all as [Person, Person, Person, Person];
  const client = ana.client as CipherChat;
  const group = await client.group({ users: [ben.self.user, cleo.self.user] });
  const troubled = await client.group({ users: [ben.self.user, mallory.self.user] });
  const isIn = (person: Person, id: ConversationId): boolean =>
    person.client?.conversations().some((info) => info.id === id && info.phase === 'active') === true;
  await clock.runUntil(
    () =>
      [ana, ben, cleo].every((person) => isIn(person, group.id)) &&
      [ana, ben, mallory].every((person) => isIn(person, troubled.id)),
  );
  await clock.run(10_000);
  if (broken.length > 0) throw new Error(`the origin is broken: ${broken.join(', ')}`);
  return {
    disks: new Map(all.map(({ username, disk }) => [username, disk])),
    services,
    universe,
    nowMs: clock.nowMs(),
    group: group.id,
    troubled: troubled.id,
  };
}

/** A world to run in. Bytes and log entries are never changed in place, so they are shared. */
export function copyOrigin(origin: Origin): Origin {
  const disks = [...origin.disks].map(
    ([name, { tables, writerGeneration }]) =>
      [
        name,
        { tables: new Map([...tables].map(([table, rows]) => [table, new Map(rows)])), writerGeneration },
      ] as const,
  );
  return {
    ...origin,
    disks: new Map(disks),
    services: copyOfServices(origin.services),
    universe: copyOf(origin.universe),
  };
}

function copyOfServices({ directory, ...rest }: ModelServices): ModelServices {
  return { ...copyOf(rest), directory: directory.copy() };
}
