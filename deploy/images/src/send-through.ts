/** All images together: two throw-away accounts write to each other, encrypted, through nginx and the services. */
import { ExplainedError, randomFreePort, temporaryFolder } from '@cipherchat/test-kit';
import { answers, runContainer, startContainer, type ContainerParams, type Started } from './container.js';
import type { ImageName } from './image-list.js';
import { environmentOf, writeWebConfig, type ServiceImage, type Stores } from './settings.js';

const services: readonly ServiceImage[] = ['auth', 'key-directory', 'message-store', 'gateway'];
export const neededTogether: readonly ImageName[] = [...services, 'web', 'cli'];

/** Returns what the probe said. @throws ExplainedError when a message did not arrive */
export async function sendThrough(params: {
  readonly containerOf: (name: ImageName) => ContainerParams;
  readonly stores: Stores;
}): Promise<string> {
  const { containerOf, stores } = params;
  const folder = temporaryFolder('together');
  const started: Started[] = [];
  try {
    const ports = new Map<ImageName, number>();
    for (const name of [...services, 'web'] as const) ports.set(name, await randomFreePort());
    const portOf = (name: ImageName): number => ports.get(name) ?? 0;
    const at = (name: ImageName): string => `127.0.0.1:${portOf(name)}`;
    // By name: it is then taken for safe without TLS, as by browsers.
    const publicUrl = `http://localhost:${portOf('web')}`;
    for (const name of services)
      started.push(
        await startContainer({
          ...containerOf(name),
          environment: environmentOf(name, {
            stores,
            port: portOf(name),
            authPort: portOf('auth'),
            publicUrl,
          }),
          isReady: () => answers(`http://${at(name)}/healthz/ready`),
        }),
      );
    writeWebConfig(folder.path, {
      port: portOf('web'),
      auth: at('auth'),
      keyDirectory: at('key-directory'),
      messageStore: at('message-store'),
      gateways: [at('gateway')],
    });
    started.push(
      await startContainer({
        ...containerOf('web'),
        mounts: { '/etc/nginx/cipherchat': folder.path },
        isReady: () => answers(publicUrl),
      }),
    );
    const args = ['probe', '--once', '--server', publicUrl];
    const { status, stdout, stderr } = await runContainer({ ...containerOf('cli'), args });
    if (status !== 0) throw new ExplainedError(`No message goes through the images:\n${stdout}${stderr}`);
    return stdout.trim();
  } finally {
    for (const { remove } of started.toReversed()) await remove();
    folder.remove();
  }
}
