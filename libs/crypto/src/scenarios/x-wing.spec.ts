/**
 * X-Wing (ML-KEM-768 + X25519), the KEM of suite 0x004E: what OpenMLS does with it, held against the
 * published known answers through the committed WebAssembly.
 *
 * Real: the engine. Independent: @noble/post-quantum (KEM only), and @hpke/core with
 * @hpke/hybridkem-x-wing and mlkem (KEM and HPKE, RFC 9180). Neither shares code with OpenMLS.
 *
 * Shown: for each published vector the engine encapsulates to the published public key so that the published
 * secret key opens it, and opens the published ciphertext to what is sealed under the published shared
 * secret, both inside a real Welcome. Not shown: the engine's own key generation and encapsulation from a
 * given seed (its randomness is not ours to choose), other than by public key = published function of seed.
 */
import { Aes256Gcm, CipherSuite as HpkeSuite, HkdfSha384 } from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';
import { decode, encode } from '@msgpack/msgpack';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha384 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { ml_kem768_x25519 } from '@noble/post-quantum/hybrid.js';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { MlsEngine } from '../engine.js';
import { Peer, loadEngine, ok, utf8 } from '../openmls-engine-fixture.js';
import { joinBytes } from '../verify/binary.js';
import { TlsReader, variable } from './tls.js';
import { xWingVectors } from './x-wing-vectors.js';

const suite = 0x004e;
const hpke = new HpkeSuite({ kem: new XWing(), kdf: new HkdfSha384(), aead: new Aes256Gcm() });
const signatureBytes = 64;
const recordVersionBytes = 1;

let engine: MlsEngine;
beforeAll(async () => {
  engine = await loadEngine();
});

const vectors = xWingVectors.map((vector, index) => ({
  index: index + 1,
  ...(Object.fromEntries(Object.entries(vector).map(([name, value]) => [name, hexToBytes(value)])) as Record<
    'eseed' | 'ss' | 'sk' | 'pk' | 'ct',
    Uint8Array
  >),
}));

/** The part of the stored private half of a key package that these tests look at and replace; the store's MessagePack. */
type StoredKeyPackage = {
  readonly key_package: {
    readonly payload: { readonly init_key: { readonly key: { readonly vec: Uint8Array } } };
    readonly signature: { readonly value: { readonly vec: Uint8Array } };
  };
  readonly private_init_key: { readonly vec: Uint8Array };
};
type PrivateRecords = ReadonlyMap<string, Uint8Array>;

function stored(records: PrivateRecords): { readonly name: string; readonly value: StoredKeyPackage } {
  const [entry, ...others] = records;
  if (entry === undefined || others.length > 0) throw new Error('expected one record');
  return { name: entry[0], value: decode(entry[1].subarray(recordVersionBytes)) as StoredKeyPackage };
}

/** SignContent and RefHashInput of RFC 9420 §5.1.2 and §5.2: a label, then the content. */
const labelled = (label: string, content: Uint8Array): Uint8Array =>
  joinBytes([variable(utf8(label)), variable(content)]);

/**
 * A key package of `peer` whose init key is a published X-Wing key pair: its private half in the peer's
 * hands, its public half given.
 */
function keyPackageWith(peer: Peer, pair: { readonly sk: Uint8Array; readonly pk: Uint8Array }): Uint8Array {
  const generated = peer.keyPackage();
  const [[ref, records]] = [...peer.keyPackages] as [[string, PrivateRecords]];
  const header = generated.slice(0, 8); // MLSMessage: version, wire format; KeyPackage: version, suite
  const body = new TlsReader(generated.slice(8));
  const initKey = body.variable();
  const rest = generated.slice(
    8 + variable(initKey).length,
    generated.length - variable(new Uint8Array(signatureBytes)).length,
  );
  const toSign = joinBytes([header.slice(4), variable(pair.pk), rest]);
  const signature = ed25519.sign(labelled('MLS 1.0 KeyPackageTBS', toSign), peer.keys.leafSecret);
  const keyPackage = joinBytes([toSign, variable(signature)]);
  const newRef = sha384(labelled('MLS 1.0 KeyPackage Reference', keyPackage));

  const { value } = stored(records);
  const replaced = {
    ...value,
    key_package: {
      ...value.key_package,
      payload: { ...value.key_package.payload, init_key: { key: { vec: pair.pk } } },
      signature: { value: { vec: signature } },
    },
    private_init_key: { vec: pair.sk },
  };
  const name = `key-package/${bytesToHex(encode([[[...newRef]]]))}`;
  peer.keyPackages.delete(ref);
  peer.keyPackages.set(
    bytesToHex(newRef),
    new Map([[name, joinBytes([Uint8Array.of(1), encode(replaced)])]]),
  );
  return joinBytes([header.slice(0, 4), keyPackage]);
}

/** A Welcome for one joiner (RFC 9420 §12.4.3.1) and back. */
type WelcomeParts = {
  readonly header: Uint8Array;
  readonly newMember: Uint8Array;
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly groupInfo: Uint8Array;
};

function takeApart(welcome: Uint8Array | null): WelcomeParts {
  const reader = new TlsReader(welcome ?? new Uint8Array());
  const header = reader.take(6); // version, wire format, suite
  const secrets = new TlsReader(reader.variable());
  const parts = {
    header,
    newMember: secrets.variable(),
    kemOutput: secrets.variable(),
    ciphertext: secrets.variable(),
    groupInfo: reader.variable(),
  };
  if (!secrets.isAtEnd || !reader.isAtEnd) throw new Error('expected a welcome for one');
  return parts;
}

function putTogether({ header, newMember, kemOutput, ciphertext, groupInfo }: WelcomeParts): Uint8Array {
  const secrets = joinBytes([variable(newMember), variable(kemOutput), variable(ciphertext)]);
  return joinBytes([header, variable(secrets), variable(groupInfo)]);
}

/** EncryptContext of RFC 9420 §5.1.3, the `info` of HPKE. */
const infoOf = ({ groupInfo }: WelcomeParts): ArrayBuffer =>
  arrayBuffer(labelled('MLS 1.0 Welcome', groupInfo));
const arrayBuffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
const keyPairOf = (sk: Uint8Array): Promise<Awaited<ReturnType<XWing['generateKeyPairDerand']>>> =>
  (hpke.kem as XWing).generateKeyPairDerand(sk.slice());

async function openSecrets(parts: WelcomeParts, sk: Uint8Array): Promise<Uint8Array> {
  const { privateKey } = await keyPairOf(sk);
  const recipient = await hpke.createRecipientContext({
    recipientKey: privateKey,
    enc: arrayBuffer(parts.kemOutput),
    info: infoOf(parts),
  });
  return new Uint8Array(await recipient.open(arrayBuffer(parts.ciphertext)));
}

describe.each(vectors)('published X-Wing vector $index', ({ eseed, ss, sk, pk, ct }) => {
  it('is what @noble/post-quantum computes', () => {
    expect(ml_kem768_x25519.keygen(sk).publicKey).toEqual(pk);
    expect(ml_kem768_x25519.encapsulate(pk, eseed)).toMatchObject({ cipherText: ct, sharedSecret: ss });
    expect(ml_kem768_x25519.decapsulate(ct, sk)).toEqual(ss);
  });

  it('is what @hpke/hybridkem-x-wing computes', async () => {
    const pair = await keyPairOf(sk);
    expect(new Uint8Array(await hpke.kem.serializePublicKey(pair.publicKey))).toEqual(pk);
    const { sharedSecret, enc } = await hpke.kem.encap({
      recipientPublicKey: pair.publicKey,
      ekm: arrayBuffer(eseed),
    });
    expect([new Uint8Array(enc), new Uint8Array(sharedSecret)]).toEqual([ct, ss]);
    expect(
      new Uint8Array(await hpke.kem.decap({ recipientKey: pair.privateKey, enc: arrayBuffer(ct) })),
    ).toEqual(ss);
  });

  it('is what the engine encapsulates to: the published secret key opens its Welcome, here and elsewhere', async () => {
    const [alice, bob] = [new Peer(engine, suite, 1).create(), new Peer(engine, suite, 2)];
    const { welcome } = alice.commit({ add: [keyPackageWith(bob, { sk, pk })] });
    alice.mergeOwn();
    const parts = takeApart(welcome);
    expect(parts.kemOutput).toHaveLength(ct.length);
    const secrets = await openSecrets(parts, sk);
    // GroupSecrets: a joiner secret of one SHA-384 output comes first.
    expect(new TlsReader(secrets).variable()).toHaveLength(48);
    bob.join(welcome);
    expect(bob.authenticator()).toEqual(alice.authenticator());
  });

  it('is what the engine decapsulates: it opens the published ciphertext with the published shared secret', async () => {
    const [alice, bob] = [new Peer(engine, suite, 1).create(), new Peer(engine, suite, 2)];
    const { welcome } = alice.commit({ add: [keyPackageWith(bob, { sk, pk })] });
    alice.mergeOwn();
    const parts = takeApart(welcome);
    const secrets = await openSecrets(parts, sk);
    const { publicKey } = await keyPairOf(sk);
    const sender = await hpke.createSenderContext({
      recipientPublicKey: publicKey,
      info: infoOf(parts),
      ekm: arrayBuffer(eseed),
    });
    expect(new Uint8Array(sender.enc)).toEqual(ct);
    const resealed = {
      ...parts,
      kemOutput: ct,
      ciphertext: new Uint8Array(await sender.seal(arrayBuffer(secrets))),
    };
    bob.join(putTogether(resealed));
    expect(bob.authenticator()).toEqual(alice.authenticator());
    expect(bob.decrypt(alice.encrypt('hello'))).toBe('hello');
    // One bit of the published ciphertext, in either half, and it is closed.
    for (const at of [0, ct.length - 1]) {
      const flipped = ct.map((byte, index) => (index === at ? byte ^ 1 : byte));
      const { keys, keyPackages } = bob;
      expect(
        engine.inspectWelcome({
          keys,
          welcome: putTogether({ ...resealed, kemOutput: flipped }),
          keyPackages,
        }),
      ).toMatchObject({ kind: 'failure', code: 'not-authentic' });
    }
  });
});

describe('keys that the engine makes on suite 0x004E', () => {
  it('are X-Wing keys: the init key of a key package is the published function of its stored seed', () => {
    const peer = new Peer(engine, suite, 1);
    for (let round = 0; round < 5; round++) {
      peer.keyPackages.clear();
      const publicBytes = peer.keyPackage();
      const initKey = new TlsReader(publicBytes.slice(8)).variable();
      const [records] = [...peer.keyPackages.values()] as [PrivateRecords];
      const { value } = stored(records);
      expect(value.private_init_key.vec).toHaveLength(32);
      expect(ml_kem768_x25519.keygen(value.private_init_key.vec).publicKey).toEqual(initKey);
    }
  });

  it('differ from each other', () => {
    const peer = new Peer(engine, suite, 1);
    const initKeys = Array.from({ length: 5 }, () =>
      bytesToHex(new TlsReader(peer.keyPackage().slice(8)).variable()),
    );
    expect(new Set(initKeys).size).toBe(initKeys.length);
  });

  it('open what an independent HPKE seals to them', async () => {
    const [alice, bob] = [new Peer(engine, suite, 1).create(), new Peer(engine, suite, 2)];
    const { welcome } = alice.commit({ add: [bob.keyPackage()] });
    alice.mergeOwn();
    const [records] = [...bob.keyPackages.values()] as [PrivateRecords];
    const { value } = stored(records);
    const parts = takeApart(welcome);
    const secrets = await openSecrets(parts, value.private_init_key.vec);
    const recipientPublicKey = await hpke.kem.deserializePublicKey(
      arrayBuffer(value.key_package.payload.init_key.key.vec),
    );
    const sender = await hpke.createSenderContext({ recipientPublicKey, info: infoOf(parts) });
    const ciphertext = new Uint8Array(await sender.seal(arrayBuffer(secrets)));
    bob.join(putTogether({ ...parts, kemOutput: new Uint8Array(sender.enc), ciphertext }));
    expect(
      ok(engine.decrypt({ state: bob.state, ciphertext: alice.encrypt('sealed elsewhere') })).plaintext,
    ).toEqual(utf8('sealed elsewhere'));
  });
});
