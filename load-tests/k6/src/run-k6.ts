/** Runs k6 once, to its end or to the hard stop, and watches what it and the services cost meanwhile. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  cpuMicroseconds,
  guardProcess,
  releaseProcess,
  residentBytes,
  type NamedProcess,
} from '@cipherchat/test-kit';
import { environmentOfK6 } from './config.js';
import type { Order } from './order.js';
import type { SourceAddresses } from './target/source-addresses.js';

export type ProcessCost = {
  readonly name: string;
  readonly cpuSeconds: number;
  /** In the first and in the last moment that it was seen, and at most between. */
  readonly firstBytes: number;
  readonly lastBytes: number;
  readonly maxBytes: number;
};

export type K6Run = {
  readonly seconds: number;
  readonly outcome: 'ended' | 'cut';
  /** k6's own: 0, or 99 when a threshold did not hold. */
  readonly exitCode: number | null;
  readonly summary: unknown;
  readonly generator: ProcessCost | undefined;
  readonly services: readonly ProcessCost[];
};

const sampleMs = 500;
const microseconds = 1e6;
const cutAfterMs = 5_000;

export async function runK6(params: {
  readonly program: string;
  readonly script: string;
  readonly folder: string;
  readonly order: Omit<Order, 'summaryFile'>;
  readonly sources: SourceAddresses | undefined;
  readonly caFile: string | undefined;
  readonly processes: readonly NamedProcess[];
  readonly atMostSeconds: number;
}): Promise<K6Run> {
  const { program, script, folder, sources, caFile, processes } = params;
  const orderFile = path.join(folder, 'order.json');
  const summaryFile = path.join(folder, 'summary.json');
  const order: Order = { ...params.order, summaryFile };
  // It holds keys, of accounts that hold nothing.
  writeFileSync(orderFile, JSON.stringify(order), { mode: 0o600 });
  const startedAtMs = performance.now();
  const child = spawn(
    program,
    [
      'run',
      '--quiet',
      '--address=', // no server of its own
      '--log-format=raw',
      ...(sources === undefined ? [] : [`--local-ips=${sources.range}`]),
      script,
    ],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: environmentOfK6({
        LOAD_ORDER: orderFile,
        ...(caFile === undefined ? {} : { SSL_CERT_FILE: caFile }),
      }),
    },
  );
  const { pid } = child;
  if (pid !== undefined) guardProcess({ pid, stopSignal: 'SIGKILL' });
  const watch = new CostWatch([...(pid === undefined ? [] : [{ name: generatorName, pid }]), ...processes]);
  let outcome: K6Run['outcome'] = 'ended';
  const cut = setTimeout(() => {
    outcome = 'cut';
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), cutAfterMs).unref();
  }, params.atMostSeconds * 1_000);
  const exitCode = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', resolve);
  });
  clearTimeout(cut);
  if (pid !== undefined) releaseProcess(pid);
  const costs = watch.end();
  return {
    seconds: (performance.now() - startedAtMs) / 1_000,
    outcome,
    exitCode,
    summary: readJson(summaryFile),
    generator: costs.find(({ name }) => name === generatorName),
    services: costs.filter(({ name }) => name !== generatorName),
  };
}

const generatorName = 'k6';

/** Null where k6 wrote none: it never ran, or was killed. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Looks at processes twice a second. What one did since the last look before it ended is not known. */
class CostWatch {
  private readonly cpuBefore: ReadonlyMap<string, number>;
  private readonly costs = new Map<string, ProcessCost>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly processes: readonly NamedProcess[]) {
    this.cpuBefore = readable(() => cpuMicroseconds(processes)) ?? new Map<string, number>();
    this.look();
    this.timer = setInterval(() => this.look(), sampleMs);
  }

  end(): readonly ProcessCost[] {
    clearInterval(this.timer);
    return [...this.costs.values()];
  }

  private look(): void {
    const cpu = readable(() => cpuMicroseconds(this.processes));
    for (const { name, pid } of this.processes) {
      const [used, before] = [cpu?.get(name), this.cpuBefore.get(name)];
      const bytes = readable(() => residentBytes(pid));
      if (used === undefined || before === undefined || bytes === undefined || Number.isNaN(bytes)) continue;
      const known = this.costs.get(name);
      this.costs.set(name, {
        name,
        // A child that has ended no longer counts: what it had used does.
        cpuSeconds: Math.max((used - before) / microseconds, known?.cpuSeconds ?? 0),
        firstBytes: known?.firstBytes ?? bytes,
        lastBytes: bytes,
        maxBytes: Math.max(bytes, known?.maxBytes ?? 0),
      });
    }
  }
}

/** Undefined where there is no /proc, or the process has ended. */
function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
