/**
 * A device for somebody who has none left: the account key comes from the server's record, opened by the recovery key,
 * and signs a manifest that names this device.
 *
 * As at registration, keys and ids are stored before the server is asked: when a crash or a lost answer comes between,
 * the same device is asked for again. What is lost stays named until this device is in the conversations of the account
 * (`come-back.ts`): members remove a leaf that no manifest names, and who has no leaf in a group cannot join it.
 */
import {
  decodeRecoveryKey,
  openRecoveryRecord,
  recoveryLookup,
  signManifest,
  verifyManifest,
  verifyRecoveryRecord,
  type AccountKey,
  type CipherSuite,
  type ManifestDevice,
  type VerifiedManifest,
  type VerifiedRecoveryRecord,
} from '@cipherchat/crypto';
import {
  authRoutes,
  idFromRandom,
  isProblem,
  keysRoutes,
  limits,
  type DeviceId,
  type UserId,
} from '@cipherchat/protocol';
import type { ClientPorts } from '../client-ports.js';
import { Api } from '../connection/api.js';
import { createProof, sessionRow } from '../connection/session.js';
import { readManifest } from '../keys/contacts.js';
import { newDeviceEntry } from '../keys/device-entry.js';
import { equalBytes } from '../keys/equal-bytes.js';
import { putOf } from '../registration.js';
import type { Runtime } from '../runtime.js';
import type { ContactRow } from '../state/people-rows.js';
import type { ProfileRow } from '../state/rows.js';
import { only, tables } from '../state/tables.js';
import { RecoveryRefusedError } from './recovery-errors.js';

/** What `CipherChat.recover` takes besides `ClientOptions`. */
export type RecoveryRequest = {
  /** Where the deployment answers, e.g. `https://chat.example.org`. */
  readonly serverUrl: string;
  readonly username: string;
  /** As it was shown; small letters, spaces and missing dashes do not matter. */
  readonly recoveryKey: string;
  /** Which devices the account has no more: `all` that it has now, by default. */
  readonly lost?: 'all' | readonly DeviceId[];
  /** The MLS cipher suite of new conversations: 0x004e (hybrid post-quantum) by default. */
  readonly suite?: CipherSuite;
};

/** Devices of one account that are added at once: each of them has another version to go to. */
const maxAttempts = 5;

type Found = { readonly record: VerifiedRecoveryRecord; readonly manifest: VerifiedManifest };

/** Whether what the store holds is this recovery, begun before. */
export function isBegun(profile: ProfileRow, request: RecoveryRequest): boolean {
  const key = decodeRecoveryKey(request.recoveryKey);
  return (
    profile.recovery?.stage === 'adding' &&
    profile.username === request.username &&
    profile.serverUrl === request.serverUrl &&
    key.kind === 'key' &&
    equalBytes(recoveryLookup(key.key), profile.recovery.lookup)
  );
}

/**
 * Opens the account key, and stores it with a new device as a profile that the server does not know yet.
 * @throws RecoveryRefusedError; NetworkError, ProblemError
 */
export async function createRecoveredProfile(params: {
  readonly ports: ClientPorts;
  readonly writerGeneration: number;
  readonly request: RecoveryRequest;
}): Promise<void> {
  const { ports, writerGeneration, request } = params;
  const { serverUrl, username, lost = 'all', suite = 0x004e } = request;
  const decoded = decodeRecoveryKey(request.recoveryKey);
  if (decoded.kind === 'malformed') throw new RecoveryRefusedError('malformed-key');
  const lookup = recoveryLookup(decoded.key);
  const generations = { adopted: () => null, refused: () => undefined };
  const api = new Api({ http: ports.http, serverUrl, generations });
  const { record, manifest } = await findRecovery(api, { username, lookup });
  const accountKey = openRecoveryRecord({ recoveryKey: decoded.key, record });
  if (accountKey === null) throw new RecoveryRefusedError('not-authentic');
  const user = record.user as UserId;
  const device = idFromRandom<DeviceId>(ports.random);
  const { leafKey, leafSecret } = ports.engine.generateDeviceKeys({ user, device });
  const nowMs = ports.clock.nowMs();
  const lostDevices = lost === 'all' ? manifest.devices.map((each) => each.device as DeviceId) : lost;
  const signed = manifestWith({
    accountKey,
    known: manifest,
    own: newDeviceEntry({ device, leafKey, nowMs }),
    lost: lostDevices,
  });
  const profile: ProfileRow = {
    serverUrl,
    user,
    username,
    device,
    leafKey,
    leafSecret,
    accountKey: accountKey.publicKey,
    accountSecret: accountKey.secret,
    suite,
    registration: null,
    recovery: { stage: 'adding', lookup, lost: [...lostDevices], sinceMs: nowMs },
  };
  const self: ContactRow = {
    user,
    username,
    pin: accountKey.publicKey,
    manifest: signed.bytes,
    offered: null,
    alarm: null,
    accepted: false,
    verified: null,
    introduction: null,
  };
  await ports.store.write({
    writerGeneration,
    puts: [
      putOf(tables.profile, only, profile),
      putOf(tables.contacts, user, self),
      // Its person has just shown to have it.
      putOf(tables.recovery, only, { current: record.bytes, candidate: null }),
    ],
    deletes: [],
  });
}

/** Tells the server of this device, unless it was told. @throws NetworkError, ProblemError, RecoveryRefusedError */
export async function completeRecovery(runtime: Runtime): Promise<void> {
  for (let attempt = 1; runtime.memory.profile.recovery?.stage === 'adding'; attempt++) {
    try {
      await addThisDevice(runtime);
    } catch (error) {
      // Another device of the account has published a manifest meanwhile: this one is named in the next.
      const isStale = isProblem(error) && error.is('directory/manifest-stale');
      if (!isStale || attempt === maxAttempts) throw error;
      await signAgain(runtime);
    }
  }
}

async function addThisDevice({ api, steps, memory }: Runtime): Promise<void> {
  const { profile } = memory;
  const manifest = (await readManifest(steps.reader(), profile.user))?.bytes;
  if (manifest === undefined) throw new Error('the profile has no manifest of its own');
  const proof = await createProof({ api, profile });
  const tokens = await api.call(authRoutes.addDevice, { request: { user: profile.user, manifest, proof } });
  await steps.run('session/registered', (transaction) => {
    const { recovery } = profile;
    transaction.put(tables.session, only, sessionRow(tokens));
    transaction.put(tables.profile, only, {
      ...profile,
      // Nothing is asked by the lookup any more.
      recovery: recovery === null ? null : { ...recovery, stage: 'joining', lookup: new Uint8Array(0) },
    });
  });
}

async function signAgain({ api, steps, memory }: Runtime): Promise<void> {
  const { user, username, device, accountKey, accountSecret, recovery } = memory.profile;
  if (recovery === null) return;
  const { manifest } = await findRecovery(api, { username, lookup: recovery.lookup });
  if (manifest.user !== user || !equalBytes(manifest.accountKey, accountKey))
    throw new RecoveryRefusedError('not-authentic');
  await steps.run('keys/store-manifests', async (transaction) => {
    const contact = await transaction.get(tables.contacts, user);
    const own = (await readManifest(transaction, user))?.devices.find((entry) => entry.device === device);
    if (contact === null || own === undefined) throw new Error('the profile has no manifest of its own');
    const key = { publicKey: accountKey, secret: accountSecret };
    const signed = manifestWith({ accountKey: key, known: manifest, own, lost: recovery.lost });
    transaction.put(tables.contacts, user, { ...contact, manifest: signed.bytes });
  });
}

/** @throws RecoveryRefusedError `unknown`, or `not-authentic` for an answer that does not verify */
async function findRecovery(
  api: Api,
  request: { readonly username: string; readonly lookup: Uint8Array },
): Promise<Found> {
  const answer = await api.call(keysRoutes.findRecovery, { request }).catch((error: unknown) => {
    const isUnknown = isProblem(error) && error.is('directory/recovery-unknown');
    throw isUnknown ? new RecoveryRefusedError('unknown') : error;
  });
  const record = verifyRecoveryRecord(answer.record);
  const manifest = verifyManifest(answer.manifest);
  const isGenuine =
    record.kind === 'record' &&
    manifest.kind === 'manifest' &&
    [record.record.user, manifest.manifest.user].every((user) => user === answer.user) &&
    equalBytes(record.record.accountKey, manifest.manifest.accountKey);
  if (!isGenuine) throw new RecoveryRefusedError('not-authentic');
  return { record: record.record, manifest: manifest.manifest };
}

/** The next manifest, with this device. Where there is no room for all, lost ones make it. */
function manifestWith(params: {
  readonly accountKey: AccountKey;
  readonly known: VerifiedManifest;
  readonly own: ManifestDevice;
  readonly lost: readonly DeviceId[];
}): VerifiedManifest {
  const { accountKey, known, own, lost } = params;
  const others = known.devices.filter(({ device }) => device !== own.device);
  const isLost = ({ device }: ManifestDevice): boolean => lost.includes(device as DeviceId);
  const staying = others.filter((entry) => !isLost(entry));
  const room = Math.max(0, limits.maxDevicesPerUser - 1 - staying.length);
  const devices = [...staying, ...others.filter(isLost).slice(0, room), own];
  const { user } = known;
  return signManifest({
    accountKey,
    manifest: { user, accountKey: accountKey.publicKey, version: known.version + 1, devices },
  });
}
