/** The system under faults and its clients: everything that a fault can break, and everything that keeps the account. */
import { mkdirSync } from 'node:fs';
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  startIsolatedSystem,
  temporaryFolder,
  type IsolatedService,
  type IsolatedSystem,
} from '@cipherchat/test-kit';
import { SdkLedger, type SdkVerdict } from './account/sdk-ledger.js';
import { ClientProcess } from './clients/client-process.js';
import type { LightAccount, SdkAccount, Told } from './clients/orders.js';
import { createClientNetwork, type ClientNetwork } from './network/client-network.js';
import { TcpProxy } from './network/tcp-proxy.js';
import { planRooms, SdkHosts } from './sdk-hosts.js';

export type FaultSystemParams = {
  /** Pairs of light clients. */
  readonly lightRooms: number;
  readonly lightPerSecond: number;
  readonly sdkPerSecond: number;
  readonly postgresDataDir?: string;
  readonly postgresSettings?: Readonly<Record<string, string>>;
};

/** All load comes from one machine; limits per socket stay as shipped. */
const environment = { RATE_LIMIT_SCALE: '100000' };
const maxComplaints = 50;
const settledWithinMs = 90_000;
const settledPollMs = 500;

export type Account = {
  readonly offered: number;
  readonly light: LightAccount;
  /** Of everything since the start. */
  readonly sdk: SdkVerdict;
  readonly complaints: readonly string[];
};

export class FaultSystem {
  private readonly complaints: string[] = [];
  private probes = 0;

  private constructor(
    private readonly params: FaultSystemParams,
    readonly system: IsolatedSystem,
    readonly network: ClientNetwork,
    /** Between each service and NATS, by instance. */
    readonly natsLines: ReadonlyMap<string, TcpProxy>,
    private readonly light: ClientProcess,
    readonly sdk: SdkHosts,
    private readonly ledger: SdkLedger,
    readonly folder: string,
    private readonly removeFolder: () => void,
  ) {}

  static async start(params: FaultSystemParams): Promise<FaultSystem> {
    const folder = temporaryFolder('faults');
    const logDir = path.join(folder.path, 'logs');
    mkdirSync(logDir);
    const network = await createClientNetwork();
    const natsLines = new Map<string, TcpProxy>();
    const system = await startIsolatedSystem({
      durability: 'fsync',
      environment,
      logDir,
      host: network.host,
      publicOrigin: network.publicOrigin,
      natsUrlFor: async ({ instance, natsUrl }) => {
        const { hostname, port } = new URL(natsUrl);
        const line = await TcpProxy.start({ host: hostname, port: Number(port) });
        natsLines.set(instance, line);
        return `nats://127.0.0.1:${line.port}`;
      },
      ...(params.postgresDataDir === undefined ? {} : { postgresDataDir: params.postgresDataDir }),
      ...(params.postgresSettings === undefined ? {} : { postgresSettings: params.postgresSettings }),
    });
    const ledger = new SdkLedger();
    let hear: (told: Told) => void = () => {};
    const onTold = (told: Told): void => hear(told);
    const { prefix } = network;
    const light = ClientProcess.start({
      program: 'light-process',
      prefix,
      logFile: path.join(logDir, 'light-clients.log'),
      onTold,
    });
    const sdk = new SdkHosts({ prefix, folder: folder.path, serverUrl: system.serverUrl, onTold });
    const faults = new FaultSystem(
      params,
      system,
      network,
      natsLines,
      light,
      sdk,
      ledger,
      folder.path,
      folder.remove,
    );
    hear = (told) => faults.hear(told);
    try {
      await Promise.all([
        light.ask({
          kind: 'open-light',
          serverUrl: system.serverUrl,
          rooms: params.lightRooms,
        }),
        sdk.open(planRooms()),
      ]);
    } catch (error) {
      await faults.stop();
      throw error;
    }
    return faults;
  }

  /** @throws RangeError when there is none of this name */
  service(instance: string): IsolatedService {
    const found = this.system.services.find((service) => service.instance === instance);
    if (found === undefined) throw new RangeError(`no ${instance}`);
    return found;
  }

  async load(state: 'on' | 'off'): Promise<void> {
    const { lightPerSecond, sdkPerSecond } = this.params;
    await Promise.all([
      this.light.ask({ kind: 'load', perSecond: state === 'on' ? lightPerSecond : 0 }),
      this.sdk.load(state === 'on' ? sdkPerSecond : 0),
    ]);
  }

  churn(share: number): Promise<void> {
    return this.light.ask({ kind: 'churn', share });
  }

  /**
   * Resolves when each client has been shown a message that each other one in its rooms has written from now on:
   * nothing waits then that was written before. @throws Error when that takes too long
   */
  async recovered(withinMs: number): Promise<void> {
    const probe = ++this.probes;
    const missing = new Set(['light clients', ...this.sdk.names]);
    const awaited = [
      this.light.ask({ kind: 'probe', probe }).then(() => missing.delete('light clients')),
      ...this.sdk.probe(probe, (name) => missing.delete(name)),
    ];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`not recovered within ${withinMs} ms: ${[...missing].join(', ')}`)),
        withinMs,
      );
    });
    try {
      await Promise.race([Promise.all(awaited), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** When the load is off and everything has recovered. */
  async account(): Promise<Account> {
    const light = await this.light.ask<LightAccount>({ kind: 'account' });
    let { offered } = light;
    const deadlineMs = performance.now() + settledWithinMs;
    for (;;) {
      const accounts = await this.sdk.accounts<SdkAccount>();
      offered += accounts.reduce((sum, account) => sum + account.offered, 0);
      const sdk = this.ledger.judge(accounts.flatMap(({ views }) => views));
      // A probe may be shown before its sender has its answer: what is not settled in time counts as it is.
      if (sdk.notes.length === 0 || performance.now() > deadlineMs)
        return { offered, light, sdk, complaints: this.complaints.splice(0) };
      await new Promise((resolve) => setTimeout(resolve, settledPollMs));
    }
  }

  /** Copies what all processes said to where it outlives the run. Returns the folder. */
  async keepLogs(): Promise<string> {
    const kept = await mkdtemp(path.join(tmpdir(), 'cipherchat-fault-logs-'));
    await cp(path.join(this.folder, 'logs'), kept, { recursive: true });
    return kept;
  }

  async stop(): Promise<void> {
    await Promise.all([this.light.kill(), this.sdk.kill()]);
    await this.system.stop();
    for (const line of this.natsLines.values()) line.close();
    await this.network.close();
    this.removeFolder();
  }

  private hear(told: Told): void {
    switch (told.kind) {
      case 'acknowledged':
        return this.ledger.onAcknowledged(told);
      case 'shown':
        return this.ledger.onShown(told);
      case 'complaint':
        if (this.complaints.length < maxComplaints) this.complaints.push(told.text);
        return;
      case 'done':
      case 'failed':
        return;
    }
  }
}
