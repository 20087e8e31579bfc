/**
 * What a restore of the server lost of our own account, given back: our newest manifest, and the devices that it no
 * longer names, which the server may take for living ones. Doing it again changes nothing.
 */
import { authRoutes, isProblem, keysRoutes } from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import { readManifest } from '../keys/contacts.js';
import type { Memory } from '../state/memory.js';
import type { Steps } from '../state/steps.js';

/** @throws NetworkError, ProblemError */
export async function restoreAccount(ports: {
  readonly api: Api;
  readonly steps: Steps;
  readonly memory: Memory;
}): Promise<void> {
  const { api, steps, memory } = ports;
  const manifest = await readManifest(steps.reader(), memory.profile.user);
  if (manifest === null) return;
  // Listed first: a device that was added since has a manifest that is newer than ours, and then ours is stale.
  const { devices } = await api.call(authRoutes.listDevices, {});
  try {
    await api.call(keysRoutes.publishManifest, { request: { manifest: manifest.bytes } });
  } catch (error) {
    // Another device of ours has a newer one, and names the devices itself.
    if (isProblem(error) && error.is('directory/manifest-stale')) return;
    throw error;
  }
  const named = new Set<string>(manifest.devices.map(({ device }) => device));
  for (const { device, revokedAtMs, current } of devices)
    if (!current && revokedAtMs === null && !named.has(device))
      await api.call(authRoutes.revokeDevice, { path: { device } });
}
