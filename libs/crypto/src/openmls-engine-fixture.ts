/** Peers for the engine's tests: each holds its own state and advances it as a well-behaved client would. */
import { loadMls } from '@cipherchat/mls-wasm';
import type {
  CipherSuite,
  DeviceKeys,
  GroupState,
  MlsEngine,
  MlsFailure,
  PendingCommit,
  RecordChanges,
} from './engine.js';
import { createOpenMlsEngine } from './openmls-engine.js';

export const suites: readonly CipherSuite[] = [0x004e, 0x0001];
/** 2026-11-21T00:00:00Z: tests own the time. */
export const nowS = 1_795_219_200;
export const dayS = 24 * 60 * 60;
export const group = '00000000-0000-4000-8000-00000000c0de';

/** A new engine over the one instance of this thread. */
export async function loadEngine(): Promise<MlsEngine> {
  return createOpenMlsEngine(await loadMls());
}

/** The result, or a test failure that names the code. */
export function ok<Result extends { readonly kind: string }>(
  result: Result | MlsFailure,
): Exclude<Result, MlsFailure> {
  if (result.kind === 'failure') throw new Error(`expected success, got ${(result as MlsFailure).code}`);
  return result as Exclude<Result, MlsFailure>;
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** An id of 16 bytes that ends in `number`. */
export function id(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

type KeyPackages = Map<string, ReadonlyMap<string, Uint8Array>>;

/** One device. `state` is undefined until it joins. */
export class Peer {
  readonly keys: DeviceKeys;
  readonly keyPackages: KeyPackages = new Map();
  /** What the last step changed, as a store would have to write it. */
  changes: RecordChanges = { put: [], remove: [] };
  private current: GroupState | undefined;

  constructor(
    readonly engine: MlsEngine,
    readonly suite: CipherSuite,
    readonly number: number,
  ) {
    this.keys = engine.generateDeviceKeys({ user: id(number), device: id(0x1000 + number) });
  }

  get state(): GroupState {
    if (this.current === undefined) throw new Error(`peer ${this.number} is in no group`);
    return this.current;
  }

  set state(state: GroupState) {
    this.current = state;
  }

  take<Result extends { readonly next: GroupState; readonly changes: RecordChanges }>(step: Result): Result {
    this.state = step.next;
    this.changes = step.changes;
    return step;
  }

  keyPackage(options: { readonly lastResort?: boolean } = {}): Uint8Array {
    const made = this.engine.generateKeyPackage({
      keys: this.keys,
      suite: this.suite,
      lastResort: options.lastResort ?? false,
      notBeforeS: nowS - 3600,
      notAfterS: nowS + 30 * dayS,
    });
    this.keyPackages.set(made.ref, made.privateRecords);
    return made.publicBytes;
  }

  create(): this {
    this.take(this.engine.createGroup({ keys: this.keys, group, suite: this.suite, nowS }));
    return this;
  }

  /** Commits and leaves it pending. */
  commit(
    change: { readonly add?: readonly Uint8Array[]; readonly remove?: readonly Peer[] } = {},
  ): PendingCommit {
    const remove = (change.remove ?? []).map((peer) => peer.keys);
    return this.take(
      ok(this.engine.commit({ state: this.state, keys: this.keys, add: change.add ?? [], remove, nowS })),
    );
  }

  mergeOwn(): void {
    this.take(ok(this.engine.mergePending({ state: this.state, atS: nowS })));
  }

  /** Inspects and merges somebody else's commit. */
  receive(commit: Uint8Array) {
    const { staged } = ok(this.engine.inspectCommit({ state: this.state, commit, atS: nowS }));
    this.take(this.engine.mergeCommit({ state: this.state, staged }));
    return staged.summary;
  }

  join(welcome: Uint8Array | null): void {
    if (welcome === null) throw new Error('no welcome');
    const { staged } = ok(
      this.engine.inspectWelcome({ keys: this.keys, welcome, keyPackages: this.keyPackages }),
    );
    this.take(this.engine.joinWelcome(staged));
  }

  encrypt(plaintext: string): Uint8Array {
    return this.take(
      ok(this.engine.encrypt({ state: this.state, keys: this.keys, plaintext: utf8(plaintext) })),
    ).ciphertext;
  }

  decrypt(ciphertext: Uint8Array): string {
    return text(this.take(ok(this.engine.decrypt({ state: this.state, ciphertext }))).plaintext);
  }

  /** The code with which this message fails; the state stays. */
  failsToDecrypt(ciphertext: Uint8Array): MlsFailure['code'] | 'decrypted' {
    const result = this.engine.decrypt({ state: this.state, ciphertext });
    return result.kind === 'failure' ? result.code : 'decrypted';
  }

  authenticator(): Uint8Array {
    return this.engine.epochAuthenticator(this.state);
  }
}

/** A group of `size`: the first creates it and adds the others in one commit. */
export function groupOf(engine: MlsEngine, suite: CipherSuite, size: number): readonly Peer[] {
  const peers = Array.from({ length: size }, (_, index) => new Peer(engine, suite, index + 1));
  const [creator, ...others] = peers as [Peer, ...Peer[]];
  creator.create();
  if (others.length === 0) return peers;
  const { welcome } = creator.commit({ add: others.map((peer) => peer.keyPackage()) });
  creator.mergeOwn();
  for (const peer of others) peer.join(welcome);
  return peers;
}

/** A copy of a state as a store would return it: other objects, equal bytes. */
export function reloaded(state: GroupState): GroupState {
  return { ...state, records: new Map([...state.records].map(([key, value]) => [key, value.slice()])) };
}

/** The bytes with one bit changed. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}
