/**
 * This device's key packages: by them others add it while it is away.
 *
 * Invariants:
 * - A private half is stored before its public half leaves the device.
 * - A package is offered once, or perhaps once: marked before it is sent. One that the server never got only
 *   wastes its private half; one that the server handed out twice would be two groups on one key.
 * - Private halves outlive what may still arrive under them: the package's lifetime and the log's retention.
 */
import type { CipherSuite, DeviceKeys, GeneratedKeyPackage, MlsEngine } from '@cipherchat/crypto';
import { keysRoutes, limits, ProblemError } from '@cipherchat/protocol';
import type { Api } from '../connection/api.js';
import type { Clock } from '../ports/clock.js';
import type { Memory } from '../state/memory.js';
import type { KeyPackageRow } from '../state/key-package-row.js';
import type { Steps } from '../state/steps.js';
import { tables } from '../state/tables.js';

const dayMs = 24 * 60 * 60 * 1000;
const hourS = 60 * 60;
const lifetimeDays = 30;
/** A last-resort package is replaced this long before its end; whoever got the old one still has time to use it. */
const rotateBeforeMs = 7 * dayMs;
/** The log keeps a welcome this long (design: retention limit), and the rotated last-resort package one lifetime more. */
const retentionDays = 30;
/** Fewer missing than this are not worth a request. */
const minTopUp = 20;
/** Made and uploaded at once: 25 packages of suite 0x004E are 67 KB, and 20 ms of work. */
const batchSize = 25;

export type KeyPackagePorts = {
  readonly api: Api;
  readonly steps: Steps;
  readonly memory: Memory;
  readonly engine: MlsEngine;
  readonly keys: DeviceKeys;
  readonly clock: Clock;
  readonly serverOffsetMs: () => number;
};

export class KeyPackages {
  private running: Promise<void> | null = null;

  constructor(private readonly ports: KeyPackagePorts) {}

  /** Uploads what is missing on the server; one run at a time. @throws NetworkError, ProblemError */
  replenish(): Promise<void> {
    this.running ??= this.run().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async run(): Promise<void> {
    const { suite } = this.ports.memory.profile;
    await this.dropOutlived();
    const { singleUseCount, lastResortNotAfterMs } = await this.ports.api.call(keysRoutes.countKeyPackages, {
      query: { suite },
    });
    const rotate =
      lastResortNotAfterMs === null || lastResortNotAfterMs - this.serverNowMs() < rotateBeforeMs;
    const missing = limits.maxKeyPackagesPerDevice - singleUseCount;
    let left = missing >= minTopUp ? missing : 0;
    if (rotate) left = await this.offer({ suite, count: Math.min(left, batchSize), lastResort: true, left });
    while (left > 0)
      left = await this.offer({ suite, count: Math.min(left, batchSize), lastResort: false, left });
  }

  /** Makes, stores, marks and uploads; the number that is left to make after it. */
  private async offer(params: {
    readonly suite: CipherSuite;
    readonly count: number;
    readonly lastResort: boolean;
    readonly left: number;
  }): Promise<number> {
    const { suite, count, lastResort, left } = params;
    const made = await this.make({ suite, count, lastResort });
    await this.ports.steps.run('keys/offer-key-packages', (transaction) => {
      for (const row of made) transaction.put(tables.keyPackages, row.ref, { ...row, state: 'offered' });
    });
    const singleUse = made.filter((row) => !row.lastResort).map(uploaded);
    const resort = made.filter((row) => row.lastResort).map(uploaded)[0];
    try {
      await this.ports.api.call(keysRoutes.uploadKeyPackages, {
        request: { suite, singleUse, ...(resort === undefined ? {} : { lastResort: resort }) },
      });
    } catch (error) {
      if (error instanceof ProblemError && error.is('directory/key-packages-full')) return 0;
      throw error;
    }
    return left - singleUse.length;
  }

  private make(params: {
    readonly suite: CipherSuite;
    readonly count: number;
    readonly lastResort: boolean;
  }): Promise<readonly KeyPackageRow[]> {
    const { engine, keys, clock, steps } = this.ports;
    const nowS = Math.floor(this.serverNowMs() / 1000);
    // An hour back: the clocks of those who check it differ.
    const lifetime = { notBeforeS: nowS - hourS, notAfterS: nowS + lifetimeDays * 24 * hourS };
    return steps.run('keys/store-key-packages', (transaction) => {
      const kinds = [
        ...Array.from({ length: params.count }, () => false),
        ...(params.lastResort ? [true] : []),
      ];
      return kinds.map((lastResort) => {
        const row = keyPackageRow(
          engine.generateKeyPackage({ keys, suite: params.suite, lastResort, ...lifetime }),
          { suite: params.suite, nowMs: clock.nowMs() },
        );
        transaction.put(tables.keyPackages, row.ref, row);
        return row;
      });
    });
  }

  private async dropOutlived(): Promise<void> {
    const nowMs = this.serverNowMs();
    await this.ports.steps.run('keys/drop-key-packages', async (transaction) => {
      const rows = await transaction.scan(tables.keyPackages, { prefix: '', limit: maxRows });
      for (const { key, row } of rows)
        if (outlivedAtMs(row) < nowMs) transaction.delete(tables.keyPackages, key);
    });
  }

  private serverNowMs(): number {
    return this.ports.clock.nowMs() + this.ports.serverOffsetMs();
  }
}

const maxRows = 10_000;

/** When nothing can arrive any more that this private half would open. */
function outlivedAtMs(row: KeyPackageRow): number {
  const extraDays = row.lastResort ? lifetimeDays + retentionDays : retentionDays;
  return row.notAfterS * 1000 + extraDays * dayMs;
}

function keyPackageRow(
  made: GeneratedKeyPackage,
  params: { readonly suite: CipherSuite; readonly nowMs: number },
): KeyPackageRow {
  const { ref, publicBytes, privateRecords, lastResort, notAfterS } = made;
  return {
    ref,
    suite: params.suite,
    publicBytes,
    privateRecords: [...privateRecords],
    lastResort,
    notAfterS,
    state: 'stored',
    createdAtMs: params.nowMs,
  };
}

function uploaded(row: KeyPackageRow): { readonly keyPackage: Uint8Array; readonly notAfterMs: number } {
  return { keyPackage: row.publicBytes, notAfterMs: row.notAfterS * 1000 };
}
