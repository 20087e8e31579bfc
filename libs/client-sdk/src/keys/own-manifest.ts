/** The manifest of our own account: signed here, by whichever device changes it. */
import { signManifest } from '@cipherchat/crypto';
import type { DeviceId } from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import type { Memory } from '../state/memory.js';
import type { Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';
import { readManifest, type Contacts } from './contacts.js';

export type OwnManifestPorts = {
  readonly api: Api;
  readonly steps: Steps;
  readonly memory: Memory;
  readonly contacts: Contacts;
};

/**
 * Signs and stores a manifest without the device; `null` when ours names it no longer, or would name no device. The
 * caller publishes it. @throws NetworkError, ProblemError
 */
export async function removeFromManifest(
  ports: OwnManifestPorts,
  device: DeviceId,
): Promise<Uint8Array | null> {
  const { steps, memory, contacts } = ports;
  const { user, accountKey, accountSecret } = memory.profile;
  // On the newest one: another device of ours may have changed it.
  await contacts.refresh([user]);
  return steps.run('keys/store-manifests', async (transaction) => {
    const known = await readManifest(transaction, user);
    const contact = await transaction.get(tables.contacts, user);
    const devices = known?.devices.filter((entry) => entry.device !== device) ?? [];
    if (known === null || contact === null || devices.length === 0 || devices.length === known.devices.length)
      return null;
    const { bytes } = signManifest({
      accountKey: { publicKey: accountKey, secret: accountSecret },
      manifest: { user, accountKey, version: known.version + 1, devices },
    });
    transaction.put(tables.contacts, user, { ...contact, manifest: bytes });
    return bytes;
  });
}
