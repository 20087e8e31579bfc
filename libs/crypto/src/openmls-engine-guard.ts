/**
 * What the binding throws, as the port's failures.
 *
 * It throws a plain object `{code, …}` for everything that input can cause. Anything else (a
 * `WebAssembly.RuntimeError`) is a trap: memory may be half-written, so the engine is lost from
 * then on and says so to every call, until its maker starts a new one.
 */
import type { WasmFailure } from '@cipherchat/mls-wasm';
import { MlsEngineError, type MlsFailure } from './engine.js';

const codes: ReadonlySet<string> = new Set<MlsFailure['code']>([
  'malformed',
  'wrong-group',
  'wrong-epoch',
  'own-message',
  'replayed',
  'too-far-ahead',
  'not-authentic',
  'invalid-commit',
  'invalid-key-package',
  'no-key-package',
  'unsupported-suite',
  'not-a-member',
  'pending-commit',
  'no-pending-commit',
]);

export type Guard = {
  /** Runs a call into the binding. */
  attempt<Value extends object>(call: () => Value): Value | MlsFailure;
  /** The same for calls that only a bug or a lost engine can make fail: throws `MlsEngineError`. */
  demand<Value>(call: () => Value): Value;
};

export function createGuard(onLost: () => void): Guard {
  let lost = false;

  const failureOf = (thrown: unknown): MlsFailure => {
    // A nested call of our own: already translated.
    if (thrown instanceof MlsEngineError) return thrown.failure;
    if (isWasmFailure(thrown)) {
      const { epoch } = thrown;
      return { kind: 'failure', code: thrown.code, ...(epoch === undefined ? {} : { epoch }) };
    }
    // A caller's bug (an id that is none), thrown before the binding was called.
    if (thrown instanceof TypeError) throw thrown;
    lost = true;
    onLost();
    return engineLost;
  };

  return {
    attempt(call) {
      if (lost) return engineLost;
      try {
        return call();
      } catch (thrown) {
        return failureOf(thrown);
      }
    },
    demand(call) {
      if (lost) throw new MlsEngineError(engineLost);
      try {
        return call();
      } catch (thrown) {
        throw new MlsEngineError(failureOf(thrown));
      }
    },
  };
}

const engineLost: MlsFailure = { kind: 'failure', code: 'engine-lost' };

/** True for the binding's own failures, after which the instance is sound. */
export function isWasmFailure(
  thrown: unknown,
): thrown is Omit<WasmFailure, 'code'> & { readonly code: MlsFailure['code'] } {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    !(thrown instanceof Error) &&
    'code' in thrown &&
    codes.has(String(thrown.code))
  );
}
