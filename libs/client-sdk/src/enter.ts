/** How a store comes to have a running client: it holds an account, gets a new one, or gets one back. */
import { clientPorts, type ClientOptions, type ClientPorts } from './client-ports.js';
import {
  completeRecovery,
  createRecoveredProfile,
  isBegun,
  type RecoveryRequest,
} from './recovery/recover.js';
import {
  completeRegistration,
  createProfile,
  discardProfile,
  isRefusedForGood,
  type Registration,
} from './registration.js';
import { createRuntime, type Runtime } from './runtime.js';
import { Memory } from './state/memory.js';
import type { ProfileRow } from './state/rows.js';
import type { Store } from './store/store.js';

/** The store holds no account: register first. */
export class NoProfileError extends Error {
  override readonly name = 'NoProfileError';
  constructor() {
    super('this store holds no account');
  }
}

/** The store holds an account: open it, or register with another store. */
export class ProfileExistsError extends Error {
  override readonly name = 'ProfileExistsError';
  constructor() {
    super('this store holds an account already');
  }
}

type Entrance = { readonly ports: ClientPorts; readonly writerGeneration: number };

/** @throws NoProfileError */
export async function openAccount(options: ClientOptions): Promise<Runtime> {
  const entrance = await claim(options);
  const runtime = await runtimeOf(entrance);
  await completeOpening(runtime);
  return runtime;
}

/**
 * The same for who shows it at once. Until `whole` only the conversations of the front may be read; steps wait for the rest.
 * Where something stands in the way of showing them (an account that the server does not know yet, messages whose time is
 * over) all is done before.
 * @throws NoProfileError
 */
export async function openFront(
  options: ClientOptions,
): Promise<{ readonly runtime: Runtime; readonly whole: Promise<void> }> {
  const entrance = await claim(options);
  const { store } = entrance.ports;
  const memory = await Memory.loadFront(store);
  if (memory === null) throw new NoProfileError();
  const rest = Promise.withResolvers<void>();
  const runtime = createRuntime({ ...entrance, memory, whole: rest.promise });
  const isShowable = isComplete(memory.profile) && !(await runtime.sweeper.hasDue());
  memory.readRest(store).then(rest.resolve, rest.reject);
  const whole = rest.promise.then(() => completeOpening(runtime));
  if (!isShowable) await whole;
  return { runtime, whole };
}

async function completeOpening(runtime: Runtime): Promise<void> {
  await completeRegistration(runtime);
  await completeRecovery(runtime);
  await runtime.sweeper.begin();
}

export async function registerAccount(options: ClientOptions & Registration): Promise<Runtime> {
  const entrance = await claim(options);
  const begun = await unfinished(entrance);
  const isSame =
    begun !== null &&
    begun.registration !== null &&
    begun.username === options.username &&
    begun.serverUrl === options.serverUrl;
  if (!isSame) await createProfile({ ...entrance, registration: options });
  return complete(entrance, completeRegistration);
}

export async function recoverAccount(options: ClientOptions & RecoveryRequest): Promise<Runtime> {
  const entrance = await claim(options);
  const begun = await unfinished(entrance);
  if (begun === null || !isBegun(begun, options))
    await createRecoveredProfile({ ...entrance, request: options });
  return complete(entrance, completeRecovery);
}

/** Whether an account or device was begun in this store, of which the server has yet to be told. */
export async function isUnfinished(store: Store): Promise<boolean> {
  const profile = (await Memory.load(store))?.profile;
  return profile !== undefined && !isComplete(profile);
}

function isComplete({ registration, recovery }: ProfileRow): boolean {
  return registration === null && recovery?.stage !== 'adding';
}

async function claim(options: ClientOptions): Promise<Entrance> {
  const ports = await clientPorts(options);
  return { ports, writerGeneration: await ports.store.claimWriter() };
}

/** What was begun here and not answered; `null` in an empty store. @throws ProfileExistsError */
async function unfinished({ ports }: Entrance): Promise<ProfileRow | null> {
  const profile = (await Memory.load(ports.store))?.profile ?? null;
  if (profile !== null && isComplete(profile)) throw new ProfileExistsError();
  return profile;
}

async function runtimeOf(entrance: Entrance): Promise<Runtime> {
  const memory = await Memory.load(entrance.ports.store);
  if (memory === null) throw new NoProfileError();
  return createRuntime({ ...entrance, memory, whole: Promise.resolve() });
}

/** Tells the server of the account or device, and forgets it again where it is refused for good. */
async function complete(entrance: Entrance, tell: (runtime: Runtime) => Promise<void>): Promise<Runtime> {
  const runtime = await runtimeOf(entrance);
  try {
    await tell(runtime);
  } catch (error) {
    if (isRefusedForGood(error)) await discardProfile({ ...entrance, user: runtime.memory.profile.user });
    throw error;
  }
  // Others can write to this device from now on; if it fails here, going live does it again.
  await runtime.keyPackages.replenish().catch(() => undefined);
  return runtime;
}
