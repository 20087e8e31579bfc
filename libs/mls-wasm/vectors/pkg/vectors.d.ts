/* tslint:disable */
/* eslint-disable */

/**
 * See the module's head.
 */
export class PassiveClient {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * The epoch authenticator, by which the vectors say whether all went well.
     */
    authenticator(): Uint8Array;
    /**
     * Joins. `psks` is an array of `[id, value]`; `ratchet_tree` is given where the Welcome has none.
     * `now_s` lies within the lifetimes of the vector's key packages.
     */
    constructor(key_package: Uint8Array | number[], init_secret: Uint8Array | number[], encryption_secret: Uint8Array | number[], psks: Array<any>, welcome: Uint8Array | number[], ratchet_tree: Uint8Array | number[] | null | undefined, now_s: number);
    /**
     * Takes a proposal or a commit.
     */
    process(message: Uint8Array | number[]): void;
}

export function __wbg_reset_state(): void;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_passiveclient_free: (a: number, b: number) => void;
    readonly passiveclient_authenticator: (a: number) => [number, number];
    readonly passiveclient_new: (a: number, b: number, c: number, d: number, e: number, f: number, g: any, h: number, i: number, j: number, k: number, l: number) => [number, number, number];
    readonly passiveclient_process: (a: number, b: number, c: number) => [number, number];
    readonly __wbindgen_exn_store: (a: number) => void;
    readonly __externref_table_alloc: () => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __wbindgen_free: (a: number, b: number, c: number) => void;
    readonly __wbindgen_malloc: (a: number, b: number) => number;
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
