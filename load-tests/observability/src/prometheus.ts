/** A real Prometheus with the rules as they are, and what it answers. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomFreePort, startProcess, waitUntilReady, type ServerCommand } from '@cipherchat/test-kit';
import { ruleFiles } from './promtool.js';

export type Target = { readonly service: string; readonly instance: string; readonly url: string };
export type Line = {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970, and what is a number. */
  readonly points: readonly { readonly atS: number; readonly value: number }[];
};
export type ActiveAlert = {
  readonly name: string;
  readonly state: 'pending' | 'firing';
  readonly texts: readonly string[];
};
export type TargetState = { readonly instance: string; readonly health: string; readonly error: string };
export type RuleState = { readonly name: string; readonly health: string; readonly error: string };

/** Faster than in a deployment, so that minutes are enough; a scrape may take as long, on a busy machine. */
const scrapeS = 2;
const stepS = 2;
const readyTimeoutMs = 20_000;

export class Prometheus {
  private constructor(
    private readonly url: string,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(params: {
    readonly program: string;
    readonly folder: string;
    readonly targets: readonly Target[];
    /** Where what Kubernetes would show is served. */
    readonly kubernetes: URL;
  }): Promise<Prometheus> {
    const { program, folder, targets, kubernetes } = params;
    const port = await randomFreePort();
    const configFile = path.join(folder, 'prometheus.yml');
    writeFileSync(configFile, JSON.stringify(configOf({ targets, kubernetes }), null, 2)); // which is YAML too
    const url = `http://127.0.0.1:${port}`;
    const command: ServerCommand = {
      name: 'prometheus',
      program,
      args: [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${path.join(folder, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      cwd: folder,
      stopSignal: 'SIGTERM',
      logFile: path.join(folder, 'prometheus.log'),
    };
    const server = await startProcess(command);
    const isReady = async (): Promise<boolean> =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await waitUntilReady({ command, process: server, isReady, timeoutMs: readyTimeoutMs });
    return new Prometheus(url, server.stop);
  }

  /** @throws Error when it is no query, or names what cannot be added up */
  async range(
    query: string,
    time: { readonly fromS: number; readonly toS: number },
  ): Promise<readonly Line[]> {
    const { fromS, toS } = time;
    const { result } = await this.ask<{
      readonly result: readonly {
        readonly metric: Readonly<Record<string, string>>;
        readonly values: readonly (readonly [number, string])[];
      }[];
    }>('query_range', { query, start: String(fromS), end: String(toS), step: String(stepS) });
    return result.map(({ metric, values }) => ({
      labels: metric,
      points: values
        .map(([atS, value]) => ({ atS, value: Number(value.replace('Inf', 'Infinity')) }))
        .filter(({ value }) => Number.isFinite(value)),
    }));
  }

  async activeAlerts(): Promise<readonly ActiveAlert[]> {
    const { alerts } = await this.ask<{
      readonly alerts: readonly {
        readonly labels: { readonly alertname: string };
        readonly annotations: Readonly<Record<string, string>>;
        readonly state: ActiveAlert['state'];
      }[];
    }>('alerts', {});
    return alerts.map(({ labels, annotations, state }) => ({
      name: labels.alertname,
      state,
      texts: Object.values(annotations),
    }));
  }

  async targets(): Promise<readonly TargetState[]> {
    const { activeTargets } = await this.ask<{
      readonly activeTargets: readonly {
        readonly labels: { readonly instance: string };
        readonly health: string;
        readonly lastError: string;
      }[];
    }>('targets', {});
    return activeTargets.map(({ labels, health, lastError }) => ({
      instance: labels.instance,
      health,
      error: lastError,
    }));
  }

  async rules(): Promise<readonly RuleState[]> {
    type Rule = { readonly name: string; readonly health: string; readonly lastError?: string };
    const { groups } = await this.ask<{ readonly groups: readonly { readonly rules: readonly Rule[] }[] }>(
      'rules',
      {},
    );
    return groups.flatMap(({ rules }) =>
      rules.map(({ name, health, lastError }) => ({ name, health, error: lastError ?? '' })),
    );
  }

  private async ask<Data>(what: string, query: Readonly<Record<string, string>>): Promise<Data> {
    const answer = await fetch(`${this.url}/api/v1/${what}?${new URLSearchParams(query).toString()}`);
    const body = (await answer.json()) as { readonly data?: Data; readonly error?: string };
    if (body.data === undefined)
      throw new Error(`${body.error ?? answer.statusText}: ${query['query'] ?? what}`);
    return body.data;
  }
}

function configOf({
  targets,
  kubernetes,
}: {
  readonly targets: readonly Target[];
  readonly kubernetes: URL;
}) {
  return {
    global: {
      scrape_interval: `${scrapeS}s`,
      scrape_timeout: `${scrapeS}s`,
      evaluation_interval: `${scrapeS}s`,
    },
    rule_files: [ruleFiles],
    scrape_configs: [
      {
        job_name: 'cipherchat',
        honor_labels: true,
        static_configs: targets.map(({ service, instance, url }) => ({
          targets: [new URL(url).host],
          labels: { service, instance },
        })),
      },
      { job_name: 'kubernetes', honor_labels: true, static_configs: [{ targets: [kubernetes.host] }] },
    ],
  };
}
