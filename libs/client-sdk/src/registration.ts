/**
 * A new account with its first device.
 *
 * The keys and ids are stored before the server is asked: when a crash or a lost answer comes between, the same
 * request is made again with the same keys, and ends in the same account.
 */
import { generateAccountKey, signManifest, type CipherSuite } from '@cipherchat/crypto';
import { authRoutes, idFromRandom, ProblemError, type DeviceId, type UserId } from '@cipherchat/protocol';
import type { ClientPorts } from './client-ports.js';
import { createProof, sessionRow } from './connection/session.js';
import { RecoveryRefusedError } from './recovery/recovery-errors.js';
import type { Runtime } from './runtime.js';
import type { ContactRow } from './state/people-rows.js';
import type { ProfileRow } from './state/rows.js';
import { only, tables, type Table } from './state/tables.js';
import { readManifest } from './keys/contacts.js';
import { newDeviceEntry } from './keys/device-entry.js';
import type { StorePut } from './store/store.js';

/** What `CipherChat.register` takes besides `ClientOptions`. */
export type Registration = {
  /** Where the deployment answers, e.g. `https://chat.example.org`. */
  readonly serverUrl: string;
  /** Lower-case letters, digits, `.`, `_`, `-`; begins with a letter; 3 to 32 characters. */
  readonly username: string;
  /** Needed where the server registers invited people only. */
  readonly invite?: string;
  /** Makes the first administrator. */
  readonly bootstrapToken?: string;
  /** The MLS cipher suite of new conversations: 0x004e (hybrid post-quantum) by default. */
  readonly suite?: CipherSuite;
};

/** Makes keys and ids, and stores them as a profile that is not registered yet. */
export async function createProfile(params: {
  readonly ports: ClientPorts;
  readonly writerGeneration: number;
  readonly registration: Registration;
}): Promise<void> {
  const { ports, writerGeneration, registration } = params;
  const user = idFromRandom<UserId>(ports.random);
  const device = idFromRandom<DeviceId>(ports.random);
  const accountKey = generateAccountKey(ports.random);
  const { leafKey, leafSecret } = ports.engine.generateDeviceKeys({ user, device });
  const devices = [newDeviceEntry({ device, leafKey, nowMs: ports.clock.nowMs() })];
  const manifest = signManifest({
    accountKey,
    manifest: { user, accountKey: accountKey.publicKey, version: 1, devices },
  });
  const { serverUrl, username, invite = null, bootstrapToken = null, suite = 0x004e } = registration;
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
    registration: { invite, bootstrapToken },
    recovery: null,
  };
  const self: ContactRow = {
    user,
    username,
    pin: accountKey.publicKey,
    manifest: manifest.bytes,
    offered: null,
    alarm: null,
    accepted: false,
    verified: null,
    introduction: null,
  };
  await ports.store.write({
    writerGeneration,
    puts: [putOf(tables.profile, only, profile), putOf(tables.contacts, user, self)],
    deletes: [],
  });
}

/** Forgets a profile that the server refused for good, so that another name can be tried. */
export async function discardProfile(params: {
  readonly ports: ClientPorts;
  readonly writerGeneration: number;
  readonly user: UserId;
}): Promise<void> {
  const deletes = [
    { table: tables.profile.name, key: only },
    { table: tables.contacts.name, key: params.user },
    { table: tables.recovery.name, key: only },
  ];
  await params.ports.store.write({ writerGeneration: params.writerGeneration, puts: [], deletes });
}

/** Tells the server, unless it was told. @throws NetworkError, ProblemError */
export async function completeRegistration(runtime: Runtime): Promise<void> {
  const { api, steps, memory } = runtime;
  const { profile } = memory;
  if (profile.registration === null) return;
  const manifest = (await readManifest(steps.reader(), profile.user))?.bytes;
  if (manifest === undefined) throw new Error('the profile has no manifest of its own');
  const { invite, bootstrapToken } = profile.registration;
  const proof = await createProof({ api, profile });
  const tokens = await api.call(authRoutes.register, {
    request: {
      user: profile.user,
      username: profile.username,
      manifest,
      proof,
      ...(invite === null ? {} : { invite }),
      ...(bootstrapToken === null ? {} : { bootstrapToken }),
    },
  });
  await steps.run('session/registered', (transaction) => {
    transaction.put(tables.session, only, sessionRow(tokens));
    transaction.put(tables.profile, only, { ...profile, registration: null });
  });
}

/** The server will not make this account, or device, however often it is asked. */
export function isRefusedForGood(error: unknown): boolean {
  return error instanceof RecoveryRefusedError || (error instanceof ProblemError && error.retry === 'never');
}

/** A row as the store takes it, outside of any step: there is no client yet. */
export function putOf<Row>(table: Table<Row>, key: string, row: Row): StorePut {
  return { table: table.name, key, value: table.encode(row) };
}
