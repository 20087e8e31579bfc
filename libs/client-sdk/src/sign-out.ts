/**
 * Leaving this device: everything of the account goes from here, and the server is told if it can be reached.
 *
 * Gone first, told afterwards, out of memory: who signs out on a machine that is not theirs must not leave keys behind
 * because a network hangs or a tab is closed. What is not told then looks like a device that is switched off; another
 * device removes it, or the recovery of the account does.
 *
 * The last device of an account only ends its session. Were it removed from its conversations, nobody of the account
 * would be left in them, and coming back by the recovery key would find none.
 */
import {
  accountKeyFromSecret,
  signManifest,
  verifyManifest,
  type VerifiedManifest,
} from '@cipherchat/crypto';
import { authRoutes, isProblem, keysRoutes, type UserId } from '@cipherchat/protocol';
import { Api } from './connection/api.js';
import { createProof } from './connection/session.js';
import { readManifest } from './keys/contacts.js';
import { equalBytes } from './keys/equal-bytes.js';
import type { Clock } from './ports/clock.js';
import type { Runtime } from './runtime.js';
import type { ProfileRow } from './state/rows.js';

/** Whether the server knows that this device is gone. */
export type SignedOut = { readonly server: 'told' | 'not-told' };

/** A person waits for the answer; what they wanted is done by then. */
const tellWithinMs = 5_000;
/** Devices of one account that change its manifest at once. */
const maxAttempts = 5;

export async function signOut(runtime: Runtime): Promise<SignedOut> {
  const { memory, steps, ports } = runtime;
  const { profile, session } = memory;
  const known = await readManifest(steps.reader(), profile.user);
  await runtime.erase();
  const api = apiWithout(runtime, { profile, accessToken: session?.accessToken ?? null });
  const told = tell(api, { profile, known }).then(
    () => true,
    (error: unknown) => isGoneAlready(error),
  );
  return { server: (await within(ports.clock, told)) ? 'told' : 'not-told' };
}

/** Asks the server as this device, whose store is gone: what it needs is in memory. */
function apiWithout(
  { ports }: Runtime,
  { profile, accessToken }: { readonly profile: ProfileRow; readonly accessToken: string | null },
): Api {
  const { http } = ports;
  const generations = { adopted: () => null, refused: () => undefined };
  const api = new Api({ http, serverUrl: profile.serverUrl, generations });
  let token = accessToken;
  api.useTokens({
    accessToken: async () => {
      token ??= await signIn(api, profile);
      return token;
    },
    refused: () => (token = null),
  });
  return api;
}

async function signIn(api: Api, profile: ProfileRow): Promise<string> {
  const proof = await createProof({ api, profile });
  return (await api.call(authRoutes.signIn, { request: proof })).accessToken;
}

async function tell(
  api: Api,
  device: { readonly profile: ProfileRow; readonly known: VerifiedManifest | null },
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const manifest = await manifestWithout(api, device);
    if (manifest === null) return api.call(authRoutes.signOut, {});
    try {
      await api.call(keysRoutes.publishManifest, { request: { manifest } });
      return await api.call(authRoutes.revokeDevice, { path: { device: device.profile.device } });
    } catch (error) {
      if (!isProblem(error) || !error.is('directory/manifest-stale') || attempt === maxAttempts) throw error;
    }
  }
}

/** `null` when the account has no other device. */
async function manifestWithout(
  api: Api,
  { profile, known }: { readonly profile: ProfileRow; readonly known: VerifiedManifest | null },
): Promise<Uint8Array | null> {
  const { user, device, accountKey, accountSecret } = profile;
  const newest = newer(known, await publishedManifest(api, { user, accountKey }));
  const devices = newest?.devices.filter((entry) => entry.device !== device) ?? [];
  if (newest === null || devices.length === 0) return null;
  const manifest = { user, accountKey, version: newest.version + 1, devices };
  return signManifest({ accountKey: accountKeyFromSecret(accountSecret), manifest }).bytes;
}

async function publishedManifest(
  api: Api,
  { user, accountKey }: { readonly user: UserId; readonly accountKey: Uint8Array },
): Promise<VerifiedManifest | null> {
  const { manifests } = await api.call(keysRoutes.findManifests, {
    request: { users: [{ user, haveVersion: 0 }] },
  });
  const verdict = verifyManifest(manifests[0]?.manifest ?? new Uint8Array(0));
  const isOurs =
    verdict.kind === 'manifest' &&
    verdict.manifest.user === user &&
    equalBytes(verdict.manifest.accountKey, accountKey);
  return isOurs ? verdict.manifest : null;
}

function newer(one: VerifiedManifest | null, other: VerifiedManifest | null): VerifiedManifest | null {
  if (one === null || other === null) return one ?? other;
  return other.version > one.version ? other : one;
}

/** Removed before, or the whole account is. */
function isGoneAlready(error: unknown): boolean {
  return isProblem(error) && (error.is('auth/device-revoked') || error.is('auth/signature-invalid'));
}

function within(clock: Clock, told: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.setTimer(() => resolve(false), tellWithinMs);
    void told.then((isTold) => {
      cancel();
      resolve(isTold);
    });
  });
}
