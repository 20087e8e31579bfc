/**
 * An engine that survives the death of its WebAssembly instance.
 *
 * After a trap the instance must not be called again: every call says `engine-lost`. States are plain records, so a
 * new engine on a fresh instance goes on from them. The call that met the loss is made once more; one that kills the
 * fresh instance as well is poison, and is called malformed, so that one message cannot stop a client for good.
 * What was staged (`StagedCommit`, `StagedWelcome`) dies with the instance: merging it throws, the step with it, and
 * the entry is inspected anew.
 */
import { MlsEngineError, type MlsEngine, type MlsFailure } from '@cipherchat/crypto';

/** `renew` restarts the instance and gives a new engine on it. */
export function createRestartingEngine(params: {
  readonly engine: MlsEngine;
  readonly renew: () => MlsEngine;
}): MlsEngine {
  let current = params.engine;

  /** The result, or `null` when the instance is lost. */
  const attempt = <Result>(call: (engine: MlsEngine) => Result): { readonly result: Result } | null => {
    try {
      const result = call(current);
      return isLost(result) ? null : { result };
    } catch (error) {
      if (error instanceof MlsEngineError && error.failure.code === 'engine-lost') return null;
      throw error;
    }
  };

  const demand = <Result>(call: (engine: MlsEngine) => Result): Result => {
    const first = attempt(call);
    if (first !== null) return first.result;
    current = params.renew();
    const second = attempt(call);
    if (second !== null) return second.result;
    current = params.renew();
    throw new MlsEngineError({ kind: 'failure', code: 'engine-lost' });
  };

  /** For calls on bytes that others made: a second loss is the fault of the bytes. */
  const judge = <Result>(call: (engine: MlsEngine) => Result | MlsFailure): Result | MlsFailure => {
    try {
      return demand(call);
    } catch (error) {
      const isPoison = error instanceof MlsEngineError && error.failure.code === 'engine-lost';
      if (!isPoison) throw error;
      return { kind: 'failure', code: 'malformed' };
    }
  };

  return {
    generateDeviceKeys: (device) => demand((engine) => engine.generateDeviceKeys(device)),
    generateKeyPackage: (input) => demand((engine) => engine.generateKeyPackage(input)),
    inspectKeyPackage: (input) => judge((engine) => engine.inspectKeyPackage(input)),
    createGroup: (input) => demand((engine) => engine.createGroup(input)),
    members: (state) => demand((engine) => engine.members(state)),
    epoch: (state) => demand((engine) => engine.epoch(state)),
    epochAuthenticator: (state) => demand((engine) => engine.epochAuthenticator(state)),
    exportSecret: (input) => demand((engine) => engine.exportSecret(input)),
    hasPendingCommit: (state) => demand((engine) => engine.hasPendingCommit(state)),
    commit: (input) => judge((engine) => engine.commit(input)),
    mergePending: (input) => demand((engine) => engine.mergePending(input)),
    clearPending: (state) => demand((engine) => engine.clearPending(state)),
    externalCommit: (input) => judge((engine) => engine.externalCommit(input)),
    inspectCommit: (input) => judge((engine) => engine.inspectCommit(input)),
    // No second try: what was staged is gone with its instance.
    mergeCommit: (input) => current.mergeCommit(input),
    inspectWelcome: (input) => judge((engine) => engine.inspectWelcome(input)),
    joinWelcome: (staged) => current.joinWelcome(staged),
    encrypt: (input) => demand((engine) => engine.encrypt(input)),
    decrypt: (input) => judge((engine) => engine.decrypt(input)),
  };
}

function isLost(result: unknown): boolean {
  const isFailure =
    typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'failure';
  return isFailure && 'code' in result && result.code === 'engine-lost';
}
