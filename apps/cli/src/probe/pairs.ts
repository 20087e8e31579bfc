/**
 * The pairs of a probe: kept at the number asked for. One that cannot begin, or is old, is replaced; a pair that only lost
 * its connection is not, since coming back by itself is what is measured.
 */
import { randomBytes } from 'node:crypto';
import { isProblem } from '@cipherchat/client-sdk';
import { ProbePair, type PairParams } from './pair.js';

/** What two clients keep of their conversation in memory, and their accounts on the server, end with them. */
const maxPairAgeMs = 6 * 60 * 60 * 1000;
const retryMs = 10_000;

export type PairsParams = Omit<PairParams, 'usernames'> & {
  readonly wanted: number;
  readonly failed: (at: 'begin' | 'send') => void;
  readonly sent: (sent: { readonly id: string; readonly atMs: number }) => void;
};

type Running = { readonly pair: ProbePair; readonly beganAtMs: number };

export class ProbePairs {
  private running: readonly Running[] = [];
  private isBeginning = false;
  private notBeforeMs = -Infinity;

  constructor(private readonly params: PairsParams) {}

  /** Of those that there are to be. */
  get liveRatio(): number {
    return this.running.filter(({ pair }) => pair.areLive).length / this.params.wanted;
  }

  /** Begins what is missing, one pair at a time: the server takes a few registrations a minute. */
  async keepUp(): Promise<void> {
    const { wanted, nowMs } = this.params;
    if (this.isBeginning || nowMs() < this.notBeforeMs) return;
    const old = this.running.find(({ beganAtMs }) => nowMs() - beganAtMs > maxPairAgeMs);
    if (this.running.length >= wanted && old === undefined) return;
    this.isBeginning = true;
    try {
      const pair = await ProbePair.begin({ ...this.params, usernames: [newUsername(), newUsername()] });
      this.running = [...this.running.filter((each) => each !== old), { pair, beganAtMs: nowMs() }];
      await old?.pair.end();
    } catch (error) {
      this.params.failed('begin');
      const waitMs = isProblem(error) ? Math.max(retryMs, error.retryAfterMs) : retryMs;
      this.notBeforeMs = nowMs() + waitMs;
      if (this.params.interrupted.aborted) return;
      throw error;
    } finally {
      this.isBeginning = false;
    }
  }

  /** One message of each pair, whether it is connected or not: what waits for a connection is delivered late. */
  async sendAll(): Promise<void> {
    await Promise.all(
      this.running.map(async ({ pair }) => {
        try {
          this.params.sent(await pair.send(text()));
        } catch {
          // Refused before it was kept anywhere (too much waits already): no message that could be lost.
          this.params.failed('send');
        }
      }),
    );
  }

  async end(): Promise<void> {
    await Promise.all(this.running.map(({ pair }) => pair.end()));
  }
}

function newUsername(): string {
  return `probe-${randomBytes(10).toString('hex')}`;
}

/** As long as people's messages are: most are short. */
function text(): string {
  return randomBytes(8 + (randomBytes(1)[0] ?? 0) / 2).toString('base64');
}
