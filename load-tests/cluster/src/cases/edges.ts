/** Through what clusters have in front: an Ingress with annotations of ingress-nginx, and the Gateway API, where a controller keeps to them. */
import type { Case, Outcome, World } from '../case.js';
import { signCertificate } from '../edge/certificate.js';
import { gatewayClass, ingressClass, startController } from '../edge/controller.js';
import { endedOf } from '../pods.js';
import type { Values } from '../release.js';
import { helmTest } from './helm-test.js';

const host = 'chat.example.test';
const socketHost = 'socket.chat.example.test';
/** Traefik looks at what has changed every two seconds. */
const heardWithinMs = 4_000;
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
    // Those of before speak TLS, and are asked until they end and the controller has heard of it.
    await endedOf(kubectl, { component: 'web', withinS: 60 });
    await new Promise((resolve) => setTimeout(resolve, heardWithinMs));
    const outcome = await helmTest.run(world);
    if (outcome.failures.length === 0) return outcome;
    return { ...outcome, failures: [...outcome.failures, await controller.lastAnswers()] };
  } finally {
    await release.mustPut('upgrade');
    await controller.remove();
  }
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
