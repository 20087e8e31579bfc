/** The chart, installed with evaluation values and what a test of everything at one address needs on top. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runWithInput, type Kubectl, type Ran } from './kubectl.js';

export const releaseName = 'chat';
export const fullName = 'chat-cipherchat';

export type Values = { readonly [key: string]: unknown };

/** All load comes from one address; and twice everything that is to go on while one of it ends. */
function testValues(params: {
  readonly publicUrl: string;
  readonly nodePort: number;
  /** Where people write from. */
  readonly from: string;
  readonly storageClass: string;
  readonly images: { readonly postgres: string; readonly nats: string; readonly redis: string } | null;
}): Values {
  const { publicUrl, nodePort, from, storageClass, images } = params;
  const environment = { RATE_LIMIT_SCALE: '1000000' };
  const resources = (memory: string) => ({ requests: { cpu: '80m', memory: '96Mi' }, limits: { memory } });
  const service = { replicas: 2, environment, resources: resources('384Mi') };
  return {
    publicUrl,
    web: { replicas: 2, service: { type: 'NodePort', nodePort }, resources: resources('128Mi') },
    auth: service,
    keyDirectory: service,
    messageStore: service,
    gateway: { ...service, environment: { ...environment, HANDSHAKES_PER_MINUTE: '10000000' } },
    postgres: {
      bundled: {
        enabled: true,
        persistence: { kind: 'claim', size: '1Gi', storageClass },
        ...(images === null ? {} : { image: images.postgres }),
      },
    },
    nats: { bundled: { enabled: true, ...(images === null ? {} : { image: images.nats }) } },
    redis: { bundled: { enabled: true, ...(images === null ? {} : { image: images.redis }) } },
    networkPolicy: {
      publicPorts: [nodePort],
      edge: [{ namespaceSelector: {} }, { ipBlock: { cidr: `${from}/32` } }],
    },
  };
}

export type ReleaseParams = Parameters<typeof testValues>[0] & {
  readonly helm: string;
  readonly kubectl: Kubectl;
  readonly chart: string;
  readonly folder: string;
};

export class Release {
  private files = 0;
  private readonly base: readonly string[];

  constructor(private readonly params: ReleaseParams) {
    this.base = [path.join(params.chart, 'scenarios/evaluation.yaml'), this.write(testValues(params))];
  }

  get publicUrl(): string {
    return this.params.publicUrl;
  }

  /** `install` or `upgrade`, and waits until all is ready; `more` counts only this time. */
  async put(kind: 'install' | 'upgrade', more: Values = {}): Promise<Ran> {
    const files = [...this.base, this.write(more)].map((file) => `--values=${file}`);
    return this.helm([
      kind,
      releaseName,
      this.params.chart,
      ...files,
      '--wait',
      '--wait-for-jobs',
      '--timeout=5m',
    ]);
  }

  /** @throws Error with what Helm said when it does not succeed */
  async mustPut(kind: 'install' | 'upgrade', more: Values = {}): Promise<void> {
    succeeded(await this.put(kind, more));
  }

  helm(args: readonly string[]): Promise<Ran> {
    const { helm: program, kubectl } = this.params;
    return runWithInput({ program, args: [...args, `--namespace=${kubectl.namespace}`] });
  }

  async history(): Promise<readonly { readonly revision: number; readonly status: string }[]> {
    const { stdout } = succeeded(await this.helm(['history', releaseName, '--output=json']));
    return JSON.parse(stdout) as readonly { readonly revision: number; readonly status: string }[];
  }

  private write(values: Values): string {
    const { folder } = this.params;
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `values-${++this.files}.json`);
    writeFileSync(file, JSON.stringify(values)); // which is YAML, too
    return file;
  }
}

/** @throws Error with what it said when it did not succeed */
export function succeeded(ran: Ran): Ran {
  if (ran.status !== 0) throw new Error(said(ran));
  return ran;
}

/** Without Helm's lines about linked files. */
export function said({ stdout, stderr }: Ran): string {
  const lines = `${stderr}\n${stdout}`.split('\n').filter((line) => !/found symbolic link/.test(line));
  return lines.join('\n').trim();
}
