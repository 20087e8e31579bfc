/**
 * What happens after a trap. Real: OpenMLS in WebAssembly and its restart. The trap itself is played:
 * no input is known to cause one, so a binding that throws what the WebAssembly runtime would throw stands in.
 */
import { loadMls, type Mls } from '@cipherchat/mls-wasm';
import { describe, expect, it } from '@jest/globals';
import { MlsEngineError } from './engine.js';
import { Peer, groupOf, loadEngine, ok, reloaded } from './openmls-engine-fixture.js';
import { createOpenMlsEngine } from './openmls-engine.js';

const trapping = (mls: Mls): Mls => ({
  ...mls,
  generateKeyPackage: () => {
    // The kind that a trap throws (`WebAssembly.RuntimeError`) is an Error without a code, like this one.
    throw new Error('unreachable');
  },
});

describe('an engine whose instance trapped', () => {
  it('says engine-lost to every later call, and calls the instance no more', async () => {
    const engine = createOpenMlsEngine(trapping(await loadMls()));
    const [alice] = [new Peer(engine, 1, 1).create()];
    const ciphertext = alice.encrypt('before');
    expect(() => alice.keyPackage()).toThrow(MlsEngineError);
    const lost = { kind: 'failure', code: 'engine-lost' };
    expect(engine.encrypt({ state: alice.state, keys: alice.keys, plaintext: new Uint8Array(1) })).toEqual(
      lost,
    );
    expect(engine.decrypt({ state: alice.state, ciphertext })).toEqual(lost);
    expect(() => engine.members(alice.state)).toThrow('engine-lost');
  });

  it('is replaced by a new engine on a restarted instance, which goes on from the stored records', async () => {
    const mls = await loadMls();
    const before = createOpenMlsEngine(mls);
    const [alice, bob] = groupOf(before, 0x0001, 2) as [Peer, Peer];
    const ciphertext = alice.encrypt('stored');
    const stored = reloaded(bob.state);
    mls.restart();
    // The old engine's live handles belong to the dead instance.
    expect(bob.failsToDecrypt(ciphertext)).toBe('engine-lost');
    const after = await loadEngine();
    expect(new TextDecoder().decode(ok(after.decrypt({ state: stored, ciphertext })).plaintext)).toBe(
      'stored',
    );
  });
});
