/** Real: OpenMLS and the restart of its instance. Played: the trap, since no input is known to cause one. */
import { createOpenMlsEngine, loadMls, type MlsEngine } from '@cipherchat/crypto';
import { describe, expect, it } from '@jest/globals';
import { createRestartingEngine } from './restarting-engine.js';

const nowS = 1_795_219_200;
const user = '00000000-0000-4000-8000-000000000001';
const device = '00000000-0000-4000-8000-000000000002';
const group = '00000000-0000-4000-8000-000000000003';
const lost = { kind: 'failure', code: 'engine-lost' } as const;

async function setUp() {
  const mls = await loadMls();
  let renewals = 0;
  const renew = (): MlsEngine => {
    renewals++;
    mls.restart();
    return createOpenMlsEngine(mls);
  };
  return { mls, renew, renewals: () => renewals, real: createOpenMlsEngine(mls) };
}

describe('an engine whose instance dies', () => {
  it('goes on from the records of its states on a fresh instance, and the caller sees nothing', async () => {
    const { mls, real, renew, renewals } = await setUp();
    const engine = createRestartingEngine({ engine: real, renew });
    const keys = engine.generateDeviceKeys({ user, device });
    const { next } = engine.createGroup({ keys, group, suite: 1, nowS });
    mls.restart();
    const encrypted = engine.encrypt({ state: next, keys, plaintext: new Uint8Array(256) });
    expect([encrypted.kind, renewals()]).toEqual(['encrypted', 1]);
    expect(engine.members(next)).toHaveLength(1);
    expect(renewals()).toBe(1);
  });

  it('calls bytes malformed that kill the fresh instance as well, and works for others', async () => {
    const { real, renew, renewals } = await setUp();
    const poisoned = (engine: MlsEngine): MlsEngine => ({
      ...engine,
      decrypt: (input) => (input.ciphertext[0] === 13 ? lost : engine.decrypt(input)),
    });
    const engine = createRestartingEngine({ engine: poisoned(real), renew: () => poisoned(renew()) });
    const keys = engine.generateDeviceKeys({ user, device });
    const { next } = engine.createGroup({ keys, group, suite: 1, nowS });
    const poison = engine.decrypt({ state: next, ciphertext: Uint8Array.of(13) });
    expect([poison, renewals()]).toEqual([{ kind: 'failure', code: 'malformed' }, 2]);
    expect(engine.encrypt({ state: next, keys, plaintext: new Uint8Array(256) }).kind).toBe('encrypted');
  });
});
