/** Through what clusters have in front: an Ingress with annotations of ingress-nginx, and the Gateway API, where a controller keeps to them. */
import type { Case, Outcome, World } from '../case.js';
import { signCertificate } from '../edge/certificate.js';
import { gatewayClass, ingressClass, startController, type EdgeController } from '../edge/controller.js';
import type { Kubectl } from '../kubectl.js';
import { podsOf } from '../pods.js';
import type { Values } from '../release.js';
import { helmTest } from './helm-test.js';

const host = 'chat.example.test';
const socketHost = 'socket.chat.example.test';
const heardWithinMs = 60_000;
const pollMs = 500;
const secrets = { certificate: 'edge-certificate', authority: 'edge-authority' } as const;

export const ingress: Case = {
  name: 'through an Ingress',
  isQuick: false,
  run: (world) => through(world, { ingress: { enabled: true, className: ingressClass } }),
};

export const gatewayApi: Case = {
  name: 'through the Gateway API',
  isQuick: false,
  run: (world) =>
    through(world, { gatewayApi: { enabled: true, socketHost, gateway: { className: gatewayClass } } }),
};

/** `helm test`, whose accounts reach everything by its public name; then the release as it was. */
async function through(world: World, edge: Values): Promise<Outcome> {
  const { kubectl, release, edgeImage } = world;
  if (edgeImage === null)
    return { figures: 'no image of a controller can be had', failures: [], isSkipped: true };
  const controller = await startController({ kubectl, image: edgeImage });
  try {
    const before = await addressesOf(kubectl);
    await keepCertificate(world);
    await release.mustPut('upgrade', {
      ...edge,
      publicUrl: `https://${host}`,
      tls: {
        from: 'secret',
        existingSecret: secrets.certificate,
        authority: { existingSecret: secrets.authority },
      },
      clients: { hostAliases: [{ ip: controller.address, hostnames: [host, socketHost] }] },
      networkPolicy: { publicPorts: [443] },
      web: { service: { type: 'ClusterIP', nodePort: null } },
    });
    await untilHeard(world, { controller, before });
    const outcome = await helmTest.run(world);
    if (outcome.failures.length === 0) return outcome;
    return { ...outcome, failures: [...outcome.failures, await controller.lastAnswers()] };
  } finally {
    await release.mustPut('upgrade');
    await controller.remove();
  }
}

/** nginx of before ends TLS itself, and is asked until the controller has heard of the new. @throws Error when it does not in time */
async function untilHeard(
  { kubectl }: World,
  { controller, before }: { readonly controller: EdgeController; readonly before: readonly string[] },
): Promise<void> {
  for (const deadlineMs = performance.now() + heardWithinMs; ;) {
    const now = await addressesOf(kubectl);
    const asked = await controller.asks();
    if (now.every((address) => asked.has(address)) && !before.some((address) => asked.has(address))) return;
    if (performance.now() > deadlineMs)
      throw new Error(`${now.join(', ')} are there, and the controller asks ${[...asked].join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

async function addressesOf(kubectl: Kubectl): Promise<readonly string[]> {
  return (await podsOf(kubectl, ['web'])).map(({ status }) => status.podIP ?? '');
}

async function keepCertificate({ kubectl }: World): Promise<void> {
  const { authority, certificate, key } = await signCertificate([host, socketHost]);
  const secret = (name: string, type: string, stringData: object) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type,
    stringData,
  });
  await kubectl.apply([
    secret(secrets.certificate, 'kubernetes.io/tls', { 'tls.crt': certificate, 'tls.key': key }),
    secret(secrets.authority, 'Opaque', { 'ca.crt': authority }),
  ]);
}
