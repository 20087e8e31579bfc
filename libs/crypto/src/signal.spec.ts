import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { GroupState } from './engine.js';
import {
  deriveSignalSecret,
  keepSignalSecrets,
  openSignal,
  sealSignal,
  type Signal,
  type SignalSecret,
} from './signal.js';

const conversation = 'cccccccc-cccc-4ccc-8ccc-cccccccccccc';
const device = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const otherDevice = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
const random = (length: number) => new Uint8Array(length).fill(7);
const secret: SignalSecret = { epoch: 5n, secret: new Uint8Array(32).fill(1) };
const seal = (signal: Signal, changes: Partial<Parameters<typeof sealSignal>[0]> = {}) =>
  sealSignal({ secret, conversation, device, signal, random, ...changes });
const readMark: Signal = { kind: 'read', seq: 42 };

describe('a signal', () => {
  it('opens for members of its epoch, and always has the same length', () => {
    const signals = fc.oneof(
      fc.record({ kind: fc.constant('read' as const), seq: fc.maxSafeNat() }),
      fc.record({
        kind: fc.constant('momentary' as const),
        says: fc.constantFrom('typing-stopped', 'typing', 'here', 'away', 'here-and-asks', 'away-and-asks'),
      }),
    );
    fc.assert(
      fc.property(signals, (signal) => {
        const ciphertext = seal(signal);
        expect(ciphertext.length).toBe(45);
        expect(
          openSignal({ secrets: [secret], conversation, device, kind: signal.kind, ciphertext }),
        ).toEqual({ kind: 'signal', signal });
      }),
    );
  });

  it('does not open as of another conversation, device, kind or secret', () => {
    const opened = {
      secrets: [secret],
      conversation,
      device,
      kind: 'read' as const,
      ciphertext: seal(readMark),
    };
    const failure = { kind: 'failure', code: 'not-authentic' };
    expect(openSignal({ ...opened, conversation: otherDevice })).toEqual(failure);
    expect(openSignal({ ...opened, device: otherDevice })).toEqual(failure);
    expect(openSignal({ ...opened, kind: 'momentary' })).toEqual(failure);
    expect(openSignal({ ...opened, secrets: [{ epoch: 5n, secret: new Uint8Array(32).fill(2) }] })).toEqual(
      failure,
    );
  });

  it('does not open with its epoch changed to one whose secret is the same', () => {
    const ciphertext = seal(readMark);
    ciphertext[8] = 6;
    const failure = { kind: 'failure', code: 'not-authentic' };
    expect(
      openSignal({ secrets: [{ ...secret, epoch: 6n }], conversation, device, kind: 'read', ciphertext }),
    ).toEqual(failure);
  });

  it('is refused with any flipped bit, of any other length, or of an epoch whose secret is gone', () => {
    const ciphertext = seal(readMark);
    for (let bit = 0; bit < ciphertext.length * 8; bit++) {
      const changed = ciphertext.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(
        openSignal({ secrets: [secret], conversation, device, kind: 'read', ciphertext: changed }).kind,
      ).toBe('failure');
    }
    for (const changed of [ciphertext.subarray(1), Uint8Array.of(...ciphertext, 0), new Uint8Array(0)]) {
      expect(
        openSignal({ secrets: [secret], conversation, device, kind: 'read', ciphertext: changed }),
      ).toMatchObject({ code: 'malformed' });
    }
    expect(openSignal({ secrets: [], conversation, device, kind: 'read', ciphertext })).toMatchObject({
      code: 'unknown-epoch',
    });
  });

  it('has frozen bytes', () => {
    expect(Buffer.from(seal(readMark)).toString('hex')).toMatchInlineSnapshot(
      `"01000000000000000507070707070707070707070722caff7c375a89638e4897fed60ee2adcfa544395bf91d07"`,
    );
  });
});

describe('signal secrets', () => {
  it('come from the exporter, once an epoch', () => {
    const asked: unknown[] = [];
    const engine = {
      epoch: () => 9n,
      exportSecret: ({ label, context, length }: { label: string; context: Uint8Array; length: number }) => {
        asked.push([label, context.length, length]);
        return new Uint8Array(length);
      },
    };
    expect(deriveSignalSecret({ engine, state: {} as GroupState })).toEqual({
      epoch: 9n,
      secret: new Uint8Array(32),
    });
    expect(asked).toEqual([['CipherChat signal', 0, 32]]);
  });

  it('are kept for the newest four epochs, each once', () => {
    const at = (epoch: bigint): SignalSecret => ({ epoch, secret: new Uint8Array(32) });
    const kept = [1n, 2n, 3n, 4n, 5n, 5n, 6n].reduce<readonly SignalSecret[]>(
      (secrets, epoch) => keepSignalSecrets(secrets, at(epoch)),
      [],
    );
    expect(kept.map(({ epoch }) => epoch)).toEqual([3n, 4n, 5n, 6n]);
  });
});
