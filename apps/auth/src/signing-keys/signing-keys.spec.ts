import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { idFromRandom } from '@cipherchat/protocol';
import { ConfigError, signAccessToken, systemRandomBytes } from '@cipherchat/service-kit';
import { SigningKeys } from './signing-keys.js';

const newKey = () => generateKeyPairSync('ed25519');
const pem = (pair: ReturnType<typeof newKey>): string =>
  pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
const jwk = (pair: ReturnType<typeof newKey>): string =>
  JSON.stringify(pair.privateKey.export({ format: 'jwk' }));
const id = () => idFromRandom<never>(systemRandomBytes);
const tokenOf = async (keys: SigningKeys): Promise<string> =>
  (
    await signAccessToken({
      caller: { user: id(), device: id(), session: id(), role: 'member' },
      key: keys.privateKey,
      keyId: keys.keyId,
      nowMs: Date.now(),
    })
  ).accessToken;

describe('signing keys', () => {
  it('are the same from PKCS #8 and from a JWK, and publish no private part', async () => {
    const pair = newKey();
    const [fromPem, fromJwk] = [
      await SigningKeys.from({ signingKey: pem(pair), previousSigningKey: undefined }),
      await SigningKeys.from({ signingKey: jwk(pair), previousSigningKey: undefined }),
    ];
    expect(fromPem.publicKeys).toEqual(fromJwk.publicKeys);
    expect(Object.keys(fromPem.publicKeys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });

  it('verify tokens of the key before, given as a private or a public key, and not of one before that', async () => {
    const [oldest, old, current] = [newKey(), newKey(), newKey()];
    const oldToken = await tokenOf(
      await SigningKeys.from({ signingKey: pem(old), previousSigningKey: undefined }),
    );
    const oldestToken = await tokenOf(
      await SigningKeys.from({ signingKey: pem(oldest), previousSigningKey: undefined }),
    );
    for (const previousSigningKey of [
      pem(old),
      jwk(old),
      old.publicKey.export({ format: 'pem', type: 'spki' }) as string,
      JSON.stringify(old.publicKey.export({ format: 'jwk' })),
    ]) {
      const keys = await SigningKeys.from({ signingKey: jwk(current), previousSigningKey });
      expect(keys.publicKeys).toHaveLength(2);
      await jwtVerify(await tokenOf(keys), keys.resolver());
      await jwtVerify(oldToken, keys.resolver());
      await expect(jwtVerify(oldestToken, keys.resolver())).rejects.toThrow();
    }
  });

  it.each([
    ['text', 'not a key: canary'],
    ['broken JSON', '{"kty":"OKP","d":"canary"'],
    ['a public key', newKey().publicKey.export({ format: 'pem', type: 'spki' }) as string],
    [
      'a key of another kind',
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
        format: 'pem',
        type: 'pkcs8',
      }) as string,
    ],
  ])('that are %s stop the start, naming the variable and not the value', async (_name, signingKey) => {
    const error: unknown = await SigningKeys.from({ signingKey, previousSigningKey: undefined }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).variables).toEqual(['AUTH_SIGNING_KEY']);
    expect(`${(error as ConfigError).message}${(error as ConfigError).stack}`).not.toContain('canary');
  });

  it('before the current one that cannot be read name their own variable', async () => {
    await expect(
      SigningKeys.from({ signingKey: pem(newKey()), previousSigningKey: 'x' }),
    ).rejects.toMatchObject({ variables: ['AUTH_PREVIOUS_SIGNING_KEY'] });
  });
});
