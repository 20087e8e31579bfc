/* tslint:disable */
/* eslint-disable */

/** Thrown for every failure that input can cause; anything else thrown means that the instance is lost. */
export type WasmFailure = { readonly code: string; readonly epoch?: bigint; readonly detail: string };
export type WasmChanges = { readonly put: [string, Uint8Array][]; readonly remove: string[] };
export type WasmRecords = ReadonlyArray<readonly [string, Uint8Array]>;
/** Leaves are packed: 4 bytes leaf index (big-endian), 16 user id, 16 device id, 32 leaf key. */
export type WasmSummary = {
    readonly kind: 'update' | 'membership' | 'external';
    readonly committer: Uint8Array | null;
    readonly added: Uint8Array;
    readonly removed: Uint8Array;
    readonly updated: Uint8Array;
    readonly membersAfter: Uint8Array;
    readonly removesSelf: boolean;
    readonly epochAfter: bigint;
};
export type WasmPending = { readonly commit: Uint8Array; readonly welcome: Uint8Array | null; readonly groupInfo: Uint8Array; readonly summary: WasmSummary };
export type WasmMessage = { readonly sender: Uint8Array; readonly plaintext: Uint8Array; readonly epoch: bigint };
export type WasmKeyPackage = { readonly ref: Uint8Array; readonly publicBytes: Uint8Array; readonly records: WasmChanges };
export type WasmKeyPackageInfo = { readonly ref: Uint8Array; readonly suite: number; readonly lastResort: boolean; readonly notAfterS: number; readonly leaf: Uint8Array };
export type WasmWelcomeInfo = { readonly group: Uint8Array; readonly suite: number; readonly members: Uint8Array; readonly inviter: Uint8Array; readonly epoch: bigint };



/**
 * The device that makes a key package, a commit or a message.
 */
export class Device {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * `identity` 32 bytes, `leaf_key` 32 bytes (Ed25519 public), `leaf_secret` 32 bytes (seed).
     */
    constructor(identity: Uint8Array | number[], leaf_key: Uint8Array | number[], leaf_secret: Uint8Array | number[]);
}

/**
 * A group joined by external commit, and what to send for it.
 */
export class ExternalJoin {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Joins by a GroupInfo that carries the ratchet tree and the external key. OpenMLS removes the
     * leaf with our signature key in the same commit, if there is one.
     *
     * OpenMLS merges an external commit at once. We keep a record that says that it is still
     * pending, so that nothing is encrypted before the log has it.
     */
    constructor(device: Device, group_info: Uint8Array | number[], now_s: number);
    /**
     * The group; once.
     */
    takeGroup(): Group;
    /**
     * `WasmPending`.
     */
    readonly pending: WasmPending;
}

/**
 * A group's handle. It mutates; `openmls-engine.ts` makes the immutable states of it.
 */
export class Group {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Our own commit lost. An external join cannot be cleared: it is the whole group.
     */
    clearPending(): void;
    /**
     * A commit with a path that adds these key packages and removes all leaves of these identities
     * (32 bytes each); with neither, a plain update. It is pending afterwards.
     */
    commit(device: Device, add: Array<any>, remove: Array<any>, now_s: number): WasmPending;
    /**
     * A new group with the device as its only member.
     */
    static create(device: Device, group: Uint8Array | number[], suite_code: number, now_s: number): Group;
    /**
     * Decrypts a message of this or one of the past epochs.
     */
    decrypt(ciphertext: Uint8Array | number[]): WasmMessage;
    /**
     * Encrypts for the current epoch; the plaintext comes padded. A pending commit is no obstacle: until
     * its envelope is in the log, the current epoch is the one that the others have.
     */
    encrypt(device: Device, plaintext: Uint8Array | number[]): Uint8Array;
    /**
     * The epoch authenticator (RFC 9420 §8.7): equal for members who agree on everything.
     */
    epochAuthenticator(): Uint8Array;
    /**
     * The current epoch.
     */
    epoch(): bigint;
    /**
     * The MLS exporter (RFC 9420 §8.5) for the current epoch.
     */
    exportSecret(label: string, context: Uint8Array | number[], length: number): Uint8Array;
    /**
     * The group id, 16 bytes.
     */
    groupId(): Uint8Array;
    /**
     * Whether our own commit, or our own external join, waits for its envelope.
     */
    hasPending(): boolean;
    /**
     * Processes a commit without merging it; `merge_staged` comes next, on this handle, or nothing.
     * `at_s` is the store's timestamp of the envelope: it decides whether an added key package had
     * expired, so that all members decide alike.
     */
    inspectCommit(commit: Uint8Array | number[], at_s: number): WasmSummary;
    /**
     * Whether nothing waits for export: after a failure, whether the handle still is what it was.
     */
    isClean(): boolean;
    /**
     * The group that these records hold.
     */
    static load(group: Uint8Array | number[], records: WasmRecords): Group;
    /**
     * All members, packed (see `WasmSummary`).
     */
    members(): Uint8Array;
    /**
     * Our own commit was seen in the log, stamped `at_s`. Returns its summary.
     *
     * OpenMLS merges its own commit unseen. But the others judge the lifetimes of added key packages
     * at `at_s`: one that expired before the envelope got there makes the commit void, for us too.
     */
    mergePending(at_s: number): WasmSummary;
    /**
     * Merges what `inspect_commit` staged. A pending commit of our own is lost with it.
     */
    mergeStaged(): void;
    /**
     * Code point of the group's suite.
     */
    suite(): number;
    /**
     * What changed since the last call.
     */
    takeChanges(): WasmChanges;
}

/**
 * A welcome that was opened and checked, but not joined.
 */
export class OpenedWelcome {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Joins; once. The key package's own records are not in the group's changes.
     */
    join(): Group;
    /**
     * Opens a welcome with the private records of one key package.
     *
     * Lifetimes of the leaves in the tree are not checked: one that was never updated may be older
     * than its lifetime, and a device that comes back late must still be able to join.
     */
    constructor(welcome: Uint8Array | number[], records: WasmRecords);
    /**
     * `WasmWelcomeInfo`.
     */
    readonly info: WasmWelcomeInfo;
}

export function __wbg_reset_state(): void;

/**
 * A key package and its private records.
 */
export function generateKeyPackage(device: Device, suite_code: number, last_resort: boolean, not_before_s: number, not_after_s: number): WasmKeyPackage;

/**
 * A fresh Ed25519 key pair: 32 bytes seed, then 32 bytes public key.
 */
export function generateLeafKey(): Uint8Array;

/**
 * Parses and validates a key package as of `now_s`.
 */
export function inspectKeyPackage(public_bytes: Uint8Array | number[], now_s: number): WasmKeyPackageInfo;

/**
 * The key package references that a welcome is for: the caller finds out which of its private
 * records to load.
 */
export function welcomeRefs(welcome: Uint8Array | number[]): Uint8Array[];

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_device_free: (a: number, b: number) => void;
    readonly __wbg_externaljoin_free: (a: number, b: number) => void;
    readonly __wbg_group_free: (a: number, b: number) => void;
    readonly __wbg_openedwelcome_free: (a: number, b: number) => void;
    readonly device_new: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number];
    readonly externaljoin_new: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly externaljoin_pending: (a: number) => any;
    readonly externaljoin_takeGroup: (a: number) => [number, number, number];
    readonly generateKeyPackage: (a: number, b: number, c: number, d: number, e: number) => [number, number, number];
    readonly generateLeafKey: () => [number, number, number, number];
    readonly group_clearPending: (a: number) => [number, number];
    readonly group_commit: (a: number, b: number, c: any, d: any, e: number) => [number, number, number];
    readonly group_create: (a: number, b: number, c: number, d: number, e: number) => [number, number, number];
    readonly group_decrypt: (a: number, b: number, c: number) => [number, number, number];
    readonly group_encrypt: (a: number, b: number, c: number, d: number) => [number, number, number, number];
    readonly group_epoch: (a: number) => bigint;
    readonly group_epochAuthenticator: (a: number) => [number, number];
    readonly group_exportSecret: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number, number];
    readonly group_groupId: (a: number) => [number, number];
    readonly group_hasPending: (a: number) => number;
    readonly group_inspectCommit: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly group_isClean: (a: number) => number;
    readonly group_load: (a: number, b: number, c: any) => [number, number, number];
    readonly group_members: (a: number) => [number, number, number, number];
    readonly group_mergePending: (a: number, b: number) => [number, number, number];
    readonly group_mergeStaged: (a: number) => [number, number];
    readonly group_suite: (a: number) => number;
    readonly group_takeChanges: (a: number) => any;
    readonly inspectKeyPackage: (a: number, b: number, c: number) => [number, number, number];
    readonly openedwelcome_info: (a: number) => any;
    readonly openedwelcome_join: (a: number) => [number, number, number];
    readonly openedwelcome_new: (a: number, b: number, c: any) => [number, number, number];
    readonly welcomeRefs: (a: number, b: number) => [number, number, number];
    readonly __wbindgen_malloc: (a: number, b: number) => number;
    readonly __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
    readonly __wbindgen_free: (a: number, b: number, c: number) => void;
    readonly __wbindgen_exn_store: (a: number) => void;
    readonly __externref_table_alloc: () => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __externref_table_dealloc: (a: number) => void;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
