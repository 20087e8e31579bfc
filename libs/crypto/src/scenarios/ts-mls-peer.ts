/**
 * A device that runs ts-mls, a second implementation of RFC 9420 and a development-only dependency,
 * on suite 0x0001. It speaks bytes with the methods of `Peer`, so that a scenario can seat either
 * implementation anywhere. What one writes the other must read; secrets must come out equal.
 */
import {
  acceptAll,
  createApplicationMessage,
  createCommit,
  createGroup,
  decodeMlsMessage,
  emptyPskIndex,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  joinGroupExternal,
  mlsExporter,
  processMessage,
  type CiphersuiteImpl,
  type ClientState,
  type Extension,
  type GroupInfo,
  type KeyPackage,
  type MLSMessage,
  type PrivateKeyPackage,
  type Proposal,
} from 'ts-mls';
import { createGroupInfo } from 'ts-mls/createCommit.js';
import { ratchetTreeEncoder } from 'ts-mls/ratchetTree.js';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import type { DeviceKeys, DeviceRef } from '../engine.js';
import { dayS, id, nowS } from '../openmls-engine-fixture.js';
import { identityOf, idToBytes } from '../openmls-engine-leaves.js';
import { equalBytes } from '../verify/binary.js';

const hourS = 60 * 60;

export async function loadTsMls(): Promise<CiphersuiteImpl> {
  return getCiphersuiteImpl(getCiphersuiteFromName('MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519'));
}

/** What a ts-mls commit gives; it has merged its own commit by then. */
export type TsMlsCommit = { readonly commit: Uint8Array; readonly welcome: Uint8Array | null };

export class TsMlsPeer {
  readonly keys: DeviceKeys;
  readonly #cs: CiphersuiteImpl;
  #state: ClientState | null = null;
  #keyPackage: { readonly publicPackage: KeyPackage; readonly privatePackage: PrivateKeyPackage } | null =
    null;

  constructor(params: { readonly cs: CiphersuiteImpl; readonly keys: DeviceKeys }) {
    this.#cs = params.cs;
    this.keys = params.keys;
  }

  get state(): ClientState {
    if (this.#state === null) throw new Error('the ts-mls peer is in no group');
    return this.#state;
  }

  set state(state: ClientState) {
    this.#state = state;
  }

  async keyPackage(): Promise<Uint8Array> {
    const { publicPackage } = await this.#newKeyPackage();
    return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_key_package', keyPackage: publicPackage });
  }

  async create(group: string): Promise<this> {
    const { publicPackage, privatePackage } = await this.#newKeyPackage();
    this.#state = await createGroup(idToBytes(group), publicPackage, privatePackage, [], this.#cs);
    return this;
  }

  async join(welcome: Uint8Array | null): Promise<void> {
    const message = decode(welcome ?? new Uint8Array());
    if (message.wireformat !== 'mls_welcome' || this.#keyPackage === null)
      throw new Error('no welcome, or no key package');
    const { publicPackage, privatePackage } = this.#keyPackage;
    this.#state = await joinGroup(message.welcome, publicPackage, privatePackage, emptyPskIndex, this.#cs);
  }

  async commit(
    change: { readonly add?: readonly Uint8Array[]; readonly remove?: readonly DeviceRef[] } = {},
  ): Promise<TsMlsCommit> {
    const adds = (change.add ?? []).map((bytes): Proposal => ({
      proposalType: 'add',
      add: { keyPackage: keyPackageOf(bytes) },
    }));
    const removes = (change.remove ?? []).map((device): Proposal => ({
      proposalType: 'remove',
      remove: { removed: this.#leafIndexOf(device) },
    }));
    const made = await createCommit(
      { state: this.state, cipherSuite: this.#cs },
      { extraProposals: [...removes, ...adds], ratchetTreeExtension: true },
    );
    this.#state = made.newState;
    const welcome =
      made.welcome === undefined
        ? null
        : encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome: made.welcome });
    return { commit: encodeMlsMessage(made.commit), welcome };
  }

  /**
   * GroupInfo of the current epoch, with ratchet tree and external key. Put together here, because the
   * function that ts-mls has for it leaves out a length (see `ts-mls-faults.spec.ts`).
   */
  async groupInfo(): Promise<Uint8Array> {
    const { groupContext, confirmationTag, keySchedule, ratchetTree } = this.state;
    const { publicKey } = await this.#cs.hpke.deriveKeyPair(keySchedule.externalSecret);
    const externalPub = await this.#cs.hpke.exportPublicKey(publicKey);
    const extensions: Extension[] = [
      { extensionType: 'external_pub', extensionData: Uint8Array.from([externalPub.length, ...externalPub]) },
      { extensionType: 'ratchet_tree', extensionData: encode(ratchetTreeEncoder)(ratchetTree) },
    ];
    const groupInfo = await createGroupInfo(groupContext, confirmationTag, this.state, extensions, this.#cs);
    return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_group_info', groupInfo });
  }

  /** Joins by external commit, in the place of its old leaf if `replaces` is set; gives the commit. */
  async joinExternally(params: {
    readonly groupInfo: Uint8Array;
    readonly replaces: boolean;
  }): Promise<Uint8Array> {
    const message = decode(params.groupInfo);
    if (message.wireformat !== 'mls_group_info') throw new Error('no GroupInfo');
    const { publicPackage, privatePackage } = await this.#newKeyPackage();
    const joined = await joinGroupExternal(
      withBareExternalPub(message.groupInfo),
      publicPackage,
      privatePackage,
      params.replaces,
      this.#cs,
    );
    this.#state = joined.newState;
    return encodeMlsMessage({
      version: 'mls10',
      wireformat: 'mls_public_message',
      publicMessage: joined.publicMessage,
    });
  }

  /** Merges somebody else's commit. */
  async receive(commit: Uint8Array): Promise<void> {
    const result = await this.#process(commit);
    if (result.kind !== 'newState') throw new Error('expected a commit');
    this.#state = result.newState;
  }

  async encrypt(plaintext: Uint8Array): Promise<Uint8Array> {
    const { newState, privateMessage } = await createApplicationMessage(this.state, plaintext, this.#cs);
    this.#state = newState;
    return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage });
  }

  async decrypt(ciphertext: Uint8Array): Promise<Uint8Array> {
    const result = await this.#process(ciphertext);
    if (result.kind !== 'applicationMessage') throw new Error('expected a message');
    this.#state = result.newState;
    return result.message;
  }

  authenticator(): Uint8Array {
    return this.state.keySchedule.epochAuthenticator;
  }

  async exportSecret(params: {
    readonly label: string;
    readonly context: Uint8Array;
    readonly length: number;
  }): Promise<Uint8Array> {
    return mlsExporter(
      this.state.keySchedule.exporterSecret,
      params.label,
      params.context,
      params.length,
      this.#cs,
    );
  }

  #process(bytes: Uint8Array) {
    const message = decode(bytes);
    if (message.wireformat !== 'mls_private_message' && message.wireformat !== 'mls_public_message')
      throw new Error('expected a commit or a message');
    return processMessage(message, this.state, emptyPskIndex, acceptAll, this.#cs);
  }

  #leafIndexOf(device: DeviceRef): number {
    const identity = identityOf(device);
    const node = this.state.ratchetTree.findIndex(
      (entry) =>
        entry?.nodeType === 'leaf' &&
        entry.leaf.credential.credentialType === 'basic' &&
        equalBytes(entry.leaf.credential.identity, identity),
    );
    if (node < 0) throw new Error('no such member');
    // Leaves are the nodes at even places (RFC 9420 Appendix C).
    return node / 2;
  }

  async #newKeyPackage() {
    const { keys } = this;
    // Capabilities as the binding's leaves have them (`config.rs`): what OpenMLS demands of each other's leaves.
    this.#keyPackage = await generateKeyPackageWithKey(
      { credentialType: 'basic', identity: identityOf(keys) },
      {
        versions: ['mls10'],
        ciphersuites: ['MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519'],
        extensions: [],
        proposals: [],
        credentials: ['basic'],
      },
      { notBefore: BigInt(nowS - hourS), notAfter: BigInt(nowS + 30 * dayS - hourS) },
      [],
      { signKey: keys.leafSecret, publicKey: keys.leafKey },
      this.#cs,
    );
    return this.#keyPackage;
  }
}

/** Ids as those of `Peer` with the same number. */
export function tsMlsDevice(number: number): DeviceRef {
  return { user: id(number), device: id(0x1000 + number) };
}

function decode(bytes: Uint8Array): MLSMessage {
  const decoded = decodeMlsMessage(bytes, 0);
  if (decoded === undefined) throw new Error('ts-mls cannot decode this');
  const [message, length] = decoded;
  if (length !== bytes.length) throw new Error('ts-mls did not read to the end');
  return message;
}

function keyPackageOf(bytes: Uint8Array): KeyPackage {
  const message = decode(bytes);
  if (message.wireformat !== 'mls_key_package') throw new Error('no key package');
  return message.keyPackage;
}

/**
 * ts-mls looks for the external key with `find`, and expects it without its length (the same fault).
 * So that much is taken off there, and nowhere else: the signature is over the extension as it was sent.
 */
function withBareExternalPub(groupInfo: GroupInfo): GroupInfo {
  const extensions = [...groupInfo.extensions];
  const bare = (extension: Extension): Extension => ({
    ...extension,
    extensionData: extension.extensionData.slice(1),
  });
  Object.defineProperty(extensions, 'find', {
    value: (predicate: (extension: Extension) => boolean) => {
      const found = extensions.filter(predicate)[0];
      return found?.extensionType === 'external_pub' ? bare(found) : found;
    },
  });
  return { ...groupInfo, extensions };
}
