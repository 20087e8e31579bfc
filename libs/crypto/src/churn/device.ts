/**
 * One device of a run: what its process holds in memory, and what its disk holds. The disk is fed
 * with the changes that each step exports and with nothing else, so that a crash shows whether
 * those were all.
 */
import type {
  DeviceKeys,
  GroupMember,
  GroupState,
  MlsEngine,
  RecordChanges,
  CipherSuite,
} from '../engine.js';
import { equalBytes } from '../verify/binary.js';

/** Where the next step of a device is interrupted: the result is there, and nothing of it was stored. */
export type CrashPoint = 'decrypt' | 'merge' | 'join';
type Disk = Map<string, Uint8Array>;
type StateStep = { readonly next: GroupState; readonly changes: RecordChanges };

const keyPackageLifetimeS = 30 * 24 * 60 * 60;

export class ChurnDevice {
  readonly keys: DeviceKeys;
  readonly #engine: MlsEngine;
  readonly #suite: CipherSuite;
  #disk: Disk = new Map();
  #state: GroupState | null = null;
  /** An external join that is not in the log yet: a record set of its own. */
  joining: GroupState | null = null;
  #joiningDisk: Disk = new Map();
  /** A state that this device keeps although it was removed: all later messages are tried on it. */
  ghost: GroupState | null = null;
  /** The envelope of the own commit that waits for its place in the log. */
  pendingEnvelope: string | null = null;
  /** Members after the last commit that was merged, as its summary said. */
  roster: readonly GroupMember[] = [];
  crashAt: CrashPoint | null = null;
  cursor = 0;
  lastCommitSeq = 0;
  readonly sent = new Set<string>();
  readonly read = new Set<string>();
  readonly keyPackages = new Map<string, ReadonlyMap<string, Uint8Array>>();
  #lastResort: Uint8Array | null = null;
  readonly #lastResortRefs = new Set<string>();

  constructor(params: {
    readonly engine: MlsEngine;
    readonly suite: CipherSuite;
    readonly user: string;
    readonly device: string;
  }) {
    this.#engine = params.engine;
    this.#suite = params.suite;
    this.keys = params.engine.generateDeviceKeys({ user: params.user, device: params.device });
  }

  /** The last digits of the device id, for messages. */
  get name(): string {
    return `device ${Number.parseInt(this.keys.device.slice(-4), 16)}`;
  }

  get isMember(): boolean {
    return this.#state !== null;
  }

  get state(): GroupState {
    if (this.#state === null) throw new Error(`${this.name} is in no group`);
    return this.#state;
  }

  /** Stores a step, then takes it over: in this order, as a client must. */
  keep<Result extends StateStep>(step: Result): Result {
    write(this.#disk, step.changes);
    this.#state = step.next;
    return step;
  }

  keepJoining<Result extends StateStep>(step: Result): Result {
    this.#joiningDisk = new Map();
    write(this.#joiningDisk, step.changes);
    this.joining = step.next;
    return step;
  }

  /** The external join is in the log: its records take the place of the old group's. */
  adoptJoined(step: StateStep): void {
    write(this.#joiningDisk, step.changes);
    this.#disk = this.#joiningDisk;
    this.#state = step.next;
    this.#dropJoining();
    this.ghost = null;
  }

  /** The external join lost: nothing of it stays. */
  abandonJoining(step: StateStep): void {
    write(this.#joiningDisk, step.changes);
    if (this.#joiningDisk.size !== 0) throw new Error(`${this.name}: a cleared external join leaves records`);
    this.#dropJoining();
  }

  #dropJoining(): void {
    this.joining = null;
    this.#joiningDisk = new Map();
  }

  joinedBy(step: StateStep, keyPackageRef: string, wasLastResort: boolean): void {
    this.#disk = new Map();
    this.keep(step);
    if (!wasLastResort) this.keyPackages.delete(keyPackageRef);
    this.ghost = null;
  }

  /** Out of the group: by a commit, or because the disk was lost. */
  leave(ghost: GroupState | null): void {
    this.#state = null;
    this.#disk = new Map();
    this.pendingEnvelope = null;
    this.ghost = ghost;
  }

  /** The process dies and comes back with what the disk holds, which must be all that it had. */
  crash(): void {
    if (this.#state !== null) this.#state = reload(this.#state, this.#disk, this.name);
    if (this.joining !== null) this.joining = reload(this.joining, this.#joiningDisk, this.name);
  }

  newKeyPackage(nowS: number): Uint8Array {
    return this.#generate(nowS, false);
  }

  /** The same one each time: that is what a last-resort key package is for. */
  lastResortKeyPackage(nowS: number): Uint8Array {
    this.#lastResort ??= this.#generate(nowS, true);
    return this.#lastResort;
  }

  isLastResort(keyPackageRef: string): boolean {
    return this.#lastResortRefs.has(keyPackageRef);
  }

  #generate(nowS: number, lastResort: boolean): Uint8Array {
    const { keys } = this;
    const made = this.#engine.generateKeyPackage({
      keys,
      suite: this.#suite,
      lastResort,
      notBeforeS: nowS - 60,
      notAfterS: nowS + keyPackageLifetimeS,
    });
    this.keyPackages.set(made.ref, made.privateRecords);
    if (lastResort) this.#lastResortRefs.add(made.ref);
    return made.publicBytes;
  }
}

function write(disk: Disk, changes: RecordChanges): void {
  for (const [key, value] of changes.put) disk.set(key, value.slice());
  for (const key of changes.remove) disk.delete(key);
}

function reload(state: GroupState, disk: Disk, name: string): GroupState {
  const isWhole =
    disk.size === state.records.size &&
    [...disk].every(([key, value]) => equalBytes(value, state.records.get(key) ?? new Uint8Array()));
  if (!isWhole) throw new Error(`${name}: the stored records are not those of its state`);
  return { ...state, records: new Map([...disk].map(([key, value]) => [key, value.slice()])) };
}
