/** Groups in which both implementations sit, ours (`Peer`) and ts-mls (`TsMlsPeer`). */
import { expect } from '@jest/globals';
import type { CiphersuiteImpl } from 'ts-mls';
import type { MlsEngine } from '../engine.js';
import { Peer, group, loadEngine, nowS, ok, text, utf8 } from '../openmls-engine-fixture.js';
import { TsMlsPeer, loadTsMls, tsMlsDevice } from './ts-mls-peer.js';

export type AnyPeer = Peer | TsMlsPeer;
export type Implementation = 'ours' | 'ts-mls';
type Change = { readonly add?: readonly AnyPeer[]; readonly remove?: readonly AnyPeer[] };

const suite = 0x0001;
const exported = { label: 'scenario', context: utf8('context'), length: 48 };

export class MixedGroup {
  /** Members, in the order in which they came. */
  members: readonly AnyPeer[] = [];
  /** The last commit that was made, and GroupInfo after it. */
  lastCommit: Uint8Array = new Uint8Array();
  #groupInfo: Uint8Array | null = null;
  #seats = 0;
  readonly engine: MlsEngine;
  readonly cs: CiphersuiteImpl;

  private constructor(params: { readonly engine: MlsEngine; readonly cs: CiphersuiteImpl }) {
    this.engine = params.engine;
    this.cs = params.cs;
  }

  static async load(): Promise<MixedGroup> {
    return new MixedGroup({ engine: await loadEngine(), cs: await loadTsMls() });
  }

  /** A device that is in no group yet. */
  peer(implementation: Implementation): AnyPeer {
    this.#seats += 1;
    if (implementation === 'ours') return new Peer(this.engine, suite, this.#seats);
    return new TsMlsPeer({ cs: this.cs, keys: this.engine.generateDeviceKeys(tsMlsDevice(this.#seats)) });
  }

  async create(implementation: Implementation): Promise<AnyPeer> {
    const creator = this.peer(implementation);
    await creator.create(group);
    this.members = [creator];
    return creator;
  }

  /** Makes a commit and merges it; nobody else has seen it yet. */
  async make(
    by: AnyPeer,
    { add = [], remove = [] }: Change = {},
  ): Promise<{ readonly commit: Uint8Array; readonly welcome: Uint8Array | null }> {
    const keyPackages = await Promise.all(add.map(async (peer) => peer.keyPackage()));
    this.#groupInfo = null;
    if (by instanceof TsMlsPeer)
      return by.commit({ add: keyPackages, remove: remove.map(({ keys }) => keys) });
    const made = by.take(
      ok(
        this.engine.commit({
          state: by.state,
          keys: by.keys,
          add: keyPackages,
          remove: remove.map(({ keys }) => keys),
          nowS,
        }),
      ),
    );
    by.mergeOwn();
    this.#groupInfo = made.groupInfo;
    return made;
  }

  /** A commit that everybody merges and the newcomers join by. */
  async commit(by: AnyPeer, change: Change = {}): Promise<void> {
    const { commit, welcome } = await this.make(by, change);
    this.lastCommit = commit;
    const remaining = this.members.filter((peer) => !change.remove?.includes(peer));
    for (const peer of remaining) if (peer !== by) await peer.receive(commit);
    for (const joiner of change.add ?? []) await joiner.join(welcome);
    this.members = [...remaining, ...(change.add ?? [])];
  }

  /** An external commit with the GroupInfo of `by`, in the place of the joiner's old leaf if it has one. */
  async joinExternally(joiner: AnyPeer, by: AnyPeer): Promise<void> {
    const groupInfo = by instanceof TsMlsPeer ? await by.groupInfo() : this.#groupInfo;
    if (groupInfo === null) throw new Error('ours gives GroupInfo with its commits only');
    const replaces = this.members.includes(joiner);
    let commit: Uint8Array;
    if (joiner instanceof TsMlsPeer) {
      commit = await joiner.joinExternally({ groupInfo, replaces });
    } else {
      commit = joiner.take(ok(this.engine.externalCommit({ keys: joiner.keys, groupInfo, nowS }))).commit;
      joiner.mergeOwn();
    }
    for (const peer of this.members) if (peer !== joiner) await peer.receive(commit);
    if (!replaces) this.members = [...this.members, joiner];
  }

  async encrypt(sender: AnyPeer, said: string): Promise<Uint8Array> {
    return sender instanceof TsMlsPeer ? sender.encrypt(utf8(said)) : sender.encrypt(said);
  }

  async decrypt(reader: AnyPeer, ciphertext: Uint8Array): Promise<string> {
    return reader instanceof TsMlsPeer ? text(await reader.decrypt(ciphertext)) : reader.decrypt(ciphertext);
  }

  /** Epoch authenticators and exporter secrets are equal, and everybody reads what everybody writes. */
  async expectAgreement(): Promise<void> {
    const [first] = this.members;
    if (first === undefined) throw new Error('the group is empty');
    for (const peer of this.members) expect(peer.authenticator()).toEqual(first.authenticator());
    const secrets = await Promise.all(this.members.map((peer) => this.#exportSecret(peer)));
    for (const secret of secrets) expect(secret).toEqual(secrets[0]);
    for (const sender of this.members) {
      const said = `from ${sender.keys.device}`;
      const ciphertext = await this.encrypt(sender, said);
      for (const reader of this.members)
        if (reader !== sender) expect(await this.decrypt(reader, ciphertext)).toBe(said);
    }
  }

  async #exportSecret(peer: AnyPeer): Promise<Uint8Array> {
    return peer instanceof TsMlsPeer
      ? peer.exportSecret(exported)
      : this.engine.exportSecret({ state: peer.state, ...exported });
  }
}
