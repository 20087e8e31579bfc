/** The processes of real clients: hosts that can be killed and come back on the same files. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { ClientProcess } from './clients/client-process.js';
import type { Told } from './clients/orders.js';

const hosts = 4;
const usersPerHost = 3;
/** Numbers of a host's messages begin anew, higher, each time it starts. */
const numbersPerStart = 1_000_000;

export type RoomPlan = readonly string[];

const userOf = (index: number): string => `user-${index}`;

/** Pairs across two hosts, and groups across all; user n is on host n % 4. */
export function planRooms(): readonly RoomPlan[] {
  const users = Array.from({ length: hosts * usersPerHost }, (_, index) => index);
  const pairs = users.filter((index) => index % 2 === 0).map((index) => [index, index + 1]);
  const groups = users
    .filter((index) => index % hosts === 0)
    .map((first) => Array.from({ length: hosts }, (_, index) => first + index));
  return [...pairs, ...groups].map((members) => members.map(userOf));
}

type Host = {
  readonly name: string;
  readonly usernames: readonly string[];
  process: ClientProcess;
  starts: number;
};

export type SdkHostsParams = {
  readonly prefix: readonly string[];
  readonly folder: string;
  readonly serverUrl: string;
  readonly onTold: (told: Told) => void;
};

export class SdkHosts {
  private readonly hosts: Host[];
  private readonly suffix = randomBytes(4).toString('hex');
  private rooms: readonly { readonly room: string; readonly usernames: readonly string[] }[] = [];
  private perSecond = 0;

  constructor(private readonly params: SdkHostsParams) {
    this.hosts = Array.from({ length: hosts }, (_, index) => {
      const usernames = Array.from({ length: usersPerHost }, (_each, user) =>
        this.named(userOf(user * hosts + index)),
      );
      const name = `client-host-${index + 1}`;
      return { name, usernames, process: this.launch(name, {}), starts: 1 };
    });
  }

  get names(): readonly string[] {
    return this.hosts.map(({ name }) => name);
  }

  async open(plan: readonly RoomPlan[]): Promise<void> {
    await Promise.all(this.hosts.map((host) => this.openClients(host)));
    this.rooms = await Promise.all(
      plan.map(async (members) => {
        const usernames = members.map((name) => this.named(name));
        const [username = '', ...others] = usernames;
        const host = this.hosts.find((each) => each.usernames.includes(username));
        const room = await host?.process.ask<string>({ kind: 'begin', username, others });
        return { room: room ?? '', usernames };
      }),
    );
    await Promise.all(this.hosts.map((host) => this.join(host)));
  }

  async load(perSecond: number): Promise<void> {
    this.perSecond = perSecond;
    await Promise.all(this.hosts.map((host) => this.loadHost(host)));
  }

  probe(probe: number, answered: (name: string) => void): readonly Promise<void>[] {
    return this.hosts.map(async ({ name, process }) => {
      await process.ask({ kind: 'probe', probe });
      answered(name);
    });
  }

  accounts<Account>(): Promise<readonly Account[]> {
    return Promise.all(this.hosts.map(({ process }) => process.ask<Account>({ kind: 'account' })));
  }

  /** All clients of a host die at once. */
  async killHost(index: number): Promise<void> {
    await this.hosts[index % hosts]?.process.kill();
  }

  /** They come back on the same files. */
  async startHost(index: number, environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const host = this.hosts[index % hosts];
    if (host === undefined) return;
    host.starts++;
    host.process = this.launch(host.name, environment);
    await this.openClients(host);
    await this.join(host);
    await this.loadHost(host);
  }

  async kill(): Promise<void> {
    await Promise.all(this.hosts.map(({ process }) => process.kill()));
  }

  private launch(name: string, environment: Readonly<Record<string, string>>): ClientProcess {
    const { prefix, folder, onTold } = this.params;
    const logFile = path.join(folder, 'logs', `${name}.log`);
    return ClientProcess.start({ program: 'sdk-process', prefix, logFile, environment, onTold });
  }

  private async openClients({ process, usernames }: Host): Promise<void> {
    const { folder, serverUrl } = this.params;
    await process.ask({ kind: 'open-sdk', serverUrl, folder, usernames });
  }

  private async join({ process, starts }: Host): Promise<void> {
    await process.ask({ kind: 'join', rooms: this.rooms, firstNumber: starts * numbersPerStart });
  }

  private async loadHost({ process }: Host): Promise<void> {
    await process.ask({ kind: 'load', perSecond: this.perSecond / hosts });
  }

  private named(user: string): string {
    return `${user}-${this.suffix}`;
  }
}
