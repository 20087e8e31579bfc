/** From a profile on disk to a running client, and back: lock, passphrase, store, client, close. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  CipherChat,
  createStoreKey,
  NoProfileError,
  ProblemError,
  ProfileExistsError,
  RecoveryRefusedError,
  SealBrokenError,
  sealStore,
  unlockStoreKey,
  type ClientOptions,
  type Store,
} from '@cipherchat/client-sdk';
import { openSqliteStore } from '@cipherchat/client-sdk/sqlite';
import type { Context } from './context.js';
import { CliFailure } from './exit-codes.js';
import { choosePassphrase, readPassphrase } from './profile/passphrase.js';
import {
  createProfileFolder,
  defaultProfileName,
  profileExists,
  profileFolder,
  requirePrivate,
  type ProfileFolder,
} from './profile/profile-folder.js';
import { lockProfile } from './profile/profile-lock.js';
import { httpWithGateway } from './server/chosen-gateway.js';
import { serverAddress, trustLocalAuthority } from './server/server-address.js';

export type NewAccount = {
  readonly username: string;
  readonly invite?: string;
  readonly bootstrapToken?: string;
  readonly passphrase: 'none' | 'ask';
};

const closeTimeoutMs = 5_000;

/** The profile that a command is about. */
export function chosenProfile({ config, options }: Context): ProfileFolder {
  return profileFolder({
    dataHome: config.dataHome,
    name: options.profile ?? config.profile ?? defaultProfileName,
  });
}

/** Runs `use` with the client of the profile, and closes everything afterwards, whatever happens. */
export async function withClient<Result>(
  context: Context,
  use: (client: CipherChat) => Promise<Result>,
): Promise<Result> {
  const folder = chosenProfile(context);
  if (!profileExists(folder)) throw noAccount(folder);
  return withLockedProfile(folder, async () => {
    const key = await existingKey(context, folder);
    return withRunning({
      context,
      folder,
      key,
      start: (store) => openExisting({ context, folder, store }),
      use: (client) => {
        requireSameServer({ context, folder, client });
        return use(client);
      },
    });
  });
}

/** The same with an account that is made now. */
export function withNewAccount<Result>(
  context: Context,
  account: NewAccount,
  use: (client: CipherChat) => Promise<Result>,
): Promise<Result> {
  const { passphrase, ...registration } = account;
  const make: MakeDevice = (options) => CipherChat.register({ ...options, ...registration });
  return withNewDevice(context, { passphrase, make }, use);
}

/** The same with a device that is made now, for an account of which no other is left. */
export function withRecoveredAccount<Result>(
  context: Context,
  lost: Pick<NewAccount, 'username' | 'passphrase'> & { readonly recoveryKey: string },
  use: (client: CipherChat) => Promise<Result>,
): Promise<Result> {
  const { passphrase, ...request } = lost;
  const make: MakeDevice = (options) => CipherChat.recover({ ...options, ...request });
  return withNewDevice(context, { passphrase, make }, use);
}

type MakeDevice = (options: ClientOptions & { readonly serverUrl: string }) => Promise<CipherChat>;

async function withNewDevice<Result>(
  context: Context,
  device: Pick<NewAccount, 'passphrase'> & { readonly make: MakeDevice },
  use: (client: CipherChat) => Promise<Result>,
): Promise<Result> {
  const folder = chosenProfile(context);
  const serverUrl = serverAddress({
    option: context.options.server,
    variable: context.config.server,
    runFile: context.runFile,
  });
  createProfileFolder(folder);
  return withLockedProfile(folder, async () => {
    const isNew = !profileExists(folder);
    const key = isNew
      ? await newKey({ context, folder, passphrase: device.passphrase })
      : await existingKey(context, folder);
    let registered = false;
    try {
      return await withRunning({
        context,
        folder,
        key,
        start: (store) => makeIn({ context, folder, store, serverUrl, make: device.make }),
        use: (client) => {
          registered = true;
          return use(client);
        },
      });
    } catch (error) {
      // What the server refused for good left nothing worth keeping; after a lost answer the keys must stay.
      const isRefused = error instanceof ProblemError || error instanceof RecoveryRefusedError;
      if (isNew && !registered && isRefused) forget(folder);
      throw error;
    }
  });
}

async function withLockedProfile<Result>(folder: ProfileFolder, use: () => Promise<Result>): Promise<Result> {
  requirePrivate(folder);
  const lock = lockProfile(folder);
  try {
    return await use();
  } finally {
    lock.release();
  }
}

/** Starts a client on the profile's store, and closes it, and with it the store, when `use` has ended. */
async function withRunning<Result>(params: {
  readonly context: Context;
  readonly folder: ProfileFolder;
  readonly key: Uint8Array | undefined;
  readonly start: (store: Store) => Promise<CipherChat>;
  readonly use: (client: CipherChat) => Promise<Result>;
}): Promise<Result> {
  const { context, folder, key, start, use } = params;
  trustLocalAuthority(context.runFile);
  const inner = openSqliteStore({ file: folder.storeFile });
  const store = key === undefined ? inner : sealStore({ store: inner, key });
  const client = await start(store).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  try {
    return await use(client);
  } finally {
    await closeInTime(context, client);
  }
}

/** What was done is durable already; closing only ends the connection in order. */
async function closeInTime(context: Context, client: CipherChat): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), closeTimeoutMs)));
  const how = await Promise.race([client.close(), late]);
  clearTimeout(timer);
  if (how === 'late') context.output.note('(The connection did not close in time and was cut.)');
}

function requireSameServer(params: {
  readonly context: Context;
  readonly folder: ProfileFolder;
  readonly client: CipherChat;
}): void {
  const { context, folder, client } = params;
  if (context.options.server === undefined) return;
  const asked = serverAddress({ option: context.options.server, variable: undefined, runFile: undefined });
  if (asked === new URL(client.self.serverUrl).origin) return;
  throw new CliFailure('usage', `the profile "${folder.name}" belongs to ${client.self.serverUrl}`, {
    hint: 'Use another profile for another server: --profile NAME',
  });
}

function clientOptions(context: Context, store: Store): ClientOptions {
  const { gateway } = context.options;
  return gateway === undefined ? { store } : { store, http: httpWithGateway(gateway) };
}

async function openExisting(params: {
  readonly context: Context;
  readonly folder: ProfileFolder;
  readonly store: Store;
}): Promise<CipherChat> {
  const { context, folder, store } = params;
  try {
    return await CipherChat.open(clientOptions(context, store));
  } catch (error) {
    if (error instanceof NoProfileError) throw noAccount(folder);
    if (error instanceof SealBrokenError)
      throw new CliFailure('profile', `the profile "${folder.name}" is damaged: ${error.message}`, {
        cause: error,
      });
    throw error;
  }
}

async function makeIn(params: {
  readonly context: Context;
  readonly folder: ProfileFolder;
  readonly store: Store;
  readonly serverUrl: string;
  readonly make: MakeDevice;
}): Promise<CipherChat> {
  const { context, folder, store, serverUrl, make } = params;
  try {
    return await make({ ...clientOptions(context, store), serverUrl });
  } catch (error) {
    if (error instanceof ProfileExistsError) {
      throw new CliFailure('usage', `the profile "${folder.name}" has an account already`, {
        hint: 'For another account use another profile: --profile NAME',
      });
    }
    throw error;
  }
}

async function newKey(params: {
  readonly context: Context;
  readonly folder: ProfileFolder;
  readonly passphrase: NewAccount['passphrase'];
}): Promise<Uint8Array | undefined> {
  const { context, folder, passphrase } = params;
  const { passphraseFile } = context.config;
  if (passphrase === 'none' && passphraseFile === undefined) return undefined;
  const { key, locked } = createStoreKey({
    passphrase: await choosePassphrase({ file: passphraseFile, ask: context.askHidden }),
  });
  writeFileSync(folder.keyFile, locked, { mode: 0o600, flag: 'wx' });
  return key;
}

async function existingKey(context: Context, folder: ProfileFolder): Promise<Uint8Array | undefined> {
  if (!existsSync(folder.keyFile)) return undefined;
  const passphrase = await readPassphrase(
    { file: context.config.passphraseFile, ask: context.askHidden },
    folder.name,
  );
  const key = unlockStoreKey({ locked: readFileSync(folder.keyFile), passphrase });
  if (key === null) throw new CliFailure('profile', `wrong passphrase for the profile "${folder.name}"`);
  return key;
}

function forget(folder: ProfileFolder): void {
  for (const file of [folder.storeFile, `${folder.storeFile}-wal`, `${folder.storeFile}-shm`, folder.keyFile])
    rmSync(file, { force: true });
}

function noAccount(folder: ProfileFolder): CliFailure {
  return new CliFailure('profile', `there is no account in the profile "${folder.name}"`, {
    hint: `Make one: cipherchat${profileFlag(folder)} register USERNAME`,
  });
}

function profileFlag(folder: ProfileFolder): string {
  return folder.name === defaultProfileName ? '' : ` --profile ${folder.name}`;
}
