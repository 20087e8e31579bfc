/**
 * The MLS engine as everything above it sees it: a port with a real side (OpenMLS in
 * WebAssembly, `openmls-engine.ts`) and a fake one (the simulator's, which detects a reused ratchet step).
 *
 * Sans-I/O: every call takes a state and returns the next one together with the records that
 * changed. The caller writes those records durably BEFORE it sends or acknowledges anything:
 * a ratchet step that was used but not stored is used twice after a crash, and with it a nonce.
 * Calls are synchronous, and never change their arguments.
 */

/** 16 bytes as lower-case hex UUID text, e.g. `0190b6a2-…`; see `libs/protocol/src/ids.ts`, which brands them. */
export type DeviceRef = {
  /** The account (user id, UUID text). */
  readonly user: string;
  /** The device (device id, UUID text). */
  readonly device: string;
};

/** A member of a group as its leaf says. Whether the leaf is genuine is `credential-check.ts`'s question. */
export type GroupMember = DeviceRef & {
  readonly leafIndex: number;
  /** Ed25519 public key of the leaf, 32 bytes. */
  readonly leafKey: Uint8Array;
};

/** Ed25519 key pair of a device; the same key signs its MLS leaf and its sign-in challenges (distinct contexts). */
export type DeviceKeys = DeviceRef & {
  readonly leafKey: Uint8Array;
  /** 32 bytes seed. */
  readonly leafSecret: Uint8Array;
};

export type CipherSuite = 0x004e | 0x0001;

/** Changed records of one record set; keys are opaque strings, values opaque bytes. */
export type RecordChanges = {
  readonly put: ReadonlyArray<readonly [key: string, value: Uint8Array]>;
  readonly remove: ReadonlyArray<string>;
};

/** State of one group: an immutable value. The engine may keep a live handle for the newest version of each. */
export type GroupState = {
  /** Group id = conversation id, UUID text. */
  readonly group: string;
  readonly suite: CipherSuite;
  readonly records: ReadonlyMap<string, Uint8Array>;
};

/** The private half of a key package (records to store until it is used or outlived), and the public half. */
export type GeneratedKeyPackage = {
  /** KeyPackageRef (RFC 9420 §5.2) as hex: the name under which the private half is stored. */
  readonly ref: string;
  readonly publicBytes: Uint8Array;
  readonly privateRecords: ReadonlyMap<string, Uint8Array>;
  readonly lastResort: boolean;
  /** Unix seconds after which it must not be used. */
  readonly notAfterS: number;
};

export type KeyPackageInfo = GroupMember & {
  readonly ref: string;
  readonly suite: CipherSuite;
  readonly lastResort: boolean;
  readonly notAfterS: number;
};

/** What a commit does, read before it is merged. */
export type CommitSummary = {
  /** `null` for an external commit: the committer was not a member before. */
  readonly committer: GroupMember | null;
  readonly kind: 'update' | 'membership' | 'external';
  readonly added: readonly GroupMember[];
  readonly removed: readonly GroupMember[];
  /** Leaves whose content changed, as they are after the commit (the committer's included when it has a path). */
  readonly updated: readonly GroupMember[];
  /** The full list of members after the commit, by leaf index. */
  readonly membersAfter: readonly GroupMember[];
  readonly removesSelf: boolean;
  readonly epochAfter: bigint;
};

export type Step<Output> = { readonly next: GroupState; readonly changes: RecordChanges } & Output;

/** Our own commit, pending in `next` until its envelope is seen in the log (`mergePending`) or lost (`clearPending`). */
export type PendingCommit = {
  readonly commit: Uint8Array;
  /** One Welcome for all joiners; `null` when the commit adds nobody. */
  readonly welcome: Uint8Array | null;
  /** GroupInfo of the epoch after the commit, with ratchet tree and external pub, for external joins. */
  readonly groupInfo: Uint8Array;
  readonly summary: CommitSummary;
};

/** A received commit or welcome that was processed but not merged. Opaque; use it once, with the state it came from. */
export type StagedCommit = { readonly summary: CommitSummary; readonly handle: unknown };
export type StagedWelcome = {
  readonly group: string;
  readonly suite: CipherSuite;
  readonly members: readonly GroupMember[];
  readonly inviter: GroupMember;
  readonly epoch: bigint;
  /** Which of our key packages it used. */
  readonly keyPackageRef: string;
  readonly handle: unknown;
};

/** Why bytes could not be processed. A closed union: callers switch on `code`. */
export type MlsFailure = {
  readonly kind: 'failure';
  readonly code:
    | 'malformed'
    | 'wrong-group'
    | 'wrong-epoch' // from an epoch whose keys are gone, or from one not reached yet; `epoch` says which
    | 'own-message' // a sender cannot decrypt its own message; recognise it by envelope id instead
    | 'replayed' // the ratchet step was used, or lies behind the out-of-order window
    | 'too-far-ahead' // more than 1,000 steps ahead
    | 'not-authentic' // AEAD, signature, confirmation tag, membership tag, or our part of a commit's path failed: may fail only here
    | 'invalid-commit' // RFC 9420 validation failed: void for every member
    | 'invalid-key-package'
    | 'no-key-package' // a welcome that none of our key packages opens
    | 'unsupported-suite'
    | 'not-a-member'
    | 'pending-commit' // the operation needs the pending commit (or pending external join) merged or cleared first
    | 'no-pending-commit' // there is none to merge
    | 'engine-lost'; // the WebAssembly instance trapped: create a new engine and load from the store
  readonly epoch?: bigint;
};

/**
 * Thrown where a call's return type has no failure: by calls whose only input is what the engine
 * itself made (a state, keys, a staged commit). It means a damaged store, a bug, or `engine-lost`.
 */
export class MlsEngineError extends Error {
  override readonly name = 'MlsEngineError';
  constructor(readonly failure: MlsFailure) {
    super(`MLS engine: ${failure.code}`);
  }
}

export interface MlsEngine {
  generateDeviceKeys(device: DeviceRef): DeviceKeys;
  generateKeyPackage(params: {
    readonly keys: DeviceKeys;
    readonly suite: CipherSuite;
    readonly lastResort: boolean;
    readonly notBeforeS: number;
    readonly notAfterS: number;
  }): GeneratedKeyPackage;
  /** Parses and validates (signature, lifetime at `nowS`, suite). */
  inspectKeyPackage(params: {
    readonly publicBytes: Uint8Array;
    readonly nowS: number;
  }): { readonly kind: 'key-package'; readonly info: KeyPackageInfo } | MlsFailure;

  /** `nowS` starts the lifetime of the creator's leaf. */
  createGroup(params: {
    readonly keys: DeviceKeys;
    readonly group: string;
    readonly suite: CipherSuite;
    readonly nowS: number;
  }): Step<{ readonly kind: 'created' }>;
  members(state: GroupState): readonly GroupMember[];
  epoch(state: GroupState): bigint;
  epochAuthenticator(state: GroupState): Uint8Array;
  exportSecret(params: {
    readonly state: GroupState;
    readonly label: string;
    readonly context: Uint8Array;
    readonly length: number;
  }): Uint8Array;
  /** True for an own commit and for an own external join that wait for their envelope. */
  hasPendingCommit(state: GroupState): boolean;

  /** A commit with a path (it heals), adding and removing inline; with neither, a plain update. No standalone proposals. */
  commit(params: {
    readonly state: GroupState;
    readonly keys: DeviceKeys;
    readonly add: readonly Uint8Array[];
    readonly remove: readonly DeviceRef[];
    readonly nowS: number;
  }): Step<{ readonly kind: 'pending' } & PendingCommit> | MlsFailure;
  /**
   * The own commit's envelope is in the log, stamped `atS` (as for `inspectCommit`). `invalid-commit`: an added key package
   * had expired by then, so the commit is void for every other member, and has to be cleared here.
   */
  mergePending(params: {
    readonly state: GroupState;
    readonly atS: number;
  }): Step<{ readonly kind: 'merged'; readonly summary: CommitSummary }> | MlsFailure;
  /** The own commit lost. A pending external join has nothing to go back to: `next` then has no records, and all are removed. */
  clearPending(state: GroupState): Step<{ readonly kind: 'cleared' }>;
  /**
   * Join by external commit; replaces our own old leaf (the one with the same leaf key) if there is one.
   * The new group is pending until its envelope is seen. It is a whole new record set: keep it apart from the
   * old group's records, and put it in their place (all of them) only once it is merged.
   */
  externalCommit(params: {
    readonly keys: DeviceKeys;
    readonly groupInfo: Uint8Array;
    readonly nowS: number;
  }): Step<{ readonly kind: 'pending' } & PendingCommit> | MlsFailure;

  /**
   * Processes without merging. `atS` is the store's timestamp of the envelope, not this device's clock: it decides whether
   * an added key package had expired, and all members must decide that alike, however late they read it.
   * A pending commit of our own stays pending until another commit is merged, which clears it.
   * Merging a commit that removes us leaves a state that encrypts and decrypts nothing (`not-a-member`), so decrypt
   * what stands before it in the log first.
   */
  inspectCommit(params: {
    readonly state: GroupState;
    readonly commit: Uint8Array;
    readonly atS: number;
  }): { readonly kind: 'staged'; readonly staged: StagedCommit } | MlsFailure;
  mergeCommit(params: {
    readonly state: GroupState;
    readonly staged: StagedCommit;
  }): Step<{ readonly kind: 'merged' }>;

  inspectWelcome(params: {
    readonly keys: DeviceKeys;
    readonly welcome: Uint8Array;
    readonly keyPackages: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;
  }): { readonly kind: 'staged'; readonly staged: StagedWelcome } | MlsFailure;
  /** The key package's own records are not among the changes: delete them by `keyPackageRef`, unless it is a last-resort one. */
  joinWelcome(staged: StagedWelcome): Step<{ readonly kind: 'joined' }>;

  /** Encrypts for the current epoch, also while an own commit is pending; `plaintext` is padded by the caller (`padding.ts`). */
  encrypt(params: {
    readonly state: GroupState;
    readonly keys: DeviceKeys;
    readonly plaintext: Uint8Array;
  }):
    | Step<{ readonly kind: 'encrypted'; readonly ciphertext: Uint8Array; readonly epoch: bigint }>
    | MlsFailure;
  decrypt(params: { readonly state: GroupState; readonly ciphertext: Uint8Array }):
    | Step<{
        readonly kind: 'message';
        readonly sender: GroupMember;
        readonly plaintext: Uint8Array;
        readonly epoch: bigint;
      }>
    | MlsFailure;
}
