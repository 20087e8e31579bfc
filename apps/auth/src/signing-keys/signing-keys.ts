import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, createLocalJWKSet, type JWK, type JWTVerifyGetKey } from 'jose';
import { ConfigError } from '@cipherchat/service-kit';
import type { AuthConfig } from '../config.js';

/** The key that signs access tokens, and the public keys by which they are verified. */
export class SigningKeys {
  private constructor(
    readonly privateKey: KeyObject,
    readonly keyId: string,
    /** RFC 7517. The current key first; during a rotation the previous one too. */
    readonly publicKeys: readonly JWK[],
  ) {}

  /** @throws ConfigError naming the variable */
  static async from(config: Pick<AuthConfig, 'signingKey' | 'previousSigningKey'>): Promise<SigningKeys> {
    const privateKey = readKey({
      text: config.signingKey,
      variable: 'AUTH_SIGNING_KEY',
      read: createPrivateKey,
    });
    const current = await publicJwk(createPublicKey(privateKey));
    const previous =
      config.previousSigningKey === undefined
        ? []
        : [
            await publicJwk(
              readKey({
                text: config.previousSigningKey,
                variable: 'AUTH_PREVIOUS_SIGNING_KEY',
                read: createPublicKey,
              }),
            ),
          ];
    return new SigningKeys(privateKey, current.kid, [current, ...previous]);
  }

  /** How auth verifies its own tokens. */
  resolver(): JWTVerifyGetKey {
    return createLocalJWKSet({ keys: [...this.publicKeys] });
  }
}

type KeyText = string | { readonly key: JWK; readonly format: 'jwk' };

/** `createPublicKey` also takes a private key, and gives its public half. */
function readKey(params: {
  readonly text: string;
  readonly variable: string;
  readonly read: (input: never) => KeyObject;
}): KeyObject {
  const { text, variable, read } = params;
  try {
    const input: KeyText = text.trimStart().startsWith('{')
      ? { key: JSON.parse(text) as JWK, format: 'jwk' }
      : text;
    const key = read(input as never);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // The cause may quote the key.
  }
  throw new ConfigError([variable]);
}

async function publicJwk(key: KeyObject): Promise<JWK & { readonly kid: string }> {
  const jwk = key.export({ format: 'jwk' }) as JWK;
  // RFC 7638: every replica names the key alike, without agreeing on anything.
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' };
}
