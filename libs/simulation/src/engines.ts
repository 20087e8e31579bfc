/** The real engine for runs, with its randomness from the run's seed. */
import { createOpenMlsEngine, loadMls, type MlsEngine } from '@cipherchat/crypto';

export type EngineName = 'fake' | 'openmls';

/** `null` stands for the fake engine, which each run makes for itself. */
export async function loadEngine(name: EngineName): Promise<MlsEngine | null> {
  return name === 'fake' ? null : createOpenMlsEngine(await loadMls());
}

/** The binding takes its randomness from `crypto.getRandomValues`: from now on the run's. */
export function seedCrypto(bytes: (lengthBytes: number) => Uint8Array): void {
  Object.defineProperty(globalThis.crypto, 'getRandomValues', {
    configurable: true,
    value: <View extends ArrayBufferView>(view: View): View => {
      new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(bytes(view.byteLength));
      return view;
    },
  });
}
