/** Claiming key packages of people to add: one for each of their devices, checked against their manifests. */
import {
  checkCredentials,
  type CipherSuite,
  type GroupMember,
  type MlsEngine,
  type VerifiedManifest,
} from '@cipherchat/crypto';
import { isProblem, keysRoutes, type DeviceId, type UserId } from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import type { ClaimedKeyPackage } from '../outbox/intents.js';
import type { PermanentFailure } from '../state/rows.js';
import type { Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';
import { readManifest, type Contacts } from './contacts.js';

export type ClaimPorts = {
  readonly api: Api;
  readonly steps: Steps;
  readonly contacts: Contacts;
  readonly engine: MlsEngine;
};

export type Claimed =
  | { readonly kind: 'claimed'; readonly claimed: readonly ClaimedKeyPackage[] }
  /** Perhaps later: the person's devices have not uploaded any. */
  | { readonly kind: 'exhausted' }
  | { readonly kind: 'failed'; readonly failure: PermanentFailure };

/** @throws NetworkError, ProblemError */
export async function claimFor(
  ports: ClaimPorts,
  params: {
    readonly user: UserId;
    readonly suite: CipherSuite;
    readonly wanted: (device: DeviceId) => boolean;
    readonly nowS: number;
  },
): Promise<Claimed> {
  const { user, suite, wanted, nowS } = params;
  await ports.contacts.refresh([user]);
  const reader = ports.steps.reader();
  const manifest = await readManifest(reader, user);
  const contact = await reader.get(tables.contacts, user);
  // First: whose key is known from an invite may have no manifest but the one that contradicts it.
  if (contact?.alarm != null) return { kind: 'failed', failure: 'member-not-verified' };
  if (manifest === null) return { kind: 'failed', failure: 'user-unknown' };
  const devices = manifest.devices.map(({ device }) => device as DeviceId).filter(wanted);
  if (devices.length === 0) return { kind: 'claimed', claimed: [] };
  const answer = await claim(ports.api, { user, suite, devices });
  if (answer === null) return { kind: 'failed', failure: 'not-accepted' };
  const claimed = answer.claimed.filter(({ device, keyPackage }) =>
    isGenuine({ ports, manifest, user, device, keyPackage, suite, nowS }),
  );
  if (claimed.length > 0)
    return {
      kind: 'claimed',
      claimed: claimed.map(({ device, keyPackage }) => ({ user, device, keyPackage })),
    };
  return answer.claimed.length > 0
    ? { kind: 'failed', failure: 'member-not-verified' }
    : { kind: 'exhausted' };
}

/** `null` when the person takes no new conversation from us. */
async function claim(
  api: Api,
  request: { readonly user: UserId; readonly suite: CipherSuite; readonly devices: DeviceId[] },
) {
  try {
    return await api.call(keysRoutes.claimKeyPackages, { request });
  } catch (error) {
    if (isProblem(error) && error.is('directory/claim-refused')) return null;
    throw error;
  }
}

function isGenuine(params: {
  readonly ports: ClaimPorts;
  readonly manifest: VerifiedManifest;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly keyPackage: Uint8Array;
  readonly suite: CipherSuite;
  readonly nowS: number;
}): boolean {
  const { ports, manifest, user, device, keyPackage, suite, nowS } = params;
  const inspected = ports.engine.inspectKeyPackage({ publicBytes: keyPackage, nowS });
  if (inspected.kind === 'failure' || inspected.info.suite !== suite) return false;
  const { info } = inspected;
  if (info.user !== user || info.device !== device) return false;
  const member: GroupMember = { user, device, leafIndex: 0, leafKey: info.leafKey };
  return checkCredentials({
    members: [member],
    manifests: new Map([[user, manifest]]),
    pins: new Map([[user, manifest.accountKey]]),
    nowS,
  }).allGenuine;
}
