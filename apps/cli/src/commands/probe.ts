import { fetchHttp } from '@cipherchat/client-sdk';
import type { Context } from '../context.js';
import { CliFailure } from '../exit-codes.js';
import { certificateExpiry } from '../probe/certificate.js';
import { Deliveries, type Outcome } from '../probe/deliveries.js';
import { ProbeMeasures } from '../probe/measure.js';
import { serveMetrics } from '../probe/metrics-server.js';
import { ProbePairs } from '../probe/pairs.js';
import { percentile } from '../demo/ledger.js';
import { explainFailure } from '../explain-failure.js';
import { serverAddress, trustLocalAuthority } from '../server/server-address.js';
import { untilAnswered } from '../server/server-wait.js';
import { parseDuration } from '../waiting.js';

export type ProbeOptions = {
  readonly invite?: string;
  readonly pairs: string;
  readonly every: string;
  readonly within: string;
  readonly wait: string;
  readonly lostAfter: string;
  readonly once?: boolean;
  readonly metrics: string;
};

const maxPairs = 20;
const minEveryMs = 50;
/** Enough for both directions to be seen more than once. */
const onceMessages = 6;
const onceTimeoutMs = 120_000;
const remembered = 10_000;
const certificateEveryMs = 10 * 60_000;
const tickMs = 50;

/** Sends for as long as it is let, and shows how it fares; with `--once` a few times, and says how it fared. */
export async function probe(context: Context, options: ProbeOptions): Promise<void> {
  trustLocalAuthority(context.runFile);
  const settings = settingsOf(context, options);
  await (options.once === true ? probeOnce(context, settings) : probeOn(context, settings));
}

type Settings = ReturnType<typeof settingsOf>;

function settingsOf(context: Context, options: ProbeOptions) {
  const serverUrl = serverAddress({
    option: context.options.server,
    variable: context.config.server,
    runFile: context.runFile,
  });
  const pairs = Number(options.pairs);
  if (!Number.isInteger(pairs) || pairs < 1 || pairs > maxPairs)
    throw new CliFailure('usage', `--pairs takes a number from 1 to ${maxPairs}`);
  const everyMs = parseDuration(options.every);
  if (everyMs < minEveryMs) throw new CliFailure('usage', `--every takes ${minEveryMs}ms or more`);
  const found = /^(.+):(\d{1,5})$/.exec(options.metrics);
  if (found === null || Number(found[2]) > 65_535)
    throw new CliFailure('usage', `"${options.metrics}" is not an address`, { hint: 'Like 127.0.0.1:9464.' });
  return {
    serverUrl,
    pairs,
    everyMs,
    invite: options.invite,
    withinMs: parseDuration(options.within),
    waitMs: parseDuration(options.wait),
    lostAfterMs: parseDuration(options.lostAfter),
    host: found[1]?.replace(/^\[|\]$/g, '') ?? '',
    port: Number(found[2]),
  };
}

type Count = (outcome: Outcome, delayMs: number | null) => void;

function begin(
  context: Context,
  params: { readonly settings: Settings; readonly measures: ProbeMeasures; readonly count: Count },
) {
  const { settings, measures, count } = params;
  const { interrupted } = context;
  const nowMs = (): number => performance.now();
  const deliveries = new Deliveries({ lostAfterMs: settings.lostAfterMs, remembered, count });
  const pairs = new ProbePairs({
    ...settings,
    wanted: settings.pairs,
    interrupted,
    nowMs,
    shown: (shown) => deliveries.shown(shown),
    failed: (at) => measures.failed(at),
    sent: (message) => {
      measures.sent();
      deliveries.sent(message);
    },
  });
  return { deliveries, pairs, nowMs };
}

async function probeOn(context: Context, settings: Settings): Promise<void> {
  const { interrupted, output } = context;
  const measures = new ProbeMeasures();
  const count: Count = (outcome, delayMs) => measures.ended(outcome, delayMs);
  const { deliveries, pairs, nowMs } = begin(context, { settings, measures, count });
  const server = await serveMetrics({
    ...settings,
    metrics: measures.metrics,
    isReady: () => pairs.liveRatio > 0,
  });
  output.note(`Probing ${settings.serverUrl}; metrics at ${server.address}/metrics. Ctrl-C ends it.`);
  let [nextSendMs, nextCertificateMs] = [nowMs(), nowMs()];
  try {
    while (!interrupted.aborted) {
      pairs.keepUp().catch((error: unknown) => output.note(`No pair: ${explainFailure(error).message}`));
      if (nowMs() >= nextSendMs) {
        // From when it was due, not from when it was done: a slow moment takes no messages out of the measurement.
        nextSendMs += settings.everyMs;
        void pairs.sendAll();
      }
      if (nowMs() >= nextCertificateMs) {
        nextCertificateMs = nowMs() + certificateEveryMs;
        void certificateExpiry(settings.serverUrl).then((expiryMs) => {
          if (expiryMs !== null) measures.certificateEnds(expiryMs);
        });
      }
      deliveries.passTime(nowMs());
      measures.live(pairs.liveRatio);
      await pause();
    }
  } finally {
    await Promise.all([pairs.end(), server.stop()]);
  }
}

async function probeOnce(context: Context, settings: Settings): Promise<void> {
  const { interrupted, output } = context;
  const measures = new ProbeMeasures();
  const delaysMs: number[] = [];
  const counts = { sent: 0, delivered: 0, late: 0, lost: 0, duplicate: 0 };
  const count: Count = (outcome, delayMs) => {
    counts[outcome]++;
    if (delayMs !== null) delaysMs.push(delayMs);
  };
  const { deliveries, pairs, nowMs } = begin(context, {
    settings: { ...settings, pairs: 1 },
    measures,
    count,
  });
  try {
    await untilAnswered({ ...settings, withinMs: settings.waitMs, http: fetchHttp, nowMs, interrupted });
  } catch (error) {
    if (interrupted.aborted) throw new CliFailure('interrupted', 'interrupted');
    throw error;
  }
  const deadlineMs = nowMs() + onceTimeoutMs;
  try {
    await pairs.keepUp();
    for (; counts.sent < onceMessages && !interrupted.aborted; counts.sent++) {
      await pairs.sendAll();
      while (deliveries.pending > 0 && nowMs() < deadlineMs && !interrupted.aborted) {
        deliveries.passTime(nowMs());
        await pause();
      }
    }
  } finally {
    await pairs.end();
  }
  if (interrupted.aborted) throw new CliFailure('interrupted', 'interrupted');
  delaysMs.sort((left, right) => left - right);
  const p50Ms = Math.round(percentile(delaysMs, 0.5));
  const maxMs = Math.round(delaysMs.at(-1) ?? Number.NaN);
  const inTime = delaysMs.filter((delayMs) => delayMs <= settings.withinMs).length;
  output.result({
    json: { kind: 'probed', ...counts, inTime, p50Ms, maxMs },
    text: `probe: sent=${counts.sent} delivered=${counts.delivered} lost=${counts.lost} twice=${counts.duplicate} in-time=${inTime} p50-ms=${p50Ms} max-ms=${maxMs}`,
  });
  if (counts.delivered !== counts.sent || counts.duplicate > 0)
    throw new CliFailure('undelivered', 'not every message was shown once');
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, tickMs));
}
