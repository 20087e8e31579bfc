/**
 * Makes the keys of a run repeat with its seed. The binding takes its randomness from
 * `crypto.getRandomValues`, so a failure that hangs on the bytes of a key (a leading zero, say)
 * comes back only if those bytes do.
 */
import { createRandom } from './random.js';

/** Runs `run` (synchronous) with `crypto.getRandomValues` fed from the seed, and puts the real one back. */
export function withSeededCrypto<Result>(seed: number, run: () => Result): Result {
  const random = createRandom(seed);
  const own = Object.getOwnPropertyDescriptor(globalThis.crypto, 'getRandomValues');
  Object.defineProperty(globalThis.crypto, 'getRandomValues', {
    configurable: true,
    value: <View extends ArrayBufferView>(view: View): View => {
      new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(random.bytes(view.byteLength));
      return view;
    },
  });
  try {
    return run();
  } finally {
    if (own === undefined) Reflect.deleteProperty(globalThis.crypto, 'getRandomValues');
    else Object.defineProperty(globalThis.crypto, 'getRandomValues', own);
  }
}
