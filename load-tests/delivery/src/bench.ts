/** Runs the parts, each system after the other at every rate, so that what disturbs the machine disturbs all alike. */
import { cpus, loadavg } from 'node:os';
import { startPostgres } from '@cipherchat/test-kit';
import type { Driver } from './driver.js';
import type { CipherChat } from './drivers/cipherchat.js';
import type { Options } from './options.js';
import { measureCatchUp } from './parts/catch-up.js';
import { measureConnections } from './parts/connections.js';
import { findKnee, kneeMs } from './parts/knee.js';
import { measure, type Measured, type Run } from './parts/measure.js';
import { measureReplicas } from './parts/replicas.js';
import { runLine } from './report.js';
import type { Results, TargetResults } from './results.js';

type Say = (line: string) => void;
type Ours = Measured & Pick<CipherChat, 'gatewayPids'>;
type Started = { readonly ours: Ours; readonly all: readonly Measured[] };

const pairs = 100;
const kneeFrom = 2_000;
const kneeSeconds = 6;
const kneeHalvings = 3;
/** Groups, by members online beside the sender; so many messages a second that a relay has 2,000 to forward. */
const warmUp = { perSecond: 1_000, seconds: 20 };
const fanOuts = [
  { online: 100, perSecond: 20 },
  { online: 500, perSecond: 4 },
];
const ourDriver = new URL('./drivers/cipherchat.js', import.meta.url).href;
const floorDrivers = ['relay.js', 'relay.js?insert', 'chain.js'].map(
  (name) => new URL(`./drivers/${name}`, import.meta.url).href,
);

export async function bench(options: Options, say: Say): Promise<Results> {
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? '',
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
  };
  const startedAt = new Date().toISOString();
  const postgres = await startPostgres({ durability: 'fsync' });
  const stops = [postgres.stop];
  try {
    const started = await startAll(options, { postgresUrl: postgres.url, postgresPid: postgres.pid, stops });
    const runs = new Runs(started.all, say);
    const wants = (part: Options['only'][number]): boolean => options.only.includes(part);
    await runs.warmUp(options);
    if (wants('delivery')) await runs.delivery(options);
    if (wants('fan-out')) await runs.fanOuts(options);
    const catchUp = wants('catch-up') ? await measureCatchUp(started.ours) : null;
    if (catchUp !== null)
      say(
        `catch-up of ${catchUp.messages}: ${catchUp.medianMs.toFixed(0)} ms, at most ${catchUp.maxMs.toFixed(0)}`,
      );
    if (wants('knee')) await runs.knees(options);
    const connections = wants('connections') ? await measureConnections(started.ours, options.sockets) : null;
    if (connections !== null)
      say(
        `${connections.sockets} sockets: ${connections.readyPerSecond.toFixed(0)}/s ready, ${(connections.bytesPerSocket / 1024).toFixed(1)} KB each`,
      );
    // These are systems of their own: the others would be in their way.
    await stopAll(stops);
    const replicas = wants('replicas')
      ? await measureReplicas({ driver: ourDriver, maxRate: options.maxRate, say })
      : [];
    const targets = runs.results();
    return { startedAt, machine, seconds: options.seconds, targets, catchUp, connections, replicas };
  } finally {
    await stopAll(stops);
  }
}

async function stopAll(stops: (() => Promise<void>)[]): Promise<void> {
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop();
}

async function startAll(
  options: Options,
  known: {
    readonly postgresUrl: string;
    readonly postgresPid: number;
    readonly stops: (() => Promise<void>)[];
  },
): Promise<Started> {
  const { stops, ...postgres } = known;
  const startOne = async <Module extends Pick<Driver, 'start'>>(driver: string) => {
    const module = (await import(driver)) as Module;
    const target = (await module.start({ url: driver, ...postgres })) as Awaited<ReturnType<Module['start']>>;
    stops.push(target.stop);
    return { ...target, driver };
  };
  const floors: Measured[] = [];
  for (const driver of floorDrivers) floors.push({ ...(await startOne(driver)), kind: 'floor' });
  const rivals: Measured[] = [];
  for (const driver of options.against) rivals.push({ ...(await startOne(driver)), kind: 'rival' });
  const cipherChat = await startOne<{ readonly start: () => Promise<CipherChat> }>(ourDriver);
  const ours: Ours = { ...cipherChat, kind: 'ours' };
  return { ours, all: [...floors, ...rivals, ours] };
}

/** The runs of all systems, as they come in. */
class Runs {
  private readonly found: Map<Measured, { -readonly [Key in keyof TargetResults]: TargetResults[Key] }>;

  constructor(
    private readonly targets: readonly Measured[],
    private readonly say: Say,
  ) {
    this.found = new Map(
      targets.map((target) => [
        target,
        { name: target.name, kind: target.kind, delivery: [], knee: null, fanOut: [] },
      ]),
    );
  }

  results(): readonly TargetResults[] {
    return [...this.found.values()];
  }

  /** A service runs for weeks; what it does in the seconds in which it is still being compiled is not what is asked. */
  async warmUp({ rates }: Options): Promise<void> {
    this.say('warming up');
    for (const target of this.targets) {
      const perSecond = target.kind === 'rival' ? Math.min(...rates) : warmUp.perSecond;
      await measure({ target, ...warmUp, perSecond, rooms: pairs, members: 2, senders: 'all' });
    }
  }

  async delivery({ rates, seconds }: Options): Promise<void> {
    this.say(`${pairs} pairs, both directions; times in ms: p50 p90 p99 max`);
    for (const perSecond of rates)
      for (const [target, found] of this.found)
        found.delivery = [...found.delivery, await this.pairs(target, { perSecond, seconds })];
  }

  async fanOuts({ seconds }: Options): Promise<void> {
    for (const { online, perSecond } of fanOuts) {
      this.say(`a group of ${online} online members: times of the last of them`);
      for (const [target, found] of this.found) {
        const run = await measure({
          target,
          perSecond,
          seconds,
          rooms: 1,
          members: online + 1,
          senders: 'first',
        });
        this.say(runLine(target.name, run));
        found.fanOut = [...found.fanOut, { ...run, online }];
      }
    }
  }

  async knees({ maxRate }: Options): Promise<void> {
    for (const target of this.targets) {
      const knee = await findKnee<Run | null>({
        from: target.kind === 'rival' ? Math.min(kneeFrom, 100) : kneeFrom,
        max: maxRate,
        halvings: kneeHalvings,
        probe: async (perSecond) => {
          const run = await this.probe(target, perSecond);
          return { holds: run !== null && run.toReceive.p99 < kneeMs && run.lost === 0, probe: run };
        },
      });
      this.say(`knee of ${target.name}: ${knee.perSecond}/s`);
      const found = this.found.get(target);
      if (found !== undefined)
        found.knee = { ...knee, probes: knee.probes.filter((probe) => probe !== null) };
    }
  }

  /** Null for another's system that broke under the load; ours must not. */
  private async probe(target: Measured, perSecond: number): Promise<Run | null> {
    try {
      return await this.pairs(target, { perSecond, seconds: kneeSeconds });
    } catch (error) {
      if (target.kind === 'ours') throw error;
      this.say(
        `${target.name} broke at ${perSecond}/s: ${error instanceof Error ? error.message : String(error)}`,
      );
      return null;
    }
  }

  private async pairs(
    target: Measured,
    { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
  ): Promise<Run> {
    const run = await measure({ target, perSecond, seconds, rooms: pairs, members: 2, senders: 'all' });
    this.say(runLine(target.name, run));
    return run;
  }
}
