/**
 * RFC 9420's official passive-client vectors on suite 0x0001: join by a published Welcome, follow published
 * proposals and commits, and reach the published epoch authenticator after each, through 200 epochs in one case.
 * Real: OpenMLS, its crypto provider and our record store, from whose records the client starts again in every
 * epoch. Not the product's binding, which refuses PSKs, plaintext handshakes and standalone proposals; see
 * libs/mls-wasm/vectors. Which official vectors are not run, and why, is in docs/crypto-tests.md.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  expectedAuthenticators,
  follow,
  loadPassiveClient,
  loadVectors,
  type PassiveClientVector,
  type VectorFile,
} from './passive-client.js';

const files: ReadonlyArray<readonly [file: VectorFile, vectors: number, epochs: number]> = [
  ['passive-client-welcome', 8, 0],
  ['passive-client-handling-commit', 13, 26],
  ['passive-client-random', 1, 200],
];

describe('the official passive-client vectors', () => {
  let vectors: Readonly<Record<VectorFile, readonly PassiveClientVector[]>>;
  beforeAll(async () => {
    loadPassiveClient();
    vectors = await loadVectors();
  });

  it.each(files)(
    '%s: all %d are followed to the published authenticators, over %d epochs',
    (file, count, epochs) => {
      expect(vectors[file]).toHaveLength(count);
      expect(vectors[file].reduce((sum, vector) => sum + vector.epochs.length, 0)).toBe(epochs);
      for (const vector of vectors[file]) expect(follow(vector)).toEqual(expectedAuthenticators(vector));
    },
  );

  it('notices a changed vector', () => {
    const [vector] = vectors['passive-client-handling-commit'] as [PassiveClientVector];
    const flipped = (text: string) => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0');
    const [epoch, ...others] = vector.epochs;
    expect(() =>
      follow({ ...vector, epochs: [{ ...epoch!, commit: flipped(epoch!.commit) }, ...others] }),
    ).toThrow();
    expect(() => follow({ ...vector, welcome: flipped(vector.welcome) })).toThrow();
    expect(follow({ ...vector, epochs: others.slice(1) })).not.toEqual(expectedAuthenticators(vector));
  });
});
