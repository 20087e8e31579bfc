/** A load process as the benchmark sees it. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadReport, RunOrder, RunOutcome } from './load-messages.js';

const program = fileURLToPath(new URL('./load-process.js', import.meta.url));

export class LoadClient {
  private constructor(private readonly child: ChildProcess) {}

  static start(): LoadClient {
    return new LoadClient(fork(program));
  }

  /** Milliseconds until the last one was connected. */
  async open(order: Omit<Extract<LoadOrder, { readonly kind: 'open' }>, 'kind'>): Promise<number> {
    const opened = await this.ask({ kind: 'open', ...order }, 'opened');
    return opened.elapsedMs;
  }

  /** `onMeasuring` and `onMeasured` enclose the time that counts. */
  async run(
    order: RunOrder,
    marks: { readonly onMeasuring: () => void; readonly onMeasured: () => void },
  ): Promise<RunOutcome> {
    const listen = (report: LoadReport): void => {
      if (report.kind === 'measuring') marks.onMeasuring();
      if (report.kind === 'measured') marks.onMeasured();
    };
    this.child.on('message', listen);
    try {
      const { outcome } = await this.ask({ kind: 'run', ...order }, 'ran');
      return outcome;
    } finally {
      this.child.off('message', listen);
    }
  }

  /** The last run's account as it is now. */
  async recount(): Promise<RunOutcome> {
    const { outcome } = await this.ask({ kind: 'recount' }, 'ran');
    return outcome;
  }

  async close(): Promise<void> {
    await this.ask({ kind: 'close' }, 'closed');
  }

  end(): void {
    if (this.child.connected) this.child.disconnect();
  }

  private ask<Kind extends LoadReport['kind']>(
    order: LoadOrder,
    kind: Kind,
  ): Promise<Extract<LoadReport, { readonly kind: Kind }>> {
    const { child } = this;
    return new Promise((resolve, reject) => {
      const done = (): void => {
        child.off('message', hear);
        child.off('exit', died);
      };
      const died = (): void => {
        done();
        reject(new Error('a load process ended'));
      };
      const hear = (report: LoadReport): void => {
        if (report.kind !== kind && report.kind !== 'failed') return;
        done();
        if (report.kind === 'failed') reject(new Error(`load process: ${report.reason}`));
        else resolve(report as Extract<LoadReport, { readonly kind: Kind }>);
      };
      child.on('message', hear);
      child.on('exit', died);
      child.send(order);
    });
  }
}
