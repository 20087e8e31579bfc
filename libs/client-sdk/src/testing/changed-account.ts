/** What the model of the server says of an account from now on, and what makes clients look. */
import { generateAccountKey, signManifest, verifyManifest, type AccountKey } from '@cipherchat/crypto';
import type { UserId } from '@cipherchat/protocol';
import { Memory } from '../state/memory.js';
import { createMemoryStore } from '../store/memory-store.js';
import type { ModelPerson, ModelWorld } from './model-world.js';

/** Hands out, for this user, the manifest of an account key that the server made itself. `devices`: the user's own are named, or none. */
export function handOutAnotherAccount(
  world: ModelWorld,
  user: UserId,
  devices: 'as-before' | 'none' = 'as-before',
): void {
  publishManifest(world, { user, accountKey: generateAccountKey(world.random), devices });
}

/** The person's own account key says that it has no devices any more. */
export async function unlistDevices(world: ModelWorld, person: ModelPerson): Promise<void> {
  const memory = await Memory.load(createMemoryStore(person.disk));
  if (memory === null) throw new Error('there is no account on this disk');
  const { accountKey, accountSecret } = memory.profile;
  publishManifest(world, {
    user: person.user,
    accountKey: { publicKey: accountKey, secret: accountSecret },
    devices: 'none',
  });
}

/** Tells everybody in the world to look at the account again. */
export function announceManifest(world: ModelWorld, user: UserId): void {
  const { accounts } = world.network.server.directory;
  world.network.publish(new Set(accounts.keys()), { type: 'manifest', user, version: 2 });
}

function publishManifest(
  world: ModelWorld,
  params: { readonly user: UserId; readonly accountKey: AccountKey; readonly devices: 'as-before' | 'none' },
): void {
  const { user, accountKey, devices } = params;
  const account = world.network.server.directory.accounts.get(user);
  const verdict = verifyManifest(account?.manifest ?? new Uint8Array(0));
  if (account === undefined || verdict.kind === 'invalid') throw new Error('there is no such account');
  const before = verdict.manifest;
  account.manifest = signManifest({
    accountKey,
    manifest: {
      user,
      accountKey: accountKey.publicKey,
      version: before.version + 1,
      devices: devices === 'none' ? [] : before.devices,
    },
  }).bytes;
}
