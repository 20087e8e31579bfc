/**
 * Loads the binding once per thread. `pkg/` is built from `rust/` and committed; see README.md.
 *
 * The glue is one instance per module, so every engine of a thread shares it; it holds no state of
 * ours but the live handles. Nothing happens on import.
 */
import {
  Device,
  ExternalJoin,
  Group,
  OpenedWelcome,
  __wbg_reset_state,
  generateKeyPackage,
  generateLeafKey,
  initSync,
  inspectKeyPackage,
  welcomeRefs,
} from '../pkg/mls.js';

/** The loaded binding. All of its classes hold memory of the instance: call `.free()`. */
export type Mls = {
  readonly Device: typeof Device;
  readonly ExternalJoin: typeof ExternalJoin;
  readonly Group: typeof Group;
  readonly OpenedWelcome: typeof OpenedWelcome;
  readonly generateKeyPackage: typeof generateKeyPackage;
  readonly generateLeafKey: typeof generateLeafKey;
  readonly inspectKeyPackage: typeof inspectKeyPackage;
  readonly welcomeRefs: typeof welcomeRefs;
  /** After a trap: a fresh instance with empty memory. All handles of the old one are dead, and say so when used. */
  readonly restart: () => void;
};

/** The bytes of `mls.wasm`, the compiled module, or where to fetch it. */
export type MlsSource = Uint8Array<ArrayBuffer> | ArrayBuffer | WebAssembly.Module | URL;

/**
 * The binding, ready to use. In Node, with no source, it reads `pkg/mls.wasm` beside this package;
 * a bundle, and every browser, passes the source. A second call ignores its source.
 */
export async function loadMls(source?: MlsSource): Promise<Mls> {
  initSync({ module: source instanceof URL ? await fetchBytes(source) : (source ?? readBesidePackage()) });
  return {
    Device,
    ExternalJoin,
    Group,
    OpenedWelcome,
    generateKeyPackage,
    generateLeafKey,
    inspectKeyPackage,
    welcomeRefs,
    restart: __wbg_reset_state,
  };
}

async function fetchBytes(url: URL): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`cannot load the MLS engine: HTTP ${response.status}`);
  return response.arrayBuffer();
}

/** Through `process`, not an import: a bundler for browsers must not see a Node module here. */
function readBesidePackage(): Uint8Array<ArrayBuffer> {
  if (typeof process === 'undefined' || typeof process.getBuiltinModule !== 'function') {
    throw new Error('loadMls needs the bytes or the address of mls.wasm outside Node');
  }
  return new Uint8Array(
    process.getBuiltinModule('node:fs').readFileSync(new URL('../pkg/mls.wasm', import.meta.url)),
  );
}
