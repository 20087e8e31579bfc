/** Pairs of light clients that write through the public address, and count: those of `npm run test:faults`. */
import { ClientProcess } from '../clients/client-process.js';
import type { LightAccount } from '../clients/orders.js';

const recoveredWithinMs = 90_000;

export type Load = LightAccount & {
  /** From the end of what was done until each was shown what every other wrote after it. */
  readonly recoveryMs: number;
  readonly complaints: readonly string[];
};

export type PeopleParams = {
  readonly serverUrl: string;
  /** Who signed the certificate of `serverUrl`. */
  readonly authorityFile: string;
  readonly logFile: string;
  /** Of two people each. */
  readonly rooms: number;
  /** Of all of them together. */
  readonly messagesPerSecond: number;
};

export class People {
  private probes = 0;
  private complaints: string[] = [];
  private readonly clients: ClientProcess;

  private constructor(private readonly params: PeopleParams) {
    this.clients = ClientProcess.start({
      program: 'light-process',
      prefix: [],
      logFile: params.logFile,
      environment: { NODE_EXTRA_CA_CERTS: params.authorityFile },
      onTold: (told) => {
        if (told.kind === 'complaint') this.complaints.push(told.text);
      },
    });
  }

  /** With accounts, conversations and sockets. */
  static async start(params: PeopleParams): Promise<People> {
    const { serverUrl, rooms } = params;
    const people = new People(params);
    try {
      await people.clients.ask({ kind: 'open-light', serverUrl, rooms });
      await people.recovered();
    } catch (error) {
      await people.end();
      throw error;
    }
    return people;
  }

  /** Writes while `act` runs, and until everybody has heard of everybody after it. @throws what `act` throws */
  async writeWhile(act: () => Promise<void>): Promise<Load> {
    await this.clients.ask({ kind: 'account' }); // what came before does not count
    this.complaints = [];
    await this.clients.ask({ kind: 'load', perSecond: this.params.messagesPerSecond });
    try {
      await act();
    } finally {
      await this.clients.ask({ kind: 'load', perSecond: 0 });
    }
    const endedAtMs = performance.now();
    await this.recovered();
    const recoveryMs = performance.now() - endedAtMs;
    const account = await this.clients.ask<LightAccount>({ kind: 'account' });
    return { ...account, recoveryMs, complaints: this.complaints };
  }

  end(): Promise<void> {
    return this.clients.kill();
  }

  private async recovered(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`people did not hear of each other within ${recoveredWithinMs / 1_000} s`)),
        recoveredWithinMs,
      );
    });
    const probe = this.clients.ask({ kind: 'probe', probe: ++this.probes });
    await Promise.race([probe, late]).finally(() => clearTimeout(timer));
  }
}
