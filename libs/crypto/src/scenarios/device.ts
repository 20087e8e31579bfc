/** A device with given keys, for the stories: the calls that a client makes, one line each. */
import type {
  CipherSuite,
  CommitSummary,
  DeviceKeys,
  DeviceRef,
  GroupState,
  MlsEngine,
  PendingCommit,
  RecordChanges,
  StagedWelcome,
} from '../engine.js';
import { dayS, nowS, ok, text, utf8 } from '../openmls-engine-fixture.js';

type Change = { readonly add?: readonly Uint8Array[]; readonly remove?: readonly DeviceRef[] };

export class Device {
  readonly engine: MlsEngine;
  readonly suite: CipherSuite;
  readonly keys: DeviceKeys;
  readonly keyPackages = new Map<string, ReadonlyMap<string, Uint8Array>>();
  #state: GroupState | null = null;

  constructor(engine: MlsEngine, suite: CipherSuite, keys: DeviceKeys) {
    this.engine = engine;
    this.suite = suite;
    this.keys = keys;
  }

  get state(): GroupState {
    if (this.#state === null) throw new Error('in no group');
    return this.#state;
  }

  set state(state: GroupState) {
    this.#state = state;
  }

  keep<Result extends { readonly next: GroupState; readonly changes: RecordChanges }>(step: Result): Result {
    this.#state = step.next;
    return step;
  }

  keyPackage(options: { readonly lastResort?: boolean } = {}): Uint8Array {
    const { keys, suite } = this;
    const made = this.engine.generateKeyPackage({
      keys,
      suite,
      lastResort: options.lastResort ?? false,
      notBeforeS: nowS - 3600,
      notAfterS: nowS + 30 * dayS,
    });
    this.keyPackages.set(made.ref, made.privateRecords);
    return made.publicBytes;
  }

  create(group: string): void {
    this.keep(this.engine.createGroup({ keys: this.keys, group, suite: this.suite, nowS }));
  }

  commit({ add = [], remove = [] }: Change = {}): PendingCommit {
    return this.keep(ok(this.engine.commit({ state: this.state, keys: this.keys, add, remove, nowS })));
  }

  mergeOwn(): void {
    this.keep(ok(this.engine.mergePending({ state: this.state, atS: nowS })));
  }

  commitAndMerge(change: Change = {}): PendingCommit {
    const pending = this.commit(change);
    this.mergeOwn();
    return pending;
  }

  joinExternally(groupInfo: Uint8Array): PendingCommit {
    const pending = this.keep(ok(this.engine.externalCommit({ keys: this.keys, groupInfo, nowS })));
    this.mergeOwn();
    return pending;
  }

  receive(commit: Uint8Array): CommitSummary {
    const { staged } = ok(this.engine.inspectCommit({ state: this.state, commit, atS: nowS }));
    this.keep(this.engine.mergeCommit({ state: this.state, staged }));
    return staged.summary;
  }

  /** What the commit gives without merging it. */
  inspectCommit(commit: Uint8Array) {
    return this.engine.inspectCommit({ state: this.state, commit, atS: nowS });
  }

  inspect(welcome: Uint8Array | null): StagedWelcome {
    return ok(
      this.engine.inspectWelcome({
        keys: this.keys,
        welcome: welcome ?? new Uint8Array(),
        keyPackages: this.keyPackages,
      }),
    ).staged;
  }

  join(welcome: Uint8Array | null): void {
    this.keep(this.engine.joinWelcome(this.inspect(welcome)));
  }

  encrypt(said: string): Uint8Array {
    return this.keep(ok(this.engine.encrypt({ state: this.state, keys: this.keys, plaintext: utf8(said) })))
      .ciphertext;
  }

  /** Without keeping the step. */
  decrypt(ciphertext: Uint8Array) {
    return this.engine.decrypt({ state: this.state, ciphertext });
  }

  read(ciphertext: Uint8Array): string {
    return text(this.keep(ok(this.decrypt(ciphertext))).plaintext);
  }

  authenticator(): Uint8Array {
    return this.engine.epochAuthenticator(this.state);
  }

  /** As if the process had ended and come back: equal records in new objects. */
  reload(): void {
    this.#state = {
      ...this.state,
      records: new Map([...this.state.records].map(([key, value]) => [key, value.slice()])),
    };
  }
}
