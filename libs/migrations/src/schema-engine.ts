import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';

export type SchemaEngine = bindings.SchemaEngine;

/** What wasm-bindgen's generated module offers but its declarations leave out. */
type Linkable = { readonly __wbg_set_wasm: (exports: EngineExports) => void };
type EngineExports = { readonly __wbindgen_start: () => void };

/** Node has it; TypeScript declares it only together with a browser's globals, which we do not want here. */
type WebAssemblyLoader = {
  readonly WebAssembly: {
    readonly instantiate: (
      bytes: Uint8Array,
      imports: object,
    ) => Promise<{ readonly instance: { readonly exports: EngineExports } }>;
  };
};

let loaded: Promise<typeof bindings.SchemaEngine> | undefined;

/**
 * Prisma's schema engine, instantiated once. The package's main file imports its `.wasm` as a module, which
 * Node does only behind a flag; linking it by hand is what that import would do.
 */
export function loadSchemaEngine(): Promise<typeof bindings.SchemaEngine> {
  loaded ??= instantiate();
  return loaded;
}

async function instantiate(): Promise<typeof bindings.SchemaEngine> {
  const folder = path.dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const bytes = readFileSync(path.join(folder, 'schema_engine_bg.wasm'));
  // The engine reports a panic's text through this global before it traps.
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => process.stderr.write(`${message}\n`) },
  });
  const { WebAssembly } = globalThis as unknown as WebAssemblyLoader;
  const { instance } = await WebAssembly.instantiate(bytes, {
    './schema_engine_bg.js': { ...bindings, ...patientTimers() },
  });
  (bindings as unknown as Linkable).__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return bindings.SchemaEngine;
}

/** The engine forgets its lock timeout of 10 s without clearing it: it must not keep a finished program alive. */
function patientTimers(): Readonly<Record<string, (...args: readonly unknown[]) => unknown>> {
  const setters = Object.entries(bindings).filter(([name]) => name.startsWith('__wbg_setTimeout'));
  return Object.fromEntries(
    setters.map(([name, setTimer]) => [
      name,
      (...args: readonly unknown[]) =>
        (setTimer as unknown as (...args: readonly unknown[]) => NodeJS.Timeout)(...args).unref(),
    ]),
  );
}
