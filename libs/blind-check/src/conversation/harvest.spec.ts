import { describe, expect, it } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import { randomBytes } from 'node:crypto';
import type { StorePut } from '@cipherchat/client-sdk';
import { harvest, type SecretKind } from './harvest.js';

const secret = (lengthBytes = 32): Uint8Array => new Uint8Array(randomBytes(lengthBytes));
const marked = (bytes: Uint8Array): object => ({ $bytes: Buffer.from(bytes).toString('base64url') });
const row = (table: string, value: object): StorePut => ({
  table,
  key: 'only',
  value: Buffer.from(JSON.stringify(value)),
});
/** A version byte, then MessagePack with field names, as OpenMLS's records are stored. */
const record = (name: string, value: unknown): StorePut => ({
  table: 'groups',
  key: `conversation/${name}`,
  value: Buffer.concat([Uint8Array.of(1), encode(value)]),
});

function namesAndValues(puts: readonly StorePut[]): ReadonlyMap<string, string> {
  return new Map(
    harvest({ owner: 'ann', puts }).secrets.map(({ name, bytes }) => [
      name,
      Buffer.from(bytes).toString('hex'),
    ]),
  );
}
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('the harvest of a client’s secrets', () => {
  it('takes the private halves of account and device, and nothing public', () => {
    const [accountSecret, leafSecret, accountKey] = [secret(), secret(), secret()];
    const found = namesAndValues([
      row('profile', {
        accountSecret: marked(accountSecret),
        leafSecret: marked(leafSecret),
        accountKey: marked(accountKey),
      }),
    ]);
    expect(found).toEqual(
      new Map([
        ["ann's account key 1", hex(accountSecret)],
        ["ann's device key 1", hex(leafSecret)],
      ]),
    );
  });

  it('takes of tokens the part that is secret, and lets it travel', () => {
    const { secrets } = harvest({
      owner: 'ann',
      puts: [
        row('session', {
          refreshToken: 'session-id.refresh-part-of-it',
          accessToken: 'head.claims.signature-part',
        }),
      ],
    });
    expect(secrets.map(({ bytes, allowedAt }) => [Buffer.from(bytes).toString(), allowedAt])).toEqual([
      ['refresh-part-of-it', ['http']],
      ['signature-part', ['http', 'socket']],
    ]);
  });

  it('takes private keys of key packages and of groups, and leaves their public halves', () => {
    const [init, encryption, path] = [secret(), secret(), secret()];
    const keyPackage = encode({
      key_package: { payload: { init_key: { key: { vec: secret() } } } },
      private_init_key: { vec: init },
      private_encryption_key: { key: { vec: encryption } },
    });
    const found = namesAndValues([
      row('key-packages', {
        privateRecords: [['key-package/1', marked(Buffer.concat([Uint8Array.of(1), keyPackage]))]],
      }),
      record('keys/01/0', [{ private_key: { key: { vec: path } }, public_key: { key: { vec: secret() } } }]),
    ]);
    expect([...found.values()].sort()).toEqual([init, encryption, path].map(hex).sort());
  });

  it('takes the secrets of an epoch, of every kind', () => {
    const epoch = Object.fromEntries(
      ['init_secret', 'exporter_secret', 'external_secret', 'resumption_psk', 'epoch_authenticator'].map(
        (name) => [name, { secret: { value: { vec: secret(48) } } }],
      ),
    );
    const kinds = [...namesAndValues([record('epoch-secrets', epoch)]).keys()];
    expect(kinds.sort()).toEqual(
      Object.keys(epoch)
        .map((name) => `ann's group: ${name} 1`)
        .sort(),
    );
  });

  it('opens the message secrets, which are packed twice', () => {
    const [senderData, ratchet] = [secret(48), secret(48)];
    const fields = Buffer.concat([
      encode('message_secrets'),
      encode({
        sender_data_secret: { secret: { value: { vec: senderData } } },
        secret_tree: { nodes: [{ vec: ratchet }] },
        serialized_context: secret(128),
      }),
    ]);
    const found = namesAndValues([record('secrets', [{ count: 1, bytes: fields }, []])]);
    expect(found).toEqual(
      new Map([
        ["ann's group: sender_data_secret 1", hex(senderData)],
        ["ann's group: ratchets 1", hex(ratchet)],
      ]),
    );
  });

  it('counts a secret once that was stored often, and says which kinds are missing', () => {
    const put = row('profile', { accountSecret: marked(secret()), leafSecret: marked(secret()) });
    const { secrets, missing } = harvest({ owner: 'ann', puts: [put, put] });
    expect(secrets).toHaveLength(2);
    expect(missing).toContain('group: exporter_secret' satisfies SecretKind);
    expect(missing).not.toContain('account key' satisfies SecretKind);
  });
});
