/** What measures a release from within: the probe, for as long as it runs, and k6, as a Job. */
import type { Case, World } from '../case.js';
import { podsOf } from '../pods.js';
import { fullName } from '../release.js';

const [wanted, withinMs, pollMs] = [20, 30_000, 500];
const readMetrics = `fetch('http://127.0.0.1:9464/metrics').then((answer) => answer.text()).then(console.log)`;

export const measure: Case = {
  name: 'probe and load test',
  isQuick: false,
  run: async (world) => {
    const { release, kubectl } = world;
    // Helm waits until the probe's accounts have come together, and until the Job has ended well.
    await release.mustPut('upgrade', { probe: { enabled: true, every: '100ms' }, k6: { enabled: true } });
    const log = await kubectl.run(['logs', '--selector=app.kubernetes.io/component=k6', '--tail=1']);
    const [, delivered, lost] = /, (\d+) delivered, (\d+) lost/.exec(log) ?? [];
    const before = await probeCounts(world);
    let after = before;
    for (const deadlineMs = performance.now() + withinMs; after.delivered < before.delivered + wanted;) {
      if (performance.now() > deadlineMs) break;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      after = await probeCounts(world);
    }
    const probed = after.delivered - before.delivered;
    return {
      figures: `probe ${probed} delivered, ${after.lost} lost; k6 ${delivered} delivered, ${lost} lost`,
      failures: [
        ...(Number(delivered) > 0 && lost === '0' ? [] : [`k6 said: ${log.trim()}`]),
        ...(probed >= wanted && after.lost === 0
          ? []
          : [`the probe delivered ${probed} and lost ${after.lost}`]),
      ],
    };
  },
};

async function probeCounts({ kubectl }: World) {
  const [pod] = await podsOf(kubectl, ['probe']);
  if (pod === undefined) throw new Error(`${fullName} has no probe`);
  const text = await kubectl.run(['exec', pod.metadata.name, '--', 'node', '--eval', readMetrics]);
  const count = (outcome: string): number =>
    Number(
      new RegExp(`^cipherchat_probe_messages_total\\{[^}]*outcome="${outcome}"[^}]*\\} (\\S+)`, 'm').exec(
        text,
      )?.[1] ?? 0,
    );
  return { delivered: count('delivered'), lost: count('lost') };
}
