/** From being told to end until the kill there is time for everything that a program does in between, by its own bounds. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from '../chart.js';
import { componentOf, everyPod } from '../scenarios.fixture.js';

const second = 1_000;
const services = ['auth', 'key-directory', 'message-store', 'gateway'];

function numberIn(file: string, pattern: RegExp): number {
  const [, digits] = pattern.exec(readFileSync(path.join(root, file), 'utf8')) ?? [];
  if (digits === undefined) throw new Error(`${file} says ${pattern} no more`);
  return Number(digits.replaceAll('_', ''));
}

/** After the drain timeout, hooks of the service get this long. */
const exitGraceMs = numberIn('libs/service-kit/src/service.ts', /const exitGraceMs = ([\d_]+);/);
const nginxDrainSeconds = numberIn(
  'deploy/nginx/templates/nginx.conf.template',
  /worker_shutdown_timeout (\d+)s;/,
);

const variable = (pod: (typeof everyPod)[number]['pod'], name: string): number =>
  Number(pod.spec.containers[0]?.env?.find((each) => each.name === name)?.value);

describe('pods of services', () => {
  it.each(everyPod.filter(({ pod }) => services.includes(componentOf(pod.labels))))(
    '$name end by themselves before they are killed',
    ({ pod }) => {
      const beforeSeconds = pod.spec.containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0;
      expect(beforeSeconds).toBeGreaterThan(0);
      const drainMs = variable(pod, 'DRAIN_TIMEOUT_MS');
      expect(drainMs).toBeGreaterThan(0);
      const longestMs = beforeSeconds * second + drainMs + exitGraceMs;
      const graceMs = (pod.spec.terminationGracePeriodSeconds ?? 0) * second;
      expect(graceMs).toBeGreaterThan(longestMs);
      // More would only make a node that is emptied wait for one that hangs.
      expect(graceMs).toBeLessThanOrEqual(longestMs + 10 * second);
    },
  );

  it.each(everyPod.filter(({ pod }) => componentOf(pod.labels) === 'gateway'))(
    '$name ask all sockets to go before they cut any',
    ({ pod }) => {
      expect(variable(pod, 'DRAIN_WINDOW_MS')).toBeGreaterThan(0);
      expect(variable(pod, 'DRAIN_WINDOW_MS')).toBeLessThan(variable(pod, 'DRAIN_TIMEOUT_MS'));
    },
  );
});

describe('pods of nginx', () => {
  it('are told to end by the signal at which it drains: the image says which', () => {
    const [, stage = ''] = readFileSync(path.join(root, 'deploy/Dockerfile'), 'utf8').split(
      /^FROM scratch AS web$/m,
    );
    const [web = ''] = stage.split(/^FROM /m);
    expect(web).toMatch(/^STOPSIGNAL SIGQUIT$/m);
  });

  it.each(everyPod.filter(({ pod }) => componentOf(pod.labels) === 'web'))(
    '$name keep sockets as long as its configuration says',
    ({ pod }) => {
      const beforeSeconds = pod.spec.containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0;
      expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(beforeSeconds + nginxDrainSeconds);
    },
  );
});
