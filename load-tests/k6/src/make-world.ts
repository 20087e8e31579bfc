/** Makes the people and rooms of a scenario through the public routes, as clients make them. */
import { randomBytes } from 'node:crypto';
import { createRoom, makeSome, registerPeople, type Fetch, type Person } from '@cipherchat/load-people';
import type { Scenario } from './scenario.js';
import { fetchFrom, type SourceAddresses } from './target/source-addresses.js';
import type { Target } from './target/target.js';
import type { World, WorldRoom } from './world.js';

const roomsAtOnce = 8;
const runBytes = 8;

export function peopleOf(scenario: Scenario): number {
  return Object.values(scenario.rooms).reduce((sum, { count, members }) => sum + count * members, 0);
}

/** @throws Error when the target refuses, or does not answer */
export async function makeWorld(params: {
  readonly scenario: Scenario;
  readonly target: Target;
  readonly invite: string | undefined;
  readonly sources: SourceAddresses | undefined;
}): Promise<World> {
  const { scenario, target, invite, sources } = params;
  const byOf = (index: number): Fetch => fetchFrom(sources?.all[index % sources.all.length], target.caFile);
  const { authUrl, storeUrl } = target.addresses;
  const people = [...(await registerPeople({ authUrl, count: peopleOf(scenario), invite, byOf }))];
  const rooms: Record<string, readonly WorldRoom[]> = {};
  for (const [name, { count, members }] of Object.entries(scenario.rooms)) {
    const groups = Array.from({ length: count }, () => people.splice(0, members));
    rooms[name] = await makeSome({
      count,
      atOnce: roomsAtOnce,
      make: async (index) => worldRoom({ storeUrl, people: groups[index] ?? [], by: byOf(index) }),
    });
  }
  return { run: randomBytes(runBytes).toString('hex'), addresses: target.addresses, rooms };
}

async function worldRoom(params: {
  readonly storeUrl: string;
  readonly people: readonly Person[];
  readonly by: Fetch;
}): Promise<WorldRoom> {
  return {
    ...(await createRoom(params)),
    members: params.people.map(({ user, device, leafSecret, tokens }) => ({
      user,
      device,
      leafSecret: Buffer.from(leafSecret).toString('hex'),
      accessToken: tokens.accessToken,
      accessTokenExpiresAtMs: tokens.accessTokenExpiresAtMs,
    })),
  };
}
