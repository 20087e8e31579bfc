/** Recovery records, in memory. What it hands out can be falsified by a test. */
import {
  recoveryLookupHash,
  verifyManifest,
  verifyRecoveryRecord,
  type VerifiedRecoveryRecord,
} from '@cipherchat/crypto';
import { keysRoutes, problem, type MemberDevice, type Route, type UserId } from '@cipherchat/protocol';
import { equalBytes } from '../keys/equal-bytes.js';
import { knownDevice } from './model-http.js';

type Asked = { readonly who: MemberDevice | null; readonly json: unknown };
type Accounts = ReadonlyMap<UserId, { readonly username: string; readonly manifest: Uint8Array }>;

export class ModelRecovery {
  private readonly records = new Map<UserId, VerifiedRecoveryRecord>();
  /** What a server that lies gives instead. */
  falsify: (found: { readonly record: Uint8Array; readonly manifest: Uint8Array }) => {
    readonly record: Uint8Array;
    readonly manifest: Uint8Array;
  } = (found) => found;

  constructor(private readonly accounts: Accounts) {}

  become(other: ModelRecovery): void {
    this.records.clear();
    for (const [user, record] of other.records) this.records.set(user, record);
  }

  readonly handlers = new Map<Route, (asked: Asked) => unknown>([
    [
      keysRoutes.publishRecovery,
      ({ who, json }) =>
        this.publish(knownDevice(who).user, (json as { readonly record: Uint8Array }).record),
    ],
    [
      keysRoutes.readRecovery,
      ({ who }) => ({ record: this.records.get(knownDevice(who).user)?.bytes ?? null }),
    ],
    [
      keysRoutes.findRecovery,
      ({ json }) => this.find(json as { readonly username: string; readonly lookup: Uint8Array }),
    ],
  ]);

  private publish(user: UserId, bytes: Uint8Array) {
    const verdict = verifyRecoveryRecord(bytes);
    const account = verifyManifest(this.accounts.get(user)?.manifest ?? new Uint8Array(0));
    const isGenuine =
      verdict.kind === 'record' &&
      account.kind === 'manifest' &&
      verdict.record.user === user &&
      equalBytes(verdict.record.accountKey, account.manifest.accountKey);
    if (!isGenuine) throw problem('directory/recovery-invalid');
    const known = this.records.get(user);
    const { version } = verdict.record;
    if (known !== undefined && !equalBytes(known.bytes, bytes) && known.version >= version)
      throw problem('directory/recovery-stale', { version: known.version });
    this.records.set(user, verdict.record);
    return { version };
  }

  private find({ username, lookup }: { readonly username: string; readonly lookup: Uint8Array }) {
    const [user, account] = [...this.accounts].find(([, each]) => each.username === username) ?? [];
    const record = user === undefined ? undefined : this.records.get(user);
    if (account === undefined || record === undefined) throw problem('directory/recovery-unknown');
    if (!equalBytes(record.lookupHash, recoveryLookupHash(lookup)))
      throw problem('directory/recovery-unknown');
    return { user, ...this.falsify({ record: record.bytes, manifest: account.manifest }) };
  }
}
